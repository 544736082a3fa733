package direct

import (
	"sync/atomic"
	"unsafe"
)

// Registers are those of a device, in memory that was mapped; it begins at a multiple of 4. An access outside
// of it panics. Words of 32 bits are accessed atomically, and so once and in order; the others by single loads
// and stores that are not inlined, so that the compiler neither merges nor moves them. On amd64, the only
// architecture that this is for, memory of devices is uncached, and accesses to it are in program order.
type Registers []byte

// at returns where a register of a size is.
func (r Registers) at(offset, size uint32) unsafe.Pointer {
	if offset%size != 0 {
		panic("a register is not aligned")
	}
	return unsafe.Pointer(&r[offset : offset+size : offset+size][0])
}

// Load8 is one access, as are those that follow.
//
//go:noinline
func (r Registers) Load8(offset uint32) uint8 { return *(*uint8)(r.at(offset, 1)) }

// Load16 loads 16 bits.
//
//go:noinline
func (r Registers) Load16(offset uint32) uint16 { return *(*uint16)(r.at(offset, 2)) }

// Load32 loads 32 bits.
func (r Registers) Load32(offset uint32) uint32 {
	return atomic.LoadUint32((*uint32)(r.at(offset, 4)))
}

// Store8 stores 8 bits.
//
//go:noinline
func (r Registers) Store8(offset uint32, value uint8) { *(*uint8)(r.at(offset, 1)) = value }

// Store16 stores 16 bits.
//
//go:noinline
func (r Registers) Store16(offset uint32, value uint16) { *(*uint16)(r.at(offset, 2)) = value }

// Store32 stores 32 bits.
func (r Registers) Store32(offset, value uint32) {
	atomic.StoreUint32((*uint32)(r.at(offset, 4)), value)
}
