package smt

import "math/big"

// Bounded is t, of which the caller knows that lo <= t <= hi, both read unsigned: the same value with a
// tighter interval, which simplifies what is built on top. The result means t and must be used only
// where the bounds hold: a rewrite that relied on them is wrong elsewhere.
func (b *Builder) Bounded(t *Term, lo, hi *big.Int) *Term {
	return b.bounded(t, numOf(lo), numOf(hi))
}

func (b *Builder) bounded(t *Term, lo, hi num) *Term {
	lo, hi = maxNum(lo, t.lo), minNum(hi, t.hi)
	switch {
	case t.isConst() || hi.less(lo) || lo.eq(t.lo) && hi.eq(t.hi):
		return t
	case lo.eq(hi):
		return b.value(lo, t.width)
	case t.op == OpBounded:
		t = t.args[0]
	}
	n := b.intern(Term{op: OpBounded, width: t.width, args: []*Term{t, b.value(lo, t.width), b.value(hi, t.width)}})
	if k := hi.bitLen(); k < t.width {
		return b.ZeroExtend(b.Extract(n, k-1, 0), t.width)
	}
	return n
}
