package libvig

import (
	"errors"
	"fmt"
	"testing"
)

// classUse is what is known of an index in use.
type classUse struct {
	time Time
	of   uint8
}

// classChainOracle runs a chain beside a map of the indices in use.
type classChainOracle struct {
	c      classChainOperations
	inside *ClassChain
	used   map[int]classUse
	now    Time
}

func newClassChainOracle(n int) *classChainOracle {
	c := NewClassChain(n, testClasses, HashKey{})
	ops := classChainOperations{c.Cap, c.Classes, c.Len, c.Full, c.Allocated, c.Class, c.Allocate, c.Refresh, c.Free, c.ExpireBefore, c.Time}
	return &classChainOracle{c: ops, inside: c, used: map[int]classUse{}}
}

// chosen is an index in use, by a number.
func (o *classChainOracle) chosen(arg int) (i int, ok bool) {
	n := o.inside.Cap()
	for k := range n {
		i = (arg + k) % n
		if _, ok := o.used[i]; ok {
			return i, true
		}
	}
	return 0, false
}

// step performs one operation.
func (o *classChainOracle) step(op byte, arg int) error {
	o.now += Time(op >> 6)
	of := uint8(arg/8) % testClasses
	i, some := o.chosen(arg)
	switch op %= 8; {
	case op < 3:
		i, ok := o.c.Allocate(o.now, of)
		_, taken := o.used[i]
		if ok == (len(o.used) == o.inside.Cap()) || !ok && i != 0 || ok && taken {
			return fmt.Errorf("Allocate is %d, %t with %v in use", i, ok, o.used)
		}
		if ok {
			o.used[i] = classUse{o.now, of}
		}
	case op == 3:
		before := o.now - Time(arg%16)
		o.c.ExpireBefore(of, before)
		for i, u := range o.used {
			if u.of == of && u.time < before {
				delete(o.used, i)
			}
		}
	case some && op == 4:
		o.c.Free(i)
		delete(o.used, i)
	case some:
		o.c.Refresh(i, o.now, of)
		o.used[i] = classUse{o.now, of}
	}
	return nil
}

func (o *classChainOracle) compare() error {
	n := o.inside.Cap()
	if o.c.Cap() != n || o.c.Classes() != testClasses || o.c.Len() != len(o.used) || o.c.Full() != (len(o.used) == n) {
		return errors.New("Cap, Classes, Len or Full is wrong")
	}
	for i := -1; i <= n; i++ {
		want, used := o.used[i]
		if o.c.Allocated(i) != used {
			return fmt.Errorf("Allocated(%d) is %t", i, !used)
		}
		if !used {
			continue
		}
		if got := (classUse{o.c.Time(i), o.c.Class(i)}); got != want {
			return fmt.Errorf("index %d has %v, want %v", i, got, want)
		}
	}
	return o.inside.checkInvariant()
}

func TestClassChainIsAMap(t *testing.T) {
	for n := 1; n <= 8; n++ {
		if err := play(newClassChainOracle(n), scriptOf(uint64(n), 3000)); err != nil {
			t.Errorf("capacity %d: %v", n, err)
		}
	}
}

func FuzzClassChain(f *testing.F) { fuzz(f, "ClassChain") }

// classChainView shows a chain's abstract state.
type classChainView struct {
	c *ClassChain
	w *witness
}

func (v classChainView) Indices() (low, high int) { return -1, v.c.Cap() + 1 }
func (v classChainView) Keys(string) []any        { return nil }
func (v classChainView) Observer(name string, index ...any) any {
	switch name {
	case "last":
		return v.w.last
	case "cap":
		return int(v.c.n)
	case "classes":
		return int(v.c.kinds)
	}
	i := index[0].(int)
	switch name {
	case "alloc":
		return 0 <= i && i < int(v.c.n) && v.c.cells[i].prev != none
	case "class":
		return v.c.kind[i]
	}
	return v.c.cells[i].time
}

// classChainMutants are chains with one fault each.
var classChainMutants = []struct {
	fault string
	plant func(c *ClassChain, ops *classChainOperations)
}{
	{"Allocate in the first class", func(c *ClassChain, ops *classChainOperations) {
		ops.Allocate = func(now Time, _ uint8) (int, bool) { return c.Allocate(now, 0) }
	}},
	{"Refresh leaves the class", func(c *ClassChain, ops *classChainOperations) {
		ops.Refresh = func(i int, now Time, _ uint8) { c.Refresh(i, now, c.Class(i)) }
	}},
	{"Free of another", func(c *ClassChain, ops *classChainOperations) {
		ops.Free = func(i int) {
			for j := range c.Cap() {
				if c.Allocated(j) {
					c.Free(j)
					return
				}
			}
		}
	}},
	{"ExpireBefore of the next class", func(c *ClassChain, ops *classChainOperations) {
		ops.ExpireBefore = func(of uint8, before Time) { c.ExpireBefore((of+1)%testClasses, before) }
	}},
	{"ExpireBefore removes the equal", func(c *ClassChain, ops *classChainOperations) {
		ops.ExpireBefore = func(of uint8, before Time) { c.ExpireBefore(of, before+1) }
	}},
	{"Class of the first", func(c *ClassChain, ops *classChainOperations) {
		ops.Class = func(int) uint8 { return c.kind[0] }
	}},
}
