package lower

import (
	"math/big"

	"vigor/internal/diag"
	"vigor/internal/smt"
)

// Concrete is a Path on which every term is a constant: the spec runs on values. An obligation is a
// check, and the first one that fails is kept.
type Concrete struct {
	b *smt.Builder
	// Failed are the claims that do not hold, in order; Say may be called with [Concrete.Value].
	Failed []diag.Claim
	// Unknown is set if a condition was no constant: the world given to Run was not concrete.
	Unknown *smt.Term
}

// NewConcrete returns a path over constants of b.
func NewConcrete(b *smt.Builder) *Concrete { return &Concrete{b: b} }

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
		c.Failed = append(c.Failed, claim)
	}
}

// Choose takes 0: a concrete object chooses by itself, so nothing asks.
func (c *Concrete) Choose(_ string, width int, constraint func(*smt.Term) *smt.Term) *smt.Term {
	v := c.b.Word(0, width)
	if constraint != nil && !constraint(v).IsTrue() && c.Unknown == nil {
		c.Unknown = constraint(v)
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
