package libvig

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// hinted is a table that gives hints.
type hinted interface {
	HintKey(flow) Hint
	HintIndex(int) Hint
	Insert(n uint64) // adds flowAt(n)
	Lookup(flow) (int, bool)
	Cap() int
	lines() *lines
	memory() []any // copies of all that it consists of
}

// plainTable and classTable are the tables that there are.
type (
	plainTable struct{ *Table[flow, uint32] }
	classTable struct{ *ClassTable[flow, uint32] }
)

func (t plainTable) lines() *lines   { return &t.Table.lines }
func (t classTable) lines() *lines   { return &t.ClassTable.lines }
func (t plainTable) Insert(n uint64) { t.Table.Insert(flowAt(n), 0, 0) }
func (t classTable) Insert(n uint64) { t.ClassTable.Insert(flowAt(n), 0, 0, uint8(n%testClasses)) }

func (t plainTable) memory() []any {
	c := *t.c
	c.cells = slices.Clone(c.cells)
	return append(memoryOf(t.m, t.Table.lines), c, slices.Clone(t.vals))
}

func (t classTable) memory() []any {
	c := *t.c
	c.cells, c.kind = slices.Clone(c.cells), slices.Clone(c.kind)
	return append(memoryOf(t.m, t.ClassTable.lines), c, slices.Clone(t.vals))
}

func memoryOf(m *Map[flow], l lines) []any {
	copied := *m
	copied.slots, copied.keys = slices.Clone(m.slots), slices.Clone(m.keys)
	l.slots, l.cells = nil, nil
	l.found, l.count, l.next = [MaxHints]int32{}, 0, 0 // what hints are for
	return []any{copied, l}
}

// kinds make empty tables of each kind.
var kinds = map[string]func(n int) hinted{
	"Table":      func(n int) hinted { return plainTable{NewTable[flow, uint32](n, secret)} },
	"ClassTable": func(n int) hinted { return classTable{NewClassTable[flow, uint32](n, testClasses, secret)} },
}

// worn returns a table of either kind after random operations.
func worn(r *rand.Rand, n int) (t hinted) {
	script := make([]byte, 8*n)
	for i := range script {
		script[i] = byte(r.Uint32())
	}
	var o oracle
	if pool := poolOf(2*n, flowAt); r.IntN(2) == 0 {
		of := newTableOracle(n, pool)
		o, t = of, plainTable{of.inside}
	} else {
		of := newClassTableOracle(n, pool)
		o, t = of, classTable{of.inside}
	}
	if err := play(o, script); err != nil {
		panic(err)
	}
	return t
}

// TestHintsChangeNothing follows right, stale and senseless hints on tables in random states, and
// compares every byte before and after.
func TestHintsChangeNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	hints := new(followedHints)
	warmed := map[reflect.Type]int{}
	for range 300 {
		table, other := worn(r, 1+r.IntN(12)), worn(r, 1+r.IntN(300))
		want, wantOther := table.memory(), other.memory()
		for range 1 + r.IntN(MaxHints+9) {
			hints.Add(senseless(r, table, other))
		}
		hints.followed(t)
		if hints.led[other.lines()] > 0 {
			warmed[reflect.TypeOf(other)]++
		}
		if !reflect.DeepEqual(table.memory(), want) || !reflect.DeepEqual(other.memory(), wantOther) {
			t.Fatal("following hints has changed a table")
		}
	}
	if len(warmed) != len(kinds) {
		t.Errorf("hints led to entries so often: %v", warmed)
	}
}

// senseless is any hint at all about one of two tables.
func senseless(r *rand.Rand, a, b hinted) Hint {
	if r.IntN(2) == 0 {
		a = b
	}
	switch r.IntN(6) {
	case 0:
		return Hint{}
	case 1:
		return Hint{lines: a.lines(), at: r.Uint64()}
	case 2:
		return Hint{lines: a.lines(), at: uint64(r.Uint32())}
	case 3:
		return a.HintIndex(int(r.Uint64()))
	case 4:
		return a.HintIndex(r.IntN(a.Cap()))
	}
	return a.HintKey(flowAt(r.Uint64N(uint64(2 * a.Cap()))))
}

