package smt

import "math/big"

// BVNeg is -t modulo 2^width.
func (b *Builder) BVNeg(t *Term) *Term { return b.build(b.modular(t).negated(), t.width) }

// BVAdd is s + t modulo 2^width.
func (b *Builder) BVAdd(s, t *Term) *Term {
	b.need(t, s.width)
	return b.once(OpBVAdd, s, t, (*Builder).add)
}

func (b *Builder) add(s, t *Term) *Term { return b.build(b.modular(s).add(b.modular(t)), s.width) }

// BVSub is s - t modulo 2^width.
func (b *Builder) BVSub(s, t *Term) *Term {
	b.need(t, s.width)
	return b.once(opBVSub, s, t, (*Builder).sub)
}

func (b *Builder) sub(s, t *Term) *Term { return b.build(b.modular(s).sub(b.modular(t)), s.width) }

// sum adds one or more terms of one width.
func (b *Builder) sum(ts []*Term) *Term {
	var l linear
	for _, t := range ts {
		l = l.add(b.modular(t))
	}
	return b.build(l, ts[0].width)
}

// BVMul is s * t modulo 2^width. Constant factors move to the front.
func (b *Builder) BVMul(s, t *Term) *Term {
	b.need(t, s.width)
	return b.once(OpBVMul, s, t, (*Builder).mul)
}

func (b *Builder) mul(s, t *Term) *Term {
	w := s.width
	l, m := b.modular(s), b.modular(t)
	if len(m.addends) == 0 {
		l, m = m, l
	}
	if len(l.addends) == 0 {
		return b.build(m.scale(l.constant), w)
	}
	c, x := b.factor(l, s)
	d, y := b.factor(m, t)
	p := b.product(x, y, w)
	if c.mul(d).cmp(natural(one)) == 0 {
		return p
	}
	return b.build(b.modular(p).scale(c.mul(d)), w)
}

// factor splits l, a sum equal to t modulo 2^width, into a constant and a term of the same width.
func (b *Builder) factor(l linear, t *Term) (integer, *Term) {
	if len(l.addends) != 1 || !l.constant.isZero() {
		return natural(one), t
	}
	a := l.addends[0]
	return a.coef, b.resize(a.atom, t.width, a.signed)
}

// product multiplies two terms that are not constant, in as few bits as the result needs.
func (b *Builder) product(s, t *Term, w int) *Term {
	n := min(w, s.hi.mul(t.hi).bitLen())
	if n == 0 {
		return b.value(zero, w)
	}
	s, t = b.resize(s, n, false), b.resize(t, n, false)
	switch {
	case s.isConst() || t.isConst():
		return b.ZeroExtend(b.BVMul(s, t), w)
	case t.id < s.id:
		s, t = t, s
	}
	return b.ZeroExtend(b.node(OpBVMul, n, s, t), w)
}

// BVUDiv is the unsigned quotient, all ones if t is 0.
func (b *Builder) BVUDiv(s, t *Term) *Term {
	b.need(t, s.width)
	return b.once(OpBVUDiv, s, t, (*Builder).quotientOf)
}

func (b *Builder) quotientOf(s, t *Term) *Term {
	w := s.width
	switch {
	case t.isConst() && !t.lo.isZero():
		return b.divideBy(s, t.lo)
	case s == t && !t.lo.isZero():
		return b.value(one, w)
	case s.hi.less(t.lo):
		return b.value(zero, w)
	case t.lo.isZero():
		return b.node(OpBVUDiv, w, s, t)
	}
	return b.narrowed(OpBVUDiv, s, t)
}

// narrowed makes a division in as few bits as the operands need, behind the zeros that its result is
// known to have.
func (b *Builder) narrowed(op Op, s, t *Term) *Term {
	w := s.width
	n := max(1, s.hi.bitLen(), t.hi.bitLen())
	q := b.node(op, n, b.resize(s, n, false), b.resize(t, n, false))
	return b.ZeroExtend(b.trimmed(q), w)
}

// trimmed cuts the high bits that t's interval says are zero, all but one if t is 0.
func (b *Builder) trimmed(t *Term) *Term {
	return b.Extract(t, max(1, t.hi.bitLen())-1, 0)
}

// divideBy is s / c for c > 0. Multiples of c in a sum come out of the division; factors common to
// the rest and c cancel.
func (b *Builder) divideBy(s *Term, c num) *Term {
	w := s.width
	switch {
	case s.hi.less(c):
		return b.value(zero, w)
	case c.isPower():
		return b.highPart(s, c.trailingZeros())
	}
	whole, rest := b.exactly(s).split(c)
	if lo, _ := rest.bounds(); !whole.isZero() && !lo.neg {
		q := b.divideBy(b.buildExact(rest), c)
		return b.build(b.exactly(q).add(whole), w)
	}
	l := b.exactly(s)
	if g := l.gcd(c); !g.eq(one) {
		l.constant = natural(g).mul(l.constant.floorDiv(g))
		q := b.divideBy(b.buildExact(l.divided(g)), c.div(g))
		return b.resize(q, w, false)
	}
	if core := strip(s); core.op == OpBVUDiv && core.args[1].isConst() && !core.args[1].lo.isZero() {
		return b.resize(b.divideBy(core.args[0], c.mul(core.args[1].lo)), w, false)
	}
	return b.narrowed(OpBVUDiv, s, b.value(c, w))
}

