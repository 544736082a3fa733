package bitblast

import (
	"slices"

	"vigor/internal/smt"
	"vigor/internal/solver/sat"
)

// Where two applications are equal under a condition, terms that are built from them in the same way are equal under
// it, too: a sum of the one and a timer, its comparison with the time. The circuits imply it, but for sums of 64 bits the
// search finds it only carry by carry, in ten thousands of conflicts. And applications to them are equal, which else a
// model would have to contradict first.

// twin is a term that equals another one under a condition.
type twin struct {
	other *smt.Term
	same  sat.Lit
}

// users notes for a term what is built from it, and what it equals.
type users struct {
	built []*smt.Term
	twins []twin
}

// usersOf gives the notes of a translated term.
func (e *Engine) usersOf(t *smt.Term) *users {
	if n := t.ID() + 1 - len(e.users); n > 0 {
		e.users = append(e.users, make([]users, n)...)
	}
	return &e.users[t.ID()]
}

// enter notes a term that has just been translated, and ties it to those that are built in the same way.
func (e *Engine) enter(u *smt.Term) {
	if u.Op() == smt.OpNot || u.Op() == smt.OpAnd { // they follow from their arguments at once
		return
	}
	for i, s := range u.Args() {
		if slices.Contains(u.Args()[:i], s) {
			continue
		}
		e.usersOf(s).built = append(e.usersOf(s).built, u)
		for _, t := range e.usersOf(s).twins {
			for _, v := range e.usersOf(t.other).built {
				e.tieUsers(u, v, s, t.other, t.same)
			}
		}
	}
}

// twins notes that two terms are equal under a condition, and ties what is built from them.
func (e *Engine) twins(s, t *smt.Term, same sat.Lit) {
	e.usersOf(s).twins = append(e.usersOf(s).twins, twin{t, same})
	e.usersOf(t).twins = append(e.usersOf(t).twins, twin{s, same})
	for _, u := range slices.Clone(e.usersOf(s).built) {
		for _, v := range slices.Clone(e.usersOf(t).built) {
			e.tieUsers(u, v, s, t, same)
		}
	}
}

// tieUsers ties u and v, which are built from s and t, if they differ in nothing else.
func (e *Engine) tieUsers(u, v, s, t *smt.Term, same sat.Lit) {
	if u == v || !alike(u, v, s, t) {
		return
	}
	if u.Op() == smt.OpApply {
		if e.tied[[2]*smt.Term{u, v}] || e.tied[[2]*smt.Term{v, u}] {
			return
		}
		e.relateWords(e.words[u.ID()], e.words[v.ID()], same)
	}
	e.implyEqual(same, e.words[u.ID()], e.words[v.ID()])
	e.twins(u, v, same)
}

// alike reports whether v is what u becomes when t takes the place of s.
func alike(u, v, s, t *smt.Term) bool {
	if u.Op() != v.Op() || u.Width() != v.Width() || len(u.Args()) != len(v.Args()) {
		return false
	}
	switch u.Op() {
	case smt.OpApply:
		if u.Func() != v.Func() {
			return false
		}
	case smt.OpExtract:
		high, low := u.Bounds()
		if h, l := v.Bounds(); h != high || l != low {
			return false
		}
	case smt.OpBVAdd, smt.OpEq, smt.OpBVAnd, smt.OpBVOr, smt.OpBVXor, smt.OpBVMul: // in any order
		return slices.Equal(without(u.Args(), s), without(v.Args(), t))
	}
	return slices.EqualFunc(u.Args(), v.Args(), func(a, b *smt.Term) bool { return a == b || a == s && b == t })
}

// without lists terms but for one of them, once.
func without(list []*smt.Term, t *smt.Term) []*smt.Term {
	i := slices.Index(list, t)
	return slices.Concat(list[:i], list[i+1:])
}
