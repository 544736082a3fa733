package ixgbe

import "vigor/driver/ixgbe/ring"

// Bits of the second word of a descriptor (7.1.5, 7.2.3.2.2).
const (
	lengthMask   = 0xffff
	commandEnd   = 1 << 24 // EOP, in what is sent
	commandCRC   = 1 << 25 // IFCS
	commandState = 1 << 27 // RS
	done         = 1 << 32 // DD
	end          = 1 << 33 // EOP, in what was received
)

// queue is the driver's side of one ring. Descriptors are used in order, by both sides (7.1.9, 7.2.3.3).
//
// Invariant: offered counts descriptors that were written, announced those of them that the device was told
// of, and taken those that came back, all modulo 2^32; so taken <= announced <= offered, and
// offered - taken is less than size. holder has the buffers of those from taken to offered.
type queue struct {
	ring      *ring.Ring
	first     uint32 // descriptor of the ring
	size      uint32 // descriptors, a power of two, at most ring.Size
	tail      uint32 // the tail's register
	offered   uint32
	announced uint32
	taken     uint32
	holder    [ring.Size]uint32
}

// prepare finds a place for some descriptors at a multiple of 128 bytes in a ring with a bus address, and
// returns its bus address.
func (q *queue) prepare(r *ring.Ring, address uint64, size, tail uint32) uint64 {
	q.first = uint32(-address&127) / 16
	q.ring, q.size, q.tail = r, size, tail
	q.offered, q.announced, q.taken = 0, 0, 0
	return address + 16*uint64(q.first)
}

// room reports whether there is a descriptor to offer. One is never used: with all, head and tail would be
// equal, which means none (7.1.9).
func (q *queue) room() bool { return q.offered-q.taken < q.size-1 }

// at is the descriptor that a count is about.
func (q *queue) at(count uint32) *ring.Descriptor {
	return &q.ring[q.first+count&(q.size-1)]
}

// offer writes one descriptor for a buffer, if there is room; the device does not know yet.
func (q *queue) offer(buffer uint32, address, word uint64) bool {
	if !q.room() {
		return false
	}
	q.holder[q.offered&(q.size-1)] = buffer
	descriptor := q.at(q.offered)
	descriptor.Address = address
	descriptor.Word.Store(word)
	q.offered++
	return true
}

// take returns the buffer of the next descriptor that the device has done, and its word. The load orders
// what is read after it.
func (q *queue) take() (buffer uint32, word uint64, ok bool) {
	if q.taken == q.announced {
		return 0, 0, false
	}
	if word = q.at(q.taken).Word.Load(); word&done == 0 {
		return 0, 0, false
	}
	buffer = q.holder[q.taken&(q.size-1)]
	q.taken++
	return buffer, word, true
}
