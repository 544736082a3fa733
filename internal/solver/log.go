package solver

import (
	"context"
	"time"

	"vigor/internal/smt"
)

// Record is one question and its answer.
type Record struct {
	Asserted, Assumed []*smt.Term // all assertions so far, and the assumptions
	Answer            Answer
	Elapsed           time.Duration
}

// Log is the layer that records every question that reaches it.
type Log struct {
	Solver
	asserted []*smt.Term
	records  []Record
}

// NewLog wraps inner.
func NewLog(inner Solver) *Log { return &Log{Solver: inner} }

// Assert passes a fact on.
func (l *Log) Assert(t *smt.Term) {
	l.asserted = append(l.asserted, t)
	l.Solver.Assert(t)
}

// Check passes the question on and records it.
func (l *Log) Check(ctx context.Context, assume ...*smt.Term) Answer {
	start := time.Now()
	answer := l.Solver.Check(ctx, assume...)
	n := len(l.asserted)
	assumed := append([]*smt.Term(nil), assume...)
	l.records = append(l.records, Record{l.asserted[:n:n], assumed, answer, time.Since(start)})
	return answer
}

// Records gives the questions so far, oldest first. Asking them again, in this order, of another
// Solver is the cross-check of a run.
func (l *Log) Records() []Record { return l.records }
