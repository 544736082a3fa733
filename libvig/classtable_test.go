package libvig

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

// testClasses is the number of classes in tests.
const testClasses = 3

// classChainOperations are the operations of a ClassChain.
type classChainOperations struct {
	Cap          func() int
	Classes      func() int
	Len          func() int
	Full         func() bool
	Allocated    func(i int) bool
	Class        func(i int) uint8
	Allocate     func(now Time, of uint8) (int, bool)
	Refresh      func(i int, now Time, of uint8)
	Free         func(i int)
	ExpireBefore func(of uint8, before Time)
	Time         func(i int) Time
}

// classTableOperations are the operations of a ClassTable.
type classTableOperations struct {
	Cap          func() int
	Classes      func() int
	Len          func() int
	Full         func() bool
	Lookup       func(k flow) (int, bool)
	Allocated    func(i int) bool
	Key          func(i int) flow
	At           func(i int) uint32
	Class        func(i int) uint8
	Set          func(i int, v uint32)
	Refresh      func(i int, now Time, of uint8)
	Insert       func(k flow, v uint32, now Time, of uint8) (int, bool)
	Erase        func(i int)
	ExpireBefore func(of uint8, before Time)
	Time         func(i int) Time
	HintKey      func(k flow) Hint
	HintIndex    func(i int) Hint
}

// classEntry is an entry of a classTableOracle.
type classEntry struct {
	key  flow
	val  uint32
	time Time
	of   uint8
}

// classTableOracle runs a table beside a plain description of what it must hold.
type classTableOracle struct {
	table   classTableOperations
	inside  *ClassTable[flow, uint32]
	pool    []flow
	entries map[int]classEntry
	now     Time
	hints   Hints
}

func newClassTableOracle(n int, pool []flow) *classTableOracle {
	return classTableOracleOf(NewClassTable[flow, uint32](n, testClasses, secret), pool)
}

// classTableOracleOf returns an oracle for an empty table.
func classTableOracleOf(t *ClassTable[flow, uint32], pool []flow) *classTableOracle {
	ops := classTableOperations{t.Cap, t.Classes, t.Len, t.Full, t.Lookup, t.Allocated, t.Key, t.At, t.Class, t.Set,
		t.Refresh, t.Insert, t.Erase, t.ExpireBefore, t.Time, t.HintKey, t.HintIndex}
	return &classTableOracle{table: ops, inside: t, pool: pool, entries: map[int]classEntry{}}
}

// find is the plain description of Lookup.
func (o *classTableOracle) find(k flow) (int, bool) {
	for i, e := range o.entries {
		if e.key == k {
			return i, true
		}
	}
	return 0, false
}

func (o *classTableOracle) step(op byte, arg int) error {
	o.now += Time(op >> 6)
	k, of := o.pool[arg%len(o.pool)], uint8(arg/16%testClasses)
	o.hints.Add(o.table.HintKey(k))
	o.hints.Add(o.table.HintIndex(arg%(o.inside.Cap()+2) - 1))
	if arg%3 == 0 { // the others are followed when they are stale
		o.hints.Warm()
	}
	i, there := o.find(k)
	switch op %= 8; {
	case op == 3:
		before := o.now - Time(arg%16)
		o.table.ExpireBefore(of, before)
		for i, e := range o.entries {
			if e.of == of && e.time < before {
				delete(o.entries, i)
			}
		}
	case !there:
		i, ok := o.table.Insert(k, uint32(arg), o.now, of)
		_, taken := o.entries[i]
		if ok == (len(o.entries) == o.inside.Cap()) || !ok && i != 0 || ok && (taken || i < 0 || i >= o.inside.Cap()) {
			return fmt.Errorf("Insert is %d, %t with %d entries", i, ok, len(o.entries))
		}
		if ok {
			o.entries[i] = classEntry{k, uint32(arg), o.now, of}
		}
	case op == 4:
		o.table.Erase(i)
		delete(o.entries, i)
	case op == 5:
		e := o.entries[i]
		e.val = uint32(arg) * 3
		o.table.Set(i, e.val)
		o.entries[i] = e
	default:
		e := o.entries[i]
		e.time, e.of = o.now, of
		o.table.Refresh(i, o.now, of)
		o.entries[i] = e
	}
	return nil
}

