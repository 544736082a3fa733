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
	{"HintKey refreshes", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.HintKey = func(k flow) Hint {
			if i, ok := t.Lookup(k); ok {
				t.Refresh(i, 1<<40)
			}
			return t.HintKey(k)
		}
	}},
	{"HintIndex counts in the value", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.HintIndex = func(i int) Hint {
			if t.Allocated(i) {
				t.Set(i, t.At(i)+1)
			}
			return t.HintIndex(i)
		}
	}},
	{"Refresh without effect", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.Refresh = func(int, Time) {}
	}},
	{"Refresh does not reorder", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.Refresh = func(i int, now Time) { t.c.cells[i].time = now }
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
			p, _ := t.m.find(&k, hashKey(&t.m.hash, &k))
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
			if i, ok := t.c.oldest(before); ok {
				t.Erase(i)
			}
		}
	}},
	{"Time of the first", func(t *Table[flow, uint32], ops *tableOperations[flow]) {
		ops.Time = func(int) Time { return t.Time(0) }
	}},
}

// mapMutants are maps with one fault each.
var mapMutants = []struct {
	fault string
	plant func(m *Map[flow], ops *mapOperations)
}{
	{"Cap counts slots", func(m *Map[flow], ops *mapOperations) {
		ops.Cap = func() int { return len(m.slots) }
	}},
	{"Len never zero", func(m *Map[flow], ops *mapOperations) {
		ops.Len = func() int { return max(1, m.Len()) }
	}},
	{"Full never", func(m *Map[flow], ops *mapOperations) {
		ops.Full = func() bool { return false }
	}},
	{"Get of an absent key gives an index", func(m *Map[flow], ops *mapOperations) {
		ops.Get = func(k flow) (int, bool) { i, ok := m.Get(k); return max(i, 1), ok }
	}},
	{"Key of index zero", func(m *Map[flow], ops *mapOperations) {
		ops.Key = func(int) flow { return m.Key(0) }
	}},
	{"Put under the next index", func(m *Map[flow], ops *mapOperations) {
		ops.Put = func(k flow, i int) { m.Put(k, (i+1)%m.Cap()) }
	}},
	{"Put overwrites a slot", func(m *Map[flow], ops *mapOperations) {
		ops.Put = func(k flow, i int) {
			m.slots[hashKey(&m.hash, &k)&m.mask] = 0
			m.Put(k, i)
		}
	}},
	{"Erase does not shift back", func(m *Map[flow], ops *mapOperations) {
		ops.Erase = func(k flow) {
			p, _ := m.find(&k, hashKey(&m.hash, &k))
			m.slots[p] = 0
			m.size--
		}
	}},
	{"Erase without effect", func(m *Map[flow], ops *mapOperations) {
		ops.Erase = func(flow) {}
	}},
}

// chainMutants are chains with one fault each.
var chainMutants = []struct {
	fault string
	plant func(c *Chain, ops *chainOperations)
}{
	{"Cap counts the sentinel", func(c *Chain, ops *chainOperations) {
		ops.Cap = func() int { return len(c.cells) }
	}},
	{"Len is one more", func(c *Chain, ops *chainOperations) {
		ops.Len = func() int { return c.Len() + 1 }
	}},
	{"Full when empty", func(c *Chain, ops *chainOperations) {
		ops.Full = func() bool { return c.Full() || c.Len() == 0 }
	}},
	{"Allocated of the sentinel", func(c *Chain, ops *chainOperations) {
		ops.Allocated = func(i int) bool { return i == c.Cap() || c.Allocated(i) }
	}},
	{"Allocate leaves one free", func(c *Chain, ops *chainOperations) {
		ops.Allocate = func(now Time) (int, bool) {
			if c.Len() == c.Cap()-1 {
				return 0, false
			}
			return c.Allocate(now)
		}
	}},
	{"Allocate gives an index when full", func(c *Chain, ops *chainOperations) {
		ops.Allocate = func(now Time) (int, bool) {
			if c.Full() {
				return 1, false
			}
			return c.Allocate(now)
		}
	}},
	{"Refresh one early", func(c *Chain, ops *chainOperations) {
		ops.Refresh = func(i int, now Time) { c.Refresh(i, max(now-1, 0)) }
	}},
	{"Time of the neighbour", func(c *Chain, ops *chainOperations) {
		ops.Time = func(i int) Time { return c.Time((i + 1) % c.Cap()) }
	}},
	{"Free frees the oldest", func(c *Chain, ops *chainOperations) {
		ops.Free = func(int) { c.Free(int(c.cells[c.n].next)) }
	}},
	{"ExpireBefore one late", func(c *Chain, ops *chainOperations) {
		ops.ExpireBefore = func(before Time) { c.ExpireBefore(before - 1) }
	}},
}

