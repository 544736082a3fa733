package libvig

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

// portRangeOperations are the operations of a PortRange.
type portRangeOperations struct {
	First     func() int
	Cap       func() int
	Len       func() int
	Full      func() bool
	Allocated func(n int) bool
	Allocate  func() (int, bool)
	Free      func(n int)
}

// testFirst is the first number of the ranges in tests.
const testFirst = 3

// portRangeOracle runs a range beside the lists of its numbers, in the order in which they were given and
// came back.
type portRangeOracle struct {
	r          portRangeOperations
	inside     *PortRange
	used, free []int
}

// newPortRangeOracle returns an oracle for a fresh range of n numbers.
func newPortRangeOracle(n int) *portRangeOracle {
	r := NewPortRange(testFirst, n)
	o := &portRangeOracle{inside: r,
		r: portRangeOperations{r.First, r.Cap, r.Len, r.Full, r.Allocated, r.Allocate, r.Free}}
	for i := range n {
		o.free = append(o.free, testFirst+i)
	}
	return o
}

// step performs one operation.
func (o *portRangeOracle) step(op byte, arg int) error {
	if op%2 == 0 {
		want, left := 0, len(o.free) > 0
		if left {
			want, o.free = o.free[0], o.free[1:]
			o.used = append(o.used, want)
		}
		if n, ok := o.r.Allocate(); n != want || ok != left {
			return fmt.Errorf("Allocate is %d, %t; want %d, %t", n, ok, want, left)
		}
		return nil
	}
	if len(o.used) > 0 {
		i := arg % len(o.used)
		n := o.used[i]
		o.r.Free(n)
		o.used = slices.Delete(o.used, i, i+1)
		o.free = append(o.free, n)
	}
	return nil
}

func (o *portRangeOracle) compare() error {
	n := len(o.used) + len(o.free)
	if o.r.First() != testFirst || o.r.Cap() != n || o.r.Len() != len(o.used) || o.r.Full() != (len(o.free) == 0) {
		return fmt.Errorf("First is %d, Len %d, Full %t with %v in use", o.r.First(), o.r.Len(), o.r.Full(), o.used)
	}
	for i := -1; i <= testFirst+n; i++ {
		if want := slices.Contains(o.used, i); o.r.Allocated(i) != want {
			return fmt.Errorf("Allocated(%d) is %t", i, !want)
		}
	}
	return o.inside.checkInvariant()
}

func TestPortRange(t *testing.T) {
	for n := 1; n <= 8; n++ {
		if err := play(newPortRangeOracle(n), scriptOf(uint64(n), 1000)); err != nil {
			t.Errorf("%d numbers: %v", n, err)
		}
	}
}

// TestPortRangeOfAllPorts gives all ports of a protocol, once each, and again after they came back.
func TestPortRangeOfAllPorts(t *testing.T) {
	const first, n = 1024, 65536 - 1024
	r := NewPortRange(first, n)
	for round := range 3 {
		given := make([]bool, first+n)
		for range n {
			p, ok := r.Allocate()
			if !ok || p < first || given[p] {
				t.Fatalf("round %d: Allocate is %d, %t", round, p, ok)
			}
			given[p] = true
		}
		if p, ok := r.Allocate(); ok || p != 0 || !r.Full() {
			t.Fatalf("round %d: Allocate is %d, %t when all are in use", round, p, ok)
		}
		for p := first + n - 1; p >= first; p-- {
			r.Free(p)
		}
		if err := r.checkInvariant(); err != nil || r.Len() != 0 {
			t.Fatalf("round %d: %d in use: %v", round, r.Len(), err)
		}
	}
}

// TestPortRangeRests: a number that has just come back is the last to be given again.
func TestPortRangeRests(t *testing.T) {
	r := NewPortRange(1, 4)
	p, _ := r.Allocate()
	r.Free(p)
	for range 3 {
		if q, ok := r.Allocate(); !ok || q == p {
			t.Errorf("%d is given again at once", q)
		}
	}
	if q, ok := r.Allocate(); !ok || q != p {
		t.Errorf("the last number is %d, %t, want %d", q, ok, p)
	}
}

func FuzzPortRange(f *testing.F) { fuzz(f, "PortRange") }

// portRangeView shows a range's abstract state.
type portRangeView struct{ r *PortRange }

