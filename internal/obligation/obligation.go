// Package obligation makes the formulas that an NF and a spec give rise to, and decides them.
//
// Input are the runs of the NF (package symbex) and one typed spec (package resolve); the spec is
// lowered on every run, and its outcome compared with what the NF did: the action, every byte sent,
// every state object. [Compare] returns the paths with their obligations; a [Discharger] decides
// obligations and returns a [Finding], with a model, for each that is not proved.
//
// Guarantee: if no obligation of the NF and of the comparison is left open, the NF does what the
// spec says on every frame, state and configuration that the runs cover. What nothing reaches is
// returned too ([Comparison.Unreached]), for a claim about nothing proves nothing.
//
// Start at [Compare]; world.go shows the run to the spec, packet.go and state.go compare.
package obligation

import (
	"context"
	"slices"

	"vigor/internal/diag"
	"vigor/internal/source"
	"vigor/internal/spec/lower"
	"vigor/internal/spec/resolve"
	"vigor/internal/symbex"
)

// Path is one path through the NF and then through the spec. The states of Run know what the spec
// asked of them, such as how many entries there are.
type Path struct {
	*symbex.Path
	Run *symbex.Run
}

// Comparison is what comparing the runs with one spec gives.
type Comparison struct {
	Paths []Path
	Holes []lower.Hole // in the order of discovery, each once
	// Used are the operations, as Type.Operation, that the spec was computed by.
	Used map[string]bool
	// Unreached are the points of the spec that no path meets.
	Unreached []resolve.Point
}

// Compare lowers a spec on every run and records the obligations that make the run do what it says.
// The diagnostic, if not nil, says why the exploration stopped.
func Compare(ctx context.Context, e *symbex.Explorer, runs []*symbex.Run, spec *resolve.Spec,
	schema *resolve.Schema) (*Comparison, *diag.Diagnostic) {
	c := &Comparison{Used: map[string]bool{}}
	reached := map[source.Span]bool{}
	seen := map[lower.Hole]bool{}
	for _, run := range runs {
		if d := missing(run, spec); d != nil {
			return c, d
		}
		continued := map[*symbex.Path]*symbex.Run{}
		paths, d := e.Explore(ctx, run.Path, func(p *symbex.Path) {
			w := newWorld(p, run, schema)
			continued[p] = w.run
			w.used = c.Used
			result := w.compare(p, spec)
			for _, point := range result.Reached {
				reached[point.Span] = reached[point.Span] || p.Possible(point.When)
			}
			for _, h := range result.Holes {
				if !seen[h] {
					seen[h], c.Holes = true, append(c.Holes, h)
				}
			}
		})
		for _, p := range paths {
			c.Paths = append(c.Paths, Path{p, continued[p]})
		}
		if d != nil {
			return c, d
		}
	}
	for _, point := range spec.Points {
		if !reached[point.Span] {
			c.Unreached = append(c.Unreached, point)
		}
	}
	return c, nil
}

// missing reports an object that the spec imports and New leaves nil.
func missing(run *symbex.Run, spec *resolve.Spec) *diag.Diagnostic {
	for _, o := range spec.Objects {
		object := slices.ContainsFunc(run.Objects, func(has symbex.StateObject) bool { return has.Name == o.GoName })
		cell := slices.ContainsFunc(run.Cells, func(has symbex.Cell) bool { return has.Name == o.GoName })
		if !object && !cell {
			d := diag.New(diag.NoSuchImport, spec.Span, "the NF has no '%s': New leaves the field %s nil", o.Name, o.GoName)
			return &d
		}
	}
	return nil
}

// compare runs the spec on one path and states that the NF did the same.
func (w *world) compare(p *symbex.Path, spec *resolve.Spec) *lower.Result {
	result := lower.Run(p, spec, &w.World)
	o := &result.Outcome
	if o.Kind == lower.Unspecified || o.Kind == lower.Excluded {
		return result
	}
	if o.Kind != lower.Open && w.action(p, o) {
		w.bytes(p, o)
		for _, check := range o.Checks {
			p.Prove(check.Holds, check.Claim)
		}
	}
	w.state(p, spec, result)
	return result
}
