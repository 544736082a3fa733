package solver

import (
	"context"
	"slices"

	"vigor/internal/smt"
)

// maxModels is how many recent models are kept.
const maxModels = 12

// models answers Sat where a recent model fits: at a branch, the last model decides one side.
type models struct {
	inner    Solver
	asserted []*smt.Term
	recent   []*recentModel // newest first
	model    *smt.Model
	suggest  func(*smt.Model)
}

type recentModel struct {
	*smt.Model
	checked int // so many assertions hold
}

// NewModels wraps inner.
func NewModels(inner Solver) Solver { return NewSuggestingModels(inner, func(*smt.Model) {}) }

// NewSuggestingModels wraps inner; suggest is told the latest model before inner is asked. It is likely to be one of most
// of the question.
func NewSuggestingModels(inner Solver, suggest func(*smt.Model)) Solver {
	return &models{inner: inner, suggest: suggest}
}

func (l *models) Assert(t *smt.Term) {
	l.asserted = append(l.asserted, t)
	l.inner.Assert(t)
}

func (l *models) Check(ctx context.Context, assume ...*smt.Term) Answer {
	l.model = nil
	if ctx.Err() != nil {
		return Unknown
	}
	for i, m := range l.recent {
		if lastFalse(m.Model, assume) == nil && l.keepsAssertions(m) {
			l.recent = slices.Insert(slices.Delete(l.recent, i, i+1), 0, m)
			l.model = m.Model
			return Sat
		}
	}
	if len(l.recent) > 0 {
		l.suggest(l.recent[0].Model)
	}
	answer := l.inner.Check(ctx, assume...)
	if answer == Sat {
		l.model = l.inner.Model()
		l.recall(l.model)
	}
	return answer
}

// recall makes m the latest model.
func (l *models) recall(m *smt.Model) {
	i := slices.IndexFunc(l.recent, func(r *recentModel) bool { return r.Model == m })
	latest := &recentModel{Model: m}
	if i >= 0 {
		latest = l.recent[i]
		l.recent = slices.Delete(l.recent, i, i+1)
	}
	l.recent = slices.Insert(l.recent, 0, latest)
	l.recent = l.recent[:min(len(l.recent), maxModels)]
}

// keepsAssertions evaluates the assertions made since m was last used.
func (l *models) keepsAssertions(m *recentModel) bool {
	if lastFalse(m.Model, l.asserted[m.checked:]) != nil {
		return false
	}
	m.checked = len(l.asserted)
	return true
}

func (l *models) Model() *smt.Model { return l.model }
