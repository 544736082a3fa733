package smt

import (
	"fmt"
	"slices"
)

// Concat joins bit-vectors, the most significant first.
func (b *Builder) Concat(ts ...*Term) *Term {
	var parts []*Term
	for _, t := range ts {
		if t.op != OpConcat {
			parts = b.join(parts, t)
			continue
		}
		for _, a := range t.args {
			parts = b.join(parts, a)
		}
	}
	if len(parts) == 1 {
		return parts[0]
	}
	w := 0
	for _, t := range parts {
		w += t.width
	}
	return b.node(OpConcat, w, parts...)
}

// join puts t below parts, merging it with the last one if both are pieces of one term. An empty t
// does not occur: widths are at least 1, except for the 0 bits that callers pass for convenience.
func (b *Builder) join(parts []*Term, t *Term) []*Term {
	if t.width == 0 {
		return parts
	}
	if n := len(parts); n > 0 {
		if m := b.merge(parts[n-1], t); m != nil {
			if m.op != OpConcat {
				return b.join(parts[:n-1:n-1], m)
			}
		}
	}
	return append(parts, t)
}

// merge is the concatenation of s and t as one term, nil if there is none.
func (b *Builder) merge(s, t *Term) *Term {
	switch {
	case s.isConst() && t.isConst():
		return b.value(s.lo.shl(t.width).or(t.lo), s.width+t.width)
	case s.op == OpBVNot && t.op == OpBVNot:
		return b.BVNot(b.Concat(s.args[0], t.args[0]))
	case s.op == OpIte && t.op == OpIte && s.args[0] == t.args[0]:
		return b.Ite(s.args[0], b.Concat(s.args[1], t.args[1]), b.Concat(s.args[2], t.args[2]))
	case s.op == OpExtract && s.low >= t.width && b.Extract(s.args[0], s.low-1, s.low-t.width) == t:
		return b.Extract(s.args[0], s.high, s.low-t.width)
	}
	return nil
}

// Extract is bits high down to low of t, both included.
func (b *Builder) Extract(t *Term, high, low int) *Term {
	if low < 0 || high < low || high >= t.width {
		panic(fmt.Sprintf("smt: no bits %d to %d in %d bits", high, low, t.width))
	}
	if low == 0 && high == t.width-1 {
		return t
	}
	key := sliceKey{t, high, low}
	if r := b.slices[key]; r != nil {
		return r
	}
	r := b.extract(t, high, low)
	b.slices[key] = r
	return r
}

func (b *Builder) extract(t *Term, high, low int) *Term {
	w := high - low + 1
	if n := t.hi.bitLen(); low >= n {
		return b.value(zero, w)
	} else if high >= n && n < t.width {
		return b.ZeroExtend(b.Extract(t, n-1, low), w)
	}
	switch t.op {
	case OpExtract:
		return b.Extract(t.args[0], t.low+high, t.low+low)
	case OpConcat:
		return b.extractConcat(t, high, low)
	case OpSignExtend:
		return b.extractSign(t, high, low)
	case OpBVNot:
		return b.BVNot(b.Extract(t.args[0], high, low))
	case OpIte:
		return b.Ite(t.args[0], b.Extract(t.args[1], high, low), b.Extract(t.args[2], high, low))
	case OpBVAdd, OpBVNeg, OpBVMul:
		if high < t.width-1 && !isProduct(t) {
			return b.Extract(b.build(b.modular(t), high+1), high, low)
		}
	}
	return b.finish(Term{op: OpExtract, width: w, args: []*Term{t}, high: high, low: low})
}

// isProduct tells whether t is a product of two terms that are not constant. Its low bits stay a part of
// it: what is known of the whole, such as that its upper bits are 0, then says something about them.
func isProduct(t *Term) bool { return t.op == OpBVMul && !t.args[0].isConst() }

func (b *Builder) extractConcat(t *Term, high, low int) *Term {
	var parts []*Term
	pos := t.width
	for _, a := range t.args {
		pos -= a.width
		if top, bottom := min(high, pos+a.width-1), max(low, pos); top >= bottom {
			parts = append(parts, b.Extract(a, top-pos, bottom-pos))
		}
	}
	return b.Concat(parts...)
}

func (b *Builder) extractSign(t *Term, high, low int) *Term {
	a := t.args[0]
	if high < a.width {
		return b.Extract(a, high, low)
	}
	return b.SignExtend(b.Extract(a, a.width-1, min(low, a.width-1)), high-low+1)
}

// lowPart is the n low bits of t, n > 0.
func (b *Builder) lowPart(t *Term, n int) *Term { return b.Extract(t, n-1, 0) }

// highPart is t shifted right by n < width.
func (b *Builder) highPart(t *Term, n int) *Term {
	return b.ZeroExtend(b.Extract(t, t.width-1, n), t.width)
}

// ZeroExtend is t with zeros above, w bits wide.
func (b *Builder) ZeroExtend(t *Term, w int) *Term {
	if w == t.width {
		return t
	}
	return b.Concat(b.value(zero, w-t.width), t)
}

// SignExtend is t with copies of its first bit above, w bits wide.
func (b *Builder) SignExtend(t *Term, w int) *Term {
	half := pow2(t.width - 1)
	switch {
	case w == t.width:
		return t
	case t.hi.less(half):
		return b.ZeroExtend(t, w)
	case !t.lo.less(half):
		return b.Concat(b.value(ones(w-t.width), w-t.width), t)
	}
	if l := b.signedly(t); !l.isAtom(t) {
		return b.build(l, w)
	}
	return b.node(OpSignExtend, w, t)
}

// sharedSegments cuts two concatenations or constants where a segment is the same in both and gives
// the pieces, most significant first; nil if there is none.
func (b *Builder) sharedSegments(s, t *Term) (ss, ts []*Term) {
	if s.op != OpConcat && t.op != OpConcat || s.op != OpConcat && !s.isConst() ||
		t.op != OpConcat && !t.isConst() {
		return nil, nil
	}
	shared := false
	low := 0
	for _, high := range append(commonCuts(s, t), s.width) {
		x, y := b.Extract(s, high-1, low), b.Extract(t, high-1, low)
		shared = shared || x == y
		ss, ts = append(ss, x), append(ts, y)
		low = high
	}
	if !shared {
		return nil, nil
	}
	slices.Reverse(ss)
	slices.Reverse(ts)
	return ss, ts
}
