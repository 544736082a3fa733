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
	all, ok := b.conjuncts(ts)
	if !ok {
		return b.no
	}
	if again, changed := b.resolve(all); changed {
		return b.And(again...)
	}
	switch len(all) {
	case 0:
		return b.yes
	case 1:
		return all[0]
	}
	return b.node(OpAnd, 0, all...)
}

// Contradict tells whether ts cannot all hold, as far as their form shows it: one is false, one denies
// another or the conjunction of some others, or linear bounds leave a sum of terms no value. It builds no terms.
func (b *Builder) Contradict(ts ...*Term) bool {
	_, ok := b.conjuncts(ts)
	return !ok
}

// conjuncts flattens, sorts and removes repetitions; false if two contradict.
func (b *Builder) conjuncts(ts []*Term) ([]*Term, bool) {
	var all []*Term
	for _, t := range ts {
		b.need(t, 0)
		switch {
		case t.op == OpAnd:
			all = append(all, t.args...)
		case !t.IsTrue():
			all = append(all, t)
		}
	}
	slices.SortFunc(all, byID)
	all = slices.Compact(all)
	for _, t := range all {
		if t.IsFalse() || t.op == OpNot && denied(all, t.args[0]) {
			return nil, false
		}
	}
	return all, !b.contradictory(all)
}

// denied tells whether t, or everything that it is the conjunction of, is among all.
func denied(all []*Term, t *Term) bool {
	if t.op != OpAnd {
		return contains(all, t)
	}
	return !slices.ContainsFunc(t.args, func(a *Term) bool { return !contains(all, a) })
}

func byID(s, t *Term) int { return cmp.Compare(s.id, t.id) }

// contains searches a list sorted by ID.
func contains(all []*Term, t *Term) bool {
	_, ok := slices.BinarySearchFunc(all, t, byID)
	return ok
}

// resolve uses each conjunct inside the negated conjunctions among the others: x and not (x and y)
// is x and not y; x and not (not x and y) is x.
func (b *Builder) resolve(all []*Term) (out []*Term, changed bool) {
	for i, t := range all {
		if t.op != OpNot || t.args[0].op != OpAnd {
			continue
		}
		inner := t.args[0].args
		kept := slices.DeleteFunc(slices.Clone(inner), func(u *Term) bool { return contains(all, u) })
		rest := slices.Concat(all[:i], all[i+1:])
		switch {
		case slices.ContainsFunc(inner, func(u *Term) bool { return contains(all, b.Not(u)) }):
			return rest, true
		case len(kept) < len(inner):
			return append(rest, b.Not(b.And(kept...))), true
		}
	}
	return nil, false
}

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

// Ite is s if c, else t.
func (b *Builder) Ite(c, s, t *Term) *Term {
	b.need(c, 0)
	b.need(t, s.width)
	switch {
	case c.IsTrue() || s == t:
		return s
	case c.IsFalse():
		return t
	case c.op == OpNot:
		return b.Ite(c.args[0], t, s)
	}
	s, t = branch(s, c, 1), branch(t, c, 2)
	if s == t {
		return s
	}
	if r := b.iteMerged(c, s, t); r != nil {
		return r
	}
	if s.width == 0 {
		return b.iteBool(c, s, t)
	}
	return b.iteWord(c, s, t)
}

// iteMerged makes one choice of two nested ones with a common branch; nil if there is none.
func (b *Builder) iteMerged(c, s, t *Term) *Term {
	if t.op == OpIte {
		switch d := t.args[0]; s {
		case t.args[1]:
			return b.Ite(b.Or(c, d), s, t.args[2])
		case t.args[2]:
			return b.Ite(b.Or(c, b.Not(d)), s, t.args[1])
		}
	}
	if s.op == OpIte {
		switch d := s.args[0]; t {
		case s.args[2]:
			return b.Ite(b.And(c, d), s.args[1], t)
		case s.args[1]:
			return b.Ite(b.And(c, b.Not(d)), s.args[2], t)
		}
	}
	return nil
}

// branch skips a nested Ite on the same condition.
func branch(t, c *Term, side int) *Term {
	for t.op == OpIte && t.args[0] == c {
		t = t.args[side]
	}
	return t
}

func (b *Builder) iteBool(c, s, t *Term) *Term {
	switch {
	case s.isConst() || s == c || s.op == OpNot && s.args[0] == c:
		if s.IsTrue() || s == c {
			return b.Or(c, t)
		}
		return b.And(b.Not(c), t)
	case t.isConst() || t == c || t.op == OpNot && t.args[0] == c:
		if t.IsFalse() || t == c {
			return b.And(c, s)
		}
		return b.Or(b.Not(c), s)
	case s == b.Not(t):
		return b.Eq(c, s)
	case t.op == OpNot:
		return b.Not(b.Ite(c, b.Not(s), t.args[0]))
	}
	return b.node(OpIte, 0, c, s, t)
}

// iteWord chooses between bit-vectors: zeros and other segments that both have stay outside.
func (b *Builder) iteWord(c, s, t *Term) *Term {
	if c.op == OpEq {
		// If s and t are the compared terms, t is right on both sides.
		if x, y := c.args[0], c.args[1]; s == x && t == y || s == y && t == x {
			return t
		}
	}
	w := s.width
	if n := max(1, s.hi.bitLen(), t.hi.bitLen()); n < w {
		return b.ZeroExtend(b.Ite(c, b.lowPart(s, n), b.lowPart(t, n)), w)
	}
	if ss, ts := b.sharedSegments(s, t); ss != nil {
		parts := make([]*Term, len(ss))
		for i := range ss {
			parts[i] = b.Ite(c, ss[i], ts[i])
		}
		return b.Concat(parts...)
	}
	return b.node(OpIte, w, c, s, t)
}
