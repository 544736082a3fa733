//go:build amd64

package boot

import "unsafe"

// heap is what is left of the memory that is given out before the first packet.
var heap []byte

// SetHeap provides memory, which is zero; an empty slice ends all allocation.
func SetHeap(memory []byte) { heap = memory }

// allocate is what the runtime's mallocgc is replaced by: calls of make and new end here. Nothing is ever
// freed. The type is of no interest, for nobody looks for pointers; the memory is always zero.
func allocate(size uintptr, _ *byte, _ bool) unsafe.Pointer {
	const align = 64
	room := uintptr(len(heap))
	start := -uintptr(unsafe.Pointer(unsafe.SliceData(heap))) % align
	if room < start || room-start < size {
		Fail("no memory left: give the image a larger heap")
	}
	memory := heap[start:]
	heap = memory[size:]
	return unsafe.Pointer(unsafe.SliceData(memory))
}

// Address is the address of memory, which is also its address on the bus.
func Address(memory []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(memory))) }
