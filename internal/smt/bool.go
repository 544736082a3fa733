package smt

import (
	"cmp"
	"slices"
)

// Not is boolean negation.
func (b *Builder) Not(t *Term) *Term {
	b.need(t, 0)
	if t.op == OpNot {
		return t.args[0]
	}
	return b.node(OpNot, 0, t)
}

// And is the conjunction of ts, true if there are none.
func (b *Builder) And(ts ...*Term) *Term {
	var all []*Term
	for _, t := range ts {
		b.need(t, 0)
		if t.op == OpAnd {
			all = append(all, t.args...)
		} else {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, byID)
	all = slices.Compact(all)
	kept := all[:0]
	for _, t := range all {
		if t.IsFalse() {
			return t
		}
		if !t.IsTrue() {
			kept = append(kept, t)
		}
	}
	switch len(kept) {
	case 0:
		return b.yes
	case 1:
		return kept[0]
	}
	return b.node(OpAnd, 0, kept...)
}

func byID(s, t *Term) int { return cmp.Compare(s.id, t.id) }

// Or is the disjunction of ts, false if there are none.
func (b *Builder) Or(ts ...*Term) *Term {
	not := make([]*Term, len(ts))
	for i, t := range ts {
		not[i] = b.Not(t)
	}
	return b.Not(b.And(not...))
}

// Implies is s implies t.
func (b *Builder) Implies(s, t *Term) *Term { return b.Not(b.And(s, b.Not(t))) }

// Xor is exclusive or, of Bools or of bit-vectors.
func (b *Builder) Xor(s, t *Term) *Term {
	if s.width > 0 {
		return b.BVXor(s, t)
	}
	return b.Not(b.Eq(s, t))
}

// Eq is equality of two terms of one sort.
func (b *Builder) Eq(s, t *Term) *Term {
	b.need(t, s.width)
	if s == t {
		return b.yes
	}
	if t.id < s.id {
		s, t = t, s
	}
	return b.node(OpEq, 0, s, t)
}

// Ite is s if c, else t.
func (b *Builder) Ite(c, s, t *Term) *Term {
	b.need(c, 0)
	b.need(t, s.width)
	switch {
	case c.IsTrue(), s == t:
		return s
	case c.IsFalse():
		return t
	}
	return b.node(OpIte, s.width, c, s, t)
}
