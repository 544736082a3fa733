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
	slots []uint64 // of the map
	cells []cell   // of the chain

	places, links, keys, vals array // the slots, the cells, and what else an entry has
	n                         int   // number of entries

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
	t.lines = lines{slots: t.m.slots, cells: t.c.cells, places: arrayOf(t.m.slots), links: arrayOf(t.c.cells),
		keys: arrayOf(t.m.keys), vals: arrayOf(t.vals), n: len(t.vals)}
}

// collect notes where the memory of t lies; it stays there.
//
// @ warms
// @ modifies lines
func (t *ClassTable[K, V]) collect() {
	t.lines = lines{slots: t.m.slots, cells: t.c.cells, places: arrayOf(t.m.slots), links: arrayOf(t.c.cells),
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
// hints, in which all waiting for memory overlaps. Hints for one table that follow each other are a run, which
// a pass takes at once.
type Hints struct {
	n     int
	at    [MaxHints]uint64
	index [MaxHints]int32     // of the entries, or none
	list  [2 * MaxHints]int32 // of the places that a pass asks for

	runs  int
	last  *lines           // of the latest hint
	of    [MaxHints]*lines // of each run
	start [MaxHints + 1]int32
}

// Add keeps a hint for the next Warm; when there are [MaxHints] already it does nothing.
func (h *Hints) Add(hint Hint) {
	if hint.lines != h.last {
		h.begin(hint.lines)
	}
	if n := h.n; uint(n) < MaxHints {
		h.at[n] = hint.at
		h.n = n + 1
	}
}

// begin begins a run.
func (h *Hints) begin(of *lines) {
	if r := h.runs; h.n < MaxHints {
		h.last, h.of[r], h.start[r] = of, of, int32(h.n)
		h.runs = r + 1
	}
}

// run returns the bounds of run r, whose hints have a table.
func (h *Hints) run(r int) (l *lines, from, to int) {
	return h.of[r], int(h.start[r]), int(h.start[r+1])
}

// Warm asks the processor for the memory that the hints name, and forgets them.
func (h *Hints) Warm() {
	h.start[h.runs] = int32(h.n)
	for r := range h.runs {
		if l, from, to := h.run(r); l != nil {
			l.places.prefetch(h.findSlots(l, from, to))
		}
	}
	for r := range h.runs {
		if l, from, to := h.run(r); l != nil {
			index := h.findEntries(l, from, to)
			l.keys.prefetch(index)
			l.links.prefetch(index)
			if l.vals.size != 0 {
				l.vals.prefetch(index)
			}
		}
	}
	for r := range h.runs {
		if l, from, to := h.run(r); l != nil {
			l.links.prefetch(h.findNeighbours(l, from, to))
		}
	}
	h.n, h.runs, h.last = 0, 0, nil
}

// findSlots lists the first and the last slot that are searched for each of some hints.
func (h *Hints) findSlots(l *lines, from, to int) []int32 {
	l.count, l.next = 0, 0
	n, last := 0, uint32(len(l.slots)-1)
	for _, at := range h.at[from:to] {
		if at&byHash != 0 {
			const mask = 2*MaxHints - 1
			h.list[n&mask] = int32(uint32(at) & last)
			h.list[(n+1)&mask] = int32((uint32(at) + maxProbes - 1) & last)
			n += 2
		}
	}
	return h.list[:n]
}

// findEntries lists the indices to which some hints lead, and leaves those found by a key for lookups. Where there
// is none, it lists none.
func (h *Hints) findEntries(l *lines, from, to int) []int32 {
	index, count := h.index[from:to], l.count
	for i, at := range h.at[from:to] {
		e := int32(at)
		if at&byHash != 0 {
			e = find(l.slots, uint32(at))
			count++
			l.found[count] = e
		}
		if uint(e) >= uint(l.n) {
			e = none
		}
		index[i] = e
	}
	l.count = count
	return index
}

// find returns the index in one of the slots that has a hash, or none. It looks at the home slot and three
// behind it, which have just been asked for; a key that lies further away is rare, and is found by the
// lookup itself. It does so without a branch: where a search ends cannot be predicted, and a wrong guess of
// the processor costs more than the slots. What a slot differs by from the hash is its low half alone if it has that
// hash, so the least of them has it. Two slots of one hash give either.
func find(s []uint64, hash uint32) int32 {
	if len(s) == 0 {
		return none
	}
	home, last, high := int(hash), len(s)-1, uint64(hash)<<32
	least := s[home&last] ^ high
	if w := s[(home+1)&last] ^ high; w < least {
		least = w
	}
	if w := s[(home+2)&last] ^ high; w < least {
		least = w
	}
	if w := s[(home+maxProbes-1)&last] ^ high; w < least {
		least = w
	}
	if hashOf(least) != 0 {
		least = 0
	}
	return int32(uint32(least)) - 1
}

// findNeighbours lists the places of the cells before and after those of some hints, in the order of use.
func (h *Hints) findNeighbours(l *lines, from, to int) []int32 {
	n := 0
	for _, at := range h.index[from:to] {
		if at >= 0 {
			const mask = 2*MaxHints - 1
			h.list[n&mask], h.list[(n+1)&mask] = l.neighbours(at)
			n += 2
		}
	}
	return h.list[:n]
}

// neighbours returns the links of an entry.
func (l *lines) neighbours(at int32) (prev, next int32) {
	if uint(at) < uint(len(l.cells)) {
		c := l.cells[at]
		return c.prev, c.next
	}
	return none, none
}