// followedHints are hints whose passes are looked at.
type followedHints struct {
	Hints
	led map[*lines]int // how often they have led to an entry
}

// followed follows hints, and checks that what each pass asks for lies in the table.
func (h *followedHints) followed(t *testing.T) {
	t.Helper()
	h.led = map[*lines]int{}
	h.start[h.runs] = int32(h.n)
	hints := 0
	for r := range h.runs {
		l, from, to := h.run(r)
		if hints += to - from; l == nil {
			continue
		}
		inside(t, "slot", h.findSlots(l, from, to), len(l.slots))
		index := h.findEntries(l, from, to)
		inside(t, "entry", index, l.n)
		for _, at := range index {
			if at != none {
				h.led[l]++
			}
		}
		inside(t, "cell", h.findNeighbours(l, from, to), len(l.cells))
		if n := uintptr(l.n); l.places.size != 8 || l.links.size*n == 0 || l.keys.size != 16 || l.vals.size != 4 {
			t.Errorf("elements have the sizes %d, %d, %d and %d", l.places.size, l.links.size, l.keys.size, l.vals.size)
		}
	}
	index := h.index
	h.Warm()
	if h.n != 0 || h.runs != 0 || h.last != nil || h.index != index {
		t.Error("Warm keeps hints, or finds other entries than its passes")
	}
}

// inside checks that all indices, but those that say that there is none, are of n elements.
func inside(t *testing.T, what string, index []int32, n int) {
	t.Helper()
	for _, i := range index {
		if i != none && uint(i) >= uint(n) {
			t.Fatalf("%s %d is asked for, of %d", what, i, n)
		}
	}
}

// TestHintsFindEntries: a right hint leads to its entry, and so to its lines, and those of its neighbours.
func TestHintsFindEntries(t *testing.T) {
	for kind, empty := range kinds {
		t.Run(kind, func(t *testing.T) { findEntries(t, empty(500)) })
	}
}

func findEntries(t *testing.T, table hinted) {
	next := uint64(0)
	for ; next < 450; next++ {
		table.Insert(next)
	}
	hints, found, tried := new(followedHints), 0, 0
	for k := range next {
		i, _ := table.Lookup(flowAt(k))
		hints.Add(table.HintKey(flowAt(k)))
		hints.Add(table.HintIndex(i))
		hints.followed(t)
		if hints.index[0] == int32(i) {
			found++
		}
		if hints.index[1] != int32(i) {
			t.Errorf("the hint of index %d leads to %d", i, hints.index[1])
		}
		if l := table.lines(); l.found[1] == int32(i) && l.count == 1 {
			tried++
		}
		if len(hints.findNeighbours(table.lines(), 0, 2)) < 2 {
			t.Errorf("the hint of index %d leads to no neighbours", i)
		}
	}
	if found < 430 { // one may meet the same hash, or lie far from its slot: of those at 45 % load, 3 in 100
		t.Errorf("%d of %d keys were found", found, next)
	}
	if tried != found {
		t.Errorf("%d of the %d that were found are left for lookups", tried, found)
	}
	hints.Add(table.HintKey(flowAt(next)))
	hints.Add(table.HintIndex(500))
	hints.Add(table.HintIndex(-1))
	hints.followed(t)
	if hints.led[table.lines()] != 0 {
		t.Error("a hint of a key that is not there, or of an index outside of the table, leads somewhere")
	}
}

func TestHintsDoNotAllocate(t *testing.T) {
	for kind, empty := range kinds {
		table, hints := empty(64), new(Hints)
		if got := testing.AllocsPerRun(100, func() {
			for i := range 32 {
				hints.Add(table.HintKey(flowAt(uint64(i))))
				hints.Add(table.HintIndex(i))
			}
			hints.Warm()
		}); got != 0 {
			t.Errorf("%s: %v allocations, want none", kind, got)
		}
	}
}
