package solver

import (
	"context"

	"vigor/internal/smt"
)

// cores answers Unsat where the assumptions include some that are known to contradict the assertions: what rules out
// one path usually rules out all that share its first decisions, and few of its many assumptions are to blame.
//
// Assertions are only ever added, so what contradicts them once does so for good.
type cores struct {
	inner Solver
	core  func() []*smt.Term
	known map[*smt.Term][][]*smt.Term // by the term with the highest ID: the others
	at    []uint32                    // by a term's ID: the question that assumed it last
	now   uint32
	found bool // the last question was answered here
}

// NewCores wraps inner; core gives assumptions of the last question that inner answered by Unsat, such that they
// contradict the assertions without the others.
func NewCores(inner Solver, core func() []*smt.Term) Solver {
	return &cores{inner: inner, core: core, known: map[*smt.Term][][]*smt.Term{}}
}

func (c *cores) Assert(t *smt.Term) { c.inner.Assert(t) }

func (c *cores) Check(ctx context.Context, assume ...*smt.Term) Answer {
	var all []*smt.Term
	for _, t := range assume {
		all = append(all, conjuncts(t)...)
	}
	if c.found = c.contradict(all); c.found {
		return Unsat
	}
	answer := c.inner.Check(ctx, all...)
	if answer == Unsat {
		c.keep(c.core())
	}
	return answer
}

// contradict reports whether a known core is among the terms.
func (c *cores) contradict(terms []*smt.Term) bool {
	c.now++
	for _, t := range terms {
		if n := t.ID() + 1 - len(c.at); n > 0 {
			c.at = append(c.at, make([]uint32, n)...)
		}
		c.at[t.ID()] = c.now
	}
	for _, t := range terms {
		for _, others := range c.known[t] {
			if c.assumed(others) {
				return true
			}
		}
	}
	return false
}

// assumed reports whether the question has all of the terms.
func (c *cores) assumed(terms []*smt.Term) bool {
	for _, t := range terms {
		if t.ID() >= len(c.at) || c.at[t.ID()] != c.now {
			return false
		}
	}
	return true
}

// keep remembers a core. An empty one is of no use: the assertions contradict each other.
func (c *cores) keep(core []*smt.Term) {
	if len(core) == 0 {
		return
	}
	last := core[0]
	for _, t := range core {
		if t.ID() > last.ID() {
			last = t
		}
	}
	var others []*smt.Term
	for _, t := range core {
		if t != last {
			others = append(others, t)
		}
	}
	c.known[last] = append(c.known[last], others)
}

func (c *cores) Model() *smt.Model {
	if c.found {
		return nil
	}
	return c.inner.Model()
}
