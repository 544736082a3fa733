package solver

import (
	"context"

	"vigor/internal/smt"
)

// Sized is a Solver that knows how much it has translated so far, in whatever unit it likes, and what it blames for an
// answer, and that can be told where to begin.
type Sized interface {
	Solver
	Size() int
	// Core gives assumptions of the last question, answered by Unsat, that contradict the assertions without the others.
	Core() []*smt.Term
	// Suggest has the next question's search begin with the values of m, which is likely to be a model of most of it. It
	// decides how long the search takes, not what it finds to be possible.
	Suggest(m *smt.Model)
}

// fresh replaces the solver below it by a new one when most of what that one holds belongs to earlier questions.
// A SAT solver gives every variable a value, so each question costs what all before it have left behind; a run with
// many paths, which share little, would take time in the square of their number.
//
// The new solver is told all assertions before it is asked, so it answers the same questions.
type fresh struct {
	inner    Sized
	start    func() Sized
	asserted []*smt.Term
	model    *smt.Model // to be suggested, nil if there is none
	first    int        // size after the first question of inner, 0 before it
}

// Growth of a solver beyond which it is replaced: so many times what its first question took, and never below a
// size at which translating anew would cost more than it saves.
const (
	freshFactor = 3
	freshLeast  = 20_000
)

// NewFresh returns the layer above the solvers that start makes.
func NewFresh(start func() Sized) Sized { return &fresh{inner: start(), start: start} }

func (f *fresh) Assert(t *smt.Term) {
	f.asserted = append(f.asserted, t)
	f.inner.Assert(t)
}

func (f *fresh) Check(ctx context.Context, assume ...*smt.Term) Answer {
	if f.first > 0 && f.inner.Size() > max(freshFactor*f.first, freshLeast) {
		f.inner, f.first = f.start(), 0
		for _, t := range f.asserted {
			f.inner.Assert(t)
		}
	}
	if f.model != nil {
		f.inner.Suggest(f.model)
		f.model = nil
	}
	answer := f.inner.Check(ctx, assume...)
	if f.first == 0 {
		f.first = max(f.inner.Size(), 1)
	}
	return answer
}

func (f *fresh) Size() int         { return f.inner.Size() }
func (f *fresh) Core() []*smt.Term { return f.inner.Core() }

// Suggest keeps the model until the next question, for the solver that is asked then may be a new one.
func (f *fresh) Suggest(m *smt.Model) { f.model = m }

func (f *fresh) Model() *smt.Model { return f.inner.Model() }
