// Package embedded puts the default solver together: the bit-blaster on the embedded SAT solver below
// the layers of package solver. It needs no outside program.
//
// Start at [New].
package embedded

import (
	"vigor/internal/smt"
	"vigor/internal/solver"
	"vigor/internal/solver/bitblast"
	"vigor/internal/solver/sat"
)

// New returns the default stack of solvers for terms of b.
func New(b *smt.Builder) solver.Solver {
	return bitblast.New(sat.New())
}
