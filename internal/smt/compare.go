package smt

// BVULt is unsigned s < t.
func (b *Builder) BVULt(s, t *Term) *Term {
	b.need(t, s.width)
	return b.once(OpBVULt, s, t, (*Builder).lessUnsigned)
}

func (b *Builder) lessUnsigned(s, t *Term) *Term {
	return b.positive(b.exactly(t).sub(b.exactly(s)))
}

// BVULe is unsigned s <= t.
func (b *Builder) BVULe(s, t *Term) *Term { return b.Not(b.BVULt(t, s)) }

// BVSLt is two's complement s < t.
func (b *Builder) BVSLt(s, t *Term) *Term {
	b.need(t, s.width)
	return b.once(OpBVSLt, s, t, (*Builder).lessSigned)
}

func (b *Builder) lessSigned(s, t *Term) *Term {
	return b.positive(b.signedly(t).sub(b.signedly(s)))
}

// BVSLe is two's complement s <= t.
func (b *Builder) BVSLe(s, t *Term) *Term { return b.Not(b.BVSLt(t, s)) }

// positive is l > 0. Its normal form compares two sums of positive coefficients without a common
// factor, the first atom on the left; where that atom would be on the right, the negation is built.
func (b *Builder) positive(l linear) *Term {
	lo, hi := l.bounds()
	switch {
	case lo.cmp(integer{}) > 0:
		return b.yes
	case hi.cmp(integer{}) <= 0:
		return b.no
	}
	if g := l.gcd(zero); !g.eq(one) {
		// g*x + c > 0 is x + ceil(c/g) > 0.
		l.constant = l.constant.negated().floorDiv(g).negated().mul(natural(g))
		return b.positive(l.divided(g))
	}
	if !l.addends[0].coef.neg {
		return b.Not(b.positive(l.negated().plus(natural(one))))
	}
	left, right := l.sides()
	switch c := l.constant; {
	case c.neg:
		left.constant = c.negated()
	case c.cmp(natural(one)) == 0:
		return b.Not(b.less(right, left))
	default:
		right.constant = c
	}
	return b.less(left, right)
}

// sides separates the addends of negative coefficients, negated, from those of positive ones.
func (l linear) sides() (negative, positive linear) {
	for _, a := range l.addends {
		if a.coef.neg {
			a.coef = a.coef.negated()
			negative.addends = append(negative.addends, a)
		} else {
			positive.addends = append(positive.addends, a)
		}
	}
	return negative, positive
}

// less is l < m, in as few bits as both need.
func (b *Builder) less(l, m linear) *Term {
	if len(m.addends) == 0 {
		lo, hi := l.bounds()
		switch {
		case m.constant.cmp(lo.add(natural(one))) == 0:
			return b.equals(l, lo)
		case m.constant.cmp(hi) == 0:
			return b.Not(b.equals(l, hi))
		}
	}
	if len(l.addends) == 0 {
		lo, hi := m.bounds()
		switch {
		case l.constant.cmp(hi.sub(natural(one))) == 0:
			return b.equals(m, hi)
		case l.constant.cmp(lo) == 0:
			return b.Not(b.equals(m, lo))
		}
	}
	llo, lhi := l.bounds()
	mlo, mhi := m.bounds()
	if llo.neg || mlo.neg {
		w := max(signedBits(llo), signedBits(lhi), signedBits(mlo), signedBits(mhi))
		return b.node(OpBVSLt, 0, b.build(l, w), b.build(m, w))
	}
	w := max(1, lhi.mag.bitLen(), mhi.mag.bitLen())
	return b.node(OpBVULt, 0, b.build(l, w), b.build(m, w))
}

// equals is l = c, for c within the bounds of l.
func (b *Builder) equals(l linear, c integer) *Term {
	lo, hi := l.bounds()
	w := max(1, hi.mag.bitLen())
	if lo.neg {
		w = max(signedBits(lo), signedBits(hi))
	}
	return b.Eq(b.build(l, w), b.value(c.mod(w), w))
}

// signedBits is the number of bits that hold v in two's complement.
func signedBits(v integer) int {
	if v.neg {
		return v.mag.sub(one).bitLen() + 1
	}
	return v.mag.bitLen() + 1
}
