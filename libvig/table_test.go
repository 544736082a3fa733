package libvig

import (
	"errors"
	"fmt"
	"testing"
)

// tableOperations are the operations of a Table; a test of the tests replaces one by a faulty one.
type tableOperations[K comparable] struct {
	Cap          func() int
	Len          func() int
	Full         func() bool
	Lookup       func(k K) (int, bool)
	Allocated    func(i int) bool
	Key          func(i int) K
	At           func(i int) uint32
	Set          func(i int, v uint32)
	Refresh      func(i int, now Time)
	Insert       func(k K, v uint32, now Time) (int, bool)
	Erase        func(i int)
	ExpireBefore func(before Time)
	Time         func(i int) Time
	HintKey      func(k K) Hint
	HintIndex    func(i int) Hint
}

// operationsOf returns the operations of a table.
func operationsOf[K comparable](t *Table[K, uint32]) tableOperations[K] {
	return tableOperations[K]{t.Cap, t.Len, t.Full, t.Lookup, t.Allocated, t.Key, t.At, t.Set,
		t.Refresh, t.Insert, t.Erase, t.ExpireBefore, t.Time, t.HintKey, t.HintIndex}
}

// tableEntry is an entry of a tableOracle.
type tableEntry[K comparable] struct {
	key  K
	val  uint32
	time Time
}

// tableOracle runs a table beside a plain description of what it must hold.
type tableOracle[K comparable] struct {
	table   tableOperations[K]
	inside  *Table[K, uint32]
	pool    []K // the keys in play
	entries map[int]tableEntry[K]
	order   []int // indices in use, least recently used first
	now     Time
	hints   Hints
}

// newTableOracle returns an oracle for a fresh table.
func newTableOracle[K comparable](n int, pool []K) *tableOracle[K] {
	inside := NewTable[K, uint32](n, secret)
	return &tableOracle[K]{
		table: operationsOf(inside), inside: inside, pool: pool, entries: map[int]tableEntry[K]{},
	}
}

// step performs one operation on the table and on the description of it.
func (o *tableOracle[K]) step(op byte, arg int) error {
	o.now += Time(op >> 6)
	o.hints.Add(o.table.HintKey(o.pool[arg%len(o.pool)]))
	o.hints.Add(o.table.HintIndex(arg%(o.inside.Cap()+2) - 1))
	if arg%3 == 0 { // the others are followed when they are stale
		o.hints.Warm()
	}
	op %= 8
	switch op {
	case 0, 1, 2:
		return o.insert(o.pool[arg%len(o.pool)], uint32(arg))
	case 3:
		o.expire(o.now - Time(arg%16))
		return nil
	}
	if len(o.order) == 0 {
		return nil
	}
	i := o.order[arg%len(o.order)]
	e := o.entries[i]
	switch op {
	case 4:
		o.table.Erase(i)
		o.remove(i)
	case 5:
		e.val = uint32(arg) * 3
		o.table.Set(i, e.val)
		o.entries[i] = e
	default:
		o.table.Refresh(i, o.now)
		o.remove(i)
		o.add(i, tableEntry[K]{e.key, e.val, o.now})
	}
	return nil
}

// insert inserts a key unless it is there.
func (o *tableOracle[K]) insert(k K, v uint32) error {
	for _, e := range o.entries {
		if e.key == k {
			return nil
		}
	}
	i, ok := o.table.Insert(k, v, o.now)
	_, taken := o.entries[i]
	switch full := len(o.entries) == o.inside.Cap(); {
	case ok == full:
		return fmt.Errorf("Insert says %t with %d entries", ok, len(o.entries))
	case !ok && i != 0:
		return fmt.Errorf("Insert fails with index %d, want 0", i)
	case ok && (taken || i < 0 || i >= o.inside.Cap()):
		return fmt.Errorf("Insert gives index %d, which is taken or out of range", i)
	case ok:
		o.add(i, tableEntry[K]{k, v, o.now})
	}
	return nil
}

// expire expires entries.
func (o *tableOracle[K]) expire(before Time) {
	o.table.ExpireBefore(before)
	for i, e := range o.entries {
		if e.time < before {
			o.remove(i)
		}
	}
}

func (o *tableOracle[K]) add(i int, e tableEntry[K]) {
	o.entries[i] = e
	o.order = append(o.order, i)
}

func (o *tableOracle[K]) remove(i int) {
	delete(o.entries, i)
	for n, j := range o.order {
		if j == i {
			o.order = append(o.order[:n:n], o.order[n+1:]...)
			return
		}
	}
}

// compare returns the first difference between the table and the description.
func (o *tableOracle[K]) compare() error {
	n := o.inside.Cap()
	if o.table.Cap() != n || o.table.Len() != len(o.entries) || o.table.Full() != (len(o.entries) == n) {
		return errors.New("Cap, Len or Full is wrong")
	}
	for i := -1; i <= n; i++ {
		e, used := o.entries[i]
		if o.table.Allocated(i) != used {
			return fmt.Errorf("Allocated(%d) is %t", i, !used)
		}
		if !used {
			continue
		}
		if got := (tableEntry[K]{o.table.Key(i), o.table.At(i), o.inside.c.cells[i].time}); got != e {
			return fmt.Errorf("entry %d is %v, want %v", i, got, e)
		}
	}
	times := map[int]Time{}
	for i, e := range o.entries {
		times[i] = e.time
	}
	return errors.Join(o.compareKeys(), compareOrder(o.inside.c, o.order),
		compareTimes(o.table.Time, o.inside, o.order, times), o.inside.checkInvariant())
}

