package replay

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"vigor/internal/contract"
)

// instrument returns files, the texts of libvig, with every exported operation checking first what
// its contract requires: a call that breaks it panics and names the conjunct. The checks read the
// structures through the methods observe<Name> that accessors, a file of the harness, adds to them.
// A scalar observer without such a method is kept in a field ghost<Name>, as the contracts define
// it.
//
// Nothing moves to another line, so that stacks name the lines of the source.
func instrument(files map[string][]byte, accessors []byte) (map[string][]byte, error) {
	in := &instrumenter{fset: token.NewFileSet(), inserts: map[string][]insertion{},
		accessors: map[string]bool{}, ghosts: map[*contract.Ghost]bool{}}
	if err := in.read(files, accessors); err != nil {
		return nil, err
	}
	in.each(in.checkCalls)
	in.each(in.keepGhosts)
	for _, name := range slices.Sorted(maps.Keys(in.contracts.Types)) {
		in.addFields(in.contracts.Types[name])
	}
	if in.err != nil {
		return nil, in.err
	}
	out := map[string][]byte{}
	for name, text := range files {
		out[name] = inserted(text, in.inserts[name])
	}
	return out, nil
}

// instrumenter works on the files of one package.
type instrumenter struct {
	fset      *token.FileSet
	syntax    []*ast.File
	contracts *contract.Package
	accessors map[string]bool // "Table.alloc"
	ghosts    map[*contract.Ghost]bool
	inserts   map[string][]insertion
	err       error // the first
}

// insertion is text to add at an offset of a file.
type insertion struct {
	offset int
	text   string
}

// fail keeps the first error.
func (in *instrumenter) fail(pos token.Position, format string, args ...any) {
	if in.err == nil {
		at := fmt.Sprintf("libvig/%s:%d:%d", filepath.Base(pos.Filename), pos.Line, pos.Column)
		in.err = fmt.Errorf("%s: adding checks of contracts: %s", at, fmt.Sprintf(format, args...))
	}
}

// read parses the files and their contracts, and finds the accessors.
func (in *instrumenter) read(files map[string][]byte, accessors []byte) error {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := parser.ParseFile(in.fset, name, files[name], parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("adding checks of contracts: %w", err)
		}
		in.syntax = append(in.syntax, f)
	}
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: opaque{}, IgnoreFuncBodies: true}
	pkg, err := config.Check(libraryPath, in.fset, in.syntax, info)
	if err != nil {
		return fmt.Errorf("adding checks of contracts: %w", err)
	}
	contracts, problems := contract.Parse(in.fset, in.syntax, info, pkg)
	if len(problems) > 0 {
		return fmt.Errorf("adding checks of contracts: %v", problems[0])
	}
	in.contracts = contracts
	added, err := parser.ParseFile(token.NewFileSet(), "", accessors, parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("adding checks of contracts: %w", err)
	}
	for _, d := range added.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			in.accessors[receiverType(f)+"."+f.Name.Name] = true
		}
	}
	return nil
}

// opaque imports packages without their contents: the declarations of libvig use only package
// unsafe.
type opaque struct{}

// Import returns an empty package.
func (opaque) Import(name string) (*types.Package, error) {
	if name == "unsafe" {
		return types.Unsafe, nil
	}
	p := types.NewPackage(name, path.Base(name))
	p.MarkComplete()
	return p, nil
}

// each calls f with every function that has a contract.
func (in *instrumenter) each(f func(d *ast.FuncDecl, op *contract.Operation)) {
	for _, file := range in.syntax {
		for _, d := range file.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Body != nil {
				if op := in.operation(d); op != nil {
					f(d, op)
				}
			}
		}
	}
}

// operation returns the contract of a function, or nil.
func (in *instrumenter) operation(d *ast.FuncDecl) *contract.Operation {
	if d.Recv != nil {
		if t := in.contracts.Types[receiverType(d)]; t != nil {
			return t.Operations[d.Name.Name]
		}
		return nil
	}
	for _, t := range in.contracts.Types {
		if op := t.Constructors[d.Name.Name]; op != nil {
			return op
		}
	}
	return in.contracts.Funcs[d.Name.Name]
}

