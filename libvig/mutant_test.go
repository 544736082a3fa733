package libvig

import "testing"

// tableMutants are tables with one fault each, named after it. The tests of Table must refuse all.
var tableMutants = []struct {
	fault string
	plant func(t *Table[flow, uint32], ops *tableOperations[flow])
}{
	{"Cap is one less", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.Cap = func() int { return t.Cap() - 1 }
	}},
	{"Len counts free entries", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.Len = func() int { return t.Cap() - t.Len() }
	}},
	{"Full with one index free", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.Full = func() bool { return t.Len() >= t.Cap()-1 }
	}},
	{"Lookup of an absent key gives an index", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.Lookup = func(k flow) (int, bool) {
			if i, ok := t.Lookup(k); ok {
				return i, ok
			}
			return 1, false
		}
	}},
	{"Lookup compares the hash alone", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.Lookup = func(k flow) (int, bool) {
			w := t.m.slots[hashKey(&t.m.hash, &k)&t.m.mask]
			if w == 0 {
				return 0, false
			}
			return int(indexOf(w)), true
		}
	}},
	{"Allocated beyond the capacity", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.Allocated = func(i int) bool { return i == t.Cap() || t.Allocated(i) }
	}},
	{"Key of the neighbour", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.Key = func(i int) flow { return t.Key((i + 1) % t.Cap()) }
	}},
	{"At of the first", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.At = func(i int) uint32 { return t.At(0) }
	}},
	{"Set without effect", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.Set = func(int, uint32) {}
	}},
	{"Set refreshes", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.Set = func(i int, v uint32) { t.Set(i, v); t.Refresh(i, 1<<40) }
	}},
	{"Refresh without effect", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.Refresh = func(int, Time) {}
	}},
	{"Refresh does not reorder", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.Refresh = func(i int, now Time) { t.c.times[i] = now }
	}},
	{"Insert forgets the value", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.Insert = func(k flow, _ uint32, now Time) (int, bool) { return t.Insert(k, 0, now) }
	}},
	{"Insert with an older time", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.Insert = func(k flow, v uint32, now Time) (int, bool) { return t.Insert(k, v, now/2) }
	}},
	{"Insert into a full table evicts", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.Insert = func(k flow, v uint32, now Time) (int, bool) {
			if t.Full() {
				t.Erase(0)
			}
			return t.Insert(k, v, now)
		}
	}},
	{"Insert gives the wrong index", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.Insert = func(k flow, v uint32, now Time) (int, bool) {
			i, ok := t.Insert(k, v, now)
			return i ^ 1, ok
		}
	}},
	{"Insert leaves out the map", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.Insert = func(k flow, v uint32, now Time) (int, bool) { return t.c.Allocate(now) }
	}},
	{"Erase leaves out the map", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.Erase = func(i int) { t.c.Free(i) }
	}},
	{"Erase leaves out the chain", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.Erase = func(i int) { t.m.Erase(t.Key(i)) }
	}},
	{"Erase does not shift back", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.Erase = func(i int) {
			k := t.Key(i)
			p, _ := t.m.find(k, hashKey(&t.m.hash, &k))
			t.m.slots[p] = 0
			t.m.size--
			t.c.Free(i)
		}
	}},
	{"ExpireBefore removes the equal", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.ExpireBefore = func(before Time) { t.ExpireBefore(before + 1) }
	}},
	{"ExpireBefore removes only one", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.ExpireBefore = func(before Time) {
			if i, ok := t.c.expireOne(before); ok {
				t.m.Erase(t.Key(i))
			}
		}
	}},
}

func TestTableMutantsAreRefused(t *testing.T) {
	for _, mutant := range tableMutants {
		t.Run(mutant.fault, func(t *testing.T) {
			o := newTableOracle(6, poolOf(13, flowAt))
			mutant.plant(o.inside, &o.table)
			if o.run(scriptOf(5, 2000)) == nil {
				t.Error("the fault is not seen")
			}
		})
	}
}

// TestInvariantRefuses damages a structure in the ways a wrong state could be built.
func TestInvariantRefuses(t *testing.T) {
	damages := map[string]func(t *Table[flow, uint32]){
		"link back":          func(t *Table[flow, uint32]) { t.c.cells[t.c.n].prev = 0 },
		"times out of order": func(t *Table[flow, uint32]) { t.c.times[0] = 100 },
		"negative time":      func(t *Table[flow, uint32]) { t.c.times[0] = -1 },
		"lost free cell":     func(t *Table[flow, uint32]) { t.c.free = none },
		"free list in use":   func(t *Table[flow, uint32]) { t.c.cells[t.c.free].next = 0 },
		"size of the chain":  func(t *Table[flow, uint32]) { t.c.size++ },
		"size of the map":    func(t *Table[flow, uint32]) { t.m.size++ },
		"another key":        func(t *Table[flow, uint32]) { t.m.keys[1] = flowAt(77) },
		"the same key twice": func(t *Table[flow, uint32]) { t.m.Put(t.m.keys[0], 4) },
		"key without index":  func(t *Table[flow, uint32]) { t.m.Put(flowAt(77), 4) },
		"index without key":  func(t *Table[flow, uint32]) { t.c.Allocate(9) },
		"values":             func(t *Table[flow, uint32]) { t.vals = t.vals[1:] },
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			table := NewTable[flow, uint32](5, secret)
			for n := uint64(0); n < 3; n++ {
				table.Insert(flowAt(n), 0, Time(n))
			}
			if err := table.checkInvariant(); err != nil {
				t.Fatal(err)
			}
			damage(table)
			if table.checkInvariant() == nil {
				t.Error("the damage is not seen")
			}
		})
	}
}
