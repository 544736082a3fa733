package prove_test

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// mutant is a change of one token of the code of a function, or a statement left out. Comments, and so
// proofs, stay as they are.
type mutant struct {
	owner, structure string
	file             string
	from, to         int // offsets in the file
	text             string
	key              string // names the mutant in a table: the function, the line and the changed line
}

// apply returns the file with the change.
func (m mutant) apply(text string) string { return text[:m.from] + m.text + text[m.to:] }

// source is a folder's package as it is mutated.
type source struct {
	fset  *token.FileSet
	info  *types.Info
	texts map[string]string
	files map[string]*ast.File
}

// readSource reads the files of a package that are built here.
func readSource(t *testing.T, dir string, names []string) *source {
	t.Helper()
	s := &source{fset: token.NewFileSet(), texts: map[string]string{}, files: map[string]*ast.File{},
		info: &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{},
			Selections: map[*ast.SelectorExpr]*types.Selection{}}}
	var list []*ast.File
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(s.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		s.texts[name], s.files[name] = string(text), f
		list = append(list, f)
	}
	c := types.Config{Importer: importer.ForCompiler(s.fset, "source", nil)}
	if _, err := c.Check("libvig", s.fset, list, s.info); err != nil {
		t.Fatal(err)
	}
	return s
}

// mutants lists every change of the functions that owned says are proved, in the order of the source.
// It says of a plain function which structure it is mutated with.
func (s *source) mutants(owned func(owner string) (structure string, ok bool)) []mutant {
	var list []mutant
	seen := map[string]int{}
	for _, name := range sortedKeys(s.files) {
		for _, d := range s.files[name].Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			m := mutator{source: s, file: name, owner: ownerOf(f)}
			if m.structure, ok = owned(m.owner); !ok {
				continue
			}
			ast.Inspect(f.Body, func(n ast.Node) bool { m.node(n); return true })
			for _, x := range m.list {
				if seen[x.key]++; seen[x.key] > 1 {
					x.key += " #" + strconv.Itoa(seen[x.key])
				}
				list = append(list, x)
			}
		}
	}
	return list
}

// ownerOf names a function as the prover does.
func ownerOf(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	return receiverOf(f.Recv.List[0].Type) + "." + f.Name.Name
}

func receiverOf(e ast.Expr) string {
	switch x := e.(type) {
	case *ast.StarExpr:
		return receiverOf(x.X)
	case *ast.IndexExpr:
		return receiverOf(x.X)
	case *ast.IndexListExpr:
		return receiverOf(x.X)
	case *ast.Ident:
		return x.Name
	}
	return ""
}

// mutator collects the mutants of one function.
type mutator struct {
	*source
	file, owner, structure string
	list                   []mutant
}

// operators are what each operator is mistaken for.
var operators = map[token.Token][]token.Token{
	token.LSS: {token.LEQ, token.GEQ}, token.LEQ: {token.LSS, token.GTR}, token.GTR: {token.GEQ, token.LEQ},
	token.GEQ: {token.GTR, token.LSS}, token.EQL: {token.NEQ}, token.NEQ: {token.EQL},
	token.LAND: {token.LOR}, token.LOR: {token.LAND},
	token.ADD: {token.SUB}, token.SUB: {token.ADD}, token.MUL: {token.ADD}, token.QUO: {token.MUL},
	token.REM: {token.QUO}, token.AND: {token.OR}, token.OR: {token.AND}, token.SHL: {token.SHR},
	token.SHR: {token.SHL}, token.XOR: {token.AND}, token.AND_NOT: {token.AND},
	token.ADD_ASSIGN: {token.SUB_ASSIGN}, token.SUB_ASSIGN: {token.ADD_ASSIGN},
	token.MUL_ASSIGN: {token.ADD_ASSIGN}, token.INC: {token.DEC}, token.DEC: {token.INC},
}

