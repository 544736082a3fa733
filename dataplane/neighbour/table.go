package neighbour

import (
	"vigor/dataplane"
	"vigor/libvig"
	"vigor/nf"
	"vigor/packet"
)

// hop names a neighbour. It has no padding, as keys of libvig must not.
type hop struct {
	address packet.IPv4
	device  uint32
}

// state is what is known of a neighbour.
type state uint8

const (
	free state = iota // the entry is not in use
	asking
	failed // nobody answers
	known
)

// String is what operators read.
func (s state) String() string {
	switch s {
	case asking:
		return "asking"
	case failed:
		return "failed"
	case known:
		return "known"
	}
	return "free"
}

// entry is one neighbour.
type entry struct {
	key   hop
	state state
	mac   packet.MAC // if known
	tries uint8      // requests since the last answer
	asked nf.Time    // time of the last request
	since nf.Time    // since when it is in this state, or of the last answer if it is known
	queue
	released   uint64 // the last exchange that sent frames which had waited
	prev, next int32  // in its list
}

// Lists of entries. Those in use are in the order of use, least recent first.
const (
	listFree = iota
	listOpen // asking and failed
	listKnown
	lists
)

// maxOpen is the largest number of neighbours without an answer; all are looked at ten times a second.
const maxOpen = 1024

// table holds the neighbours.
//
// Invariant: an entry is in the list of its state, and in index unless it is free. Each known entry with
// a waiting frame is in ready, whose capacity no exchange can use up: a batch and what it leaves behind
// add maxHeld entries each.
type table struct {
	index   *libvig.Map[hop]
	entries []entry // the last ones are the heads of the lists
	sizes   [lists]int
	ready   []int32 // entries with frames that need not wait any more; others may be among them
}

func newTable(capacity int, secret [5]uint64) table {
	t := table{
		index:   libvig.NewMap[hop](capacity, secret),
		entries: make([]entry, capacity+lists),
		ready:   make([]int32, 0, 4*maxHeld),
	}
	for list := range lists {
		head := t.head(list)
		t.entries[head].prev, t.entries[head].next = head, head
	}
	for n := range int32(capacity) {
		t.link(n, listFree)
	}
	return t
}

// head is the entry that closes the circle of a list.
func (t *table) head(list int) int32 { return int32(len(t.entries) - lists + list) }

// list is the list that an entry belongs to.
func (e *entry) list() int {
	switch e.state {
	case free:
		return listFree
	case known:
		return listKnown
	}
	return listOpen
}

// link appends an entry to a list.
func (t *table) link(n int32, list int) {
	head := t.head(list)
	last := t.entries[head].prev
	t.entries[n].prev, t.entries[n].next = last, head
	t.entries[last].next, t.entries[head].prev = n, n
	t.sizes[list]++
}

// unlink takes an entry out of its list.
func (t *table) unlink(n int32) {
	e := &t.entries[n]
	t.entries[e.prev].next, t.entries[e.next].prev = e.next, e.prev
	t.sizes[e.list()]--
}

// become changes the state of an entry, which is then the most recently used of its list.
func (t *table) become(n int32, s state, now nf.Time) {
	t.unlink(n)
	e := &t.entries[n]
	e.state, e.since = s, now
	t.link(n, e.list())
}

// use makes an entry the most recently used of its list.
func (t *table) use(n int32) {
	list := t.entries[n].list()
	if t.entries[n].next != t.head(list) {
		t.unlink(n)
		t.link(n, list)
	}
}

// neighbour finds the entry of a next hop that is about to be used. A new hop is asked for and gets an
// entry; there is none if it cannot be asked for now.
func (l *Layer) neighbour(out *dataplane.Batch, key hop) (n int32, ok bool) {
	if i, ok := l.table.index.Get(key); ok {
		l.table.use(int32(i))
		l.age(out, int32(i))
		return int32(i), true
	}
	if !l.ask(out, key, broadcastMAC, firstTime) {
		return 0, false
	}
	n = l.vacate(out)
	e := &l.table.entries[n]
	e.key, e.tries, e.asked = key, 1, l.now
	l.table.index.Put(key, int(n))
	l.table.become(n, asking, l.now)
	return n, true
}

// vacate returns an entry that is free, after it has made one free if need be: the least recently used
// without an answer or, only if all have answered, of all.
func (l *Layer) vacate(out *dataplane.Batch) int32 {
	t := &l.table
	switch {
	case t.sizes[listFree] > 0 && t.sizes[listOpen] < maxOpen:
	case t.sizes[listOpen] > 0:
		l.remove(out, t.entries[t.head(listOpen)].next)
	default:
		l.remove(out, t.entries[t.head(listKnown)].next)
	}
	return t.entries[t.head(listFree)].next
}

// remove frees an entry and drops what waits for it.
func (l *Layer) remove(out *dataplane.Batch, n int32) {
	l.abandon(out, n)
	l.table.index.Erase(l.table.entries[n].key)
	l.table.become(n, free, l.now)
}

// abandon drops what waits for a neighbour.
func (l *Layer) abandon(out *dataplane.Batch, n int32) {
	e := &l.table.entries[n]
	for e.waiting > 0 {
		l.forget(out, e)
	}
}

// Waiting is the number of frames that wait for an answer.
func (l *Layer) Waiting() int { return l.frames.held }

// GiveUp calls drop for each frame that waits for an answer, with the device that it came from, and forgets
// it: after the last exchange none of them can be sent.
func (l *Layer) GiveUp(drop func(from nf.Device)) {
	for n := range l.table.entries {
		for e := &l.table.entries[n]; e.waiting > 0; {
			_, from := l.frames.next(e)
			l.frames.advance(e)
			drop(from)
		}
	}
}

// Known is the number of neighbours whose Ethernet address is known.
func (l *Layer) Known() int { return l.table.sizes[listKnown] }

// Neighbour describes one neighbour, as an operator wants to see it.
type Neighbour struct {
	Device  nf.Device
	Address packet.IPv4
	MAC     packet.MAC // zero unless State is "known"
	State   string     // "known", "asking", or "failed": nobody answers
	Age     nf.Time    // since the last answer, or in this state
	Waiting int        // frames
}

// Neighbours lists all neighbours, of each state the least recently used first. It allocates, and takes a
// time that grows with their number; call it between steps of the loop.
func (l *Layer) Neighbours() []Neighbour {
	t := &l.table
	list := make([]Neighbour, 0, t.sizes[listOpen]+t.sizes[listKnown])
	if l.addressed == 0 {
		return list
	}
	for _, of := range []int{listKnown, listOpen} {
		for n := t.entries[t.head(of)].next; n != t.head(of); n = t.entries[n].next {
			e := &t.entries[n]
			one := Neighbour{
				Device: nf.Device(e.key.device), Address: e.key.address,
				State: e.state.String(), Age: l.now - e.since, Waiting: int(e.waiting),
			}
			if e.state == known {
				one.MAC = e.mac
			}
			list = append(list, one)
		}
	}
	return list
}
