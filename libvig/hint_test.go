package libvig

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// memoryOf copies all that a table consists of.
func memoryOf(t *Table[flow, uint32]) (memory []any) {
	m, c, l := *t.m, *t.c, t.lines
	m.slots, m.keys = slices.Clone(m.slots), slices.Clone(m.keys)
	c.cells = slices.Clone(c.cells)
	l.slots, l.cells = nil, nil
	return append(memory, m, c, l, slices.Clone(t.vals))
}

// worn returns a table after random operations.
func worn(r *rand.Rand, n int) *Table[flow, uint32] {
	o := newTableOracle(n, poolOf(2*n, flowAt))
	script := make([]byte, 8*n)
	for i := range script {
		script[i] = byte(r.Uint32())
	}
	if err := play(o, script); err != nil {
		panic(err)
	}
	return o.inside
}

// TestHintsChangeNothing follows right, stale and senseless hints on tables in random states, and
// compares every byte before and after.
func TestHintsChangeNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	hints := new(Hints)
	warmed := 0
	for range 300 {
		table, other := worn(r, 1+r.IntN(12)), worn(r, 1+r.IntN(300))
		want, wantOther := memoryOf(table), memoryOf(other)
		for range 1 + r.IntN(MaxHints+9) {
			hints.Add(senseless(r, table, other))
		}
		hints.followed(t)
		for _, i := range hints.index {
			if i != none {
				warmed++
			}
		}
		if !reflect.DeepEqual(memoryOf(table), want) || !reflect.DeepEqual(memoryOf(other), wantOther) {
			t.Fatal("following hints has changed a table")
		}
	}
	if warmed == 0 {
		t.Error("no hint led to an entry")
	}
}

// senseless is any hint at all about one of two tables.
func senseless(r *rand.Rand, a, b *Table[flow, uint32]) Hint {
	if r.IntN(2) == 0 {
		a = b
	}
	switch r.IntN(6) {
	case 0:
		return Hint{}
	case 1:
		return Hint{lines: &a.lines, at: r.Uint64()}
	case 2:
		return Hint{lines: &a.lines, at: uint64(r.Uint32())}
	case 3:
		return a.HintIndex(int(r.Uint64()))
	case 4:
		return a.HintIndex(r.IntN(a.Cap()))
	}
	return a.HintKey(flowAt(r.Uint64N(uint64(2 * a.Cap()))))
}

// followed follows hints, and checks that each address lies in a table.
func (h *Hints) followed(t *testing.T) {
	t.Helper()
	for _, find := range []func() int{h.findSlots, h.findEntries, h.findNeighbours} {
		n := find()
		if n > len(h.addresses) {
			t.Fatalf("%d addresses, more than there is room for", n)
		}
		for _, a := range h.addresses[:n] {
			if !h.has(a) {
				t.Fatalf("address %#x is outside of the tables", a)
			}
		}
	}
	index := h.index
	h.Warm()
	if h.n != 0 || h.index != index {
		t.Error("Warm keeps hints, or finds other entries than its passes")
	}
}

// has reports whether an address lies in a table that the hints name.
func (h *Hints) has(address uintptr) bool {
	for _, hint := range h.hints {
		l := hint.lines
		if l == nil {
			continue
		}
		n := uintptr(len(l.cells) - 1)
		for _, part := range []struct{ start, size uintptr }{
			{addressOf(l.slots, 0), 8 * uintptr(len(l.slots))}, {addressOf(l.cells, 0), 16 * (n + 1)},
			{l.keys.start, n * l.keys.size}, {l.vals.start, n * l.vals.size},
		} {
			if part.start <= address && address < part.start+part.size {
				return true
			}
		}
	}
	return false
}

// TestHintsFindEntries: a right hint leads to its entry, and so to its lines.
func TestHintsFindEntries(t *testing.T) {
	table, next := NewTable[flow, uint32](500, secret), uint64(0)
	for ; next < 450; next++ {
		table.Insert(flowAt(next), 0, 0)
	}
	hints, found := new(Hints), 0
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
	}
	if found < 430 { // one may meet the same hash, or lie far from its slot: of those at 45 % load, 3 in 100
		t.Errorf("%d of %d keys were found", found, next)
	}
	hints.Add(table.HintKey(flowAt(next)))
	hints.Add(table.HintIndex(500))
	hints.Add(table.HintIndex(-1))
	hints.followed(t)
	if hints.index[1] != none || hints.index[2] != none {
		t.Error("a hint of an index outside of the table leads somewhere")
	}
}

func TestHintsDoNotAllocate(t *testing.T) {
	table := NewTable[flow, uint32](64, secret)
	hints := new(Hints)
	if got := testing.AllocsPerRun(100, func() {
		for i := range 32 {
			hints.Add(table.HintKey(flowAt(uint64(i))))
			hints.Add(table.HintIndex(i))
		}
		hints.Warm()
	}); got != 0 {
		t.Errorf("%v allocations, want none", got)
	}
}
