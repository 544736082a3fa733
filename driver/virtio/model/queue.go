package model

import (
	"vigor/driver/bus"
	"vigor/driver/virtio/ring"
)

// headerSize is the size of struct virtio_net_hdr with VIRTIO_F_VERSION_1 (5.1.6).
const headerSize = 12

// exposure is a buffer that the device has.
type exposure struct {
	descriptor ring.Descriptor
	id         uint32
	buffer     int
	from       uint32 // first byte of the buffer
	announced  bool   // the driver has notified the device since
	sent       bool
	content    bus.Buffer // when the device got it
}

// queue is the device's side of a virtqueue.
type queue struct {
	enabled   bool
	size      uint32
	addresses [3]uint64
	written   uint8 // bit i: address register i was
	memory    *ring.Queue
	seen      uint16 // idx of the available ring
	used      uint16 // idx of the used ring
	exposed   []*exposure
}

// ready is the number of buffers, from the front on, that the device may fill, or return after sending.
func (q *queue) ready(lazy, sent bool) int {
	for i, e := range q.exposed {
		if e.sent != sent || lazy && !e.announced {
			return i
		}
	}
	return len(q.exposed)
}

// configure sets up the selected queue (4.2.3.2).
func (d *Device) configure(register, value uint32) {
	if d.status&featuresOK == 0 || d.status&driverOK != 0 {
		d.fail(queuePhase)
		return
	}
	if !d.reread {
		d.fail(featuresReread)
		return
	}
	if d.selected > 1 {
		d.fail(noSuchQueue)
		return
	}
	q := &d.queues[d.selected]
	switch {
	case register == 0x044:
		d.enable(q, value)
	case q.enabled:
		d.fail(queueEnabled)
	case register == 0x038:
		if value == 0 || value > d.Size {
			d.fail(queueSizeRange)
		} else if value&(value-1) != 0 {
			d.fail(queueSizePower)
		} else {
			q.size = value
		}
	default:
		part, high := (register-0x080)/16, register/4&1
		q.written |= 1 << (2*part + high)
		shift := 32 * high
		q.addresses[part] = q.addresses[part]&^(0xffffffff<<shift) | uint64(value)<<shift
	}
}

// enable starts a queue.
func (d *Device) enable(q *queue, value uint32) {
	if value != 1 {
		d.fail(readyValue)
		return
	}
	if q.size == 0 || q.written != 0x3f {
		d.fail(queueComplete)
		return
	}
	for i, alignment := range []uint64{16, 2, 4} { // 2.7
		if q.addresses[i]%alignment != 0 {
			d.fail(queueAlignment)
			return
		}
	}
	q.memory = d.place(q.addresses)
	if q.memory == nil || d.queues[0].memory == d.queues[1].memory {
		d.fail(queuePlace)
		q.memory = nil
		return
	}
	if q.memory.Available.Shared.Load()>>16 != 0 || q.memory.Used.Shared.Load() != 0 {
		d.fail(queueFresh)
		return
	}
	q.memory.Used.Shared.Store(d.UsedFlags)
	q.enabled = true
}

// place finds the memory of a queue by its bus addresses.
func (d *Device) place(addresses [3]uint64) *ring.Queue {
	for i, memory := range []*ring.Queue{&d.Memory.Receive, &d.Memory.Transmit} {
		base := d.Address + uint64(i)*ring.QueueSize
		if addresses == [3]uint64{base, base + ring.AvailableAt, base + ring.UsedAt} {
			return memory
		}
	}
	return nil
}

// observe looks at what has become visible in both queues, and at what the device has.
func (d *Device) observe() {
	for i := range d.queues {
		q := &d.queues[i]
		shared := q.memory.Available.Shared.Load()
		if shared&0xffff > 1 {
			d.fail(availableFlags)
		}
		idx := uint16(shared >> 16)
		if room := q.size - uint32(len(q.exposed)); uint32(idx-q.seen) > room {
			d.fail(availableJump)
			q.seen = idx
		}
		for ; q.seen != idx; q.seen++ {
			d.expose(q, uint32(i), uint32(q.memory.Available.Slots[uint32(q.seen)%q.size]))
		}
	}
}

