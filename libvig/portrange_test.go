package libvig

import (
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
func newPortRangeOracle(n int, secret HashKey) *portRangeOracle {
	r := NewPortRange(testFirst, n, secret)
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
		return o.allocate()
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

// allocate expects one of the numbers that have rested longest: the first of all without a secret, else one of half.
func (o *portRangeOracle) allocate() error {
	candidates := o.free[:(len(o.free)+1)/2]
	if len(candidates) > 0 && o.inside.draw == (draws{}) {
		candidates = candidates[:1]
	}
	n, ok := o.r.Allocate()
	i := slices.Index(candidates, n)
	if ok != (len(candidates) > 0) || ok != (i >= 0) || !ok && n != 0 {
		return fmt.Errorf("Allocate is %d, %t, expected of %v", n, ok, candidates)
	}
	if ok {
		o.free[i] = o.free[0]
		o.free, o.used = o.free[1:], append(o.used, n)
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
		for _, secret := range []HashKey{{}, secret} {
			if err := play(newPortRangeOracle(n, secret), scriptOf(uint64(n), 1000)); err != nil {
				t.Errorf("%d numbers, secret %v: %v", n, secret, err)
			}
		}
	}
}

// TestPortRangeOfAllPorts gives all ports of a protocol, once each, and again after they came back.
func TestPortRangeOfAllPorts(t *testing.T) {
	const first, n = 1024, 65536 - 1024
	r := NewPortRange(first, n, secret)
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
	r := NewPortRange(1, 4, HashKey{})
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

// TestPortRangeDraws: each of the numbers that may be next is next as often, over many secrets.
func TestPortRangeDraws(t *testing.T) {
	const n, half, secrets = 15, 8, 8000
	var times [n]int
	for i := range secrets {
		r := NewPortRange(0, n, HashKey{uint64(i), 1})
		p, _ := r.Allocate()
		times[p]++
	}
	chi := 0.0
	for _, k := range times[:half] {
		d := float64(k) - secrets/half
		chi += d * d / (secrets / half)
	}
	if chi > 24.3 { // exceeded once in 1000 if they are (7 degrees of freedom)
		t.Errorf("the first number is %v, chi squared is %.1f", times, chi)
	}
	if sum := slices.Max(times[half:]); sum != 0 {
		t.Errorf("the first number is one of the second half %d times", sum)
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
			r := NewPortRange(testFirst, 5, HashKey{})
			r.Allocate()
			damage(r)
			if r.checkInvariant() == nil {
				t.Error("the damage is not seen")
			}
		})
	}
}

func BenchmarkPortRange(b *testing.B) {
	r := NewPortRange(1024, 65536-1024, secret)
	for range r.Cap() / 2 {
		r.Allocate()
	}
	b.ReportAllocs()
	for b.Loop() {
		n, _ := r.Allocate()
		r.Free(n)
	}
}
