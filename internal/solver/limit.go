package solver

import (
	"context"
	"time"

	"vigor/internal/smt"
)

// limit gives every question its own time.
type limit struct {
	Solver
	each time.Duration
	over bool
}

// NewLimit wraps inner so that each question takes at most the time each; then it is Unknown.
func NewLimit(each time.Duration, inner Solver) Solver { return &limit{Solver: inner, each: each} }

func (l *limit) Check(ctx context.Context, assume ...*smt.Term) Answer {
	if l.over = l.each <= 0; l.over {
		return Unknown
	}
	ctx, cancel := context.WithTimeout(ctx, l.each)
	defer cancel()
	return l.Solver.Check(ctx, assume...)
}

func (l *limit) Model() *smt.Model {
	if l.over {
		return nil
	}
	return l.Solver.Model()
}
