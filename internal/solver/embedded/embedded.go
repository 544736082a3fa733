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

// Solver is the default stack of layers.
type Solver struct {
	*solver.Validate
	log *solver.Log
}

var _ solver.Solver = (*Solver)(nil)

// New returns the default stack for terms of b. Use one for a whole run: what it has translated and
// learnt serves later questions, until that is little of what it holds.
func New(b *smt.Builder) *Solver {
	engine := func() solver.Solver { return bitblast.New(sat.New()) }
	blasted := solver.NewFresh(func() solver.Sized { return bitblast.New(sat.New()) })
	log := solver.NewLog(blasted)
	cores := solver.NewCores(log, blasted.Core)
	sums := solver.NewSums(b, solver.NewModels(solver.NewCorners(cores)), engine)
	stack := solver.NewKnown(b, solver.NewCache(solver.NewSuggestingModels(sums, blasted.Suggest)))
	return &Solver{solver.NewValidate(stack), log}
}

// Records gives the questions that no layer could answer, oldest first.
func (s *Solver) Records() []solver.Record { return s.log.Records() }
