package solver

import (
	"context"

	"vigor/internal/smt"
)

// known answers Unsat where the assumptions, or one of them and an assertion, contradict each other
// by their form: what a path condition has decided is not asked again.
type known struct {
	Solver
	b        *smt.Builder
	asserted map[*smt.Term]bool
	decided  bool
}

// NewKnown wraps inner; b is the Builder of all terms.
func NewKnown(b *smt.Builder, inner Solver) Solver {
	return &known{Solver: inner, b: b, asserted: map[*smt.Term]bool{}}
}

func (k *known) Assert(t *smt.Term) {
	for _, c := range conjuncts(t) {
		k.asserted[c] = true
	}
	k.Solver.Assert(t)
}

func (k *known) Check(ctx context.Context, assume ...*smt.Term) Answer {
	if k.decided = k.contradiction(assume); k.decided {
		return Unsat
	}
	return k.Solver.Check(ctx, assume...)
}

func (k *known) contradiction(assume []*smt.Term) bool {
	if k.asserted[k.b.False()] || k.b.Contradict(assume...) {
		return true
	}
	for _, t := range assume {
		for _, c := range conjuncts(t) {
			if k.asserted[k.b.Not(c)] {
				return true
			}
		}
	}
	return false
}

func (k *known) Model() *smt.Model {
	if k.decided {
		return nil
	}
	return k.Solver.Model()
}

// conjuncts lists the terms that t is the conjunction of.
func conjuncts(t *smt.Term) []*smt.Term {
	if t.Op() == smt.OpAnd {
		return t.Args()
	}
	return []*smt.Term{t}
}
