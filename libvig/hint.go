package libvig

// Hint says which entry of a table a packet will need, so that [Hints] can have its memory brought into
// the processor's cache before the packet is processed. A hint changes nothing, and nothing follows
// from it: one that is wrong, or stale because an earlier packet changed the table, costs time only.
//
// Its zero value asks for nothing. Hints cannot be compared, for they have no content.
type Hint struct {
	_     [0]func()
	lines *lines
	at    uint64 // an index; or, with the flag byHash, the hash of a key
}

// byHash marks a hint that holds a hash.
const byHash = 1 << 32

// lines tells where the memory of a table lies.
type lines struct {
	slots      []uint64 // of the map
	cells      []cell   // of the chain of a [Table]
	classed    []timed  // of that of a [ClassTable]; one of the two is there
	links      array    // the one that is there
	keys, vals array
	n          int // number of entries

	// found are indices to which hints of the burst have led, in the order of the hints, count of them and next
	// behind the last that a lookup has tried; element 0 belongs to no hint.
	found       [MaxHints]int32
	count, next uint8
}

// collect notes where the memory of t lies; it stays there.
//
// @ warms
// @ modifies lines
func (t *Table[K, V]) collect() {
	t.lines = lines{slots: t.m.slots, cells: t.c.cells, links: arrayOf(t.c.cells),
		keys: arrayOf(t.m.keys), vals: arrayOf(t.vals), n: len(t.vals)}
}

// collect notes where the memory of t lies; it stays there.
//
// @ warms
// @ modifies lines
func (t *ClassTable[K, V]) collect() {
	t.lines = lines{slots: t.m.slots, classed: t.c.cells, links: arrayOf(t.c.cells),
		keys: arrayOf(t.m.keys), vals: arrayOf(t.vals), n: len(t.vals)}
}

// guess returns the index to which the next hint of the burst has led, or any other number.
//
// @ warms
// @ modifies lines
func (t *Table[K, V]) guess() (at int32) {
	if t.lines.next == t.lines.count {
		return none
	}
	t.lines.next++
	return t.lines.found[t.lines.next]
}

// guess returns the index to which the next hint of the burst has led, or any other number.
//
// @ warms
// @ modifies lines
func (t *ClassTable[K, V]) guess() (at int32) {
	if t.lines.next == t.lines.count {
		return none
	}
	t.lines.next++
	return t.lines.found[t.lines.next]
}

// HintKey says that the entry of a key will be looked up.
//
// @ warms
//
//go:noinline
func (t *Table[K, V]) HintKey(k K) (h Hint) {
	return Hint{lines: &t.lines, at: uint64(hashKey(&t.m.hash, &k)) | byHash}
}

// HintKey says that the entry of a key will be looked up.
//
// @ warms
//
//go:noinline
func (t *ClassTable[K, V]) HintKey(k K) (h Hint) {
	return Hint{lines: &t.lines, at: uint64(hashKey(&t.m.hash, &k)) | byHash}
}

// HintIndex says that entry i will be used; i may be any number.
//
// @ warms
func (t *Table[K, V]) HintIndex(i int) (h Hint) {
	if uint(i) >= uint(len(t.vals)) {
		return Hint{}
	}
	return Hint{lines: &t.lines, at: uint64(i)}
}

// HintIndex says that entry i will be used; i may be any number.
//
// @ warms
func (t *ClassTable[K, V]) HintIndex(i int) (h Hint) {
	if uint(i) >= uint(len(t.vals)) {
		return Hint{}
	}
	return Hint{lines: &t.lines, at: uint64(i)}
}

// MaxHints is the largest number of hints that are collected before they are followed: four for each
// packet of the largest burst.
const MaxHints = 256

// maxProbes is the number of slots searched for a key, all in one or two cache lines.
const maxProbes = 4

// Hints collects the hints for a burst of packets. It belongs to the run loop, not to a network
// function. Its zero value is empty.
//
// An entry lies at the end of a chain of references: the slot of the hash table names the index, the
// record at that index its neighbours in the order of use. So there are three passes, each over all
// hints, in which all waiting for memory overlaps.
type Hints struct {
	n         int
	hints     [MaxHints]Hint
	index     [MaxHints]int32
	addresses [4 * MaxHints]uintptr
}