// vectorMutants are vectors with one fault each.
var vectorMutants = []struct {
	fault string
	plant func(v *Vector[uint16], ops *vectorOperations)
}{
	{"Len is one less", func(v *Vector[uint16], ops *vectorOperations) {
		ops.Len = func() int { return v.Len() - 1 }
	}},
	{"Get of the first", func(v *Vector[uint16], ops *vectorOperations) {
		ops.Get = func(int) uint16 { return v.Get(0) }
	}},
	{"Set sets two", func(v *Vector[uint16], ops *vectorOperations) {
		ops.Set = func(i int, x uint16) { v.Set(i, x); v.Set(0, x) }
	}},
	{"Set of a smaller number", func(v *Vector[uint16], ops *vectorOperations) {
		ops.Set = func(i int, x uint16) { v.Set(i, x&0x7f) }
	}},
}

// TestMutantsAreRefused plants each fault and asks whether the contracts see it, and whether the
// comparison with a plain description does.
func TestMutantsAreRefused(t *testing.T) {
	p := contracts(t)
	refuse := func(name, fault string, plant any, hidden bool) {
		t.Run(name+"/"+fault, func(t *testing.T) {
			seen, refused := false, false
			for seed := range uint64(4) {
				o, w := watchedOracles(t, p, name, 4, plant)
				script := scriptOf(seed, 150)
				for n := 0; n < len(script) && w.err == nil; n += 2 {
					if o.step(script[n], int(script[n+1])) != nil || o.compare() != nil {
						seen = true
					}
				}
				refused = refused || w.err != nil
			}
			if !refused && !hidden {
				t.Error("the contracts do not see the fault")
			}
			if !seen {
				t.Error("the comparison does not see the fault")
			}
		})
	}
	for _, m := range tableMutants {
		// Which of the entries in use is the oldest is not part of the abstract state.
		refuse("Table", m.fault, m.plant, m.fault == "Refresh does not reorder")
	}
	for _, m := range mapMutants {
		refuse("Map", m.fault, m.plant, false)
	}
	for _, m := range chainMutants {
		refuse("Chain", m.fault, m.plant, false)
	}
	for _, m := range vectorMutants {
		refuse("Vector", m.fault, m.plant, false)
	}
	for _, m := range portRangeMutants {
		refuse("PortRange", m.fault, m.plant, false)
	}
	for _, m := range lpmMutants {
		refuse("LPM", m.fault, m.plant, false)
	}
	for _, m := range ringMutants {
		refuse("Ring", m.fault, m.plant, false)
	}
	for _, m := range classifierMutants {
		refuse("Classifier", m.fault, m.plant, false)
	}
	for _, m := range classTableMutants {
		refuse("ClassTable", m.fault, m.plant, m.fault == "Refresh leaves the list") // lists are no part of the contract
	}
	for _, m := range classChainMutants {
		refuse("ClassChain", m.fault, m.plant, false)
	}
	for _, m := range dictionaryMutants {
		refuse("Dictionary", m.fault, m.plant, false)
	}
	for _, m := range maglevMutants {
		refuse("Maglev", m.fault, m.plant, false)
	}
}

// TestInvariantRefuses damages a structure in the ways a wrong state could be built.
func TestInvariantRefuses(t *testing.T) {
	damages := map[string]func(t *Table[flow, uint32]){
		"link back":          func(t *Table[flow, uint32]) { t.c.cells[t.c.n].prev = 0 },
		"times out of order": func(t *Table[flow, uint32]) { t.c.cells[0].time = 100 },
		"negative time":      func(t *Table[flow, uint32]) { t.c.cells[0].time = -1 },
		"lost free cell":     func(t *Table[flow, uint32]) { t.c.free.left-- },
		"free cell in use":   func(t *Table[flow, uint32]) { t.c.free.Free(0) },
		"free cell linked":   func(t *Table[flow, uint32]) { t.c.cells[4].prev = 0 },
		"indices from one":   func(t *Table[flow, uint32]) { t.c.free.low = 1 },
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