// strip removes the operators that only cut or add zero bits above t's value.
func strip(t *Term) *Term {
	for {
		switch {
		case t.op == OpConcat && len(t.args) == 2 && t.args[0].isValue(zero):
			t = t.args[1]
		case t.op == OpExtract && t.low == 0 && t.args[0].hi.bitLen() <= t.width:
			t = t.args[0]
		default:
			return t
		}
	}
}

// split separates the addends that are multiples of c, divided by c, from the rest; the constant
// stays with the rest, reduced to 0..c-1 if every addend of the rest is not negative.
func (l linear) split(c num) (whole, rest linear) {
	for _, a := range l.addends {
		if a.coef.mag.rem(c).isZero() {
			a.coef.mag = a.coef.mag.div(c)
			whole.addends = append(whole.addends, a)
		} else {
			rest.addends = append(rest.addends, a)
		}
	}
	whole.constant = l.constant.floorDiv(c)
	rest.constant = l.constant.sub(whole.constant.mul(natural(c)))
	return whole, rest
}

// gcd is the greatest common divisor of c and the coefficients of l.
func (l linear) gcd(c num) num {
	g := c.copy()
	for _, a := range l.addends {
		g.GCD(nil, nil, g, a.coef.mag.big())
	}
	return numOf(g)
}

// buildExact is the term that holds l, which is not negative.
func (b *Builder) buildExact(l linear) *Term {
	_, hi := l.bounds()
	return b.build(l, max(1, hi.mag.bitLen()))
}

// BVURem is the unsigned remainder, s if t is 0.
func (b *Builder) BVURem(s, t *Term) *Term {
	b.need(t, s.width)
	return b.once(OpBVURem, s, t, (*Builder).remainderOf)
}

func (b *Builder) remainderOf(s, t *Term) *Term {
	switch {
	case s.hi.less(t.lo):
		return s
	case s == t:
		return b.value(zero, s.width)
	case t.isConst():
		return b.remainderBy(s, t.lo)
	}
	return b.narrowed(OpBVURem, s, t)
}

// remainderBy is s modulo c. Multiples of c in a sum do not matter; factors common to the rest and c
// come out.
func (b *Builder) remainderBy(s *Term, c num) *Term {
	w := s.width
	switch {
	case c.isZero() || s.hi.less(c):
		return s
	case c.eq(one):
		return b.value(zero, w)
	case c.isPower():
		return b.resize(b.lowPart(s, c.trailingZeros()), w, false)
	}
	l := b.exactly(s)
	whole, rest := l.split(c)
	if lo, _ := rest.bounds(); !whole.isZero() && !lo.neg {
		return b.resize(b.remainderBy(b.buildExact(rest), c), w, false)
	}
	if g := l.gcd(c); !g.eq(one) {
		low := l.constant.sub(natural(g).mul(l.constant.floorDiv(g)))
		r := b.remainderBy(b.buildExact(l.plus(low.negated()).divided(g)), c.div(g))
		return b.build(b.exactly(r).scale(natural(g)).plus(low), w)
	}
	return b.narrowed(OpBVURem, s, b.value(c, w))
}

// BVSDiv is the two's complement quotient, truncated; by 0 it is 1 for negative s, else -1.
func (b *Builder) BVSDiv(s, t *Term) *Term {
	x, y := b.negative(s), b.negative(t)
	q := b.BVUDiv(b.magnitude(s), b.magnitude(t))
	return b.Ite(b.Eq(x, y), q, b.BVNeg(q))
}

// BVSRem is the remainder of [Builder.BVSDiv], with the sign of s; s if t is 0.
func (b *Builder) BVSRem(s, t *Term) *Term {
	r := b.BVURem(b.magnitude(s), b.magnitude(t))
	return b.Ite(b.negative(s), b.BVNeg(r), r)
}

// negative is the sign of t read as two's complement.
func (b *Builder) negative(t *Term) *Term {
	return b.BVSLt(t, b.Word(0, t.width))
}

// magnitude is the absolute value of t read as two's complement, as an unsigned number.
func (b *Builder) magnitude(t *Term) *Term { return b.Ite(b.negative(t), b.BVNeg(t), t) }

// signedRange gives bounds, both included, of t read as a two's complement number.
func (b *Builder) signedRange(t *Term) (lo, hi *big.Int) {
	l, h := b.signedly(t).bounds()
	return l.big(), h.big()
}