// expose takes one descriptor of a queue.
func (d *Device) expose(q *queue, index, id uint32) {
	if id >= q.size {
		d.fail(slotRange)
		return
	}
	for _, e := range q.exposed {
		if e.id == id {
			d.fail(slotExposed)
			return
		}
	}
	e := &exposure{id: id, descriptor: q.memory.Descriptors[id]}
	if r := d.inspect(e, index); r != rules {
		d.fail(r)
		return
	}
	e.content = d.Pool.Buffers[e.buffer]
	q.exposed = append(q.exposed, e)
	if index == 1 {
		d.inspectHeader(e)
	}
}

// inspect returns the rule that a descriptor of a queue breaks, or none.
func (d *Device) inspect(e *exposure, index uint32) rule {
	flags := e.descriptor.Flags
	if flags&^ring.Write != 0 {
		return descriptorFlags
	}
	if (flags == ring.Write) != (index == 0) {
		return descriptorDirection
	}
	offset, length := e.descriptor.Address-d.Pool.Address, uint64(e.descriptor.Length)
	e.buffer, e.from = int(offset/bus.BufferSize), uint32(offset%bus.BufferSize)
	if e.descriptor.Address < d.Pool.Address || offset/bus.BufferSize >= uint64(len(d.Pool.Buffers)) ||
		length == 0 || uint64(e.from)+length > bus.BufferSize {
		return descriptorPlace
	}
	if index == 0 && length < 1526 {
		return receiveLength
	}
	if index == 1 && length < headerSize {
		return sendHeader
	}
	for i := range d.queues {
		for _, other := range d.queues[i].exposed {
			if other.buffer == e.buffer && (i == 0 || index == 0) {
				return bufferOwned
			}
		}
	}
	return rules
}

// inspectHeader looks at the header of a frame that is to be sent (5.1.6.2.1).
func (d *Device) inspectHeader(e *exposure) {
	header := e.content[e.from : e.from+headerSize]
	if header[0] != 0 {
		d.fail(headerFlags)
	}
	if header[1] != 0 {
		d.fail(headerSegmentation)
	}
	if header[10] != 0 || header[11] != 0 {
		d.fail(headerBuffers)
	}
}

// untouched complains if the driver has changed what the device has.
func (d *Device) untouched(q *queue, e *exposure) {
	if d.Pool.Buffers[e.buffer] != e.content {
		d.fail(bufferChanged)
	}
	if q.memory.Descriptors[e.id] != e.descriptor {
		d.fail(descriptorChanged)
	}
}

// fill receives a frame into the buffer that the device has in a position, and returns it.
func (d *Device) fill(position int) bool {
	q := &d.queues[0]
	e := q.exposed[position]
	d.untouched(q, e)
	space := d.Pool.Buffers[e.buffer][e.from : e.from+e.descriptor.Length]
	length := d.World.Arrive(space[headerSize:])
	if length < 0 {
		return false
	}
	header := [headerSize]byte{2: 0xa5, 4: 0x5a, 6: 0xa5, 8: 0x5a, 10: 1} // lengths and offsets are free (5.1.6.4.1)
	copy(space, header[:])
	d.release(q, position, uint32(headerSize+length))
	return true
}

// send sends the first frame that has not been, if there is one.
func (d *Device) send() bool {
	for _, e := range d.queues[1].exposed {
		if d.Lazy && !e.announced {
			return false
		}
		if !e.sent {
			d.untouched(&d.queues[1], e)
			frame := d.Pool.Buffers[e.buffer][e.from+headerSize : e.from+e.descriptor.Length]
			d.World.Leave(frame)
			e.sent = true
			return true
		}
	}
	return false
}

// finish returns the buffer in a position, whose frame has been sent.
func (d *Device) finish(position int) {
	q := &d.queues[1]
	d.untouched(q, q.exposed[position])
	d.release(q, position, 0)
}

// release returns a buffer through the used ring (2.7.8).
func (d *Device) release(q *queue, position int, length uint32) {
	e := q.exposed[position]
	q.exposed = append(q.exposed[:position], q.exposed[position+1:]...)
	q.memory.Used.Elements[uint32(q.used)%q.size] = ring.Element{ID: e.id, Length: length}
	q.used++
	q.memory.Used.Shared.Store(d.UsedFlags | uint32(q.used)<<16)
}
