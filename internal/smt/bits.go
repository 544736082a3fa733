package smt

// BVNot flips every bit.
func (b *Builder) BVNot(t *Term) *Term { return b.node(OpBVNot, t.width, t) }

// BVAnd is bitwise and.
func (b *Builder) BVAnd(s, t *Term) *Term { return b.bitwise(OpBVAnd, s, t) }

// BVOr is bitwise or.
func (b *Builder) BVOr(s, t *Term) *Term { return b.bitwise(OpBVOr, s, t) }

// BVXor is bitwise exclusive or.
func (b *Builder) BVXor(s, t *Term) *Term { return b.bitwise(OpBVXor, s, t) }

func (b *Builder) bitwise(op Op, s, t *Term) *Term {
	b.need(t, s.width)
	return b.node(op, s.width, s, t)
}

// BVShl shifts s left by t read unsigned; t >= width gives 0.
func (b *Builder) BVShl(s, t *Term) *Term { return b.bitwise(OpBVShl, s, t) }

// BVLShr shifts s right by t read unsigned, filling with zeros.
func (b *Builder) BVLShr(s, t *Term) *Term { return b.bitwise(OpBVLShr, s, t) }

// BVAShr shifts s right by t read unsigned, filling with the sign.
func (b *Builder) BVAShr(s, t *Term) *Term { return b.bitwise(OpBVAShr, s, t) }
