// Package bus is what drivers need of the machine they run on: registers, memory that a device reads
// and writes by itself, and time.
//
// A driver reaches registers through a [Bus] or [SizedBus] only; there is one for real registers, and
// one is the device model in tests and proofs, so that the driver that is tested is the driver that is
// linked. Memory for a device is ordinary typed memory which the caller provides together with its bus
// address, such as a [Pool]. Words that device and driver share are accessed through sync/atomic.
//
// Nothing here allocates, and nothing needs the Go runtime.
package bus

// Bus is a range of 32-bit registers. Offsets are in bytes and multiples of 4. Every call is exactly one
// access, in program order, and a store is never done before an access to memory that precedes it.
type Bus interface {
	Load32(offset uint32) uint32
	Store32(offset, value uint32)
}

// SizedBus is a range of registers that also has some of 8 and 16 bits, at offsets that are multiples of
// their size.
type SizedBus interface {
	Bus
	Load8(offset uint32) uint8
	Load16(offset uint32) uint16
	Store8(offset uint32, value uint8)
	Store16(offset uint32, value uint16)
}

// Window is the part of a bus that begins at an offset.
type Window struct {
	Of   SizedBus
	Base uint32 // bytes
}

// Load8 is one access at an offset in the window, as are those that follow.
func (w *Window) Load8(offset uint32) uint8 { return w.Of.Load8(w.Base + offset) }

// Load16 loads 16 bits.
func (w *Window) Load16(offset uint32) uint16 { return w.Of.Load16(w.Base + offset) }

// Load32 loads 32 bits.
func (w *Window) Load32(offset uint32) uint32 { return w.Of.Load32(w.Base + offset) }

// Store8 stores 8 bits.
func (w *Window) Store8(offset uint32, value uint8) { w.Of.Store8(w.Base+offset, value) }

// Store16 stores 16 bits.
func (w *Window) Store16(offset uint32, value uint16) { w.Of.Store16(w.Base+offset, value) }

// Store32 stores 32 bits.
func (w *Window) Store32(offset, value uint32) { w.Of.Store32(w.Base+offset, value) }

// Timer waits.
type Timer interface {
	// Delay returns after a number of microseconds, or later.
	Delay(microseconds uint32)
}
