package libvig

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
)

// all collects the entries of a view in steps.
func all(t *testing.T, v View, scan, most int) Entries {
	t.Helper()
	var sum Entries
	steps := 0
	for from := 0; from < v.Cap(); steps++ {
		e, next := v.Entries(from, scan, most)
		if len(e.Index) > most || next <= from && len(e.Index) == 0 || next-from > scan {
			t.Fatalf("%d entries up to index %d from %d on, with scan %d, most %d", len(e.Index), next, from, scan, most)
		}
		sum.Index, sum.Time = append(sum.Index, e.Index...), append(sum.Time, e.Time...)
		sum.Keys, sum.Values = joined(sum.Keys, e.Keys), joined(sum.Values, e.Values)
		from = next
	}
	return sum
}

// joined appends slices of any one type.
func joined(a, b any) any {
	if a == nil || b == nil {
		return b
	}
	return reflect.AppendSlice(reflect.ValueOf(a), reflect.ValueOf(b)).Interface()
}

// TestViewShowsEntries compares what a view shows, in steps of every size, with what is there.
func TestViewShowsEntries(t *testing.T) {
	table := NewTable[flow, uint32](9, secret)
	m := NewMap[flow](9, secret)
	vector := NewVector(3, uint16(7))
	vector.Set(1, 8)
	for n := range uint64(9) {
		table.Insert(flowAt(n), uint32(n)*10, Time(n))
		m.Put(flowAt(n), int(n))
	}
	for _, i := range []int{0, 2, 3, 8} {
		m.Erase(m.Key(i))
		table.Erase(i)
	}
	m.Put(flowAt(77), 3)
	for scan := 1; scan <= 10; scan++ {
		for most := 1; most <= 10; most++ {
			t.Run(fmt.Sprint(scan, most), func(t *testing.T) {
				view, _ := Watch(table)
				e := all(t, view, scan, most)
				for n, i := range e.Index {
					key, value := e.Keys.([]flow)[n], e.Values.([]uint32)[n]
					if key != table.Key(i) || value != table.At(i) || e.Time[n] != table.Time(i) {
						t.Errorf("entry %d is %v, %d at %d", i, key, value, e.Time[n])
					}
				}
				if want := []int{1, 4, 5, 6, 7}; !reflect.DeepEqual(e.Index, want) {
					t.Errorf("got entries %v, want %v", e.Index, want)
				}
				view, _ = Watch(m)
				e = all(t, view, scan, most)
				if want := []int{1, 3, 4, 5, 6, 7}; !reflect.DeepEqual(e.Index, want) || e.Keys.([]flow)[1] != flowAt(77) {
					t.Errorf("got keys of %v, want %v: %v", e.Index, want, e.Keys)
				}
				view, _ = Watch(vector)
				if got := all(t, view, scan, most).Values; !reflect.DeepEqual(got, []uint16{7, 8, 7}) {
					t.Errorf("got elements %v", got)
				}
			})
		}
	}
}

// TestViewOfNumbers: the entries of a range are its numbers in use, those of a queue its elements in order,
// those of a classifier
// its rules, and those of a Maglev the backends of its slots.
func TestViewOfNumbers(t *testing.T) {
	ports, ring, rules := NewPortRange(70, 5, HashKey{}), NewRing(3, uint8(9)), NewClassifier([]ClassifierRule{{Protocol: 6}, {Protocol: 17}})
	spread := NewMaglev[flow](6, backendsOf(3, 1), secret)
	for range 4 {
		ports.Allocate()
	}
	ports.Free(71)
	for x := range uint8(5) {
		if ring.Full() {
			ring.Pop()
		}
		ring.Push(x)
	}
	ring.Pop()
	names := NewDictionary([]Entry[uint8, uint16]{{3, 30}, {4, 40}, {3, 31}}, secret)
	for scan := 1; scan <= 6; scan++ {
		for most := 1; most <= 6; most++ {
			view, _ := Watch(names)
			if e := all(t, view, scan, most); !reflect.DeepEqual(e.Values, []uint16{30, 40, 31}) || !reflect.DeepEqual(e.Keys, []uint8{3, 4, 3}) {
				t.Errorf("in steps of %d and %d: entries %v of %v", scan, most, e.Values, e.Keys)
			}
			view, _ = Watch(ports)
			e := all(t, view, scan, most)
			if !reflect.DeepEqual(e.Values, []int{70, 72, 73}) || !reflect.DeepEqual(e.Index, []int{0, 2, 3}) || view.Len() != 3 {
				t.Errorf("in steps of %d and %d: numbers %v at %v", scan, most, e.Values, e.Index)
			}
			view, _ = Watch(ring)
			e = all(t, view, scan, most)
			if !reflect.DeepEqual(e.Values, []uint8{3, 4}) || !reflect.DeepEqual(e.Index, []int{0, 1}) || view.Len() != 2 {
				t.Errorf("in steps of %d and %d: elements %v at %v", scan, most, e.Values, e.Index)
			}
			view, _ = Watch(rules)
			e = all(t, view, scan, most)
			if !reflect.DeepEqual(e.Values, []ClassifierRule{{Protocol: 6}, {Protocol: 17}}) || !reflect.DeepEqual(e.Index, []int{0, 1}) || view.Len() != 2 {
				t.Errorf("in steps of %d and %d: rules %v at %v", scan, most, e.Values, e.Index)
			}
			view, _ = Watch(spread)
			if e = all(t, view, scan, most); !slices.Equal(e.Values.([]int), filled(5, backendsOf(3, 1), secret)) {
				t.Errorf("in steps of %d and %d: backends %v", scan, most, e.Values)
			}
		}
	}
}

