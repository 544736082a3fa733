package libvig

import (
	"fmt"
	"testing"
)

// vectorOperations are the operations of a Vector.
type vectorOperations struct {
	Len func() int
	Get func(i int) uint16
	Set func(i int, x uint16)
}

// vectorOracle runs a vector beside a slice.
type vectorOracle struct {
	v      vectorOperations
	inside *Vector[uint16]
	want   []uint16
}

// newVectorOracle returns an oracle for a vector of n sevens.
func newVectorOracle(n int) *vectorOracle {
	v := NewVector(n, uint16(7))
	o := &vectorOracle{vectorOperations{v.Len, v.Get, v.Set}, v, make([]uint16, n)}
	for i := range o.want {
		o.want[i] = 7
	}
	return o
}

// step sets an element.
func (o *vectorOracle) step(op byte, arg int) error {
	i := int(op) % len(o.want)
	o.v.Set(i, uint16(arg))
	o.want[i] = uint16(arg)
	return nil
}

func (o *vectorOracle) compare() error {
	if o.v.Len() != len(o.want) {
		return fmt.Errorf("Len is %d, want %d", o.v.Len(), len(o.want))
	}
	for i, w := range o.want {
		if got := o.v.Get(i); got != w {
			return fmt.Errorf("Get(%d) is %d, want %d", i, got, w)
		}
	}
	return nil
}

func TestVector(t *testing.T) {
	for n := 1; n <= 8; n++ {
		o := newVectorOracle(n)
		if err := o.compare(); err != nil {
			t.Errorf("fresh, size %d: %v", n, err)
		}
		if err := play(o, scriptOf(uint64(n), 200)); err != nil {
			t.Errorf("size %d: %v", n, err)
		}
	}
}
