// Package contract reads the contracts that stand in comments beside Go code: what a data structure's
// abstract state is, what each operation needs and what it does.
//
// Input is a package's syntax with its types; output is a [Package]: a [Type] per type with abstract
// state, an [Operation] per function with a contract, all names resolved and all expressions typed.
// The same tree is executed symbolically as the summary of a call (package symbex/summary), evaluated
// on concrete values in tests (package contract/check), and can be proved against the bodies.
//
// A contract line starts with "// @ "; a line whose text is indented further continues the one above,
// and "//" within it starts a remark. The doc comment of a type declares observers and the facts that
// hold in every state:
//
//	ghost alloc map[int]bool
//	ghost key map[int]K on alloc      key[i] means something only where alloc[i] holds
//	ghost cap uint31
//	exposes forall i int {alloc[i]} :: alloc[i] ==> 0 <= i && i < cap
//
// The doc comment of a function says requires, ensures, modifies and constructor, or warms alone, of an
// operation that requires and changes nothing and returns a hint without content. An ensures line is
// cut into definitions (observer == old(observer)[i := v]; forall i int :: observer[i] == e; result == e)
// and constraints on results that have no definition, each under guards. An observer that no
// definition names is unchanged.
//
// Guarantee: in a Package without problems every name has at most one definition for every valuation
// of the guards, definitions are not circular, every result is defined or constrained in every
// outcome, and an observer declared on D is read only where D is known to hold. Lines that only a
// prover of bodies needs (inv, invariant, decreases, lemma, represent and so on, and ghosts declared
// inside a struct) are kept as [Raw] text.
//
// Contracts of unexported functions and of methods of types without observers are the prover's alone
// and are kept as text too.
//
// Start at [Parse]; scan.go finds the lines, parse.go and resolve.go build the tree, ensures.go cuts
// postconditions, rules.go holds the static rules.
package contract

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// Package is all contracts of one Go package.
type Package struct {
	Types map[string]*Type
	Funcs map[string]*Operation // plain functions
	Raw   []Raw                 // the prover's lines, in the order of the source
}

// Type is a Go type with abstract state.
type Type struct {
	Name         string
	TypeParams   []string
	Ghosts       []*Ghost
	Exposes      []*Quantified
	Operations   map[string]*Operation // methods
	Constructors map[string]*Operation
	Pos          token.Position
	text         []string // normalised ghost and exposes lines
}

// Ghost is an observer: one component of a type's abstract state.
type Ghost struct {
	Name  string
	Index *Sort // nil for a scalar
	Value Sort
	On    *Ghost // where the observer means something; nil: everywhere
	Pos   token.Position
}

// Ghost returns the observer of that name, or nil.
func (t *Type) Ghost(name string) *Ghost {
	for _, g := range t.Ghosts {
		if g.Name == name {
			return g
		}
	}
	return nil
}

// OperationNames returns the names of the methods with a contract, sorted.
func (t *Type) OperationNames() []string { return sortedNames(t.Operations) }

// ConstructorNames returns the names of the constructors, sorted.
func (t *Type) ConstructorNames() []string { return sortedNames(t.Constructors) }

func sortedNames(m map[string]*Operation) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Changed reports whether some operation (constructors aside) may change the observer.
func (t *Type) Changed(g *Ghost) bool {
	for _, op := range t.Operations {
		if op.Modified(g) {
			return true
		}
	}
	return false
}

// Quantified is a formula under at most one universal quantifier.
type Quantified struct {
	Var     *Variable // nil: no quantifier
	Trigger *Read     // the read, at Var, that calls for an instance; nil if Var is
	Body    Expr
	Pos     token.Position
}

// String writes the formula as in a contract.
func (q *Quantified) String() string {
	if q.Var == nil {
		return q.Body.String()
	}
	trigger := ""
	if q.Trigger != nil {
		trigger = " {" + q.Trigger.String() + "}"
	}
	return "forall " + q.Var.Name + " " + q.Var.sort.String() + trigger + " :: " + q.Body.String()
}

// Text writes q without saying of each read which state it is in, as a requires line is written.
func (q *Quantified) Text() string {
	none := &Variable{}
	shown := *q
	shown.Body = at(q.Body, none, nil, false)
	if q.Trigger != nil {
		shown.Trigger = at(q.Trigger, none, nil, false).(*Read)
	}
	text := shown.String()
	if b, ok := shown.Body.(*Binary); ok && q.Var == nil {
		text = b.X.String() + " " + b.Op + " " + b.Y.String()
	}
	return text
}

// Operation is a function with a contract.
type Operation struct {
	Name        string
	Type        *Type // the receiver's, or what the constructor makes; nil for a plain function
	Params      []*Variable
	Results     []*Variable // empty for a constructor
	Requires    []*Quantified
	Defs        []*Def
	Constraints []*Constraint
	Modifies    []*Ghost // from modifies lines
	Constructor bool
	// Warms says that the operation requires nothing, changes nothing, and has one result, without
	// content: a hint, which nothing follows from.
	Warms bool
	// Order lists results and changed observers so that each comes after what its definition or
	// constraint depends on.
	Order []Target
	Pos   token.Position
	text  []string // normalised contract lines
}

