// Package verify proves a network function against its Python specs, or shows a packet and a state
// that break it: it is the toolchain's public door.
//
// A [Config] names the NF's package and, if not all, the spec; [Run] returns a [Report] with an
// [Outcome] per spec and property. `vigor verify` prints that report; an NF's own test calls Run, so
// that `go test` proves the NF.
//
// Proved means: for every packet, every reachable state and every configuration that Validate
// accepts, the NF neither panics nor breaks a precondition of libvig and does what the spec says.
// It rests on what docs/trust.md lists; [Report.Assumed] names the libvig operations whose contracts
// are taken as given. Unknown is never success.
//
// Start at [Run].
package verify

import (
	"context"
	"runtime/debug"
	"strings"

	"vigor/internal/diag"
	"vigor/internal/source"
)

// Config says what to verify.
type Config struct {
	// Dir is the directory in which Package is resolved, and to which the report's file names are
	// relative; empty means the current one.
	Dir string
	// Package is the NF's package, as the go command takes it: ./nfs/nat.
	Package string
	// Spec is the one spec file to prove. If it is empty, these are proved: spec.py and every
	// properties/*.py of the package's folder.
	Spec string
	// Out is the directory in which each counterexample is left as a case for `vigor replay` and as
	// a capture; empty means none is written.
	Out string
	// Overlay replaces or adds source files and specs: path, absolute or relative to Dir, to content.
	Overlay map[string][]byte
	// First ends the run at the first violation that the compiled NF confirms. The report then has no other, and
	// what else was to be proved stays unknown. Where nothing is confirmed the run is like any other.
	First bool
	// Progress, if not nil, is told how far the run is. It may be called often and must be quick.
	Progress func(Step)
}

// Step says how far a run is.
type Step struct {
	Stage       string // as in Measured.Stages
	Spec        string // the file being proved, or empty
	Paths       int    // explored so far in this spec
	Obligations int    // discharged so far in this spec
}

// Run verifies one NF. It returns an error only if verification could not start: no such package,
// no spec, a go command that fails. What is wrong with the NF or its specs is in the report.
//
// A fault of the toolchain itself makes the outcome unknown.
func Run(ctx context.Context, cfg Config) (report *Report, err error) {
	r := &run{cfg: cfg, report: &Report{Package: cfg.Package}}
	defer func() {
		if fault := recover(); fault != nil {
			r.problems(diag.New(diag.ToolchainBug, source.Span{}, "%v", fault).
				With("at", "%s", faultPlace(string(debug.Stack()))))
			r.report.Conclude()
			report, err = r.report, nil
		}
	}()
	if err := r.all(ctx); err != nil {
		return nil, err
	}
	r.conclude()
	return r.report, nil
}

// faultPlace finds the function that panicked in a stack trace.
func faultPlace(stack string) string {
	_, after, _ := strings.Cut(stack, "panic(")
	for line := range strings.Lines(after) {
		if name, _, ok := strings.Cut(line, "("); ok && strings.HasPrefix(line, "vigor/") {
			return name
		}
	}
	return "unknown place"
}

// conclude settles the outcome of the whole run.
func (r *run) conclude() {
	assumed, err := r.assumed()
	if err != nil {
		r.problems(diag.New(diag.ToolchainBug, source.Span{}, "%v", err))
	}
	r.report.Assumed = assumed
	if r.questions != nil {
		r.report.Measured.Queries = r.questions.asked
		r.report.Measured.CacheHits = r.questions.asked - len(r.questions.Records())
		if err := r.questions.Err(); err != nil {
			r.problems(diag.New(diag.ToolchainBug, source.Span{}, "%v", err))
		}
	}
	r.report.Conclude()
}
