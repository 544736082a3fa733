package obligation

import (
	"context"

	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/solver"
	"vigor/internal/symbex"
)

// Finding is an obligation that was not proved.
type Finding struct {
	symbex.Obligation
	Path    Path         // that met it
	Outcome diag.Outcome // Violated, with a Model, or Unknown
	Model   *smt.Model
}

// afterFailure is what a question may take at most once an obligation has failed: whatever the answer, the claim is
// not proved.
const afterFailure solver.Effort = 2_000_000

// Discharger decides obligations of one claim, each once.
type Discharger struct {
	Builder *smt.Builder
	Solver  solver.Solver
	// Effort is what one question may take.
	Effort solver.Effort
	// Count is the number of obligations met, those included that simplification decided.
	Count int

	failed bool // an obligation was violated
}

// Discharge decides the obligations that a path met, in order.
func (d *Discharger) Discharge(ctx context.Context, p Path) []Finding {
	var findings []Finding
	d.Count += p.Settled
	for _, o := range p.Obligations {
		d.Count++
		outcome, model := d.decide(ctx, o)
		if outcome != diag.Proved {
			findings = append(findings, Finding{Obligation: o, Path: p, Outcome: outcome, Model: model})
		}
	}
	return findings
}

// Possible reports a path on which everything was proved because it cannot be taken: a contract promises
// what contradicts itself. It is to be asked when no obligation failed, for what fails is assumed
// afterwards and may make a path impossible.
func (d *Discharger) Possible(ctx context.Context, p Path) []Finding {
	ctx, cancel := solver.WithEffort(ctx, d.Effort)
	defer cancel()
	condition := p.Condition()
	if d.Solver.Check(ctx, condition...) != solver.Unsat {
		return nil
	}
	claim := diag.Claim{Code: diag.Contradiction,
		Say: diag.Text("what is known along a path contradicts itself")}
	return []Finding{{Obligation: symbex.Obligation{Condition: condition, Goal: d.Builder.False(), Claim: claim},
		Path: p}}
}

// decide asks for a way to break the obligation: there is none exactly if it is proved.
func (d *Discharger) decide(ctx context.Context, o symbex.Obligation) (diag.Outcome, *smt.Model) {
	effort := d.Effort
	if d.failed {
		effort = min(effort, afterFailure)
	}
	ctx, cancel := solver.WithEffort(ctx, effort)
	defer cancel()
	switch d.Solver.Check(ctx, append(o.Condition, d.Builder.Not(o.Goal))...) {
	case solver.Unsat:
		return diag.Proved, nil
	case solver.Sat:
		d.failed = true
		return diag.Violated, d.Solver.Model()
	}
	return diag.Unknown, nil
}
