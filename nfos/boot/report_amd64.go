package boot

// breakpoint is the exception of the instruction that fills everything that is not part of the image.
const breakpoint = 3

// report says what went wrong, and stops the machine. It is entered from fault, with the number of the
// exception, its error code or 0, the address of the instruction, that of the access, and the stack
// pointer. After a breakpoint in a function that is not part of the image, the return address of its
// caller is on the stack.
func report(vector, code, instruction, access, sp uint64) {
	Print("vigor: stopped: trap ")
	PrintNumber(vector)
	Print(" code ")
	PrintHex(code)
	Print(" at ")
	PrintHex(instruction)
	low, high := stackBounds()
	if vector == breakpoint && uintptr(sp)&7 == 0 && uintptr(sp) >= low && uintptr(sp) < high {
		Print(" from ")
		PrintHex(Load64(uintptr(sp)))
	}
	Print(" access ")
	PrintHex(access)
	Print("\n")
	Stop()
}
