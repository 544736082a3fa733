package lower

import (
	"math/big"

	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/spec/resolve"
)

// Concrete is a Path on which every term is a constant: the spec runs on values. An obligation is a
// check.
type Concrete struct {
	b *smt.Builder
	// Unknown is set if a condition was no constant: the world given to Run was not concrete.
	Unknown *smt.Term
}

// NewConcrete returns a path over constants of b.
func NewConcrete(b *smt.Builder) *Concrete { return &Concrete{b: b} }

// stop ends a run at an obligation that does not hold.
type stop struct{ claim diag.Claim }

// Run executes a spec on values. If an obligation does not hold, the run ends there: its claim is
// returned, whose Say takes [Concrete.Value], and no result.
func (c *Concrete) Run(spec *resolve.Spec, w *World) (result *Result, failed *diag.Claim) {
	defer func() {
		if r := recover(); r != nil {
			s, ok := r.(stop)
			if !ok {
				panic(r)
			}
			result, failed = nil, &s.claim
		}
	}()
	return Run(c, spec, w), nil
}

// Builder gives the builder of the constants.
func (c *Concrete) Builder() *smt.Builder { return c.b }

// Branch reads the constant.
func (c *Concrete) Branch(t *smt.Term) bool {
	if !t.IsTrue() && !t.IsFalse() && c.Unknown == nil {
		c.Unknown = t
	}
	return t.IsTrue()
}

// Prove checks the constant.
func (c *Concrete) Prove(t *smt.Term, claim diag.Claim) {
	if !c.Branch(t) {
		panic(stop{claim})
	}
}

// Choose takes 0: a concrete object chooses by itself, so nothing asks.
func (c *Concrete) Choose(_ string, width int, constraint func(*smt.Term) *smt.Term) *smt.Term {
	v := c.b.Word(0, width)
	if constraint != nil {
		c.Branch(constraint(v))
	}
	return v
}

// Axiom checks the constant.
func (c *Concrete) Axiom(t *smt.Term) { c.Branch(t) }

// Value gives the value of a constant, and 0 of anything else.
func (c *Concrete) Value(t *smt.Term) *big.Int {
	if v, ok := t.Const(); ok {
		return v
	}
	return new(big.Int)
}

// Simplify returns the constant itself.
func (c *Concrete) Simplify(t *smt.Term) *smt.Term { return t }
