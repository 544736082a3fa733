package smt

// BVNeg is -t modulo 2^width.
func (b *Builder) BVNeg(t *Term) *Term { return b.node(OpBVNeg, t.width, t) }

// BVAdd is s + t modulo 2^width.
func (b *Builder) BVAdd(s, t *Term) *Term {
	b.need(t, s.width)
	return b.node(OpBVAdd, s.width, s, t)
}

// BVSub is s - t modulo 2^width.
func (b *Builder) BVSub(s, t *Term) *Term { return b.BVAdd(s, b.BVNeg(t)) }

// BVMul is s * t modulo 2^width.
func (b *Builder) BVMul(s, t *Term) *Term {
	b.need(t, s.width)
	return b.node(OpBVMul, s.width, s, t)
}

// BVUDiv is the unsigned quotient, all ones if t is 0.
func (b *Builder) BVUDiv(s, t *Term) *Term {
	b.need(t, s.width)
	return b.node(OpBVUDiv, s.width, s, t)
}

// BVURem is the unsigned remainder, s if t is 0.
func (b *Builder) BVURem(s, t *Term) *Term {
	b.need(t, s.width)
	return b.node(OpBVURem, s.width, s, t)
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

// BVULt is unsigned s < t.
func (b *Builder) BVULt(s, t *Term) *Term {
	b.need(t, s.width)
	return b.node(OpBVULt, 0, s, t)
}

// BVULe is unsigned s <= t.
func (b *Builder) BVULe(s, t *Term) *Term { return b.Not(b.BVULt(t, s)) }

// BVSLt is two's complement s < t.
func (b *Builder) BVSLt(s, t *Term) *Term {
	b.need(t, s.width)
	return b.node(OpBVSLt, 0, s, t)
}

// BVSLe is two's complement s <= t.
func (b *Builder) BVSLe(s, t *Term) *Term { return b.Not(b.BVSLt(t, s)) }

// sum adds one or more terms of one width.
func (b *Builder) sum(ts []*Term) *Term {
	s := ts[0]
	for _, t := range ts[1:] {
		s = b.BVAdd(s, t)
	}
	return s
}
