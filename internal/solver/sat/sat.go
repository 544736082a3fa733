// Package sat decides clauses over Boolean variables, incrementally and under assumptions.
//
// [Solver] is the whole interface that the bit-blaster needs; [New] gives the embedded solver. Another
// solver is another file of this package.
package sat

import "context"

// Lit is a literal in DIMACS form: variable n or, if negative, its negation. 0 is not a literal.
type Lit int32

// Result is what a search ended with.
type Result int

// The results. Unknown is the zero value.
const (
	Unknown Result = iota
	Sat
	Unsat
)

// Solver is an incremental SAT solver.
type Solver interface {
	// NewVar returns the positive literal of a fresh variable.
	NewVar() Lit
	// AddClause adds the disjunction of lits for good. The empty clause is false.
	AddClause(lits ...Lit)
	// Solve decides the clauses together with assume, which is forgotten afterwards; Unknown if ctx
	// ended first.
	Solve(ctx context.Context, assume []Lit) Result
	// Value gives a variable's value in the model of the last Solve, which answered Sat; AddClause
	// and NewVar end that model's life.
	Value(l Lit) bool
}
