package libvig

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

// chainOperations are the operations of a Chain.
type chainOperations struct {
	Cap          func() int
	Len          func() int
	Full         func() bool
	Allocated    func(i int) bool
	Allocate     func(now Time) (int, bool)
	Refresh      func(i int, now Time)
	Free         func(i int)
	ExpireBefore func(before Time)
	Time         func(i int) Time
}

// chainOracle runs a chain beside a list of indices in order of use, with their times.
type chainOracle struct {
	c      chainOperations
	inside *Chain
	order  []int
	times  map[int]Time
	now    Time
}

// newChainOracle returns an oracle for a fresh chain.
func newChainOracle(n int) *chainOracle {
	c := NewChain(n, HashKey{})
	ops := chainOperations{c.Cap, c.Len, c.Full, c.Allocated, c.Allocate, c.Refresh, c.Free, c.ExpireBefore,
		c.Time}
	return &chainOracle{c: ops, inside: c, times: map[int]Time{}}
}

// step performs one operation.
func (o *chainOracle) step(op byte, arg int) error {
	o.now += Time(op >> 6)
	switch op %= 8; {
	case op < 4:
		i, ok := o.c.Allocate(o.now)
		if ok == (len(o.order) == o.inside.Cap()) || !ok && i != 0 || ok && slices.Contains(o.order, i) {
			return fmt.Errorf("Allocate is %d, %t with %v in use", i, ok, o.order)
		}
		if ok {
			o.order = append(o.order, i)
			o.times[i] = o.now
		}
	case op == 4:
		before := o.now - Time(arg%16)
		o.c.ExpireBefore(before)
		o.order = slices.DeleteFunc(o.order, func(i int) bool { return o.times[i] < before })
	case len(o.order) > 0:
		n := arg % len(o.order)
		i := o.order[n]
		o.order = slices.Delete(o.order, n, n+1)
		if op == 5 {
			o.c.Free(i)
			return nil
		}
		o.c.Refresh(i, o.now)
		o.order = append(o.order, i)
		o.times[i] = o.now
	}
	return nil
}

func (o *chainOracle) compare() error {
	n := o.inside.Cap()
	if o.c.Cap() != n || o.c.Len() != len(o.order) || o.c.Full() != (len(o.order) == n) {
		return fmt.Errorf("Len is %d, Full is %t with %v in use", o.c.Len(), o.c.Full(), o.order)
	}
	for i := -1; i <= n; i++ {
		if want := slices.Contains(o.order, i); o.c.Allocated(i) != want {
			return fmt.Errorf("Allocated(%d) is %t", i, !want)
		}
	}
	for _, i := range o.order {
		if o.inside.cells[i].time != o.times[i] {
			return fmt.Errorf("time of %d is %d, want %d", i, o.inside.cells[i].time, o.times[i])
		}
	}
	return errors.Join(compareOrder(o.inside, o.order), compareTimes(o.c.Time, o.inside, o.order, o.times),
		o.inside.checkInvariant())
}

// compareTimes compares what is said of times with the order of use and the times wanted.
func compareTimes(time func(int) Time, watched any, order []int, want map[int]Time) error {
	for _, i := range order {
		if got := time(i); got != want[i] {
			return fmt.Errorf("Time(%d) is %d, want %d", i, got, want[i])
		}
	}
	v, _ := Watch(watched)
	at, ok := v.LastUse()
	if ok != (len(order) > 0) || ok && at != want[order[0]] {
		return fmt.Errorf("LastUse is %d, %t with %v in use", at, ok, order)
	}
	return nil
}

func TestChain(t *testing.T) {
	for n := 1; n <= 8; n++ {
		if err := play(newChainOracle(n), scriptOf(uint64(n), 3000)); err != nil {
			t.Errorf("capacity %d: %v", n, err)
		}
	}
}

func FuzzChain(f *testing.F) { fuzz(f, "Chain") }
