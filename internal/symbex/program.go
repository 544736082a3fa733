package symbex

import (
	"context"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"vigor/internal/contract"
	"vigor/internal/diag"
	"vigor/internal/load"
	"vigor/internal/smt"
	"vigor/internal/solver"
)

// Program is an NF with the contracts that stand for the bodies of its libraries, after package
// initialisation.
type Program struct {
	NF        *load.NF
	Contracts map[string]*contract.Package // by import path
	// Used are the operations, as Type.Operation, whose contracts stood for their bodies so far.
	Used map[string]bool
	// Meant are the functions of packages nf and packet that were taken as what they mean so far.
	Meant map[*ssa.Function]bool
	// Generations bounds the instances of the contracts; 0: as many as usual.
	Generations int

	globals     map[*ssa.Global]*Object
	variables   map[*Object]bool // the values of globals
	memory      memory           // as package initialisation leaves it
	initialised bool
	pure        map[*ssa.Function]bool
}

// NewProgram interprets the initialisation of the NF's packages. Contracts are those of the library
// packages, whose functions are never entered.
func NewProgram(ctx context.Context, nf *load.NF, contracts map[string]*contract.Package,
	b *smt.Builder) (*Program, *diag.Diagnostic) {
	p := &Program{NF: nf, Contracts: contracts, Used: map[string]bool{}, Meant: map[*ssa.Function]bool{}, globals: map[*ssa.Global]*Object{},
		variables: map[*Object]bool{}, memory: memory{}, pure: map[*ssa.Function]bool{}}
	for _, pkg := range nf.SourcePackages() {
		if pkg.SSA == nil || pkg.Path == load.LibraryPath {
			continue
		}
		for _, member := range sortedMembers(pkg.SSA) {
			if g, ok := member.(*ssa.Global); ok {
				p.declare(g, b)
			}
		}
	}
	concrete := &Explorer{Builder: b, Solver: noSolver{}, MaxPaths: 1}
	paths, d := concrete.Explore(ctx, nil, func(path *Path) {
		m := p.machine(path)
		defer m.locate()
		m.call(nf.Package.Func("init"), nil, nil)
		p.memory = m.memory
	})
	p.initialised = true
	if d == nil {
		d = initialised(paths)
	}
	return p, d
}

// initialised reports what makes package initialisation panic.
func initialised(paths []*Path) *diag.Diagnostic {
	for _, path := range paths {
		for _, o := range path.Obligations { // everything is a constant, so what holds is settled
			d := diag.New(o.Claim.Code, o.Claim.Span, "%s while the package is initialised", o.Claim.Say(smt.NewModel().Eval))
			return &d
		}
	}
	return nil
}

// noSolver has no answers: package initialisation depends on constants alone.
type noSolver struct{}

func (noSolver) Model() *smt.Model { return nil }

func (noSolver) Check(context.Context, ...*smt.Term) solver.Answer { return solver.Unknown }

func (p *Program) declare(g *ssa.Global, b *smt.Builder) {
	t := g.Type().Underlying().(*types.Pointer).Elem()
	o := &Object{Name: g.Name(), Type: t}
	p.globals[g], p.variables[o] = o, true
	p.memory[o] = zero(b, t)
}

// exported reports whether specs may import the NF's field of that name.
func (p *Program) exported(goName string) bool {
	for _, field := range p.NF.State {
		if field.GoName == goName {
			return true
		}
	}
	return false
}

func (p *Program) isGlobal(o *Object) bool { return p.variables[o] }

// machine returns a machine that starts where package initialisation ended.
func (p *Program) machine(path *Path) *Machine {
	return &Machine{b: path.builder, p: path, program: p, memory: p.memory.clone(),
		guard: path.builder.True()}
}

// packagePath is where fn is declared; for an instance of a generic function, where that is.
func packagePath(fn *ssa.Function) string {
	if origin := fn.Origin(); origin != nil {
		fn = origin
	}
	if fn.Pkg == nil {
		return ""
	}
	return fn.Pkg.Pkg.Path()
}

// isLibrary reports whether fn belongs to libvig, whose contracts stand for its bodies.
func (p *Program) isLibrary(fn *ssa.Function) bool { return packagePath(fn) == load.LibraryPath }

// isSource reports whether the body of fn may be run: it was loaded, or made by the SSA builder.
func (p *Program) isSource(fn *ssa.Function) bool {
	path := packagePath(fn)
	return fn.Blocks != nil && (path == "" || p.NF.Packages[path] != nil)
}

// function returns the contract of a plain function that has one.
func (p *Program) function(fn *ssa.Function) (*contract.Operation, bool) {
	pkg := p.Contracts[packagePath(fn)]
	if pkg == nil || fn.Signature.Recv() != nil {
		return nil, false
	}
	op, ok := pkg.Funcs[fn.Name()]
	return op, ok
}

// sortedMembers returns the members of a package by name.
func sortedMembers(pkg *ssa.Package) []ssa.Member {
	list := make([]ssa.Member, 0, len(pkg.Members))
	for _, name := range sortedKeys(pkg.Members) {
		list = append(list, pkg.Members[name])
	}
	return list
}
