package solver

import (
	"context"
	"fmt"
	"slices"

	"vigor/internal/smt"
)

// Validate is the layer that believes no model: each is evaluated on the terms as they were asserted
// and assumed. A model that fails is a bug of a layer below; the answer becomes Unknown and Err
// tells.
type Validate struct {
	inner    Solver
	asserted []*smt.Term
	model    *smt.Model
	latest   []*smt.Model // newest first
	err      error
}

// maxEvaluated is the number of models that keep the values of the terms that were evaluated. Many more are kept, in
// caches and findings, without.
const maxEvaluated = 64

// NewValidate wraps inner.
func NewValidate(inner Solver) *Validate { return &Validate{inner: inner} }

// Assert passes a fact on and keeps it for later models.
func (v *Validate) Assert(t *smt.Term) {
	v.asserted = append(v.asserted, t)
	v.inner.Assert(t)
}

// Check passes the question on and evaluates the model, if there is one.
func (v *Validate) Check(ctx context.Context, assume ...*smt.Term) Answer {
	v.model = nil
	answer := v.inner.Check(ctx, assume...)
	if answer != Sat {
		return answer
	}
	m := v.inner.Model()
	if m == nil {
		v.fail(fmt.Errorf("solver: sat without a model"))
		return Unknown
	}
	for _, list := range [][]*smt.Term{v.asserted, assume} {
		if t := lastFalse(m, list); t != nil {
			v.fail(fmt.Errorf("solver: the model makes a term false: %v", t))
			return Unknown
		}
	}
	v.model = m
	v.keep(m)
	return Sat
}

// keep has the oldest model forget its values.
func (v *Validate) keep(m *smt.Model) {
	v.latest = slices.Insert(slices.DeleteFunc(v.latest, func(o *smt.Model) bool { return o == m }), 0, m)
	if len(v.latest) > maxEvaluated {
		v.latest[maxEvaluated].Forget()
		v.latest = v.latest[:maxEvaluated]
	}
}

func (v *Validate) fail(err error) {
	if v.err == nil {
		v.err = err
	}
}

// Model gives the validated model.
func (v *Validate) Model() *smt.Model { return v.model }

// Err is the first wrong model's error, nil if there was none. It is an internal error of the toolchain.
func (v *Validate) Err() error { return v.err }

// lastFalse gives the last term that m makes false, nil if all are true. What was assumed last is the likeliest to be
// false, so most models are out after one term.
func lastFalse(m *smt.Model, list []*smt.Term) *smt.Term {
	for _, t := range slices.Backward(list) {
		if !m.Holds(t) {
			return t
		}
	}
	return nil
}