// Target is what a definition defines: one of the two is set.
type Target struct {
	Ghost  *Ghost
	Result *Variable
}

// Name is the observer's or the result's name.
func (t Target) Name() string {
	if t.Ghost != nil {
		return t.Ghost.Name
	}
	return t.Result.Name
}

// Def gives a result or an observer after the call its value, when all Guards hold. Exactly one of the
// three forms is used: a whole observer is the old one with Updates (Updates is not nil but may be
// empty); a pointwise one is Value for each Var; a scalar or result is Value.
type Def struct {
	Guards  []Expr
	Target  Target
	Updates []Update
	Var     *Variable
	Value   Expr
	Pos     token.Position
}

// Update is one [Index := Value].
type Update struct{ Index, Value Expr }

// Constraint is what holds after the call when all Guards do; it limits results and modified scalars
// without a definition.
type Constraint struct {
	Guards []Expr
	Quantified
}

// Modified reports whether the operation may change the observer: it has a definition or is listed
// under modifies.
func (op *Operation) Modified(g *Ghost) bool {
	return slices.Contains(op.Modifies, g) ||
		slices.ContainsFunc(op.Defs, func(d *Def) bool { return d.Target.Ghost == g })
}

// Pure reports whether the operation changes no observer.
func (op *Operation) Pure() bool {
	return !op.Constructor && len(op.Modifies) == 0 &&
		!slices.ContainsFunc(op.Defs, func(d *Def) bool { return d.Target.Ghost != nil })
}

// Walk calls f on every expression of the contract and its subexpressions.
func (op *Operation) Walk(f func(Expr)) {
	for _, q := range op.Requires {
		Walk(q.Body, f)
	}
	for _, d := range op.Defs {
		for _, e := range append(slices.Clone(d.Guards), d.values()...) {
			Walk(e, f)
		}
	}
	for _, c := range op.Constraints {
		for _, e := range append(slices.Clone(c.Guards), c.Body) {
			Walk(e, f)
		}
	}
}

// IsGuard reports whether some clause depends on the boolean result: outcomes differ with it.
func (op *Operation) IsGuard(result string) bool {
	found := false
	look := func(guards []Expr) {
		for _, g := range guards {
			Walk(g, func(e Expr) {
				v, ok := e.(*Variable)
				found = found || ok && v.Result && v.Name == result
			})
		}
	}
	for _, d := range op.Defs {
		look(d.Guards)
	}
	for _, c := range op.Constraints {
		look(c.Guards)
	}
	return found
}

// Hash identifies the contract: SHA-256, in hexadecimal, of its normalised lines and of the type's
// ghost and exposes lines. Layout and remarks do not change it.
func (op *Operation) Hash() string {
	h := sha256.New()
	if op.Type != nil {
		h.Write([]byte(strings.Join(op.Type.text, "\n")))
	}
	h.Write([]byte("\n--\n" + strings.Join(op.text, "\n")))
	return hex.EncodeToString(h.Sum(nil))
}

// Raw is a line for the prover of bodies, kept as text.
type Raw struct {
	Pos   token.Position
	Owner string // the function or type it belongs to, as Type.Method; empty at file level
	Text  string
}

// Problem is an error in a contract.
type Problem struct {
	Pos           token.Position
	Message, Hint string
}

// String writes it as in a contract.
func (p Problem) String() string { return p.Pos.String() + ": " + p.Message }

// Parse reads the contracts of a type-checked package. With problems, the Package holds what could be
// read and must not be relied on.
func Parse(fset *token.FileSet, files []*ast.File, info *types.Info, pkg *types.Package) (*Package, []Problem) {
	r := &reader{fset: fset, info: info, pkg: pkg, hidden: map[string]map[string]bool{},
		out: &Package{Types: map[string]*Type{}, Funcs: map[string]*Operation{}}}
	units := r.scan(files)
	for _, u := range units {
		r.typeUnit(u)
	}
	for _, u := range units {
		r.funcUnit(u)
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.Pos.Filename, b.Pos.Filename), cmp.Compare(a.Pos.Offset, b.Pos.Offset))
	})
	return r.out, slices.Compact(r.problems)
}

// reader holds what one Parse works on.
type reader struct {
	fset     *token.FileSet
	info     *types.Info
	pkg      *types.Package
	out      *Package
	hidden   map[string]map[string]bool // type name to its ghosts for proofs only
	problems []Problem
}

// fail reports a problem.
func (r *reader) fail(pos token.Pos, message, hint string) {
	r.problems = append(r.problems, Problem{r.fset.Position(pos), message, hint})
}
