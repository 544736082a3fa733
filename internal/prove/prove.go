// Package prove proves the bodies of a package of data structures against their contracts: for every
// capacity, every state and every argument.
//
// Input is the package's source, with contracts and proofs in comments; output is a [Report] with an
// outcome for each function and lemma. Each function is executed symbolically, forward, with one path
// for each branch; what must hold on the way (bounds, no overflow, preconditions of calls, invariants,
// postconditions) becomes an [Obligation], a text in SMT-LIB of its own, and goes to outside solvers.
// Integers are mathematical, with an obligation for each operation that could overflow; facts about
// bits are proved apart, with bit-vectors, from the same text.
//
// Guarantee: a function is proved if every obligation is, and then it meets its contract, ends, and
// does not panic. Only unsat from a solver proves. Anything that the prover does not know (a statement,
// an expression, a line of proof) is a [Problem], and nothing of the function is proved. Assumes: the
// slices and components of a structure belong to it alone, which the prover checks by syntax: they are
// made in the literal that constructs and never handed out.
//
// The contracts are those that an NF is verified against, read by package contract; lines for proofs
// alone are inv, represent, ghost, invariant, decreases, lemma and the like.
//
// Start at [Run], then run.go for a function, exec.go for statements, formula.go for the language.
package prove

import (
	"context"
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Config says what to prove and with what.
type Config struct {
	Dir     string                 // folder of the package
	Overlay map[string][]byte      // file name within Dir to the text to read instead
	Only    func(name string) bool // asked for each function, and for its type; nil: everything
	Solvers []Solver
	Jobs    int    // solvers at a time
	Cache   *Cache // nil: every question is asked
	Keep    string // folder to write the questions to; empty for none

	Progress func(done, total int) // nil: nobody wants to know; called with the number of questions answered

	Examples time.Duration // how long to look for an example of each obligation that is not proved; 0: not at all

	Searched func(done, total int) // called with the number of examples looked for; may be nil

	Run bool // compile the calls that reach such an obligation, and run them

	Each bool // every program among the solvers has to prove every obligation, not one of them

	FirstFailure bool // stop once something is refused or not proved; what else there is stays unasked
}

// Report is what became of a package.
type Report struct {
	Functions []Function
	Problems  []Problem
	Unproved  []string // exported functions without a contract, about which nothing is claimed
	Trusted   []string // functions that are said to be trusted
	Seconds   float64
	Processor float64          // seconds that solvers had a processor
	Lines     map[string]Lines // of each type with proofs; those that belong to none under ""

	refused []Function // could not be executed: a problem says why
	source  string     // hash of the source
}

// Function is the result of one function or lemma.
type Function struct {
	Owner       string // Type.Method, or a name
	Type        string // that it is a method or constructor of; empty for lemmas and plain functions
	Pos         token.Position
	Obligations int
	Retries     int     // obligations that the first solver did not settle
	Seconds     float64 // of solvers
	Failed      []Failure

	exported            bool
	operation, contract string // of an operation with a contract: Type.Operation, and its hash
}

// Failure is an obligation that is not proved.
type Failure struct {
	Obligation
	Answer  string
	Example *Example // nil if there is none
	None    string   // why; empty if nobody looked
	Reached string   // calls that end where the claim does not hold, or that there are none; empty if nobody looked

	calls []step // that reach it
}

// Proved reports whether everything is.
func (r *Report) Proved() bool {
	return len(r.Problems) == 0 && !slices.ContainsFunc(r.Functions, func(f Function) bool { return len(f.Failed) > 0 })
}

// Run proves a package. The error is about the world: files that cannot be read, solvers that are not
// there.
func Run(ctx context.Context, c Config) (*Report, error) {
	start := time.Now()
	if c.Each {
		if err := twoPrograms(c.Solvers); err != nil {
			return nil, err
		}
	}
	w, err := load(c)
	if err != nil {
		return nil, err
	}
	report := &Report{Problems: w.problems, source: w.source, Lines: w.lines}
	prelude, problem := w.prelude()
	if problem != nil {
		report.Problems = append(report.Problems, *problem)
		return report, nil
	}
	report.Problems = append(report.Problems, w.recursive()...)
	report.Problems = append(report.Problems, w.unsound()...)
	tasks := w.tasks(c.Only, report)
	if c.Only != nil && len(tasks) == 0 && report.Proved() {
		report.Problems = append(report.Problems, Problem{token.Position{Filename: c.Dir},
			"nothing of that name can be proved", "name a type, Type.Method, a function or a lemma of the package"})
	}
	if c.FirstFailure && len(report.Problems) > 0 {
		return report, nil
	}
	err = solve(ctx, c, prelude, tasks, report)
	if len(report.Problems) > 0 && ctx.Err() == nil {
		err = nil // what is refused may be a question that no solver understands
	}
	if err == nil && c.Examples > 0 {
		w.examples(ctx, c, report)
	}
	report.Seconds = time.Since(start).Seconds()
	return report, err
}

// load reads and type-checks the package.
func load(c Config) (*world, error) {
	fset := token.NewFileSet()
	dir, err := build.ImportDir(c.Dir, 0)
	if err != nil {
		return nil, fmt.Errorf("finding the package in %s: %w", c.Dir, err)
	}
	if err := beyondText(dir); err != nil {
		return nil, err
	}
	var files []*ast.File
	texts, err := SourceFiles(c.Dir, c.Overlay)
	if err != nil {
		return nil, err
	}
	for _, name := range dir.GoFiles {
		text, ok := texts[name]
		if !ok {
			return nil, fmt.Errorf("reading the package: %s is gone", name)
		}
		f, err := parser.ParseFile(fset, filepath.Join(c.Dir, name), text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("reading the package: %w", err)
		}
		files = append(files, f)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{},
		Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}, Instances: map[*ast.Ident]types.Instance{}}
	check := types.Config{Importer: &imports}
	pkg, err := check.Check(dir.Name, fset, files, info)
	if err != nil {
		return nil, fmt.Errorf("checking the types of the package: %w", err)
	}
	w := read(fset, files, info, pkg)
	w.source = SourceHash(texts)
	w.lines = w.countLines(files, texts)
	return w, nil
}

