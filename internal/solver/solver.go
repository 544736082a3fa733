// Package solver decides whether terms of package smt can hold together.
//
// A [Solver] takes permanent facts and answers questions under assumptions. The layers of this
// package, each itself a Solver around another, make most questions cheap and every answer checked:
// [NewKnown] decides questions that repeat the assumptions, [NewModels] re-evaluates recent models,
// [NewCorners] tries corner values, [NewSums] splits questions about checksums, [NewCache] remembers answers and
// [NewCores] why they were Unsat, [NewFresh] replaces a back end that has grown, [NewLog] records and [NewValidate]
// evaluates every model on the original terms. [WithEffort] gives each question its effort. The back ends are below: bitblast on an embedded
// SAT solver, and process for outside programs; embedded puts the default stack together.
//
// Guarantee: an [Answer] other than Unknown is right if the back end is, and a Sat answer has a model
// that was evaluated. A solver stops with Unknown when its context ends, never with a guess.
//
// Start at [Solver].
package solver

import (
	"context"

	"vigor/internal/smt"
)

// Answer says whether assertions and assumptions can hold together.
type Answer int

// The answers. Unknown is the zero value: nothing was decided.
const (
	Unknown Answer = iota
	Sat
	Unsat
)

// String gives SMT-LIB's word for the answer.
func (a Answer) String() string { return [...]string{"unknown", "sat", "unsat"}[a] }

// Solver decides conjunctions of Bool terms of one [smt.Builder]. It is not safe for two goroutines.
type Solver interface {
	// Assert adds a permanent fact.
	Assert(t *smt.Term)
	// Check decides the assertions together with assume, which is forgotten afterwards. It answers
	// Unknown if ctx ends first; ctx needs a deadline to interrupt a search that is under way.
	Check(ctx context.Context, assume ...*smt.Term) Answer
	// Model gives values that make all of them true, after Check answered Sat; else nil. The model
	// stays valid after later calls.
	Model() *smt.Model
}