func (v portRangeView) Indices() (low, high int) { return -1, testFirst + len(v.r.used) + 1 }
func (v portRangeView) Keys(string) []any        { return nil }
func (v portRangeView) Observer(name string, index ...any) any {
	switch name {
	case "first":
		return v.r.low
	case "cap":
		return len(v.r.used)
	}
	i := index[0].(int) - int(v.r.low)
	return 0 <= i && i < len(v.r.used) && v.r.used[i]
}

// portRangeMutants are ranges with one fault each.
var portRangeMutants = []struct {
	fault string
	plant func(r *PortRange, ops *portRangeOperations)
}{
	{"First counts from 0", func(r *PortRange, ops *portRangeOperations) {
		ops.First = func() int { return 0 }
	}},
	{"Cap is the end", func(r *PortRange, ops *portRangeOperations) {
		ops.Cap = func() int { return r.First() + r.Cap() }
	}},
	{"Len counts free numbers", func(r *PortRange, ops *portRangeOperations) {
		ops.Len = func() int { return int(r.left) }
	}},
	{"Full with one left", func(r *PortRange, ops *portRangeOperations) {
		ops.Full = func() bool { return r.left <= 1 }
	}},
	{"Allocated by index", func(r *PortRange, ops *portRangeOperations) {
		ops.Allocated = func(n int) bool { return r.Allocated(n + r.First()) }
	}},
	{"Allocate gives the index", func(r *PortRange, ops *portRangeOperations) {
		ops.Allocate = func() (int, bool) { n, ok := r.Allocate(); return max(0, n-r.First()), ok }
	}},
	{"Allocate does not mark", func(r *PortRange, ops *portRangeOperations) {
		ops.Allocate = func() (int, bool) {
			n, ok := r.Allocate()
			if ok {
				r.used[n-r.First()] = false
			}
			return n, ok
		}
	}},
	{"Allocate gives a number when full", func(r *PortRange, ops *portRangeOperations) {
		ops.Allocate = func() (int, bool) {
			if r.Full() {
				return r.First(), true
			}
			return r.Allocate()
		}
	}},
	{"Allocate leaves one", func(r *PortRange, ops *portRangeOperations) {
		ops.Allocate = func() (int, bool) {
			if r.left == 1 {
				return 0, false
			}
			return r.Allocate()
		}
	}},
	{"Free without effect", func(r *PortRange, ops *portRangeOperations) {
		ops.Free = func(int) {}
	}},
	{"Free of the first", func(r *PortRange, ops *portRangeOperations) {
		ops.Free = func(n int) { r.Free(n); r.used[0] = false }
	}},
}

// TestPortRangeInvariantRefuses damages a range.
func TestPortRangeInvariantRefuses(t *testing.T) {
	damages := map[string]func(r *PortRange){
		"number lost":         func(r *PortRange) { r.left-- },
		"number twice":        func(r *PortRange) { r.queue[r.head] = r.queue[r.head+1] },
		"number outside":      func(r *PortRange) { r.queue[r.head] = 99 },
		"given, and not said": func(r *PortRange) { r.used[0] = false },
		"head outside":        func(r *PortRange) { r.head = int32(len(r.queue)) },
		"shorter":             func(r *PortRange) { r.used = r.used[1:] },
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			r := NewPortRange(testFirst, 5)
			r.Allocate()
			damage(r)
			if r.checkInvariant() == nil {
				t.Error("the damage is not seen")
			}
		})
	}
}

// checkInvariant returns what is wrong with the queue of a range, or nil.
func (r *PortRange) checkInvariant() error {
	n := len(r.queue)
	if len(r.used) != n || r.head < 0 || int(r.head) >= n || r.left < 0 || int(r.left) > n {
		return errors.New("port range: the queue lies outside of its places")
	}
	free := make([]bool, n)
	for i := range int(r.left) {
		x := int(r.queue[(int(r.head)+i)%n] - r.low)
		if x < 0 || x >= n || free[x] || r.used[x] {
			return errors.New("port range: a number in the queue is in use, twice there or outside")
		}
		free[x] = true
	}
	for i, used := range r.used {
		if used == free[i] {
			return errors.New("port range: a number is neither in use nor in the queue")
		}
	}
	return nil
}

func BenchmarkPortRange(b *testing.B) {
	r := NewPortRange(1024, 65536-1024)
	for range r.Cap() / 2 {
		r.Allocate()
	}
	b.ReportAllocs()
	for b.Loop() {
		n, _ := r.Allocate()
		r.Free(n)
	}
}
