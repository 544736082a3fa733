package solver

import (
	"context"
	"encoding/binary"
	"slices"

	"vigor/internal/smt"
)

// cache remembers answers by the set of assumptions. Unsat stays true when assertions are added; Sat
// is remembered for the same assertions only; Unknown is not remembered. Who asks again goes on from there, so the model
// is recalled for what comes next.
type cache struct {
	inner   Solver
	facts   int
	answers map[string]cached
	model   *smt.Model
}

type cached struct {
	answer Answer
	facts  int
	model  *smt.Model
}

// NewCache wraps inner.
func NewCache(inner Solver) Solver { return &cache{inner: inner, answers: map[string]cached{}} }

func (c *cache) Assert(t *smt.Term) {
	c.facts++
	c.inner.Assert(t)
}

func (c *cache) Check(ctx context.Context, assume ...*smt.Term) Answer {
	key := setKey(assume)
	if got, ok := c.answers[key]; ok && (got.answer == Unsat || got.facts == c.facts) {
		c.model = got.model
		if m, ok := c.inner.(*models); ok && c.model != nil {
			m.recall(c.model)
		}
		return got.answer
	}
	c.model = nil
	answer := c.inner.Check(ctx, assume...)
	if answer == Sat {
		c.model = c.inner.Model()
	}
	if answer != Unknown {
		c.answers[key] = cached{answer, c.facts, c.model}
	}
	return answer
}

func (c *cache) Model() *smt.Model { return c.model }

// setKey names a set of terms by their IDs.
func setKey(ts []*smt.Term) string {
	var ids []int
	for _, t := range ts {
		for _, c := range conjuncts(t) {
			ids = append(ids, c.ID())
		}
	}
	slices.Sort(ids)
	var key []byte
	for _, id := range slices.Compact(ids) {
		key = binary.AppendUvarint(key, uint64(id))
	}
	return string(key)
}
