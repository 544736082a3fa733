// Package sat decides clauses over Boolean variables, incrementally and under assumptions.
//
// [Solver] is the whole interface that the bit-blaster needs; [New] gives the embedded solver, which learns
// a clause from every conflict. Another solver is another type with that interface.
//
// Guarantee of the embedded solver: its search depends on the clauses and questions alone, and its effort is
// counted, not timed; so answers, models and what is left undecided are the same on every machine. Its answers
// are compared with those of other programs in tests; that Unsat is right is trusted, Sat is evaluated above.
//
// Start at [Solver], then embedded.go for the search, propagate.go and analyse.go for its two halves.
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

// Question is what is asked of the clauses added so far.
type Question struct {
	// Assume are literals that hold for this question only.
	Assume []Lit
	// Cone has the variables that matter. Whatever values they are given that break no clause, the other variables
	// must have values, too, that do not. Nil means that all matter.
	Cone []Lit
	// Effort, if not nil, is the number of assignments that may still be made; the search takes what it makes off, and
	// ends as Unknown at 0. Only the embedded solver counts.
	Effort *int64
}

// Solver is an incremental SAT solver.
type Solver interface {
	// NewVar returns the positive literal of a fresh variable.
	NewVar() Lit
	// AddClause adds the disjunction of lits for good. The empty clause is false.
	AddClause(lits ...Lit)
	// Solve decides the clauses together with the assumptions, which are forgotten afterwards; Unknown if ctx or the
	// effort ended first.
	Solve(ctx context.Context, q Question) Result
	// Prefer has the search try l before its negation, until it has found another value for it. It changes no answer.
	Prefer(l Lit)
	// Value gives a literal's value in the model of the last Solve, which answered Sat, if its variable is one of the
	// cone; AddClause and NewVar end that model's life.
	Value(l Lit) bool
	// Core gives assumptions of the last Solve, which answered Unsat, that suffice for it.
	Core() []Lit
}
