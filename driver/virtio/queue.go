package virtio

import "vigor/driver/virtio/ring"

// headerSize is the length in bytes of what stands before each frame, struct virtio_net_hdr of a device
// with VIRTIO_F_VERSION_1 and without VIRTIO_NET_F_HASH_REPORT (5.1.6).
const headerSize = 12

// nobody is the holder of a free descriptor.
const nobody = ^uint32(0)

// queue is the driver's side of one virtqueue.
//
// Invariant: unused[:free] and the descriptors with a holder are, together, each descriptor below size
// once. offered counts descriptors that were written to the available ring, published those of them that
// the device may see, seen those that were taken from the used ring, all modulo 2^16; so
// seen <= published <= offered, and offered - seen is size - free.
type queue struct {
	memory    *ring.Queue
	index     uint32 // among the device's queues
	size      uint32 // a power of two, at most ring.Size
	offered   uint16
	published uint16
	seen      uint16
	free      uint32
	unused    [ring.Size]uint32
	holder    [ring.Size]uint32 // the buffer of a descriptor
}

// prepare sets the words that are shared to what they are before use (2.7.6, 2.7.10.1).
func (q *queue) prepare(memory *ring.Queue) {
	q.memory = memory
	memory.Available.Shared.Store(ring.NoInterrupt)
	memory.Used.Shared.Store(0)
}

// empty frees all descriptors.
func (q *queue) empty() {
	q.offered, q.published, q.seen, q.free = 0, 0, 0, q.size
	for i := range q.unused {
		q.unused[i], q.holder[i] = uint32(i), nobody
	}
}

// offer writes one descriptor for a buffer (2.7.13.1, 2.7.13.2); it is not visible yet.
func (q *queue) offer(buffer uint32, descriptor ring.Descriptor) bool {
	if q.free == 0 {
		return false
	}
	q.free--
	i := q.unused[q.free]
	q.holder[i] = buffer
	q.memory.Descriptors[i] = descriptor
	q.memory.Available.Slots[uint32(q.offered)&(q.size-1)] = uint16(i)
	q.offered++
	return true
}

// publish makes visible what was offered, and reports whether there was anything (2.7.13.3). The store
// orders what was written before it.
func (q *queue) publish() bool {
	if q.published == q.offered {
		return false
	}
	q.published = q.offered
	q.memory.Available.Shared.Store(ring.NoInterrupt | uint32(q.published)<<16)
	return true
}

// answer says what take has found.
type answer uint8

const (
	nothing  answer = iota
	returned        // a buffer
	broken          // what a device must not write
)

// take takes one descriptor from the used ring (2.7.14), with the number of bytes that the device says it
// has written. The load orders what is read after it.
func (q *queue) take() (buffer, length uint32, a answer) {
	if uint16(q.memory.Used.Shared.Load()>>16) == q.seen {
		return 0, 0, nothing
	}
	element := q.memory.Used.Elements[uint32(q.seen)&(q.size-1)]
	if q.seen == q.published || element.ID >= q.size || q.holder[element.ID] == nobody {
		return 0, 0, broken
	}
	buffer = q.holder[element.ID]
	q.holder[element.ID] = nobody
	q.unused[q.free] = element.ID
	q.free++
	q.seen++
	return buffer, element.Length, returned
}
