package symbex

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/solver"
	"vigor/internal/source"
)

// Explorer runs a function on every feasible path, depth first. It forks by replay: a run that
// decided a branch is run again from the start with the other decision. Nothing in a run may depend
// on map order, addresses or time, or the replay would not meet the same branches.
type Explorer struct {
	Builder *smt.Builder
	Solver  Solver
	// MaxPaths bounds the number of paths of one exploration.
	MaxPaths int
	// Effort is what one question about a branch may take; a side that is not decided by then is explored. 0 means
	// [DefaultEffort].
	Effort solver.Effort
}

// DefaultEffort is what one question about a branch may take.
const DefaultEffort solver.Effort = 20_000_000

// Explore runs f on every path that extends base, which may be nil. A construct that the executor does
// not know ends the exploration with a diagnostic.
func (e *Explorer) Explore(ctx context.Context, base *Path, f func(*Path)) ([]*Path, *diag.Diagnostic) {
	var done []*Path
	for todo := [][]bool{nil}; len(todo) > 0; {
		prefix := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if len(done) == e.MaxPaths || ctx.Err() != nil {
			return done, e.gaveUp(ctx)
		}
		p := e.start(ctx, base, prefix)
		if d := run(p, f); d != nil {
			return done, d
		}
		// Whether the whole path can be taken is asked now, while a model that led along it is at hand; the solver remembers.
		p.feasible()
		p.simple, p.stale, p.learned = nil, nil, nil // they would take most of the memory
		if base != nil {                             // no other path goes on from this one
			p.forms, p.known, p.terms = nil, nil, nil
		}
		done = append(done, p)
		todo = append(todo, p.alternatives()...)
	}
	return done, nil
}

func (e *Explorer) gaveUp(ctx context.Context) *diag.Diagnostic {
	d := diag.New(diag.TooManyPaths, source.Span{}, "gave up after %d paths", e.MaxPaths)
	if ctx.Err() != nil {
		d = diag.New(diag.Interrupted, source.Span{}, "stopped: %v", context.Cause(ctx))
	}
	return &d
}

func (e *Explorer) start(ctx context.Context, base *Path, prefix []bool) *Path {
	p := &Path{builder: e.Builder, solver: e.Solver, ctx: ctx, prefix: prefix,
		known: map[*smt.Term]*smt.Term{}, fresh: map[string]int{},
		effort: cmp.Or(e.Effort, DefaultEffort)}
	if base != nil {
		p.condition = slices.Clip(slices.Clone(base.condition))
		p.known = maps.Clone(base.known)
		p.terms = slices.Clone(base.terms)
		if base.forms != nil {
			p.forms = base.forms.clone()
		}
		p.fresh = maps.Clone(base.fresh)
		if len(prefix) == 0 {
			p.recall()
		}
	}
	return p
}

// run calls f and turns its two ways of ending early into results.
func run(p *Path, f func(*Path)) (d *diag.Diagnostic) {
	defer func() {
		switch r := recover().(type) {
		case nil:
			if len(p.decisions) < len(p.prefix) {
				panic(fmt.Sprintf("replay ended after %d of %d decisions", len(p.decisions), len(p.prefix)))
			}
		case stop:
		case *refusal:
			d = &r.diagnostic
		default:
			panic(r)
		}
	}()
	f(p)
	return nil
}

// alternatives returns the prefixes of the paths that fork off p, the deepest last.
func (p *Path) alternatives() [][]bool {
	var list [][]bool
	for _, at := range p.forks {
		prefix := slices.Clone(p.decisions[:at+1])
		prefix[at] = !prefix[at]
		list = append(list, prefix)
	}
	return list
}

// refusal is the panic that carries a diagnostic out of the executor: the program uses what it
// cannot run.
type refusal struct {
	diagnostic diag.Diagnostic
}

// unsupported makes a refusal whose position the machine fills in.
func unsupported(format string, args ...any) *refusal {
	return &refusal{diag.New(diag.Unsupported, source.Span{},
		"%s is outside what the executor runs", fmt.Sprintf(format, args...))}
}
