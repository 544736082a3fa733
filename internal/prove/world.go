package prove

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"vigor/internal/contract"
)

// world is the package to prove: its Go declarations and what their comments say.
type world struct {
	fset      *token.FileSet
	files     []*ast.File
	info      *types.Info
	pkg       *types.Package
	contracts *contract.Package
	types     map[string]*structure
	functions map[string]*function // by owner: Type.method, or the name
	order     []*function          // those to prove, in the order of the source
	defs      map[string]*contract.Definition
	lemmas    []*contract.Definition // in the order of the source
	problems  []Problem
	forms     *form
	parts     map[string][]field // sort of a struct that is handed on whole to its fields
	source    string             // hash of the source
	lines     map[string]Lines
}

// Problem is something that the prover refuses, or that is wrong with a proof's text.
type Problem struct {
	Pos           token.Position
	Message, Cure string
}

// String is the problem as a line of a report.
func (p Problem) String() string { return fmt.Sprintf("%v: %s", p.Pos, p.Message) }

// refusal is what the prover panics with; it is caught per function or definition.
type refusal Problem

// refuse gives up on what is being read or executed.
func refuse(pos token.Position, cure, format string, args ...any) {
	panic(refusal{pos, fmt.Sprintf(format, args...), cure})
}

// structure is a type of the package with abstract state.
type structure struct {
	name      string
	contract  *contract.Type // nil for one without observers
	fields    []field
	unseen    []field           // those that functions that warm may write: no part of the state
	ghosts    []contract.Binder // of proofs only
	represent map[string]*contract.Tree
	invs      []proofLine
	wraps     []string // fields that count around, as Go does, and that nothing is claimed of
	named     *types.Named
}

// proofLine is a parsed line with its position.
type proofLine = *contract.ProofLine

// field is a field of a structure.
type field struct {
	name string
	typ  types.Type
}

// function is a Go function or method with a body.
type function struct {
	owner   string
	decl    *ast.FuncDecl
	object  *types.Func
	of      *structure // the receiver's; nil for a plain function
	op      *contract.Operation
	lines   []proofLine // of its doc comment: pure, requires, … of an unexported function
	body    []proofLine // inside the body
	pure    bool
	bits    bool
	trusted bool
	warms   bool
}

// read builds the world of a type-checked package.
func read(fset *token.FileSet, files []*ast.File, info *types.Info, pkg *types.Package) *world {
	w := &world{fset: fset, files: files, info: info, pkg: pkg, types: map[string]*structure{},
		functions: map[string]*function{}, defs: map[string]*contract.Definition{}}
	var problems []contract.Problem
	w.contracts, problems = contract.Parse(fset, files, info, pkg)
	for _, p := range problems {
		w.problems = append(w.problems, Problem{p.Pos, p.Message, p.Hint})
	}
	for _, f := range files {
		for _, d := range f.Decls {
			w.declare(d)
		}
	}
	w.forms = w.form()
	w.findParts()
	for _, raw := range w.contracts.Raw {
		w.line(raw)
	}
	for _, f := range w.order {
		if f.warms && f.of != nil {
			f.of.hide(f.modifies())
		}
	}
	return w
}

// hide takes fields of which nothing is claimed out of the state, since functions that warm write them, and their
// calls do not show it: no body that is proved can read them.
func (t *structure) hide(names []string) {
	for _, name := range names {
		f, ok := t.field(name)
		if !ok || !t.free(f) {
			continue // the form of the function is refused
		}
		t.unseen = append(t.unseen, f)
		t.fields = slices.DeleteFunc(t.fields, func(g field) bool { return g.name == name })
	}
}

// position is where a node starts.
func (w *world) position(n ast.Node) token.Position { return w.fset.Position(n.Pos()) }

// declare notes a declaration.
func (w *world) declare(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		w.declareFunc(d)
	case *ast.GenDecl:
		for _, s := range d.Specs {
			if s, ok := s.(*ast.TypeSpec); ok {
				w.declareType(s)
			}
		}
	}
}

func (w *world) declareType(s *ast.TypeSpec) {
	named, ok := w.info.Defs[s.Name].Type().(*types.Named)
	if !ok {
		return
	}
	st, ok := named.Underlying().(*types.Struct)
	if !ok {
		return
	}
	t := w.structure(s.Name.Name)
	t.named = named
	for f := range st.Fields() {
		t.fields = append(t.fields, field{f.Name(), f.Type()})
	}
}

// structure finds or makes the entry of a type.
func (w *world) structure(name string) *structure {
	if w.types[name] == nil {
		w.types[name] = &structure{name: name, contract: w.contracts.Types[name], represent: map[string]*contract.Tree{}}
	}
	return w.types[name]
}

func (w *world) declareFunc(d *ast.FuncDecl) {
	object := w.info.Defs[d.Name].(*types.Func)
	f := &function{owner: d.Name.Name, decl: d, object: object}
	if r := object.Signature().Recv(); r != nil {
		named := namedOf(r.Type())
		if named == nil {
			return
		}
		f.of = w.structure(named.Obj().Name())
		f.owner = f.of.name + "." + d.Name.Name
		if c := f.of.contract; c != nil {
			f.op = c.Operations[d.Name.Name]
		}
	} else {
		f.op = w.contracts.Funcs[d.Name.Name]
		for _, c := range w.contracts.Types {
			if op := c.Constructors[d.Name.Name]; op != nil {
				f.op = op
			}
		}
	}
	f.warms = f.op != nil && f.op.Warms
	w.functions[f.owner] = f
	w.order = append(w.order, f)
}

