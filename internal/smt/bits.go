package smt

import "slices"

// BVNot flips every bit.
func (b *Builder) BVNot(t *Term) *Term {
	switch t.op {
	case OpBVAdd, OpBVNeg, OpBVMul:
		return b.build(b.modular(t).negated().plus(natural(one).negated()), t.width)
	}
	return b.flip(t)
}

// flip is BVNot of a term that is not a sum.
func (b *Builder) flip(t *Term) *Term {
	switch t.op {
	case OpBVNot:
		return t.args[0]
	case OpConcat:
		if !slices.ContainsFunc(t.args, (*Term).isConst) {
			break
		}
		parts := make([]*Term, len(t.args))
		for i, a := range t.args {
			parts[i] = b.BVNot(a)
		}
		return b.Concat(parts...)
	}
	return b.node(OpBVNot, t.width, t)
}

// BVAnd is bitwise and.
func (b *Builder) BVAnd(s, t *Term) *Term { return b.bitwise(OpBVAnd, s, t) }

// BVOr is bitwise or.
func (b *Builder) BVOr(s, t *Term) *Term { return b.bitwise(OpBVOr, s, t) }

// BVXor is bitwise exclusive or.
func (b *Builder) BVXor(s, t *Term) *Term { return b.bitwise(OpBVXor, s, t) }

func (b *Builder) bitwise(op Op, s, t *Term) *Term {
	b.need(t, s.width)
	if t.isConst() || t.id < s.id && !s.isConst() {
		s, t = t, s
	}
	if r := b.bitwiseSimple(op, s, t); r != nil {
		return r
	}
	if cuts := bitwiseCuts(s, t); len(cuts) > 0 {
		var parts []*Term
		low := 0
		for _, high := range append(cuts, s.width) {
			parts = append(parts, b.bitwise(op, b.Extract(s, high-1, low), b.Extract(t, high-1, low)))
			low = high
		}
		slices.Reverse(parts)
		return b.Concat(parts...)
	}
	return b.node(op, s.width, s, t)
}

// bitwiseSimple handles equal and opposite operands, and a constant s of zeros or ones; else nil.
func (b *Builder) bitwiseSimple(op Op, s, t *Term) *Term {
	none, all := b.value(zero, s.width), b.value(ones(s.width), s.width)
	same, opposite := s == t, s.op == OpBVNot && s.args[0] == t || t.op == OpBVNot && t.args[0] == s
	switch op {
	case OpBVAnd:
		switch {
		case same || s == all:
			return t
		case opposite || s == none:
			return none
		}
	case OpBVOr:
		switch {
		case same || s == none:
			return t
		case opposite || s == all:
			return all
		}
	case OpBVXor:
		switch {
		case same:
			return none
		case opposite:
			return all
		case s == none:
			return t
		case s == all:
			return b.BVNot(t)
		}
	}
	if s.isConst() && t.isConst() {
		return b.node(op, s.width, s, t)
	}
	return nil
}

// maxRuns bounds the runs of equal bits at which a constant mask cuts its other operand.
const maxRuns = 8

// bitwiseCuts lists the bit positions, rising, at which the operands have a constant segment or, for
// a constant, a run of equal bits.
func bitwiseCuts(s, t *Term) []int {
	var cuts []int
	if s.isConst() {
		for i := 1; i < s.width; i++ {
			if s.lo.bit(i) != s.lo.bit(i-1) {
				cuts = append(cuts, i)
			}
		}
		if n := s.lo.bitLen(); len(cuts) >= maxRuns && n < s.width {
			cuts = []int{n}
		} else if len(cuts) >= maxRuns {
			cuts = nil
		}
	}
	for _, u := range []*Term{s, t} {
		if u.op != OpConcat {
			continue
		}
		pos := 0
		for i := len(u.args) - 1; i > 0; i-- {
			pos += u.args[i].width
			if u.args[i].isConst() || u.args[i-1].isConst() {
				cuts = append(cuts, pos)
			}
		}
	}
	slices.Sort(cuts)
	return slices.Compact(cuts)
}

// BVShl shifts s left by t read unsigned; t >= width gives 0.
func (b *Builder) BVShl(s, t *Term) *Term {
	b.need(t, s.width)
	w := s.width
	switch {
	case !t.lo.less(small(uint64(w))):
		return b.value(zero, w)
	case t.isConst():
		n := int(t.lo.w)
		return b.Concat(b.lowPart(s, w-n), b.value(zero, n))
	}
	if n := s.hi.bitLen() + amount(t.hi, w); n < w {
		n = max(1, n, t.hi.bitLen())
		return b.ZeroExtend(b.shiftNode(OpBVShl, b.resize(s, n, false), b.resize(t, n, false)), w)
	}
	return b.shiftNode(OpBVShl, s, t)
}

// shiftNode makes a shift by a distance that is not constant; shifting 0 is 0.
func (b *Builder) shiftNode(op Op, s, t *Term) *Term {
	if s.isValue(zero) {
		return s
	}
	r := b.node(op, s.width, s, t)
	return b.resize(b.trimmed(r), s.width, false)
}

// BVLShr shifts s right by t read unsigned, filling with zeros.
func (b *Builder) BVLShr(s, t *Term) *Term {
	b.need(t, s.width)
	w := s.width
	switch {
	case !t.lo.less(small(uint64(w))):
		return b.value(zero, w)
	case t.isConst():
		return b.highPart(s, int(t.lo.w))
	}
	n := max(1, s.hi.bitLen(), t.hi.bitLen())
	return b.ZeroExtend(b.shiftNode(OpBVLShr, b.resize(s, n, false), b.resize(t, n, false)), w)
}

// BVAShr shifts s right by t read unsigned, filling with the sign.
func (b *Builder) BVAShr(s, t *Term) *Term {
	b.need(t, s.width)
	w := s.width
	switch {
	case s.hi.less(pow2(w - 1)):
		return b.BVLShr(s, t)
	case t.isConst() || !t.lo.less(small(uint64(w))):
		n := min(amount(t.lo, w), w-1)
		return b.SignExtend(b.Extract(s, w-1, n), w)
	}
	return b.node(OpBVAShr, w, s, t)
}