// compareKeys looks up every key in play.
func (o *tableOracle[K]) compareKeys() error {
	want := map[K]int{}
	for i, e := range o.entries {
		want[e.key] = i
	}
	for _, k := range o.pool {
		i, ok := o.table.Lookup(k)
		if w, present := want[k]; ok != present || i != w {
			return fmt.Errorf("Lookup(%v) is %d, %t; want %d, %t", k, i, ok, w, present)
		}
	}
	return nil
}

// compareOrder compares a chain's order of use with the one wanted.
func compareOrder(c *Chain, want []int) error {
	p := c.n
	for _, i := range want {
		if p = c.cells[p].next; int(p) != i {
			return fmt.Errorf("order of use: got index %d, want %d", p, i)
		}
	}
	return nil
}

// testTable runs random operations on tables with one type of key.
func testTable[K comparable](t *testing.T, name string, key func(n uint64) K) {
	t.Run(name, func(t *testing.T) {
		for n := 1; n <= 8; n++ {
			if err := play(newTableOracle(n, poolOf(2*n+1, key)), scriptOf(uint64(n), 2000)); err != nil {
				t.Errorf("capacity %d: %v", n, err)
			}
		}
	})
}

func TestTable(t *testing.T) {
	testTable(t, "16 bytes", flowAt)
	testTable(t, "1 byte", func(n uint64) uint8 { return uint8(n * 5) })
	testTable(t, "6 bytes", func(n uint64) [6]byte { return [6]byte{5: byte(n)} })
	testTable(t, "8 bytes", func(n uint64) uint64 { return n << 61 })
	testTable(t, "13 bytes", func(n uint64) [13]byte { return [13]byte{12: byte(n)} })
	testTable(t, "40 bytes", func(n uint64) [5]uint64 { return [5]uint64{4: n} })
	testTable(t, "64 bytes", func(n uint64) [64]byte { return [64]byte{57: byte(n)} })
}

func FuzzTable(f *testing.F) { fuzz(f, "Table") }

// TestTableLarge checks a table of more than one page at 90 % of its capacity over ten turnovers.
func TestTableLarge(t *testing.T) {
	const n = 4096
	table := NewTable[flow, uint32](n, secret)
	next := uint64(0)
	for ; next < n*9/10+10*n; next++ {
		table.ExpireBefore(Time(next) - n*9/10 + 1)
		if _, ok := table.Insert(flowAt(next), uint32(next), Time(next)); !ok {
			t.Fatalf("entry %d does not fit", next)
		}
		if next%n == 0 {
			if err := table.checkInvariant(); err != nil {
				t.Fatal(err)
			}
		}
	}
	for k := next - n*9/10; k < next; k++ {
		if i, ok := table.Lookup(flowAt(k)); !ok || table.At(i) != uint32(k) {
			t.Fatalf("entry %d is lost", k)
		}
	}
	if _, ok := table.Lookup(flowAt(next - n*9/10 - 1)); ok {
		t.Fatal("an expired entry is still there")
	}
}

func TestOperationsDoNotAllocate(t *testing.T) {
	table := NewTable[flow, uint32](64, secret)
	long := NewTable[[5]uint64, uint32](64, secret)
	next := uint64(0)
	got := testing.AllocsPerRun(1000, func() {
		next++
		table.ExpireBefore(Time(next) - 50)
		i, _ := table.Insert(flowAt(next), 1, Time(next))
		table.Set(i, 2)
		table.Refresh(i, Time(next))
		table.Lookup(flowAt(next - 1))
		if next%3 == 0 {
			table.Erase(i)
		}
		j, _ := long.Insert([5]uint64{next}, 1, Time(next))
		long.Erase(j)
	})
	if got != 0 {
		t.Errorf("%v allocations, want none", got)
	}
}

func TestConstructorsRefuse(t *testing.T) {
	refused := map[string]func(){
		"no entries":        func() { NewTable[uint8, uint8](0, secret) },
		"negative":          func() { NewChain(-1, HashKey{}) },
		"too many":          func() { NewMap[uint8](MaxCapacity+1, secret) },
		"vector of none":    func() { NewVector(0, 1) },
		"no numbers":        func() { NewPortRange(1, 0, HashKey{}) },
		"number below 0":    func() { NewPortRange(-1, 1, HashKey{}) },
		"number too high":   func() { NewPortRange(MaxCapacity+1, 1, HashKey{}) },
		"ring of none":      func() { NewRing(0, 1) },
		"too many rules":    func() { checkLength(MaxCapacity + 1) },
		"no classes":        func() { NewClassChain(1, 0, HashKey{}) },
		"too many classes":  func() { NewClassTable[uint8, bool](1, 257, secret) },
		"no backends":       func() { NewMaglev[flow](13, backendsOf(0, 1), secret) },
		"one slot":          func() { NewMaglev[flow](1, backendsOf(1, 1), secret) },
		"too many slots":    func() { NewMaglev[flow](MaxSlots+1, backendsOf(1, 1), secret) },
		"too many backends": func() { NewMaglev[flow](13, backendsOf(MaxBackends+1, 1), secret) },
		"names too long":    func() { NewMaglev[flow](13, make([]Entry[[65]byte, uint16], 1), secret) },
		"names of nothing":  func() { NewMaglev[flow](13, make([]Entry[struct{}, uint16], 1), secret) },
		"key of 65 bytes":   func() { NewMap[[65]byte](1, secret) },
		"key of no bytes":   func() { NewMap[struct{}](1, secret) },
	}
	for name, construct := range refused {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if _, ok := recover().(string); !ok {
					t.Error("the constructor does not panic with a message")
				}
			}()
			construct()
		})
	}
}
