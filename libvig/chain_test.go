package libvig

import (
	"fmt"
	"slices"
	"testing"
)

// chainOracle runs a chain beside a list of indices in order of use, with their times.
type chainOracle struct {
	c     *Chain
	order []int
	times map[int]Time
	now   Time
}

// run performs one operation per byte pair and compares after each.
func (o *chainOracle) run(script []byte) error {
	for n := 0; n+1 < len(script); n += 2 {
		o.now += Time(script[n] >> 6)
		err := o.step(script[n]%8, int(script[n+1]))
		if err == nil {
			err = o.compare()
		}
		if err != nil {
			return fmt.Errorf("after %d operations: %w", n/2+1, err)
		}
	}
	return nil
}

func (o *chainOracle) step(op byte, arg int) error {
	switch {
	case op < 4:
		i, ok := o.c.Allocate(o.now)
		if ok == (len(o.order) == o.c.Cap()) || !ok && i != 0 || ok && slices.Contains(o.order, i) {
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
	if err := o.c.checkInvariant(); err != nil {
		return err
	}
	if o.c.Len() != len(o.order) || o.c.Full() != (len(o.order) == o.c.Cap()) {
		return fmt.Errorf("Len is %d, Full is %t with %v in use", o.c.Len(), o.c.Full(), o.order)
	}
	for i := -1; i <= o.c.Cap(); i++ {
		if want := slices.Contains(o.order, i); o.c.Allocated(i) != want {
			return fmt.Errorf("Allocated(%d) is %t", i, !want)
		}
	}
	for _, i := range o.order {
		if o.c.times[i] != o.times[i] {
			return fmt.Errorf("time of %d is %d, want %d", i, o.c.times[i], o.times[i])
		}
	}
	return compareOrder(o.c, o.order)
}

func TestChain(t *testing.T) {
	for n := 1; n <= 8; n++ {
		o := &chainOracle{c: NewChain(n), times: map[int]Time{}}
		if err := o.run(scriptOf(uint64(n), 3000)); err != nil {
			t.Errorf("capacity %d: %v", n, err)
		}
	}
}

func FuzzChain(f *testing.F) {
	f.Add(uint8(3), scriptOf(1, 20))
	f.Fuzz(func(t *testing.T, n uint8, script []byte) {
		o := &chainOracle{c: NewChain(int(n%8) + 1), times: map[int]Time{}}
		if err := o.run(script); err != nil {
			t.Error(err)
		}
	})
}

func TestVector(t *testing.T) {
	v, want := NewVector(5, uint16(7)), []uint16{7, 7, 7, 7, 7}
	script := scriptOf(3, 200)
	for n := 0; n < len(script); n += 2 {
		i := int(script[n]) % 5
		v.Set(i, uint16(script[n+1]))
		want[i] = uint16(script[n+1])
		for j, w := range want {
			if got := v.Get(j); got != w {
				t.Fatalf("after Set(%d): Get(%d) is %d, want %d", i, j, got, w)
			}
		}
	}
	if v.Len() != 5 {
		t.Errorf("Len is %d, want 5", v.Len())
	}
}
