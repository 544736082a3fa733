package symbex_test

import (
	"context"
	"testing"

	"vigor/internal/smt"
	"vigor/internal/solver"
	"vigor/internal/symbex"
)

// slow answers no question before its effort is over.
type slow struct{}

func (slow) Check(ctx context.Context, _ ...*smt.Term) solver.Answer {
	for left := solver.EffortOf(ctx); *left > 0; {
		*left--
	}
	return solver.Unknown
}

func (slow) Model() *smt.Model { return nil }

// TestUndecidedBranch: a question without an answer ends with its effort, and both sides are explored.
func TestUndecidedBranch(t *testing.T) {
	b := smt.NewBuilder()
	e := &symbex.Explorer{Builder: b, Solver: slow{}, MaxPaths: 4, Effort: 1}
	taken := map[bool]int{}
	_, problem := e.Explore(t.Context(), nil, func(p *symbex.Path) { taken[p.Branch(b.Var("c", 0))]++ })
	if problem != nil || taken[true] != 1 || taken[false] != 1 {
		t.Errorf("got %v, %v, want each side once", taken, problem)
	}
}

// TestPathLimit: what is not explored is not covered, and the explorer says so.
func TestPathLimit(t *testing.T) {
	b := smt.NewBuilder()
	e := &symbex.Explorer{Builder: b, Solver: slow{}, MaxPaths: 3, Effort: 1}
	paths, problem := e.Explore(t.Context(), nil, func(p *symbex.Path) {
		p.Branch(b.Var("c", 0))
		p.Branch(b.Var("d", 0))
	})
	if problem == nil || len(paths) != 3 {
		t.Errorf("got %d paths and %v, want 3 and a diagnostic", len(paths), problem)
	}
}
