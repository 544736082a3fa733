// Package check evaluates contracts on concrete values, so that tests run the very lines that proofs
// rely on.
//
// A test adapts its structure to [Structure], which gives the observers' values and says over which
// indices and keys quantifiers range. [New] makes a [Checker]; around each call of an operation stand
// [Checker.Before], which evaluates requires and takes a copy of the state, and [Call.After], which
// evaluates every ensures line, that every observer without a definition is unchanged, and every
// exposes line. [Checker.Constructed] does the same for a constructor, [Function] for a plain function.
//
// Values are Go values: any integer type for int, bool, and comparable values for type parameters. A
// quantifier over more than the adapter lists, and a read outside of it, are errors, never skipped. An
// observer declared on D is read only where D holds.
//
// Start at [Checker.Before]; eval.go evaluates expressions.
package check

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"vigor/internal/contract"
)

// Structure is a test's adapter around the object under test.
type Structure interface {
	// Observer gives an observer's present value; index is the one index, an int or a key, or nothing
	// for a scalar. An argument that the operation uses as an index is asked for, too, even if it lies
	// outside Indices. An observer on D is asked only where D holds.
	Observer(name string, index ...any) any
	// Indices gives the range, both ends included, of quantifiers over int and of observers indexed by
	// int: -1..capacity+1 is a good choice. It must not change during a call.
	Indices() (low, high int)
	// Keys lists the values over which quantifiers over the type parameter range: those in use and
	// some that are not. Arguments of the call are added. It must not change during a call.
	Keys(param string) []any
}

// Load reads the contracts of the package in a folder, its tests left out.
func Load(dir string) (*contract.Package, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", dir, err)
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("reading contracts: %w", err)
		}
		files = append(files, f)
	}
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(fset, "source", nil), IgnoreFuncBodies: true}
	pkg, err := config.Check(dir, fset, files, info)
	if err != nil {
		return nil, fmt.Errorf("reading contracts: %w", err)
	}
	out, problems := contract.Parse(fset, files, info, pkg)
	if len(problems) > 0 {
		return nil, fmt.Errorf("reading contracts: %v", problems[0])
	}
	return out, nil
}

// Checker evaluates the contracts of one type on one object.
type Checker struct {
	typ *contract.Type
	s   Structure
}

// New returns a checker of the object behind s.
func New(typ *contract.Type, s Structure) *Checker { return &Checker{typ, s} }

// Call is a call in progress.
type Call struct {
	c      *Checker
	op     *contract.Operation
	args   []any
	domain domain
	before state
}

// Before evaluates the requires lines of an operation for the call that is about to be made. The error
// tells which line fails, or that it cannot be evaluated.
func (c *Checker) Before(operation string, args ...any) (*Call, error) {
	op := c.typ.Operations[operation]
	if op == nil {
		return nil, fmt.Errorf("%s.%s has no contract", c.typ.Name, operation)
	}
	call := &Call{c: c, op: op, args: args}
	return call, guard(func() {
		call.domain = c.domain(op, args)
		call.before = c.observe(call.domain)
		v := &evaluator{old: call.before, domain: call.domain, vars: bind(op.Params, args)}
		for _, q := range op.Requires {
			v.demand(q, op.Name+" requires")
		}
	})
}

// After evaluates what must hold now that the call has returned these results.
func (call *Call) After(results ...any) error {
	return guard(func() {
		call.domain.add(call.op, call.op.Results, results)
		now := call.c.observe(call.domain)
		v := &evaluator{old: call.before, now: now, domain: call.domain, vars: bind(call.op.Params, call.args)}
		v.bind(call.op.Results, results)
		v.ensures(call.op)
		v.frame(call.op)
		v.exposes(call.op)
	})
}

// Constructed evaluates the contract of a constructor that has just made the object with these
// arguments.
func (c *Checker) Constructed(constructor string, args ...any) error {
	op := c.typ.Constructors[constructor]
	if op == nil {
		return fmt.Errorf("%s has no constructor %s with a contract", c.typ.Name, constructor)
	}
	return guard(func() {
		d := c.domain(op, args)
		v := &evaluator{now: c.observe(d), domain: d, vars: bind(op.Params, args)}
		for _, q := range op.Requires {
			v.demand(q, op.Name+" requires")
		}
		v.ensures(op)
		v.exposes(op)
	})
}

// Function evaluates the contract of a plain function on a call's arguments and results.
func Function(op *contract.Operation, args, results []any) error {
	return guard(func() {
		v := &evaluator{vars: bind(op.Params, args), domain: domain{}}
		for _, q := range op.Requires {
			v.demand(q, op.Name+" requires")
		}
		v.bind(op.Results, results)
		v.ensures(op)
	})
}

// domain holds the values over which each index sort ranges: under "int" and type parameter names.
type domain map[string][]any

func (c *Checker) domain(op *contract.Operation, args []any) domain {
	low, high := c.s.Indices()
	d := domain{}
	for i := low; i <= high; i++ {
		d["int"] = append(d["int"], i)
	}
	for _, p := range c.typ.TypeParams {
		for _, k := range c.s.Keys(p) {
			d.put(p, k)
		}
	}
	d.add(op, op.Params, args)
	return d
}

// add makes the keys of a call, and the integers that op uses as an index, part of what is observed.
func (d domain) add(op *contract.Operation, vars []*contract.Variable, values []any) {
	if len(vars) != len(values) {
		failf("the call has %d values for %d parameters or results", len(values), len(vars))
	}
	for i, v := range vars {
		switch v.Sort().Kind {
		case contract.Param:
			d.put(v.Sort().Name, values[i])
		case contract.Int:
			if n := integer(values[i]); n.IsInt64() && isIndex(op, v.Name) {
				d.put("int", int(n.Int64()))
			}
		}
	}
}

// isIndex reports whether op reads or updates an observer at the variable.
func isIndex(op *contract.Operation, name string) bool {
	found := false
	is := func(e contract.Expr) {
		v, ok := e.(*contract.Variable)
		found = found || ok && v.Name == name
	}
	op.Walk(func(e contract.Expr) {
		if r, ok := e.(*contract.Read); ok && r.Index != nil {
			is(r.Index)
		}
	})
	for _, d := range op.Defs {
		for _, u := range d.Updates {
			is(u.Index)
		}
	}
	return found
}

func (d domain) put(sort string, v any) {
	if !slices.Contains(d[sort], v) {
		d[sort] = append(d[sort], v)
	}
}

// state is a copy of all observers: name, then index (nil for a scalar).
type state map[string]map[any]any

func (c *Checker) observe(d domain) state {
	s := state{}
	for _, g := range c.typ.Ghosts {
		values := map[any]any{}
		s[g.Name] = values
		if g.Index == nil {
			values[nil] = c.s.Observer(g.Name)
			continue
		}
		for _, i := range d[sortName(*g.Index)] {
			if g.On == nil || truth(s[g.On.Name][i]) {
				values[i] = c.s.Observer(g.Name, i)
			}
		}
	}
	return s
}

func sortName(s contract.Sort) string {
	if s.Kind == contract.Param {
		return s.Name
	}
	return "int"
}

func bind(vars []*contract.Variable, values []any) map[string]any {
	v := &evaluator{vars: map[string]any{}}
	v.bind(vars, values)
	return v.vars
}