// TestViewOfRules: the rules of an LPM are counted, and not kept.
func TestViewOfRules(t *testing.T) {
	view, _ := Watch(NewLPM(make([]Rule, 5)))
	if e := all(t, view, 3, 2); view.Len() != 5 || len(e.Index) != 0 || e.Values != nil {
		t.Errorf("%d rules, entries %v", view.Len(), e)
	}
}

// TestViewCounts: how full, how old, and how many have expired.
func TestViewCounts(t *testing.T) {
	table := NewTable[flow, uint32](9, secret)
	chain := NewChain(9, HashKey{})
	tables, _ := Watch(table)
	chains, _ := Watch(chain)
	classTable := NewClassTable[flow, uint32](9, 2, secret)
	classes, _ := Watch(classTable)
	for _, v := range []View{tables, chains, classes} {
		if at, ok := v.LastUse(); ok || at != 0 || v.Len() != 0 || v.Cap() != 9 || v.Expired() != 0 {
			t.Errorf("a fresh %s has an entry of time %d", v.Kind(), at)
		}
	}
	for n := range uint64(6) {
		table.Insert(flowAt(n), 0, Time(10+n))
		classTable.Insert(flowAt(n), 0, Time(10+n), uint8(n%2))
		chain.Allocate(Time(10 + n))
	}
	for range 2 { // the second time nothing expires
		table.ExpireBefore(13)
		chain.ExpireBefore(13)
		classTable.ExpireBefore(0, 13)
		classTable.ExpireBefore(1, 13)
	}
	table.Erase(5)
	classTable.Erase(5)
	chain.Free(5) // not expired, but removed
	if e := all(t, classes, 9, 9); !reflect.DeepEqual(e.Index, []int{3, 4}) || e.Keys.([]flow)[0] != flowAt(3) || e.Time[1] != 14 {
		t.Errorf("entries with classes: %v", e)
	}
	for _, v := range []View{tables, chains, classes} {
		if at, ok := v.LastUse(); !ok || at != 13 || v.Len() != 2 || v.Expired() != 3 {
			t.Errorf("%s: oldest %d, %d entries, %d expired; want 13, 2, 3", v.Kind(), at, v.Len(), v.Expired())
		}
	}
	for _, x := range []any{NewMap[uint8](3, secret), NewVector(3, true), NewPortRange(0, 3, HashKey{}), NewRing(3, true), NewClassifier(make([]ClassifierRule, 3)), NewLPM(make([]Rule, 3)), NewMaglev[flow](4, backendsOf(2, 1), secret),
		NewDictionary(make([]Entry[uint8, bool], 3), secret)} {
		v, _ := Watch(x)
		if _, ok := v.LastUse(); ok || v.Cap() != 3 || v.Expired() != 0 {
			t.Errorf("%s has times", v.Kind())
		}
	}
}

// TestEveryStructureIsWatched: whoever adds a type shows it.
func TestEveryStructureIsWatched(t *testing.T) {
	made := map[string]any{"Table": NewTable[uint8, bool](2, secret), "Map": NewMap[uint8](2, secret), "Chain": NewChain(2, HashKey{}), "Vector": NewVector(2, true),
		"PortRange": NewPortRange(1, 2, HashKey{}), "ClassTable": NewClassTable[uint8, bool](2, 3, secret), "ClassChain": NewClassChain(2, 3, HashKey{}),
		"Ring":       NewRing(2, true),
		"Classifier": NewClassifier(make([]ClassifierRule, 2)), "LPM": NewLPM([]Rule{{0, 0, 1}, {1, 8, 2}}), "Dictionary": NewDictionary(make([]Entry[uint8, bool], 2), secret), "Maglev": NewMaglev[flow](2, backendsOf(1, 1), secret)}
	for name := range contracts(t).Types {
		if v, ok := Watch(made[name]); !ok || v.Kind() != name || v.Cap() != 2 {
			t.Errorf("%s is not watched", name)
		}
	}
}

func TestWatchRefuses(t *testing.T) {
	for name, x := range map[string]any{
		"nothing": nil, "a number": 5, "a structure by value": Vector[int]{}, "a nil table": (*Table[uint8, bool])(nil),
		"a nil map": (*Map[uint8])(nil), "a nil chain": (*Chain)(nil), "a nil vector": (*Vector[bool])(nil),
		"a nil range": (*PortRange)(nil), "a nil ring": (*Ring[bool])(nil), "a nil classifier": (*Classifier)(nil), "a nil LPM": (*LPM)(nil),
		"a nil class table": (*ClassTable[uint8, bool])(nil), "a nil class chain": (*ClassChain)(nil),
		"a nil dictionary": (*Dictionary[uint8, bool])(nil), "a nil table of slots": (*Maglev[flow])(nil),
	} {
		if v, ok := Watch(x); ok || v != nil {
			t.Errorf("%s is watched: %v", name, v)
		}
	}
}

// BenchmarkEntries copies 512 entries of a full table: about what a watcher does between two bursts.
func BenchmarkEntries(b *testing.B) {
	const n = 1 << 16
	table := NewTable[flow, uint32](n, secret)
	for i := range uint64(n) {
		table.Insert(flowAt(i), 1, Time(i))
	}
	v, _ := Watch(table)
	from := 0
	for b.Loop() {
		if _, from = v.Entries(from, 4096, 512); from == n {
			from = 0
		}
	}
}
