package prove

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
)

// outside returns a problem for each place in a function without a contract, or outside of all functions,
// that could break an invariant: such code may look at a structure, and do no more.
func (w *world) outside() []Problem {
	o := &outsider{w: w, fields: map[*types.Var]bool{}, changing: map[*types.Func]bool{}}
	for _, f := range w.order {
		if f.trusted || f.warms {
			w.forms.check(f, !f.trusted) // which finds what else holds slices
		}
	}
	maps.Copy(o.fields, w.forms.held)
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
	case *ast.IndexListExpr:
		o.reads(x.X)
	case *ast.SliceExpr: // of an array: the slice is that array
		if _, array := o.w.info.TypeOf(x.X).Underlying().(*types.Array); array {
			o.written(x.X)
		}
	case *ast.CallExpr:
		o.called(x)
	case *ast.CompositeLit:
		if o.structure(o.w.info.TypeOf(x)) {
			o.fail(x, " is constructed by code without a contract", x.Type)
			o.reads(x.Type)
		}
	case *ast.SelectorExpr:
		o.selected(x)
	case *ast.TypeSpec:
		if x.Assign.IsValid() { // another name of the same type
			o.reads(x.Type)
		}
	case *ast.StarExpr:
		o.reads(x.X)
	}
	if e, ok := n.(ast.Expr); ok && !o.harmless[e] {
		o.whole(e)
	}
	return true
}

// structure reports whether values of a type are structures with observers.
func (o *outsider) structure(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() != o.w.pkg {
		return false
	}
	s := o.w.types[n.Obj().Name()]
	return s != nil && s.contract != nil && s.named == n.Origin()
}

// holds reports whether a struct has slices of a structure in a field.
func (o *outsider) holds(t types.Type) bool {
	if st, ok := t.Underlying().(*types.Struct); ok {
		for f := range st.Fields() {
			if o.fields[f.Origin()] || o.holds(f.Type()) {
				return true
			}
		}
	}
	return false
}

// whole refuses a structure that is no pointer's: one that is copied has the slices of another, and one that is
// declared or made in another way than by its constructor has no invariant.
func (o *outsider) whole(e ast.Expr) {
	switch e.(type) {
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr, *ast.IndexListExpr, *ast.StarExpr, *ast.ParenExpr:
	default:
		return
	}
	tv, ok := o.w.info.Types[e]
	if !ok || !o.structure(tv.Type) {
		return
	}
	if tv.IsType() {
		o.fail(e, " is used without a pointer by code without a contract", e)
	} else {
		o.fail(e, " is copied by code without a contract", e)
	}
	o.reads(e)
	if p, ok := e.(*ast.ParenExpr); ok {
		o.reads(p.X)
	}
}

// called looks at a call: of len, or a conversion, by which the fields of a structure would be those of another type.
func (o *outsider) called(x *ast.CallExpr) {
	if id := calledName(x); id != nil {
		f, _ := o.w.info.Uses[id].(*types.Func)
		if o.w.info.Uses[id] == types.Universe.Lookup("len") || f != nil && o.w.forms.keepsNothing(f) {
			for _, a := range x.Args {
				o.reads(a)
			}
		}
	}
	to := o.w.info.Types[x.Fun]
	if !to.IsType() || len(x.Args) != 1 {
		return
	}
	from := o.w.info.TypeOf(x.Args[0])
	if types.Identical(from, to.Type) || types.IsInterface(to.Type) || types.Identical(from, types.Typ[types.UntypedNil]) {
		return
	}
	if o.pointer(from) || o.pointer(to.Type) {
		o.fail(x, " converts a structure in code without a contract", x)
	}
}

// pointer reports whether values of a type point to structures with observers.
func (o *outsider) pointer(t types.Type) bool {
	p, ok := t.Underlying().(*types.Pointer)
	return ok && o.structure(p.Elem())
}

// reads notes an operand of which only elements or the length are taken.
func (o *outsider) reads(e ast.Expr) {
	if o.harmless == nil {
		o.harmless = map[ast.Expr]bool{}
	}
	o.harmless[ast.Unparen(e)] = true
}

// selected refuses a slice that is handed on, a method that changes a structure, and one that may change a field.
func (o *outsider) selected(x *ast.SelectorExpr) {
	if s := o.w.info.Selections[x]; s != nil && s.Kind() == types.MethodVal {
		_, by := s.Obj().(*types.Func).Signature().Recv().Type().Underlying().(*types.Pointer)
		if _, pointer := s.Recv().Underlying().(*types.Pointer); by && !pointer {
			o.written(x.X)
		}
	}
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
			if t := o.w.info.TypeOf(x); o.structure(t) || o.holds(t) {
				o.fail(e, " is written by code without a contract", e)
			}
			return
		default:
			return
		}
	}
}
