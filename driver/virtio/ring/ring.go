// Package ring is the memory that a virtio network device shares with its driver: two split virtqueues
// (virtio 1.2, section 2.7), one for received frames and one for sent ones.
//
// The layout of [Queue] is what the device sees; a test compares it with the constants. The words
// that both sides use at a time are of type atomic.Uint32: a plain access cannot be written. Each holds
// the 16-bit flags of its ring in the low half, and the 16-bit idx in the high half; both are
// little-endian and adjacent (2.7.6, 2.7.8).
package ring

import "sync/atomic"

// Size is the number of descriptors of a queue: a power of two (2.7).
const Size = 256

// Descriptor describes one buffer (2.7.5).
type Descriptor struct {
	Address uint64 // bus address
	Length  uint32 // bytes
	Flags   uint16
	Next    uint16
}

// Write is the flag of a descriptor whose buffer the device writes, VIRTQ_DESC_F_WRITE (2.7.5).
const Write = 2

// Available is the ring in which the driver offers descriptors (2.7.6).
type Available struct {
	Shared    atomic.Uint32 // flags, and idx in the high half
	Slots     [Size]uint16  // descriptors
	UsedEvent uint16        // not used without VIRTIO_F_EVENT_IDX
	_         uint16
}

// NoInterrupt is the flag of the available ring by which the driver asks for no interrupts,
// VIRTQ_AVAIL_F_NO_INTERRUPT (2.7.6).
const NoInterrupt = 1

// Element says what the device has done with one descriptor (2.7.8).
type Element struct {
	ID     uint32 // the descriptor
	Length uint32 // bytes that the device has written
}

// Used is the ring in which the device returns descriptors (2.7.8).
type Used struct {
	Shared         atomic.Uint32 // flags, and idx in the high half
	Elements       [Size]Element
	AvailableEvent uint16 // not used without VIRTIO_F_EVENT_IDX
	_              uint16
}

// Queue is one virtqueue. Its bus address is a multiple of 16, as that of the descriptors must be (2.7).
type Queue struct {
	Descriptors [Size]Descriptor
	Available   Available
	Used        Used
}

// Offsets in bytes of the parts of a queue, and of a queue in [Memory].
const (
	AvailableAt = 16 * Size
	UsedAt      = AvailableAt + 8 + 2*Size
	QueueSize   = UsedAt + 8 + 8*Size
)

// Memory is all that a device and its driver share but the frames. All zero is its state before use.
type Memory struct {
	Receive  Queue
	Transmit Queue
}
