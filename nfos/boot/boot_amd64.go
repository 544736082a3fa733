package boot

// stackSize is in bytes; a page below stays unmapped, and the last page is for the report of a fault.
const stackSize = 128 << 10

// stack is what compiled code runs on.
var stack [stackSize]byte

// faulted is 0 until the first exception.
var faulted uint32

// These are in assembly and only ever jumped to; see entry_amd64.s and memory_amd64.s.
func entry()
func fault()
func move()
func clear()
func equal()

// stackBounds are the ends of the stack.
func stackBounds() (low, high uintptr)

// In8 reads a port of 8 bits.
func In8(port uint16) uint8

// Out8 writes a port of 8 bits.
func Out8(port uint16, value uint8)

// In32 reads a port of 32 bits.
func In32(port uint16) uint32

// Out32 writes a port of 32 bits.
func Out32(port uint16, value uint32)

// Load8 is one access to an address, as are those that follow. Addresses are those of registers, or of the
// program's own memory; a multiple of the size.
func Load8(address uintptr) uint8

// Load16 loads 16 bits.
func Load16(address uintptr) uint16

// Load32 loads 32 bits.
func Load32(address uintptr) uint32

// Load64 loads 64 bits.
func Load64(address uintptr) uint64

// Store8 stores 8 bits.
func Store8(address uintptr, value uint8)

// Store16 stores 16 bits.
func Store16(address uintptr, value uint16)

// Store32 stores 32 bits.
func Store32(address uintptr, value uint32)

// Store64 stores 64 bits.
func Store64(address uintptr, value uint64)

// Stamp is the processor's time stamp counter, read after all instructions before it.
func Stamp() uint64

// Identify is the instruction CPUID, with sub-leaf 0.
func Identify(leaf uint32) (a, b, c, d uint32)

// Random draws a number from the processor's generator, which must have one: bit 30 of c of Identify(1).
// It is not ok if there was no number in time.
func Random() (value uint64, ok bool)

// Stop ends everything: the machine halts.
func Stop()
