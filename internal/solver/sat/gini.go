package sat

import (
	"context"
	"time"

	"github.com/go-air/gini"
	"github.com/go-air/gini/z"
)

// embedded is gini behind [Solver].
type embedded struct {
	g     *gini.Gini
	false bool // the empty clause was added
}

// New returns the embedded solver. Its search depends on the clauses alone, so answers and models are
// the same in every run, unless a deadline cuts a search short.
func New() Solver { return &embedded{g: gini.New()} }

func (e *embedded) NewVar() Lit { return Lit(e.g.Lit().Dimacs()) }

func (e *embedded) AddClause(lits ...Lit) {
	if len(lits) == 0 {
		e.false = true
		return
	}
	for _, l := range lits {
		e.g.Add(z.Dimacs2Lit(int(l)))
	}
	e.g.Add(z.LitNull)
}

// forever is the time limit of a search without a deadline.
const forever = 1 << 20 * time.Second

func (e *embedded) Solve(ctx context.Context, assume []Lit) Result {
	if ctx.Err() != nil {
		return Unknown
	}
	if e.false {
		return Unsat
	}
	limit := forever
	if deadline, ok := ctx.Deadline(); ok {
		limit = time.Until(deadline)
	}
	for _, l := range assume {
		e.g.Assume(z.Dimacs2Lit(int(l)))
	}
	// A limit that is over makes Try return without consuming the assumptions.
	switch e.g.Try(max(limit, 1)) {
	case 1:
		return Sat
	case -1:
		return Unsat
	}
	return Unknown
}

func (e *embedded) Value(l Lit) bool { return e.g.Value(z.Dimacs2Lit(int(l))) }
