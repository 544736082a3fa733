package neighbour

import "vigor/nf"

const (
	frameRoom     = 9216 // bytes of the longest frame that is copied: a jumbo frame with its headers
	frameSlots    = 128
	maxHeld       = 64 // frames that wait at a time
	maxWaiting    = 4  // of them for one neighbour
	noFrame       = -1
	bytesOfFrames = frameSlots * frameRoom
)

// frames are the copies of frames that wait, or that leave in the current exchange. A slot that is given
// back is used again only from the next exchange on: until then the back end may still read it.
//
// Invariant: each slot is in exactly one of the list free, the list used, and the queue of one entry,
// all linked through next; held is the number of those in queues.
type frames struct {
	memory []byte
	slots  []slot
	free   int16
	used   int16 // to be free at the next exchange
	held   int
}

// slot describes one copy.
type slot struct {
	length uint16
	from   nf.Device
	next   int16
}

// queue is the copies that wait for one neighbour, the oldest first.
type queue struct {
	waiting     uint8 // their number
	first, last int16
}

func newFrames() frames {
	f := frames{memory: make([]byte, bytesOfFrames), slots: make([]slot, frameSlots), free: noFrame, used: noFrame}
	for i := range int16(frameSlots) {
		f.slots[i].next = f.free
		f.free = i
	}
	return f
}

// reclaim makes the slots of the last exchange free.
func (f *frames) reclaim() {
	for f.used != noFrame {
		i := f.used
		f.used = f.slots[i].next
		f.slots[i].next, f.free = f.free, i
	}
}

// take copies a frame into a free slot, if there is one and it is large enough.
func (f *frames) take(frame []byte) (i int16, ok bool) {
	if f.free == noFrame || len(frame) > frameRoom {
		return noFrame, false
	}
	i = f.free
	f.free = f.slots[i].next
	f.slots[i] = slot{length: uint16(copy(f.bytes(i), frame)), next: noFrame}
	return i, true
}

// bytes is the memory of a slot.
func (f *frames) bytes(i int16) []byte {
	at := int(i) * frameRoom
	return f.memory[at : at+frameRoom : at+frameRoom]
}

// drop gives a slot back.
func (f *frames) drop(i int16) {
	f.slots[i].next = f.used
	f.used = i
}

// lend copies a frame for the current exchange; nil if there is no room.
func (f *frames) lend(frame []byte) []byte {
	i, ok := f.take(frame)
	if !ok {
		return nil
	}
	f.drop(i)
	return f.bytes(i)[:len(frame)]
}

// full reports whether no more frame can wait.
func (f *frames) full() bool { return f.held == maxHeld }

// hold appends a copy of a frame to the queue of an entry.
func (f *frames) hold(e *entry, frame []byte, from nf.Device) bool {
	if f.full() {
		return false
	}
	i, ok := f.take(frame)
	if !ok {
		return false
	}
	f.slots[i].from = from
	if e.waiting == 0 {
		e.first = i
	} else {
		f.slots[e.last].next = i
	}
	e.last = i
	e.waiting++
	f.held++
	return true
}

// next is the oldest frame that waits for an entry, which has one, and where it came from.
func (f *frames) next(e *entry) ([]byte, nf.Device) {
	s := f.slots[e.first]
	return f.bytes(e.first)[:s.length], s.from
}

// advance takes the oldest frame out of the queue of an entry. Its bytes stay until the next exchange.
func (f *frames) advance(e *entry) {
	i := e.first
	e.first = f.slots[i].next
	e.waiting--
	f.held--
	f.drop(i)
}
