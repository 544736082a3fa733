package smt

import (
	"fmt"
	"slices"
)

// Concat joins bit-vectors, the most significant first.
func (b *Builder) Concat(ts ...*Term) *Term {
	if len(ts) == 1 {
		return ts[0]
	}
	w := 0
	for _, t := range ts {
		w += t.width
	}
	return b.node(OpConcat, w, slices.Clone(ts)...)
}

// Extract is bits high down to low of t, both included.
func (b *Builder) Extract(t *Term, high, low int) *Term {
	if low < 0 || high < low || high >= t.width {
		panic(fmt.Sprintf("smt: no bits %d to %d in %d bits", high, low, t.width))
	}
	if low == 0 && high == t.width-1 {
		return t
	}
	return b.finish(Term{op: OpExtract, width: high - low + 1, args: []*Term{t}, high: high, low: low})
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
	if w == t.width {
		return t
	}
	return b.node(OpSignExtend, w, t)
}