// Add keeps a hint for the next Warm; when there are [MaxHints] already it does nothing.
func (h *Hints) Add(hint Hint) {
	if n := h.n; uint(n) < MaxHints {
		h.hints[n] = hint
		h.n = n + 1
	}
}

// Warm asks the processor for the memory that the hints name, and forgets them.
func (h *Hints) Warm() {
	prefetch(&h.addresses, h.findSlots())
	prefetch(&h.addresses, h.findEntries())
	prefetch(&h.addresses, h.findNeighbours())
	h.n = 0
}

// findSlots lists the addresses of the first and the last slot that are searched, and returns their number.
func (h *Hints) findSlots() int {
	n := 0
	for i := range h.hints[:h.n] {
		hint := &h.hints[i]
		if l := hint.lines; l != nil && hint.at&byHash != 0 {
			const mask = 4*MaxHints - 1
			home, last := uint32(hint.at), uint32(len(l.slots)-1)
			l.count, l.next = 0, 0
			h.addresses[n&mask] = addressOf(l.slots, home&last)
			h.addresses[(n+1)&mask] = addressOf(l.slots, (home+maxProbes-1)&last)
			n += 2
		}
	}
	return n
}

// findEntries finds the indices, and lists the addresses of what lies there.
func (h *Hints) findEntries() int {
	n := 0
	for i := range h.hints[:h.n] {
		hint := &h.hints[i]
		l := hint.lines
		h.index[i] = none
		if l == nil {
			continue
		}
		at := int32(hint.at)
		if hint.at&byHash != 0 {
			at = find(l.slots, uint32(hint.at))
			l.count++
			l.found[l.count] = at
		}
		if uint(at) >= uint(l.n) {
			continue
		}
		h.index[i] = at
		const mask = 4*MaxHints - 1
		h.addresses[n&mask] = l.keys.at(at)
		h.addresses[(n+1)&mask] = l.links.at(at)
		n += 2
		if l.vals.size != 0 {
			h.addresses[n&mask] = l.vals.at(at)
			n++
		}
	}
	return n
}

// find returns the index in one of the slots that has a hash, or none. It looks at the home slot and three
// behind it, which have just been asked for; a key that lies further away is rare, and is found by the
// lookup itself. It does so without a branch: where a search ends cannot be predicted, and a wrong guess of
// the processor costs more than the slots. Two slots of one hash give any number.
func find(s []uint64, hash uint32) int32 {
	if len(s) == 0 {
		return none
	}
	home, last := int(hash), len(s)-1
	return int32(taken(s[home&last], hash)|taken(s[(home+1)&last], hash)|
		taken(s[(home+2)&last], hash)|taken(s[(home+maxProbes-1)&last], hash)) - 1
}

// taken is the index plus one in a slot of a hash, and 0 for any other slot.
func taken(w uint64, hash uint32) uint32 {
	other := uint64(hashOf(w) ^ hash)
	return uint32(w) & -uint32((other-1)>>63)
}

// findNeighbours lists the addresses of the cells before and after, in the order of use.
func (h *Hints) findNeighbours() int {
	n := 0
	for i := range h.hints[:h.n] {
		at := h.index[i]
		if at < 0 {
			continue
		}
		l := h.hints[i].lines
		prev, next := l.neighbours(at)
		if places := uint(len(l.cells) + len(l.classed)); uint(prev) < places && uint(next) < places {
			const mask = 4*MaxHints - 1
			h.addresses[n&mask] = l.links.at(prev)
			h.addresses[(n+1)&mask] = l.links.at(next)
			n += 2
		}
	}
	return n
}

// neighbours returns the links of an entry.
func (l *lines) neighbours(at int32) (prev, next int32) {
	if uint(at) < uint(len(l.cells)) {
		c := l.cells[at]
		return c.prev, c.next
	}
	if uint(at) < uint(len(l.classed)) {
		c := l.classed[at]
		return c.prev, c.next
	}
	return none, none
}

// prefetch asks the processor to load the cache lines at the first n addresses. It neither waits for
// them nor faults, whatever the addresses are.
//
//go:noescape
func prefetch(addresses *[4 * MaxHints]uintptr, n int)