// beyondText refuses what gives a package a meaning that its Go text does not show: files that are embedded, which set
// variables and which no hash of the source is of, and cgo.
func beyondText(dir *build.Package) error {
	for _, pattern := range slices.Sorted(maps.Keys(dir.EmbedPatternPos)) {
		return fmt.Errorf("%s: go:embed %s sets a variable to what no proof and no lock speaks of; write it in Go",
			dir.EmbedPatternPos[pattern][0], pattern)
	}
	if len(dir.CgoFiles) > 0 {
		return fmt.Errorf("%s: it imports C, of which nothing can be proved; write it in Go", filepath.Join(dir.Dir, dir.CgoFiles[0]))
	}
	return nil
}

// imports reads imported packages once for all packages that are proved.
var imports sourceImporter

// sourceImporter reads packages from their source; one at a time.
type sourceImporter struct {
	mu   sync.Mutex
	from types.Importer
}

// Import returns a package, as [types.Importer] says.
func (i *sourceImporter) Import(path string) (*types.Package, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.from == nil {
		i.from = importer.ForCompiler(token.NewFileSet(), "source", nil)
	}
	return i.from.Import(path)
}

// task is a function or lemma with what there is to prove.
type task struct {
	owner, of   string
	function    *function // nil for a lemma
	pos         token.Position
	obligations []Obligation
}

// tasks executes everything that has a contract.
func (w *world) tasks(only func(string) bool, report *Report) []task {
	var list []task
	add := func(f *function, owner, of string, pos token.Position, prove func() ([]Obligation, *Problem)) {
		if only != nil && !only(owner) && (of == "" || !only(of)) {
			return
		}
		obligations, problem := prove()
		if problem != nil {
			if !problem.Pos.IsValid() {
				problem.Pos = pos
			}
			report.Problems = append(report.Problems, *problem)
			report.refused = append(report.refused, Function{Owner: owner, Type: of})
			return
		}
		list = append(list, task{owner, of, f, pos, obligations})
	}
	for _, d := range w.lemmas {
		switch {
		case d.Word == "bits lemma":
			add(nil, d.Name, "", d.Pos, func() ([]Obligation, *Problem) { return w.bitsLemma(d) })
		case d.Word == "lemma":
			add(nil, d.Name, "", d.Pos, func() ([]Obligation, *Problem) { return w.proveLemma(d) })
		default:
			add(nil, d.Name, "", d.Pos, func() ([]Obligation, *Problem) { return w.proveFunction(d) })
		}
	}
	for _, f := range w.order {
		switch {
		case f.trusted:
			report.Trusted = append(report.Trusted, f.owner)
		case f.warms:
			add(f, f.owner, f.typeName(), w.position(f.decl), func() ([]Obligation, *Problem) { return nil, w.forms.warms(f) })
		case f.bits:
			add(f, f.owner, f.typeName(), w.position(f.decl), func() ([]Obligation, *Problem) { return w.bitsProof(f) })
		case f.op != nil || len(f.lines) > 0:
			add(f, f.owner, f.typeName(), w.position(f.decl), func() ([]Obligation, *Problem) { return w.execute(f) })
		case f.object.Exported() && (f.of == nil || ast.IsExported(f.of.name)):
			report.Unproved = append(report.Unproved, f.owner)
		}
	}
	return list
}

// typeName is the type that a function belongs to.
func (f *function) typeName() string {
	switch {
	case f.of != nil:
		return f.of.name
	case f.op != nil && f.op.Type != nil:
		return f.op.Type.Name
	}
	return ""
}

// operationName names an operation as verdicts do: a constructor is one of its type's.
func (f *function) operationName() string {
	if f.op.Type != nil {
		return f.op.Type.Name + "." + f.decl.Name.Name
	}
	return f.owner
}

// script is the text of a question.
func (o *Obligation) script(prelude string) string {
	if o.text != "" {
		return o.text
	}
	return prelude + strings.Join(o.facts.lines(), "\n") + "\n(assert (not " + o.goal.text + "))\n(check-sat)\n"
}
