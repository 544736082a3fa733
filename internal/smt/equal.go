package smt

import "slices"

// Eq is equality of two terms of one sort.
func (b *Builder) Eq(s, t *Term) *Term {
	b.need(t, s.width)
	switch {
	case s == t:
		return b.yes
	case s.width == 0:
		return b.equivalent(s, t)
	case s.hi.less(t.lo) || t.hi.less(s.lo):
		return b.no
	}
	return b.once(OpEq, s, t, (*Builder).equalWords)
}

func (b *Builder) equalWords(s, t *Term) *Term {
	if eq := b.equalParts(s, t); eq != nil {
		return eq
	}
	l := b.modular(s).sub(b.modular(t)).symmetric(s.width)
	return b.zeroModulo(l, s.width)
}

// equivalent is Eq of Bools. Negations come to the front.
func (b *Builder) equivalent(s, t *Term) *Term {
	if t.isConst() {
		s, t = t, s
	}
	switch {
	case s.IsTrue():
		return t
	case s.IsFalse():
		return b.Not(t)
	case s.op == OpNot:
		return b.Not(b.Eq(s.args[0], t))
	case t.op == OpNot:
		return b.Not(b.Eq(s, t.args[0]))
	}
	return b.equation(s, t)
}

// equation makes the node.
func (b *Builder) equation(s, t *Term) *Term {
	if s == t {
		return b.yes
	}
	if t.id < s.id {
		s, t = t, s
	}
	return b.node(OpEq, 0, s, t)
}

// equalParts takes an equation apart by the structure of its sides; nil if it cannot.
func (b *Builder) equalParts(s, t *Term) *Term {
	if s.isConst() {
		s, t = t, s
	}
	switch {
	case s.isConst():
		return b.Bool(s == t)
	case t.isConst() && t.width == 1 && t.lo.isZero():
		return b.Not(b.Eq(s, b.value(one, 1)))
	case s.op == OpBVNot && (t.isConst() || t.op == OpBVNot):
		return b.Eq(s.args[0], b.BVNot(t))
	case s.op == OpBVXor && t.isConst() && s.args[0].isConst():
		return b.Eq(s.args[1], b.BVXor(t, s.args[0]))
	case s.op == OpIte && t.isConst() && (s.args[1].isConst() || s.args[2].isConst()):
		return b.equalIte(s, t)
	case s.op == OpIte && (t == s.args[1] || t == s.args[2]) || t.op == OpIte && (s == t.args[1] || s == t.args[2]):
		return b.equalBranch(s, t)
	case s.op == OpIte && t.op == OpIte && s.args[0] == t.args[0]:
		return b.Ite(s.args[0], b.Eq(s.args[1], t.args[1]), b.Eq(s.args[2], t.args[2]))
	case inParts(s) && (inParts(t) || t.isConst()):
		return b.equalConcat(s, t)
	case s.op == OpOCAdd || t.op == OpOCAdd:
		return b.equalSums(s, t)
	}
	return nil
}

// inParts tells whether t is a concatenation of more than leading zeros and one term.
func inParts(t *Term) bool {
	return t.op == OpConcat && (len(t.args) > 2 || !t.args[0].isValue(zero))
}

// equalIte compares an Ite with a constant branch to a constant.
func (b *Builder) equalIte(ite, t *Term) *Term {
	c, x, y := ite.args[0], b.Eq(ite.args[1], t), b.Eq(ite.args[2], t)
	return b.Or(b.And(c, x), b.And(b.Not(c), y))
}

// equalBranch compares an Ite with one of its branches.
func (b *Builder) equalBranch(s, t *Term) *Term {
	if s.op != OpIte || t != s.args[1] && t != s.args[2] {
		s, t = t, s
	}
	if t == s.args[1] {
		return b.Or(s.args[0], b.Eq(s.args[2], t))
	}
	return b.Or(b.Not(s.args[0]), b.Eq(s.args[1], t))
}

// equalConcat cuts both sides where they have a common boundary or one has a constant; nil if there
// is no such place.
func (b *Builder) equalConcat(s, t *Term) *Term {
	cuts := commonCuts(s, t)
	if len(cuts) == 0 {
		return nil
	}
	var parts []*Term
	low := 0
	for _, high := range append(cuts, s.width) {
		parts = append(parts, b.Eq(b.Extract(s, high-1, low), b.Extract(t, high-1, low)))
		low = high
	}
	return b.And(parts...)
}

// commonCuts lists the inner bit positions, rising, at which both of two concatenations or constants
// have a boundary, or at which one has a boundary of a constant segment.
func commonCuts(s, t *Term) []int {
	var cuts []int
	count := map[int]int{}
	for _, u := range []*Term{s, t} {
		if u.isConst() {
			continue
		}
		pos := 0
		for i := len(u.args) - 1; i > 0; i-- {
			pos += u.args[i].width
			if u.args[i].isConst() || u.args[i-1].isConst() || s.isConst() || t.isConst() {
				count[pos]++
			}
			count[pos]++
		}
	}
	for pos, n := range count {
		if n >= 2 {
			cuts = append(cuts, pos)
		}
	}
	slices.Sort(cuts)
	return cuts
}

// zeroModulo is l = 0 modulo 2^w.
func (b *Builder) zeroModulo(l linear, w int) *Term {
	if len(l.addends) == 0 {
		return b.Bool(l.constant.mod(w).isZero())
	}
	lo, hi := l.bounds()
	first := lo.negated().floorShift(w).negated() // the least k with k*2^w >= lo
	switch first.cmp(hi.floorShift(w)) {
	case 1:
		return b.no
	case 0:
		return b.zero(l.plus(first.shl(w).negated()))
	}
	k := w
	for _, a := range l.addends {
		k = min(k, a.coef.mag.trailingZeros())
	}
	if k > 0 {
		if !l.constant.mod(k).isZero() {
			return b.no
		}
		return b.zeroModulo(l.halved(k).symmetric(w-k), w-k)
	}
	return b.balance(l, w)
}

// zero is l = 0 over the integers.
func (b *Builder) zero(l linear) *Term {
	if len(l.addends) == 0 {
		return b.Bool(l.constant.isZero())
	}
	lo, hi := l.bounds()
	if lo.cmp(integer{}) > 0 || hi.neg {
		return b.no
	}
	g := l.gcd(zero)
	if !l.constant.mag.rem(g).isZero() {
		return b.no
	}
	if !g.eq(one) {
		return b.zero(l.divided(g))
	}
	return b.balance(l, max(1, lo.mag.bitLen(), hi.mag.bitLen()))
}

// balance makes the equation l = 0 modulo 2^w: positive coefficients and the first atom on one side,
// the rest and the constant on the other.
func (b *Builder) balance(l linear, w int) *Term {
	if l.addends[0].coef.neg {
		l = l.negated()
	}
	negative, positive := l.sides()
	s, t := b.build(positive, w), b.build(negative.plus(l.constant.negated()), w)
	if eq := b.equalParts(s, t); eq != nil {
		return eq
	}
	return b.equation(s, t)
}
