package verify

import (
	"context"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"

	"vigor/internal/contract"
	"vigor/internal/diag"
	"vigor/internal/load"
	"vigor/internal/obligation"
	"vigor/internal/smt"
	"vigor/internal/solver"
	"vigor/internal/solver/embedded"
	"vigor/internal/source"
	"vigor/internal/spec/resolve"
	"vigor/internal/symbex"
	"vigor/internal/symbex/summary"
)

// stages are the stages of a verification, in order. Each reads what the ones before it left in the
// run; one that reports a problem ends the run.
var stages = []stage{
	{"load", (*run).load},           // NF source → SSA, inside the subset
	{"contracts", (*run).contracts}, // comments of libvig and packet → contracts
	{"specs", (*run).specs},         // Python → typed specs
	{"execute", (*run).execute},     // SSA → runs, with the obligations of safety
	{"compare", (*run).compare},     // runs × specs → obligations of the specs
	{"prove", (*run).prove},         // obligations → findings, each with a model
	{"lint", (*run).lint},           // contracts used → do they keep what they promise
	{"replay", (*run).replay},       // models → cases run through the compiled NF
}

// stage is one step of a verification.
type stage struct {
	name string
	do   func(*run, context.Context) error
}

// Limits of one verification; reaching one makes the outcome unknown.
const (
	maxPaths               = 4096       // of the NF, or of one spec on one run
	effort   solver.Effort = 20_000_000 // for one question to the solver

	moreGenerations = 4 // of instances of the contracts, when the usual ones leave doubts
)

// run is one verification under way.
type run struct {
	cfg     Config
	report  *Report
	builder *smt.Builder

	generations int // of instances of the contracts; 0: as many as usual

	nf        *load.NF                     // by load
	library   map[string]*contract.Package // by contracts, by import path
	schema    *resolve.Schema              // by specs
	claims    []*claim                     // by specs; the first is the NF's safety
	program   *symbex.Program              // by execute
	used      map[string]bool              // libvig operations, by execute and compare
	questions *counter                     // to the solver
	doubtful  int                          // findings that no case confirms, by replay
	saved     int                          // cases written
	execution *symbex.Result               // by execute
}

// claim is one thing to prove: the NF's safety, or one spec.
type claim struct {
	report     SpecReport
	spec       *resolve.Spec // nil: safety
	paths      []obligation.Path
	unreached  []resolve.Point
	findings   []obligation.Finding
	confirmed  int  // causes that a case confirmed
	incomplete bool // something stopped before all was seen
	time       time.Duration
}

// counter counts the questions to a solver.
type counter struct {
	*embedded.Solver
	asked int
}

// Check passes the question on.
func (c *counter) Check(ctx context.Context, assume ...*smt.Term) solver.Answer {
	c.asked++
	return c.Solver.Check(ctx, assume...)
}

// explorer returns a new explorer over the run's solver.
func (r *run) explorer() *symbex.Explorer {
	return &symbex.Explorer{Builder: r.builder, Solver: r.questions, MaxPaths: maxPaths}
}

// problems adds diagnostics about the NF as a whole.
func (r *run) problems(list ...diag.Diagnostic) {
	r.report.Diagnostics = append(r.report.Diagnostics, list...)
}

// all runs the stages and measures them. Findings that no case confirms may be due to too few instances
// of the contracts: then execution and what follows are tried once more with more of them.
func (r *run) all(ctx context.Context) error {
	err := r.from(ctx, "load")
	if err == nil && r.doubtful > 0 {
		r.generations = moreGenerations
		r.forget()
		err = r.from(ctx, "execute")
	}
	if len(r.report.Diagnostics) > 0 {
		return err
	}
	for _, c := range r.claims {
		r.report.Specs = append(r.report.Specs, c.report)
	}
	return err
}

// forget clears what execution and the stages after it found.
func (r *run) forget() {
	r.doubtful = 0
	r.report.Measured.Specs = nil // each claim's time goes on
	for i, c := range r.claims {
		r.claims[i] = &claim{spec: c.spec, time: c.time,
			report: SpecReport{File: c.report.File, Name: c.report.Name, Title: c.report.Title,
				Lines: c.report.Lines}}
	}
}

// from runs the stages from the named one on.
func (r *run) from(ctx context.Context, name string) error {
	first := slices.IndexFunc(stages, func(s stage) bool { return s.name == name })
	for _, stage := range stages[first:] {
		r.progress(Step{Stage: stage.name})
		start := time.Now()
		err := stage.do(r, ctx)
		r.report.Measured.Stages = append(r.report.Measured.Stages, Timing{stage.name, time.Since(start)})
		r.measureMemory()
		if ctx.Err() != nil { // whatever the stage says may be due to that
			r.report.Diagnostics = []diag.Diagnostic{diag.New(diag.Interrupted, source.Span{}, "stopped in stage %q: %v",
				stage.name, context.Cause(ctx))}
			return nil
		}
		if err != nil || len(r.report.Diagnostics) > 0 {
			return err
		}
	}
	return nil
}