func (o *classTableOracle) compare() error {
	n := o.inside.Cap()
	if o.table.Cap() != n || o.table.Classes() != testClasses || o.table.Len() != len(o.entries) || o.table.Full() != (len(o.entries) == n) {
		return errors.New("Cap, Classes, Len or Full is wrong")
	}
	for i := -1; i <= n; i++ {
		e, used := o.entries[i]
		if o.table.Allocated(i) != used {
			return fmt.Errorf("Allocated(%d) is %t", i, !used)
		}
		if !used {
			continue
		}
		if got := (classEntry{o.table.Key(i), o.table.At(i), o.table.Time(i), o.table.Class(i)}); got != e {
			return fmt.Errorf("entry %d is %v, want %v", i, got, e)
		}
	}
	for _, k := range o.pool {
		i, ok := o.table.Lookup(k)
		if at, there := o.find(k); i != at || ok != there {
			return fmt.Errorf("Lookup of %v is %d, %t; want %d, %t", k, i, ok, at, there)
		}
	}
	return o.inside.checkInvariant()
}

func TestClassTable(t *testing.T) {
	for n := 1; n <= 8; n++ {
		pool := poolOf(2*n+1, flowAt)
		if err := play(newClassTableOracle(n, pool), scriptOf(uint64(n), 2000)); err != nil {
			t.Errorf("capacity %d: %v", n, err)
		}
		random := NewRandomClassTable[flow, uint32](n, testClasses, secret)
		if err := play(classTableOracleOf(random, pool), scriptOf(uint64(n), 2000)); err != nil {
			t.Errorf("capacity %d, random: %v", n, err)
		}
	}
}

// TestRandomClassTable: the indices of a random table are in no order, those of another follow each other.
func TestRandomClassTable(t *testing.T) {
	const n = 1024
	plain, random := NewClassTable[flow, uint32](n, 1, secret), NewRandomClassTable[flow, uint32](n, 1, secret)
	neighbours, last := 0, -1
	for i := range n / 2 {
		p, _ := plain.Insert(flowAt(uint64(i)), 0, 0, 0)
		r, _ := random.Insert(flowAt(uint64(i)), 0, 0, 0)
		if p != i {
			t.Fatalf("index %d has %d", i, p)
		}
		if r == last+1 {
			neighbours++
		}
		last = r
	}
	if neighbours > 8 { // about one is expected
		t.Errorf("%d indices of a random table follow the one before", neighbours)
	}
}

// TestClassChain runs the chain of a table through the operations of the table.
func TestClassChain(t *testing.T) {
	c := NewClassChain(4, 256, HashKey{})
	for of := range 4 {
		if i, ok := c.Allocate(Time(of), uint8(of*85)); !ok || i != of {
			t.Fatalf("index %d, %t; want %d", i, ok, of)
		}
	}
	c.Refresh(1, 9, 255) // from class 85
	c.ExpireBefore(85, 100)
	c.ExpireBefore(255, 9)
	if got := []bool{c.Allocated(0), c.Allocated(1), c.Allocated(2), c.Allocated(3)}; !slices.Equal(got, []bool{true, true, true, false}) {
		t.Errorf("in use are %v", got)
	}
	if c.Class(1) != 255 || c.Time(1) != 9 || c.Len() != 3 || c.Full() || c.Cap() != 4 || c.Classes() != 256 {
		t.Error("an index has another class or time, or others are counted")
	}
	c.Free(2)
	if err := c.checkInvariant(); err != nil {
		t.Error(err)
	}
}

func FuzzClassTable(f *testing.F) { fuzz(f, "ClassTable") }

// classTableView shows a table's abstract state.
type classTableView struct {
	t    *ClassTable[flow, uint32]
	pool []flow
	w    *witness
}

func (v classTableView) Indices() (low, high int) { return -1, v.t.Cap() + 1 }
func (v classTableView) Keys(param string) []any {
	if param == "V" {
		return nil
	}
	return anyOf(v.pool)
}
func (v classTableView) Observer(name string, index ...any) any {
	c := v.t.c
	switch name {
	case "val":
		return v.t.vals[index[0].(int)]
	case "idx":
		return mapView[flow]{v.t.m, v.pool}.Observer("val", index...)
	case "dom", "key":
		return mapView[flow]{v.t.m, v.pool}.Observer(name, index...)
	case "last":
		return v.w.last
	case "cap":
		return int(c.n)
	case "classes":
		return int(c.kinds)
	}
	i := index[0].(int)
	switch name {
	case "alloc":
		return 0 <= i && i < int(c.n) && c.cells[i].prev != none
	case "class":
		return c.kind[i]
	}
	return c.cells[i].time
}

