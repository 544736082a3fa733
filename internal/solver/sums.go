package solver

import (
	"context"
	"maps"
	"slices"

	"vigor/internal/smt"
)

// sums decides questions about end-around-carry sums, which search alone cannot: equations of such sums
// hold by their normal form, once the conditions of the choices in and around them are decided. So
// the layer splits: it takes a condition without sums, asks whether it may be true and may be false,
// and rewrites the rest for each. What remains undecided at the end goes to a solver of its own, so
// that the circuits of sums do not burden later questions.
type sums struct {
	inner    Solver // for what has no sums
	b        *smt.Builder
	fresh    func() Solver
	hasSum   map[*smt.Term]bool
	asserted []*smt.Term
	model    *smt.Model
}

// NewSums wraps inner, which gets the questions without sums; fresh makes a solver for one question
// with sums.
func NewSums(b *smt.Builder, inner Solver, fresh func() Solver) Solver {
	return &sums{inner: inner, b: b, fresh: fresh, hasSum: map[*smt.Term]bool{}}
}

func (s *sums) Assert(t *smt.Term) {
	s.asserted = append(s.asserted, t)
	if !s.contains(t) {
		s.inner.Assert(t)
	}
}

func (s *sums) Model() *smt.Model { return s.model }

func (s *sums) Check(ctx context.Context, assume ...*smt.Term) Answer {
	s.model = nil
	q := question{known: map[*smt.Term]*smt.Term{}}
	for _, t := range assume {
		q = s.sort(t, q)
	}
	for _, t := range s.asserted {
		if s.contains(t) {
			q.hard = append(q.hard, t)
		}
	}
	if len(q.hard) > 0 {
		q = s.restate(q, q.plain)
	}
	return s.split(ctx, q)
}

// question is a conjunction: terms without sums, terms with sums, rewritten by what the former say.
type question struct {
	plain, hard []*smt.Term
	known       map[*smt.Term]*smt.Term
}

// sort adds the conjuncts of t to those of q.
func (s *sums) sort(t *smt.Term, q question) question {
	for _, c := range conjuncts(t) {
		if s.contains(c) {
			q.hard = append(q.hard, c)
		} else {
			q.plain = append(q.plain, c)
		}
	}
	return q
}

// contains tells whether there is a sum in t.
func (s *sums) contains(t *smt.Term) bool {
	if found, ok := s.hasSum[t]; ok {
		return found
	}
	smt.Visit(func(u *smt.Term) {
		found := u.Op() == smt.OpOCAdd
		for _, a := range u.Args() {
			found = found || s.hasSum[a]
		}
		s.hasSum[u] = found
	}, t)
	return s.hasSum[t]
}

// split decides q.
func (s *sums) split(ctx context.Context, q question) Answer {
	if s.b.Contradict(q.plain...) {
		return Unsat
	}
	answer := s.inner.Check(ctx, q.plain...)
	if answer != Sat || len(q.hard) == 0 {
		s.model = s.inner.Model()
		return answer
	}
	c := s.condition(q.hard)
	if c == nil {
		return s.decide(ctx, q)
	}
	answer = Unsat
	for _, side := range []*smt.Term{c, s.b.Not(c)} {
		half := question{slices.Clone(q.plain), q.hard, maps.Clone(q.known)}
		half.plain = append(half.plain, side)
		switch s.split(ctx, s.restate(half, half.plain[len(q.plain):])) {
		case Sat:
			return Sat
		case Unknown:
			answer = Unknown
		}
	}
	return answer
}

// restate rewrites what is hard by all that is known, facts included, until it stays as it is: a
// rewrite may bring out a term of which something is known, or a new fact.
func (s *sums) restate(q question, facts []*smt.Term) question {
	for changed := true; changed; {
		for _, t := range facts {
			learn(s.b, q.known, t, true)
		}
		next := question{plain: q.plain, known: q.known}
		changed = false
		for _, t := range q.hard {
			u := s.b.Subst(t, q.known)
			changed = changed || u != t
			next = s.sort(u, next)
		}
		facts = next.plain[len(q.plain):]
		q = next
	}
	return q
}

// learn adds to known what t being value says.
func learn(b *smt.Builder, known map[*smt.Term]*smt.Term, t *smt.Term, value bool) {
	args := t.Args()
	switch {
	case t.Op() == smt.OpNot:
		learn(b, known, args[0], !value)
		return
	case t.Op() == smt.OpAnd && value:
		for _, a := range args {
			learn(b, known, a, true)
		}
	case t.Op() == smt.OpEq && value && args[0].Width() > 0:
		x, y := args[0], args[1]
		if _, ok := x.Const(); ok {
			x, y = y, x
		}
		if _, ok := y.Const(); ok {
			known[x] = y
			if x.Op() == smt.OpBounded {
				known[x.Args()[0]] = y
			}
		}
	}
	if _, constant := t.Const(); !constant {
		known[t] = b.Bool(value)
	}
}

// condition finds an atom without sums on which the first term of hard that has one depends; nil if
// there is none. It takes the outermost: where cases are told apart, one side of the outer condition
// makes the inner ones of all other cases irrelevant.
func (s *sums) condition(hard []*smt.Term) *smt.Term {
	seen := map[*smt.Term]bool{}
	for _, t := range hard {
		if c := s.outermost(t, seen); c != nil {
			return c
		}
	}
	return nil
}

func (s *sums) outermost(t *smt.Term, seen map[*smt.Term]bool) *smt.Term {
	if seen[t] {
		return nil
	}
	seen[t] = true
	for _, a := range t.Args() {
		if _, constant := a.Const(); a.Width() == 0 && !constant && !s.contains(a) {
			return atom(a)
		}
	}
	for _, a := range t.Args() {
		if s.contains(a) || t.Op() == smt.OpOCAdd && a.Op() == smt.OpIte {
			if c := s.outermost(a, seen); c != nil {
				return c
			}
		}
	}
	return nil
}

// atom is the first part of a condition that is neither a conjunction nor a negation.
func atom(c *smt.Term) *smt.Term {
	for c.Op() == smt.OpNot || c.Op() == smt.OpAnd {
		c = c.Args()[0]
	}
	return c
}

// decide guesses a model, then asks a fresh solver.
func (s *sums) decide(ctx context.Context, q question) Answer {
	all := slices.Concat(s.asserted, q.plain, q.hard)
	if s.model = guess(s.inner.Model(), all); s.model != nil {
		return Sat
	}
	f := s.fresh()
	answer := f.Check(ctx, all...)
	s.model = f.Model()
	return answer
}
