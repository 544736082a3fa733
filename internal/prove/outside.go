package prove

import (
	"go/ast"
	"go/token"
	"go/types"
)

// outside returns a problem for each place in a function without a contract, or outside of all functions,
// that could break an invariant: such code may look at a structure, and do no more.
func (w *world) outside() []Problem {
	o := &outsider{w: w, fields: map[*types.Var]bool{}, changing: map[*types.Func]bool{}}
	for _, name := range sorted(w.types) {
		if t := w.types[name]; t.contract != nil && t.named != nil {
			st := t.named.Underlying().(*types.Struct)
			for f := range st.Fields() {
				o.fields[f] = true
			}
		}
	}
	claimed := map[*ast.FuncDecl]bool{}
	for _, f := range w.order {
		claimed[f.decl] = f.trusted || f.op != nil || len(f.lines) > 0
		if f.of != nil && f.of.contract != nil && (f.op != nil && !f.op.Pure() || f.op == nil && len(f.modifies()) > 0) {
			o.changing[f.object] = true
		}
	}
	for _, file := range w.files {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); !ok || !claimed[f] {
				ast.Inspect(d, o.look)
			}
		}
	}
	return o.problems
}

// outsider looks through code without a contract.
type outsider struct {
	w        *world
	fields   map[*types.Var]bool  // of structures with observers
	changing map[*types.Func]bool // methods that change one
	problems []Problem
	harmless map[ast.Expr]bool // slices that are only read
}

func (o *outsider) fail(n ast.Node, format string, what ast.Expr) {
	o.problems = append(o.problems, Problem{o.w.position(n), describe(what) + format,
		"write a contract for the function, or call one that has a contract"})
}

// look checks one node before those below it.
func (o *outsider) look(n ast.Node) bool {
	switch x := n.(type) {
	case *ast.AssignStmt:
		for _, left := range x.Lhs {
			o.written(left)
		}
	case *ast.IncDecStmt:
		o.written(x.X)
	case *ast.RangeStmt:
		if x.Tok == token.ASSIGN {
			o.written(x.Key)
			o.written(x.Value)
		}
		o.reads(x.X)
	case *ast.UnaryExpr:
		if x.Op == token.AND {
			o.written(x.X)
		}
	case *ast.IndexExpr:
		o.reads(x.X)
	case *ast.CallExpr:
		if id, ok := ast.Unparen(x.Fun).(*ast.Ident); ok && o.w.info.Uses[id] == types.Universe.Lookup("len") {
			o.reads(x.Args[0])
		}
	case *ast.CompositeLit:
		if n := namedOf(o.w.info.TypeOf(x)); n != nil && n.Obj().Pkg() == o.w.pkg {
			if t := o.w.types[n.Obj().Name()]; t != nil && t.contract != nil {
				o.fail(x, " is constructed by code without a contract", x.Type)
			}
		}
	case *ast.SelectorExpr:
		o.selected(x)
	}
	return true
}

// reads notes an operand of which only elements or the length are taken.
func (o *outsider) reads(e ast.Expr) {
	if o.harmless == nil {
		o.harmless = map[ast.Expr]bool{}
	}
	o.harmless[ast.Unparen(e)] = true
}

// selected refuses a slice that is handed on, and a method that changes a structure.
func (o *outsider) selected(x *ast.SelectorExpr) {
	switch object := o.w.info.Uses[x.Sel].(type) {
	case *types.Var:
		_, slice := object.Type().Underlying().(*types.Slice)
		if slice && o.fields[object.Origin()] && !o.harmless[x] {
			o.fail(x, " is handed on by code without a contract", x)
		}
	case *types.Func:
		if o.changing[object.Origin()] {
			o.fail(x, " changes a structure, and is used by code without a contract", x)
		}
	}
}

// written refuses a field, or what lies in one, as the target of an assignment or the operand of &.
func (o *outsider) written(e ast.Expr) {
	for at := e; at != nil; {
		switch x := ast.Unparen(at).(type) {
		case *ast.SelectorExpr:
			if v, ok := o.w.info.Uses[x.Sel].(*types.Var); ok && o.fields[v.Origin()] {
				o.fail(e, " is written, or may be, by code without a contract", e)
				return
			}
			at = x.X
		case *ast.IndexExpr:
			at = x.X
		case *ast.SliceExpr:
			at = x.X
		case *ast.StarExpr: // *s = Stack{}
			if n, ok := types.Unalias(o.w.info.TypeOf(x)).(*types.Named); ok && n.Obj().Pkg() == o.w.pkg {
				if t := o.w.types[n.Obj().Name()]; t != nil && t.contract != nil {
					o.fail(e, " is written by code without a contract", e)
				}
			}
			return
		default:
			return
		}
	}
}