// classTableMutants are tables with one fault each.
var classTableMutants = []struct {
	fault string
	plant func(t *ClassTable[flow, uint32], ops *classTableOperations)
}{
	{"Classes counts lists in use", func(t *ClassTable[flow, uint32], ops *classTableOperations) {
		ops.Classes = func() int { return min(t.Len(), t.Classes()) }
	}},
	{"Class of the first", func(t *ClassTable[flow, uint32], ops *classTableOperations) {
		ops.Class = func(int) uint8 { return t.c.kind[0] }
	}},
	{"Refresh leaves the class", func(t *ClassTable[flow, uint32], ops *classTableOperations) {
		ops.Refresh = func(i int, now Time, _ uint8) { t.Refresh(i, now, t.Class(i)) }
	}},
	{"Refresh leaves the list", func(t *ClassTable[flow, uint32], ops *classTableOperations) {
		ops.Refresh = func(i int, now Time, of uint8) {
			t.Refresh(i, now, t.Class(i))
			t.c.kind[i] = of
		}
	}},
	{"Refresh of the next class", func(t *ClassTable[flow, uint32], ops *classTableOperations) {
		ops.Refresh = func(i int, now Time, of uint8) { t.Refresh(i, now, (of+1)%testClasses) }
	}},
	{"Insert into the first class", func(t *ClassTable[flow, uint32], ops *classTableOperations) {
		ops.Insert = func(k flow, v uint32, now Time, _ uint8) (int, bool) { return t.Insert(k, v, now, 0) }
	}},
	{"ExpireBefore of another class", func(t *ClassTable[flow, uint32], ops *classTableOperations) {
		ops.ExpireBefore = func(of uint8, before Time) { t.ExpireBefore((of+1)%testClasses, before) }
	}},
	{"ExpireBefore of all classes", func(t *ClassTable[flow, uint32], ops *classTableOperations) {
		ops.ExpireBefore = func(_ uint8, before Time) {
			for of := range uint8(testClasses) {
				t.ExpireBefore(of, before)
			}
		}
	}},
	{"ExpireBefore removes the equal", func(t *ClassTable[flow, uint32], ops *classTableOperations) {
		ops.ExpireBefore = func(of uint8, before Time) { t.ExpireBefore(of, before+1) }
	}},
	{"ExpireBefore removes only one", func(t *ClassTable[flow, uint32], ops *classTableOperations) {
		ops.ExpireBefore = func(of uint8, before Time) {
			if i, ok := t.c.oldest(of, before); ok {
				t.Erase(i)
			}
		}
	}},
	{"Erase leaves out the map", func(t *ClassTable[flow, uint32], ops *classTableOperations) {
		ops.Erase = func(i int) { t.c.Free(i) }
	}},
	{"HintKey changes the class", func(t *ClassTable[flow, uint32], ops *classTableOperations) {
		ops.HintKey = func(k flow) Hint {
			if i, ok := t.Lookup(k); ok {
				t.Refresh(i, t.Time(i), 0)
			}
			return t.HintKey(k)
		}
	}},
	{"HintIndex counts in the value", func(t *ClassTable[flow, uint32], ops *classTableOperations) {
		ops.HintIndex = func(i int) Hint {
			if t.Allocated(i) {
				t.Set(i, t.At(i)+1)
			}
			return t.HintIndex(i)
		}
	}},
}

func TestClassTableDoesNotAllocate(t *testing.T) {
	table := NewClassTable[flow, uint32](64, testClasses, secret)
	n := uint64(0)
	if got := testing.AllocsPerRun(1000, func() {
		n++
		table.ExpireBefore(uint8(n%testClasses), Time(n)-50)
		i, _ := table.Insert(flowAt(n), 1, Time(n), 0)
		table.Refresh(i, Time(n), 2)
	}); got != 0 {
		t.Errorf("%v allocations, want none", got)
	}
}

// BenchmarkClassTable inserts, changes the class and expires, in a table of which 90 % are in use.
func BenchmarkClassTable(b *testing.B) {
	const n = 1 << 16
	table := NewClassTable[flow, uint32](n, testClasses, secret)
	k := uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		k++
		table.ExpireBefore(0, Time(k)-n*9/10)
		table.ExpireBefore(2, Time(k)-n*9/10)
		if i, ok := table.Insert(flowAt(k), 1, Time(k), 0); ok {
			table.Refresh(i, Time(k), 2)
		}
	}
}
