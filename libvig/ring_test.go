package libvig

import (
	"fmt"
	"slices"
	"testing"
)

// ringOperations are the operations of a Ring.
type ringOperations struct {
	Cap   func() int
	Len   func() int
	Full  func() bool
	Front func() uint16
	Push  func(x uint16) bool
	Pop   func() uint16
}

// ringOracle runs a queue beside a slice.
type ringOracle struct {
	r      ringOperations
	inside *Ring[uint16]
	want   []uint16
}

// ringFill is what free places hold.
const ringFill = 999

// newRingOracle returns an oracle for an empty queue.
func newRingOracle(n int) *ringOracle {
	r := NewRing(n, uint16(ringFill))
	return &ringOracle{r: ringOperations{r.Cap, r.Len, r.Full, r.Front, r.Push, r.Pop}, inside: r}
}

// step pushes, pops, or pushes until the queue is full.
func (o *ringOracle) step(op byte, arg int) error {
	switch {
	case op%8 == 0:
		for x := uint16(0); len(o.want) < o.inside.Cap(); x++ {
			if err := o.push(uint16(arg) + x); err != nil {
				return err
			}
		}
		return o.push(1)
	case op%8 < 4:
		return o.push(uint16(arg))
	case len(o.want) > 0:
		if x := o.r.Pop(); x != o.want[0] {
			return fmt.Errorf("Pop is %d, want %d", x, o.want[0])
		}
		o.want = o.want[1:]
	}
	return nil
}

func (o *ringOracle) push(x uint16) error {
	room := len(o.want) < o.inside.Cap()
	if ok := o.r.Push(x); ok != room {
		return fmt.Errorf("Push is %t with %d elements", ok, len(o.want))
	}
	if room {
		o.want = append(o.want, x)
	}
	return nil
}

func (o *ringOracle) compare() error {
	n := o.inside.Cap()
	if o.r.Cap() != n || o.r.Len() != len(o.want) || o.r.Full() != (len(o.want) == n) {
		return fmt.Errorf("Len is %d, Full is %t with %v", o.r.Len(), o.r.Full(), o.want)
	}
	if len(o.want) > 0 && o.r.Front() != o.want[0] {
		return fmt.Errorf("Front is %d, want %d", o.r.Front(), o.want[0])
	}
	view, _ := Watch(o.inside)
	if e, next := view.Entries(0, n, n); next != n || !slices.Equal(e.Values.([]uint16), o.want) {
		return fmt.Errorf("the queue holds %v, want %v", e.Values, o.want)
	}
	return nil
}

func TestRing(t *testing.T) {
	for n := 1; n <= 8; n++ {
		if err := play(newRingOracle(n), scriptOf(uint64(n), 1000)); err != nil {
			t.Errorf("capacity %d: %v", n, err)
		}
	}
}

func FuzzRing(f *testing.F) { fuzz(f, "Ring") }

// ringView shows a queue's abstract state. Beyond its places it repeats the first: elem is total there,
// and nothing may depend on it.
type ringView struct{ r *Ring[uint16] }

func (v ringView) Indices() (low, high int) { return 0, len(v.r.elems) - 1 }
func (v ringView) Keys(string) []any        { return nil }
func (v ringView) Observer(name string, index ...any) any {
	switch name {
	case "cap":
		return len(v.r.elems)
	case "size":
		return v.r.used
	case "head":
		return v.r.start
	}
	return v.r.elems[index[0].(int)]
}

// ringMutants are queues with one fault each.
var ringMutants = []struct {
	fault string
	plant func(r *Ring[uint16], ops *ringOperations)
}{
	{"Cap is one more", func(r *Ring[uint16], ops *ringOperations) {
		ops.Cap = func() int { return r.Cap() + 1 }
	}},
	{"Len is what is free", func(r *Ring[uint16], ops *ringOperations) {
		ops.Len = func() int { return r.Cap() - r.Len() }
	}},
	{"Full one early", func(r *Ring[uint16], ops *ringOperations) {
		ops.Full = func() bool { return r.Len() >= r.Cap()-1 }
	}},
	{"Front of the array", func(r *Ring[uint16], ops *ringOperations) {
		ops.Front = func() uint16 { return r.elems[0] }
	}},
	{"Push overwrites when full", func(r *Ring[uint16], ops *ringOperations) {
		ops.Push = func(x uint16) bool {
			if r.Full() {
				r.elems[r.start] = x
				return false
			}
			return r.Push(x)
		}
	}},
	{"Push drops the first when full", func(r *Ring[uint16], ops *ringOperations) {
		ops.Push = func(x uint16) bool {
			if r.Full() {
				r.Pop()
			}
			return r.Push(x)
		}
	}},
	{"Push says it did", func(r *Ring[uint16], ops *ringOperations) {
		ops.Push = func(x uint16) bool { r.Push(x); return true }
	}},
	{"Push in front", func(r *Ring[uint16], ops *ringOperations) {
		ops.Push = func(x uint16) bool {
			ok := r.Push(x)
			if ok && r.Len() > 1 {
				end := (int(r.start) + r.Len() - 1) % r.Cap()
				r.elems[r.start], r.elems[end] = r.elems[end], r.elems[r.start]
			}
			return ok
		}
	}},
	{"Pop takes the last", func(r *Ring[uint16], ops *ringOperations) {
		ops.Pop = func() uint16 { r.used--; return r.elems[(r.start+r.used)%int32(len(r.elems))] }
	}},
	{"Pop does not remove", func(r *Ring[uint16], ops *ringOperations) {
		ops.Pop = r.Front
	}},
}

func TestRingAndPortRangeDoNotAllocate(t *testing.T) {
	ring, ports := NewRing(8, uint64(0)), NewPortRange(1, 8, HashKey{})
	if got := testing.AllocsPerRun(1000, func() {
		ring.Push(7)
		n, _ := ports.Allocate()
		ring.Push(uint64(n))
		ring.Front()
		ring.Pop()
		ports.Free(int(ring.Pop()))
	}); got != 0 {
		t.Errorf("%v allocations, want none", got)
	}
}

func BenchmarkRing(b *testing.B) {
	r := NewRing(1024, uint64(0))
	for i := range uint64(512) {
		r.Push(i)
	}
	b.ReportAllocs()
	for b.Loop() {
		r.Push(r.Pop())
	}
}
