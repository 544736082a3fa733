package model

import (
	"vigor/driver/bus"
	"vigor/driver/ixgbe/ring"
)

// Bits of the second word of a descriptor (7.1.5, 7.2.3.2.2).
const (
	lengthMask  = 0xffff
	doneBit     = 1 << 32
	endBit      = 1 << 33
	commands    = 0xff << 24
	wantCommand = 1<<24 | 1<<25 | 1<<27 // EOP, IFCS, RS
)

// exposure is a descriptor that the device has, with its buffer.
type exposure struct {
	position uint32 // in the ring
	address  uint64
	word     uint64
	buffer   int
	from     uint32 // first byte of the buffer
	length   uint32
	sent     bool
	content  bus.Buffer // when the device got it
}

// observe looks at what the tails have given to the device.
func (d *Device) observe() {
	for i, q := range []*queue{&d.receive, &d.transmit} {
		if !q.running {
			continue
		}
		size := uint32(len(q.ring))
		tail := q.tail.Load()
		if more := (tail + size - q.seen) % size; uint32(len(q.exposed))+more >= size {
			d.fail(tailBeyond)
		}
		for ; q.seen != tail; q.seen = (q.seen + 1) % size {
			d.expose(q, i == 0)
		}
	}
}

// expose takes the next descriptor of a queue.
func (d *Device) expose(q *queue, receive bool) {
	descriptor := &q.ring[q.seen]
	e := &exposure{position: q.seen, address: descriptor.Address, word: descriptor.Word.Load()}
	e.length = d.values.at(srrctl) & 0x1f * 1024
	if !receive {
		e.length = uint32(e.word & lengthMask)
	}
	if r := d.inspect(e, receive); r != rules {
		d.fail(r)
		return
	}
	e.content = d.Pool.Buffers[e.buffer]
	q.exposed = append(q.exposed, e)
}

// inspect returns the rule that a descriptor breaks, or none.
func (d *Device) inspect(e *exposure, receive bool) rule {
	switch {
	case receive && e.word&(doneBit|endBit) != 0:
		return descriptorDone
	case !receive && (e.length == 0 || e.length > 15*1024+512):
		return sendLength
	case !receive && e.word&commands != wantCommand:
		return sendCommand
	case !receive && e.word&^(commands|lengthMask) != 0:
		return sendFields
	}
	offset := e.address - d.Pool.Address
	e.buffer, e.from = int(offset/bus.BufferSize), uint32(offset%bus.BufferSize)
	if e.address < d.Pool.Address || offset/bus.BufferSize >= uint64(len(d.Pool.Buffers)) || e.from+e.length > bus.BufferSize {
		return descriptorPlace
	}
	for i, q := range []*queue{&d.receive, &d.transmit} {
		for _, other := range q.exposed {
			if other.buffer == e.buffer && (i == 0 || receive) {
				return bufferOwned
			}
		}
	}
	return rules
}

// untouched complains if the driver has changed what the device has.
func (d *Device) untouched(q *queue, e *exposure) {
	if d.Pool.Buffers[e.buffer] != e.content {
		d.fail(bufferChanged)
	}
	if q.ring[e.position].Address != e.address || q.ring[e.position].Word.Load() != e.word {
		d.fail(descriptorChanged)
	}
}

// fill receives a frame into the first buffer that the device has, if there are both. A word that is
// written back has more than a driver needs: a checksum, errors of checksums, a tag.
func (d *Device) fill() bool {
	q := &d.receive
	if len(q.exposed) == 0 || d.values.at(rxctrl)&1 == 0 || d.values.at(secrxctrl)&securityOff != 0 {
		return false
	}
	if d.values.at(ctrlExt)&(1<<16) == 0 || d.values.at(dcaRxctrl)&(1<<12) != 0 {
		d.fail(noSnoop)
		return false
	}
	e := q.exposed[0]
	d.untouched(q, e)
	length := d.World.Arrive(d.Pool.Buffers[e.buffer][e.from : e.from+e.length])
	if length < 0 {
		return false
	}
	q.exposed = q.exposed[1:]
	q.ring[e.position].Word.Store(uint64(length) | doneBit | endBit | 0xbeef<<16 | 0x64<<32 | 0xc0<<40 | 0x5a5a<<48)
	return true
}

// send sends the first frame that has not been, if there is one.
func (d *Device) send() bool {
	for _, e := range d.transmit.exposed {
		if !e.sent {
			d.untouched(&d.transmit, e)
			d.World.Leave(d.Pool.Buffers[e.buffer][e.from : e.from+e.length])
			e.sent = true
			return true
		}
	}
	return false
}

// finish writes back the first descriptor, if its frame has been sent.
func (d *Device) finish() bool {
	q := &d.transmit
	if len(q.exposed) == 0 || !q.exposed[0].sent {
		return false
	}
	e := q.exposed[0]
	d.untouched(q, e)
	q.exposed = q.exposed[1:]
	q.ring[e.position].Word.Store(e.word | doneBit)
	return true
}

// place finds the memory of a ring.
func (d *Device) place(address uint64, length uint32) []ring.Descriptor {
	for i, r := range []*ring.Ring{&d.Memory.Receive, &d.Memory.Transmit} {
		first := address - d.Address - uint64(i)*ring.RingSize
		if address >= d.Address && first%16 == 0 && first+uint64(length) <= ring.RingSize {
			return r[first/16:][:length/16]
		}
	}
	return nil
}
