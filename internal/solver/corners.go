package solver

import (
	"context"
	"math/big"
	"slices"

	"vigor/internal/smt"
)

// corners tries special values of the operands of hard arithmetic (products, quotients and remainders
// of two variable terms) in the last model before it asks: where a counterexample exists, it is
// often at 0, 1, the greatest value, or where two operands are equal, and search finds it late.
type corners struct {
	inner    Solver
	asserted []*smt.Term
	last     *smt.Model
	model    *smt.Model
	hard     map[*smt.Term][]*smt.Term // by assumption: see hardLeaves
}

// maxTries bounds the models tried for one question.
const maxTries = 48

// NewCorners wraps inner.
func NewCorners(inner Solver) Solver {
	return &corners{inner: inner, last: smt.NewModel(), hard: map[*smt.Term][]*smt.Term{}}
}

func (c *corners) Assert(t *smt.Term) {
	c.asserted = append(c.asserted, t)
	c.inner.Assert(t)
}

func (c *corners) Check(ctx context.Context, assume ...*smt.Term) Answer {
	c.model = nil
	if ctx.Err() != nil {
		return Unknown
	}
	if leaves := c.leaves(assume); len(leaves) > 0 {
		if m := c.search(leaves, assume); m != nil {
			c.model, c.last = m, m
			return Sat
		}
	}
	answer := c.inner.Check(ctx, assume...)
	if answer == Sat {
		c.model = c.inner.Model()
		c.last = c.model
	}
	return answer
}

func (c *corners) Model() *smt.Model { return c.model }

// leaves lists the variables below hard arithmetic in a question, each once.
func (c *corners) leaves(assume []*smt.Term) []*smt.Term {
	var list []*smt.Term
	for _, t := range assume {
		leaves, ok := c.hard[t]
		if !ok {
			leaves = hardLeaves(t)
			c.hard[t] = leaves
		}
		for _, v := range leaves {
			if !slices.Contains(list, v) {
				list = append(list, v)
			}
		}
	}
	return list
}

// hardLeaves lists the variables below products, quotients and remainders of two variable terms.
func hardLeaves(root *smt.Term) []*smt.Term {
	var hard, leaves []*smt.Term
	smt.Visit(func(t *smt.Term) {
		switch t.Op() {
		case smt.OpBVMul, smt.OpBVUDiv, smt.OpBVURem:
			_, left := t.Args()[0].Const()
			_, right := t.Args()[1].Const()
			if !left && !right {
				hard = append(hard, t)
			}
		}
	}, root)
	smt.Visit(func(t *smt.Term) {
		if t.Op() == smt.OpVar {
			leaves = append(leaves, t)
		}
	}, hard...)
	return leaves
}

// search changes one variable after another in copies of the last model.
func (c *corners) search(leaves, assume []*smt.Term) *smt.Model {
	tries := 0
	for _, v := range leaves {
		for _, value := range cornerValues(c.last, v, leaves) {
			if tries++; tries > maxTries {
				return nil
			}
			m := c.last.Clone()
			m.SetVar(v, value)
			if lastFalse(m, assume) == nil && lastFalse(m, c.asserted) == nil {
				return m
			}
		}
	}
	return nil
}

// cornerValues are 0, 1, the greatest value and the values of other variables of v's width.
func cornerValues(m *smt.Model, v *smt.Term, leaves []*smt.Term) []*big.Int {
	_, greatest := v.Range()
	values := []*big.Int{big.NewInt(0), big.NewInt(1), greatest}
	for _, u := range leaves {
		if u != v && u.Width() == v.Width() {
			values = append(values, m.Eval(u))
		}
	}
	return values
}
