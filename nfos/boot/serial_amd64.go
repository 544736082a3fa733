package boot

// Registers of the first serial port, a 16550 (PC16550D datasheet, 8.0).
const (
	serial        = 0x3f8
	interrupts    = serial + 1
	fifo          = serial + 2
	lineControl   = serial + 3
	modemControl  = serial + 4
	lineStatus    = serial + 5
	holdingEmpty  = 1 << 5
	divisorAccess = 1 << 7
	eightBits     = 3
	patience      = 1 << 16 // reads of the status before a byte is given up
)

// OpenSerial sets the serial line to 115200 baud, 8 bits, no parity.
func OpenSerial() {
	Out8(interrupts, 0)
	Out8(lineControl, divisorAccess)
	Out8(serial, 1) // divisor, low byte: 115200 baud
	Out8(serial+1, 0)
	Out8(lineControl, eightBits)
	Out8(fifo, 7)         // on, cleared
	Out8(modemControl, 3) // ready
}

// Print writes text to the serial line. A line that takes nothing does not hold up the machine for ever.
func Print(text string) {
	for i := range len(text) {
		put(text[i])
	}
}

func put(b byte) {
	for range patience {
		if In8(lineStatus)&holdingEmpty != 0 {
			break
		}
	}
	Out8(serial, b)
}

// PrintHex writes a number in hexadecimal.
func PrintHex(value uint64) {
	Print("0x")
	shift := uint(60)
	for shift > 0 && value>>shift == 0 {
		shift -= 4
	}
	for {
		put("0123456789abcdef"[value>>shift&15])
		if shift == 0 {
			return
		}
		shift -= 4
	}
}

// PrintNumber writes a number in decimal.
func PrintNumber(value uint64) {
	power := uint64(1)
	for value/power >= 10 {
		power *= 10
	}
	for ; power > 0; power /= 10 {
		put('0' + byte(value/power%10))
	}
}

// Fail prints why the machine stops, and stops it.
func Fail(why string) {
	Print("vigor: stopped: ")
	Print(why)
	Print("\n")
	Stop()
}