// receiverType returns the name of a method's type, "" for a function.
func receiverType(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) != 1 {
		return ""
	}
	x := d.Recv.List[0].Type
	for {
		switch y := x.(type) {
		case *ast.StarExpr:
			x = y.X
		case *ast.IndexExpr:
			x = y.X
		case *ast.IndexListExpr:
			x = y.X
		case *ast.Ident:
			return y.Name
		default:
			return ""
		}
	}
}

// checkCalls adds the checks of what an operation requires.
func (in *instrumenter) checkCalls(d *ast.FuncDecl, op *contract.Operation) {
	name := op.Name
	if d.Recv != nil {
		name = receiverType(d) + "." + name
	}
	t := in.translator(d, op)
	for _, q := range op.Requires {
		if q.Var != nil {
			in.fail(q.Pos, "%s requires %s, which speaks of all values of %s", name, q.Text(), q.Var.Name)
			continue
		}
		t.pos = q.Pos
		for _, c := range conjuncts(q.Body) {
			message := "contract: " + name + " requires " + (&contract.Quantified{Body: c}).Text()
			in.insert(d.Body.Lbrace, fmt.Sprintf(" if !(%s) { panic(%q) };", t.text(c), message))
		}
	}
}

// conjuncts splits e at its outermost &&.
func conjuncts(e contract.Expr) []contract.Expr {
	if b, ok := e.(*contract.Binary); ok && b.Op == "&&" {
		return append(conjuncts(b.X), conjuncts(b.Y)...)
	}
	return []contract.Expr{e}
}

// keepGhosts has an operation change the fields of observers as it defines them: by guards over its
// results and a value of its arguments, which is computed before the body may assign to them.
func (in *instrumenter) keepGhosts(d *ast.FuncDecl, op *contract.Operation) {
	for _, def := range op.Defs {
		if !in.ghosts[def.Target.Ghost] {
			continue
		}
		if op.Constructor {
			if l, ok := def.Value.(*contract.Literal); !ok || l.Value.Sign() != 0 || len(def.Guards) > 0 {
				in.fail(def.Pos, "%s has no accessor in the harness, and the field kept instead starts at 0, not %s",
					def.Target.Name(), def.Value)
			}
			continue
		}
		t := in.translator(d, op)
		t.pos = def.Pos
		value := t.defined(def.Value, false)
		guards := []string{"true"}
		for _, g := range def.Guards {
			guards = append(guards, t.defined(g, true))
		}
		in.insert(d.Body.Lbrace, fmt.Sprintf(" defer func(ghost int64) { if %s { %s.%s = ghost } }(%s);",
			strings.Join(guards, " && "), t.receiver, fieldOf(def.Target.Ghost), value))
	}
	for _, g := range op.Modifies {
		if in.ghosts[g] {
			in.fail(op.Pos, "%s changes %s without defining it", op.Name, g.Name)
		}
	}
}

// fieldOf names the field kept for an observer.
func fieldOf(g *contract.Ghost) string { return "ghost" + capital(g.Name) }

// capital writes a name with a capital first letter.
func capital(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

// addFields adds the fields kept for observers of a type.
func (in *instrumenter) addFields(t *contract.Type) {
	var fields string
	for _, g := range t.Ghosts {
		if in.ghosts[g] {
			fields += " " + fieldOf(g) + " int64;"
		}
	}
	if fields == "" {
		return
	}
	for _, f := range in.syntax {
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.TypeSpec); ok && s.Name.Name == t.Name {
				if s, ok := s.Type.(*ast.StructType); ok {
					in.insert(s.Fields.Opening, fields)
				}
			}
			return true
		})
	}
}

// insert adds text after a brace.
func (in *instrumenter) insert(brace token.Pos, text string) {
	p := in.fset.PositionFor(brace, false)
	in.inserts[p.Filename] = append(in.inserts[p.Filename], insertion{p.Offset + 1, text})
}

// inserted returns a text with insertions, those at one offset in their order.
func inserted(text []byte, list []insertion) []byte {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b insertion) int { return a.offset - b.offset })
	var out []byte
	from := 0
	for _, i := range list {
		out = append(append(out, text[from:i.offset]...), i.text...)
		from = i.offset
	}
	return append(out, text[from:]...)
}