// node adds the mutants of one node.
func (m *mutator) node(n ast.Node) {
	switch x := n.(type) {
	case *ast.BinaryExpr:
		m.operator(x.OpPos, x.Op)
	case *ast.AssignStmt:
		m.operator(x.TokPos, x.Tok)
	case *ast.IncDecStmt:
		m.operator(x.TokPos, x.Tok)
	case *ast.BasicLit:
		m.constant(x)
	case *ast.Ident:
		if c, ok := m.info.Uses[x].(*types.Const); ok {
			m.named(x, c)
		}
	case *ast.IndexExpr:
		if tv := m.info.Types[x.Index]; tv.IsValue() {
			m.replace(x.Index.End(), x.Index.End(), "+1")
			m.replace(x.Index.End(), x.Index.End(), "-1")
		}
	case *ast.SelectorExpr:
		m.field(x)
	case *ast.IfStmt:
		m.negate(x.Cond)
	case *ast.ForStmt:
		m.negate(x.Cond)
	case *ast.BlockStmt:
		for _, stmt := range x.List {
			m.drop(stmt)
		}
	}
}

func (m *mutator) operator(pos token.Pos, op token.Token) {
	for _, other := range operators[op] {
		m.replace(pos, pos+token.Pos(len(op.String())), other.String())
	}
}

func (m *mutator) constant(x *ast.BasicLit) {
	n, err := strconv.ParseInt(x.Value, 0, 64)
	if x.Kind != token.INT || err != nil {
		return
	}
	m.replace(x.Pos(), x.End(), strconv.FormatInt(n+1, 10))
	if n > 0 {
		m.replace(x.Pos(), x.End(), strconv.FormatInt(n-1, 10))
	}
}

// named replaces a named constant by its neighbours, and a truth value by the other one.
func (m *mutator) named(x *ast.Ident, c *types.Const) {
	if c.Val().Kind() == constant.Bool {
		m.replace(x.Pos(), x.End(), strconv.FormatBool(!constant.BoolVal(c.Val())))
	} else if n, ok := constant.Int64Val(c.Val()); ok {
		m.replace(x.Pos(), x.End(), strconv.FormatInt(n+1, 10))
		m.replace(x.Pos(), x.End(), strconv.FormatInt(n-1, 10))
	}
}

// field replaces a field by another one of the same type.
func (m *mutator) field(x *ast.SelectorExpr) {
	selection := m.info.Selections[x]
	if selection == nil || selection.Kind() != types.FieldVal {
		return
	}
	of := selection.Recv()
	if p, ok := of.Underlying().(*types.Pointer); ok {
		of = p.Elem()
	}
	st, ok := of.Underlying().(*types.Struct)
	if !ok {
		return
	}
	for f := range st.Fields() {
		if f.Name() != x.Sel.Name && types.Identical(f.Type(), selection.Type()) {
			m.replace(x.Sel.Pos(), x.Sel.End(), f.Name())
		}
	}
}

func (m *mutator) negate(condition ast.Expr) {
	if condition != nil {
		m.replace(condition.Pos(), condition.End(), "!("+m.text(condition.Pos(), condition.End())+")")
	}
}

// drop leaves out a statement that declares nothing and has no proof inside.
func (m *mutator) drop(stmt ast.Stmt) {
	switch x := stmt.(type) {
	case *ast.DeclStmt, *ast.ForStmt, *ast.RangeStmt, *ast.BlockStmt:
		return
	case *ast.AssignStmt:
		if x.Tok == token.DEFINE {
			return
		}
	}
	if !strings.Contains(m.text(stmt.Pos(), stmt.End()), "// @") {
		m.replace(stmt.Pos(), stmt.End(), "")
	}
}

func (m *mutator) offset(p token.Pos) int { return m.fset.Position(p).Offset }

func (m *mutator) text(from, to token.Pos) string {
	return m.texts[m.file][m.offset(from):m.offset(to)]
}

// replace adds a mutant.
func (m *mutator) replace(from, to token.Pos, text string) {
	x := mutant{owner: m.owner, structure: m.structure, file: m.file, from: m.offset(from), to: m.offset(to), text: text}
	whole := m.texts[m.file]
	start := strings.LastIndex(whole[:x.from], "\n") + 1
	end := x.to + strings.Index(whole[x.to:], "\n")
	old := strings.Join(strings.Fields(whole[start:end]), " ")
	changed := strings.Join(strings.Fields(whole[start:x.from]+text+whole[x.to:end]), " ")
	if changed == "" {
		changed = "(nothing)"
	}
	x.key = fmt.Sprintf("%s: %s => %s", m.owner, old, changed)
	m.list = append(m.list, x)
}