// namedOf is the named type behind pointers; nil if there is none.
func namedOf(t types.Type) *types.Named {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, _ := types.Unalias(t).(*types.Named)
	return n
}

// line files a line of the prover with what it belongs to.
func (w *world) line(raw contract.Raw) {
	l, problem := contract.ParseProof(raw)
	if problem != nil {
		w.problems = append(w.problems, Problem{problem.Pos, problem.Message, problem.Hint})
		return
	}
	switch {
	case l.Def != nil:
		w.define(l.Def)
	case raw.Owner == "":
		w.fail(raw.Pos, "a line outside of a declaration defines a function or a lemma", "%q belongs to nothing", l.Word)
	case w.functions[raw.Owner] != nil:
		w.functionLine(w.functions[raw.Owner], l)
	case w.types[raw.Owner] != nil:
		w.typeLine(w.types[raw.Owner], l)
	default:
		w.fail(raw.Pos, "only structs, functions and methods have lines", "%q belongs to nothing", l.Word)
	}
}

func (w *world) fail(pos token.Position, cure, format string, args ...any) {
	w.problems = append(w.problems, Problem{pos, fmt.Sprintf(format, args...), cure})
}

// countBody is what the count of contracts means, of a map[int]bool called a and an int called n.
const countBody = "((n <= 0) ? 0 : (count(a, (n - 1)) + (a[(n - 1)] ? 1 : 0)))"

func counts(d *contract.Definition) bool {
	params := []contract.Binder{{Name: "a", Type: "map[int]bool"}, {Name: "n", Type: "int"}}
	return d.Word == "pure" && d.Result == "int" && slices.Equal(d.Params, params) && d.Body.String() == countBody
}

func (w *world) define(d *contract.Definition) {
	if slices.Contains([]string{"old", "len", "everywhere", "true", "false"}, d.Name) {
		w.fail(d.Pos, "choose another name", "%s has a meaning in all formulas", d.Name)
		return
	}
	if d.Name == "count" && !counts(d) {
		w.fail(d.Pos, "define it as "+countBody+", of a map[int]bool and n int", "contracts say count of the number of elements that are true")
		return
	}
	if w.defs[d.Name] != nil || w.pkg.Scope().Lookup(d.Name) != nil {
		w.fail(d.Pos, "choose another name", "%s is defined already", d.Name)
		return
	}
	w.defs[d.Name] = d
	w.lemmas = append(w.lemmas, d)
}

func (w *world) functionLine(f *function, l proofLine) {
	if l.Pos.Offset >= w.fset.Position(f.decl.Pos()).Offset {
		f.body = append(f.body, l)
		return
	}
	switch l.Word {
	case "pure":
		f.pure = true
	case "bits":
		f.bits = true
	case "trusted":
		f.trusted = true
	case "warms":
		f.warms = true
	}
	f.lines = append(f.lines, l)
}

func (w *world) typeLine(t *structure, l proofLine) {
	switch l.Word {
	case "inv", "exposes":
		t.invs = append(t.invs, l)
	case "ghost":
		t.ghosts = append(t.ghosts, l.Vars...)
	case "wraps":
		t.wraps = append(t.wraps, l.Names...)
	case "represent":
		for _, s := range l.Sets {
			name := s.Left.Text
			if t.contract == nil || t.contract.Ghost(name) == nil || t.represent[name] != nil {
				w.fail(l.Pos, "each observer of the type is represented at most once", "%s cannot be represented", name)
				continue
			}
			t.represent[name] = s.Right
		}
	default:
		w.fail(l.Pos, "a type has inv, ghost, represent and wraps lines", "%q cannot stand in a type", l.Word)
	}
}

// lines returns the trees of the lines with a word.
func (f *function) trees(word string) []proofLine {
	var list []proofLine
	for _, l := range f.lines {
		if l.Word == word {
			list = append(list, l)
		}
	}
	return list
}

// modifies lists what an unexported function's modifies lines name.
func (f *function) modifies() []string {
	var list []string
	for _, l := range f.trees("modifies") {
		list = append(list, l.Names...)
	}
	return list
}

// sortName is the SMT sort of a type as written in a proof's line.
func sortName(text string, pos token.Position) string {
	switch {
	case text == "bool":
		return "Bool"
	case text == "int" || isRange(text):
		return "Int"
	case strings.HasPrefix(text, "[]"):
		return "(Array Int " + sortName(text[2:], pos) + ")"
	case strings.HasPrefix(text, "map["):
		index, value, _ := strings.Cut(text[4:], "]")
		return "(Array " + sortName(index, pos) + " " + sortName(value, pos) + ")"
	case len(text) == 1 && text[0] >= 'A' && text[0] <= 'Z':
		return text
	}
	refuse(pos, "bool, int, intN, uintN, a type parameter of one letter, maps and slices", "unknown type %s", text)
	return ""
}

// isRange reports whether text is int or uint followed by a width.
func isRange(text string) bool {
	digits := strings.TrimPrefix(strings.TrimPrefix(text, "u"), "int")
	return strings.Contains(text, "int") && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// contractSort is the SMT sort of a sort of the contract language.
func contractSort(s contract.Sort) string {
	switch s.Kind {
	case contract.Bool:
		return "Bool"
	case contract.Param:
		return s.Name
	}
	return "Int"
}

// ghostSort is the SMT sort of an observer.
func ghostSort(g *contract.Ghost) string {
	if g.Index == nil {
		return contractSort(g.Value)
	}
	return "(Array " + contractSort(*g.Index) + " " + contractSort(g.Value) + ")"
}

// sorted returns the keys of a map in order.
func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