func (r *run) progress(s Step) {
	if r.cfg.Progress != nil {
		r.cfg.Progress(s)
	}
}

func (r *run) measureMemory() {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	r.report.Measured.Memory = max(r.report.Measured.Memory, stats.HeapAlloc)
}

func (r *run) load(ctx context.Context) error {
	nf, problems, err := load.Load(ctx, load.Config{Dir: r.cfg.Dir, Pattern: r.cfg.Package,
		Overlay: r.cfg.Overlay})
	r.nf = nf
	r.problems(problems...)
	return err
}

// contracts reads what stands for the bodies of the library packages.
func (r *run) contracts(context.Context) error {
	r.library = map[string]*contract.Package{}
	for _, path := range []string{load.LibraryPath, load.PacketPath} {
		pkg := r.nf.Packages[path]
		if pkg == nil {
			continue
		}
		parsed, problems := contract.Parse(r.nf.Fset, pkg.Files, pkg.Info, pkg.Types)
		r.library[path] = parsed
		for _, p := range problems {
			d := diag.New(diag.BadContract, source.At(source.FromToken(p.Pos)), "%s", p.Message)
			r.problems(d.With("hint", "%s", p.Hint))
		}
	}
	return nil
}

// execute runs the NF on every path, and its hints.
func (r *run) execute(ctx context.Context) error {
	r.builder = smt.NewBuilder()
	r.questions = &counter{Solver: embedded.New(r.builder)}
	program, problem := symbex.NewProgram(ctx, r.nf, r.library, r.builder)
	if problem != nil {
		r.problems(*problem)
		return nil
	}
	r.program, r.used = program, program.Used
	program.Generations = r.generations
	result, problem := symbex.Execute(ctx, program, r.explorer())
	if problem != nil {
		r.problems(*problem)
		return nil
	}
	if r.nf.Hint != nil {
		if problem := symbex.ExecuteHint(ctx, program, r.explorer(), result); problem != nil {
			r.problems(*problem)
			return nil
		}
	}
	r.execution = result
	safety := r.claims[0]
	for _, run := range result.All {
		safety.paths = append(safety.paths, obligation.Path{Path: run.Path, Run: run})
	}
	return nil
}

// compare runs each spec on every run of the NF.
func (r *run) compare(ctx context.Context) error {
	for _, c := range r.claims[1:] {
		start := time.Now()
		r.progress(Step{Stage: "compare", Spec: c.report.File})
		result, problem := obligation.Compare(ctx, r.explorer(), r.execution.Runs, c.spec, r.schema)
		if problem != nil {
			c.report.Diagnostics = append(c.report.Diagnostics, *problem)
			c.incomplete = true
		}
		c.paths, c.unreached = result.Paths, result.Unreached
		maps.Copy(r.used, result.Used)
		for _, h := range result.Holes {
			c.report.Holes = append(c.report.Holes, Hole{h.Span.String(), h.Text})
		}
		c.time += time.Since(start)
	}
	return nil
}

// prove decides the obligations of every claim.
func (r *run) prove(ctx context.Context) error {
	for _, c := range r.claims {
		start := time.Now()
		d := &obligation.Discharger{Builder: r.builder, Solver: r.questions, Effort: effort}
		for i, p := range c.paths {
			r.progress(Step{Stage: "prove", Spec: c.report.File, Paths: i, Obligations: d.Count})
			c.findings = append(c.findings, d.Discharge(ctx, p)...)
		}
		if len(c.findings) == 0 && len(r.claims[0].findings) == 0 {
			for _, p := range c.paths {
				for _, f := range d.Possible(ctx, p) {
					f.Claim.Span = r.nf.Span(p.Run.End())
					c.findings = append(c.findings, f)
				}
			}
		}
		c.report.Paths, c.report.Obligations = len(c.paths), d.Count
		c.time += time.Since(start)
		r.report.Measured.Specs = append(r.report.Measured.Specs, Timing{c.report.File, c.time})
	}
	return nil
}

// lint checks that the contracts which stood for bodies keep what they promise.
func (r *run) lint(ctx context.Context) error {
	types := map[string]*contract.Type{}
	for name := range r.used {
		typeName, _, _ := strings.Cut(name, ".")
		types[typeName] = r.library[load.LibraryPath].Types[typeName]
	}
	builder := smt.NewBuilder() // apart from the run's, whose questions are larger
	p := prover{builder, embedded.New(builder), ctx}
	for _, name := range slices.Sorted(maps.Keys(types)) {
		r.problems(summary.Lint(builder, types[name], p)...)
	}
	return nil
}

// prover decides implications by the solver.
type prover struct {
	builder *smt.Builder
	solver  solver.Solver
	ctx     context.Context
}

// Valid reports whether c follows from facts.
func (p prover) Valid(c *smt.Term, facts ...*smt.Term) bool {
	ctx, cancel := solver.WithEffort(p.ctx, effort)
	defer cancel()
	return p.solver.Check(ctx, append(slices.Clip(facts), p.builder.Not(c))...) == solver.Unsat
}
