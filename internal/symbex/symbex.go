// Package symbex runs an NF's packet handler on a symbolic frame, configuration and state, and returns
// every feasible run.
//
// Input is a loaded NF with the contracts of its libraries, a [Program]; output is a [Run] per feasible
// path through Validate, New and Process, with the obligations met on the way. Package obligation
// compares the runs with a spec and discharges the obligations. Calls into libvig are not
// entered: their contracts are applied instead (package summary).
//
// The state that Process starts from is what New left, with everything replaced by an arbitrary value
// that an operation, or Process itself, can change; so one packet stands for every packet.
// Branches without effects are folded into values (fold.go); the others fork, by replay (explorer.go).
//
// Guarantee: the conditions of the paths cover every frame, configuration and state that the contracts
// allow. Assumes: one goroutine, code inside the subset that package load checks, time that does not
// run back. Loops must end within a fixed number of rounds; otherwise Execute reports it and stops.
//
// Start at [Execute] and [ExecuteHint], then machine.go for blocks, step.go for instructions, memory.go for loads and
// stores, path.go for what a path knows.
package symbex

import (
	"context"
	"maps"

	"vigor/internal/diag"
)

// Result is every feasible run of an NF, and every path's obligations.
type Result struct {
	// Runs are those that came to an end: the configuration is valid, and nothing that was found on the
	// way makes them impossible.
	Runs []*Run
	// All has every run that was started, those of Runs included.
	All []*Run

	written *writes // fields that some run was seen to write
}

// writes are the fields that Process writes, as far as is known.
type writes struct {
	taken map[string]bool // those that may have any value when a packet arrives; the same on all paths
	found map[string]bool // those that some run was seen to write
}

// Execute runs the NF on all its paths.
func Execute(ctx context.Context, program *Program, e *Explorer) (*Result, *diag.Diagnostic) {
	found := map[string]bool{}
	for {
		// A run must meet the branches that the one it forked off met, whatever has been found since.
		written := &writes{taken: maps.Clone(found), found: found}
		result := &Result{written: written}
		pass, again := context.WithCancel(ctx)
		_, d := e.Explore(pass, nil, func(p *Path) {
			run := &Run{Path: p, Inputs: &Inputs{}}
			result.All = append(result.All, run)
			program.machine(p).process(run, written)
			if run.Complete {
				result.Runs = append(result.Runs, run)
			}
			if len(found) > len(written.taken) {
				again() // this pass takes a field for one that does not change: no more of it
			}
		})
		again()
		if len(found) == len(written.taken) {
			return result, d
		}
	}
}
