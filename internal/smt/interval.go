package smt

import "math/big"

// interval gives bounds of t's value from the bounds of its arguments.
func interval(t *Term) (lo, hi num) {
	if t.width == 0 {
		return zero, one
	}
	return zero, ones(t.width)
}

// signedRange gives bounds, both included, of t read as a two's complement number.
func (t *Term) signedRange() (lo, hi *big.Int) {
	half := pow2(t.width - 1)
	switch {
	case t.hi.less(half):
		return t.Range()
	case !t.lo.less(half):
		return t.lo.signed(t.width), t.hi.signed(t.width)
	}
	return half.signed(t.width), ones(t.width - 1).copy()
}
