package prove

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"math"
	"slices"
)

// This file proves by their form that functions write nothing: those that are trusted, of which proofs take that they
// change nothing and that equal arguments give equal values, and those that warm caches. A function that warms also
// ends and does not panic: it has neither a loop nor an operation that can go wrong. What it may write are its own
// variables, and fields of the receiver that its modifies line names.

// form checks functions of one package.
type form struct {
	w       *world
	decls   map[*types.Func]*function
	open    []*function // being checked
	checked map[*function]map[bool]*Problem
	held    map[*types.Var]bool // fields that hold slices of structures, too
}

func (w *world) form() *form {
	x := &form{w: w, decls: map[*types.Func]*function{}, checked: map[*function]map[bool]*Problem{}, held: map[*types.Var]bool{}}
	for _, f := range w.order {
		x.decls[f.object] = f
	}
	return x
}

// warms returns what is wrong with a function that warms, or nil.
func (x *form) warms(f *function) *Problem {
	for _, name := range f.modifies() {
		if slices.ContainsFunc(f.of.unseen, func(g field) bool { return g.name == name }) {
			continue
		}
		field, ok := f.of.field(name)
		if !ok {
			return &Problem{x.w.position(f.decl), f.owner + " modifies " + name + ", which is no field", "name a field of the receiver"}
		}
		if !f.of.free(field) {
			return &Problem{x.w.position(f.decl), f.owner + " warms, and modifies " + name + ", of which the type says something",
				"drop the warms line, and prove it"}
		}
	}
	return x.check(f, true)
}

// free reports whether nothing is claimed of a field, which has no part of the state behind it either.
func (t *structure) free(f field) bool {
	switch f.typ.Underlying().(type) {
	case *types.Basic, *types.Struct, *types.Array:
		return !t.claims(f.name)
	}
	return false
}

// claims reports whether an invariant or an observer of a type speaks of a field.
func (t *structure) claims(field string) bool {
	for _, l := range t.invs {
		if mentions(l.Tree, field) {
			return true
		}
	}
	for _, by := range t.represent {
		if mentions(by, field) {
			return true
		}
	}
	return false
}

// check returns what is wrong with a function, or nil; strict is for one that warms.
func (x *form) check(f *function, strict bool) *Problem {
	if p, ok := x.checked[f][strict]; ok {
		return p
	}
	if slices.Contains(x.open, f) {
		return &Problem{x.w.position(f.decl), f.owner + " calls itself, perhaps through others", "write it without"}
	}
	x.open = append(x.open, f)
	p := (&formOf{form: x, f: f, strict: strict}).body()
	x.open = x.open[:len(x.open)-1]
	if x.checked[f] == nil {
		x.checked[f] = map[bool]*Problem{}
	}
	x.checked[f][strict] = p
	return p
}

// formOf checks one function.
type formOf struct {
	*form
	f      *function
	strict bool
	given  map[ast.Expr]bool // slices of a structure that stay inside
	called map[*ast.Ident]bool
}

func (x *formOf) body() (problem *Problem) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case refusal:
			problem = (*Problem)(&e)
		default:
			panic(e)
		}
	}()
	if x.f.decl.Body == nil {
		if x.strict {
			refuse(x.w.position(x.f.decl), "write it in Go", "%s has no body to look at", x.f.owner)
		}
		return nil
	}
	x.given, x.called = map[ast.Expr]bool{}, map[*ast.Ident]bool{}
	ast.Inspect(x.f.decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case ast.Stmt:
			x.statement(n)
		case ast.Expr:
			x.expression(n)
		}
		return true
	})
	return nil
}

func (x *formOf) refuse(n ast.Node, format string, args ...any) {
	what := "which is trusted to write nothing"
	if x.strict {
		what = "which is to write nothing, to end and not to panic"
	}
	refuse(x.w.position(n), "leave it out; the function may read, and write its own variables",
		"%s in %s, %s", fmt.Sprintf(format, args...), x.f.owner, what)
}

func (x *formOf) statement(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		for _, left := range s.Lhs {
			x.written(left)
		}
	case *ast.IncDecStmt:
		x.written(s.X)
	case *ast.RangeStmt:
		x.loop(s)
		switch x.w.info.TypeOf(s.X).Underlying().(type) {
		case *types.Basic, *types.Array, *types.Slice:
		default:
			x.refuse(s, "a range over more than a number, an array or a slice")
		}
		for _, e := range []ast.Expr{s.Key, s.Value} {
			if e != nil {
				x.written(e)
			}
		}
	case *ast.ForStmt:
		x.loop(s)
	case *ast.BranchStmt:
		if s.Label != nil {
			x.refuse(s, "a label")
		}
	case *ast.ExprStmt, *ast.SwitchStmt, *ast.CaseClause, *ast.DeclStmt, *ast.IfStmt, *ast.BlockStmt, *ast.ReturnStmt, *ast.EmptyStmt:
	default:
		x.refuse(s, "a statement (%T)", s)
	}
}

func (x *formOf) loop(n ast.Node) {
	if x.strict {
		x.refuse(n, "a loop")
	}
}

// written refuses what is not the function's own to write.
func (x *formOf) written(left ast.Expr) {
	for at := ast.Unparen(left); ; {
		switch e := at.(type) {
		case *ast.Ident:
			if e.Name != "_" && (!x.own(e) || x.receiver(e)) {
				x.refuse(left, "%s is written", describe(left))
			}
			return
		case *ast.SelectorExpr:
			if x.modified(e) {
				return
			}
			s := x.w.info.Selections[e]
			if s == nil || s.Kind() != types.FieldVal || s.Indirect() {
				x.refuse(left, "%s is written", describe(left))
			}
			at = ast.Unparen(e.X)
		case *ast.IndexExpr:
			if _, array := x.w.info.TypeOf(e.X).Underlying().(*types.Array); !array {
				x.refuse(left, "%s is written", describe(left))
			}
			at = ast.Unparen(e.X)
		default:
			x.refuse(left, "%s is written", describe(left))
		}
	}
}

// own reports whether a name is a variable of the function.
func (x *formOf) own(id *ast.Ident) bool {
	v, ok := x.w.info.ObjectOf(id).(*types.Var)
	return ok && !v.IsField() && x.f.decl.Pos() <= v.Pos() && v.Pos() < x.f.decl.End()
}

// modified reports whether an expression is a field of the receiver that the function may write.
func (x *formOf) modified(e *ast.SelectorExpr) bool {
	return x.receiver(e.X) && slices.Contains(x.f.modifies(), e.Sel.Name)
}

// receiver reports whether an expression is the receiver.
func (x *formOf) receiver(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && x.f.decl.Recv != nil && len(x.f.decl.Recv.List[0].Names) > 0 &&
		x.w.info.ObjectOf(id) == x.w.info.Defs[x.f.decl.Recv.List[0].Names[0]]
}

func (x *formOf) expression(e ast.Expr) {
	switch e := e.(type) {
	case *ast.CallExpr:
		x.call(e)
	case *ast.FuncLit:
		x.refuse(e, "a function literal")
	case *ast.Ident:
		x.name(e)
	case *ast.UnaryExpr:
		if e.Op == token.ARROW {
			x.refuse(e, "a receive")
		}
		if _, lit := ast.Unparen(e.X).(*ast.CompositeLit); lit && e.Op == token.AND {
			x.refuse(e, "an allocation")
		}
	case *ast.CompositeLit:
		x.literal(e)
	case *ast.SelectorExpr:
		x.selector(e)
	case *ast.TypeAssertExpr:
		x.refuse(e, "a type assertion")
	}
	if x.strict {
		x.careful(e)
	}
}

// name refuses a variable of a package, and a function that is not called.
func (x *formOf) name(id *ast.Ident) {
	switch o := x.w.info.Uses[id].(type) {
	case *types.Var:
		if !o.IsField() && o.Parent() != nil && o.Pkg() != nil && o.Parent() == o.Pkg().Scope() {
			x.refuse(id, "package variable %s", id.Name)
		}
	case *types.Func:
		if !x.called[id] {
			x.refuse(id, "function %s, which is not called here,", id.Name)
		}
	}
}

// literal lets a struct hold slices of a structure. Its fields are looked after as the structure's, see held.
func (x *formOf) literal(lit *ast.CompositeLit) {
	st, ok := x.w.info.TypeOf(lit).Underlying().(*types.Struct)
	if !ok {
		if _, array := x.w.info.TypeOf(lit).Underlying().(*types.Array); !array {
			x.refuse(lit, "a literal of type %s", x.w.info.TypeOf(lit))
		}
		return
	}
	for i, e := range lit.Elts {
		field := st.Field(min(i, st.NumFields()-1))
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			e, field = kv.Value, x.w.info.Uses[kv.Key.(*ast.Ident)].(*types.Var)
		}
		if _, slice := field.Type().Underlying().(*types.Slice); slice && field.Pkg() == x.w.pkg && !field.Exported() {
			x.given[ast.Unparen(e)] = true
			x.held[field.Origin()] = true
		}
	}
}

// selector refuses a slice of a structure that is handed on, and in a function that warms what is reached by a pointer
// that may be nil.
func (x *formOf) selector(e *ast.SelectorExpr) {
	s := x.w.info.Selections[e]
	if s == nil || s.Kind() != types.FieldVal {
		return
	}
	if _, slice := s.Type().Underlying().(*types.Slice); slice && !x.given[e] {
		x.refuse(e, "slice %s is handed on", describe(e))
	}
	if x.strict && s.Indirect() && !x.receiver(e.X) && !x.isComponent(e.X) {
		x.refuse(e, "%s is reached by a pointer that may be nil", describe(e))
	}
}

// isComponent reports whether an expression is a component of the receiver, which is never nil.
func (x *formOf) isComponent(e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	return ok && x.receiver(sel.X) && x.w.component(x.w.info.TypeOf(sel)) != nil
}

// inside reports whether every value of a type is an index of an array: a byte is, of 256 elements.
func inside(of, index types.Type) bool {
	array, ok := of.Underlying().(*types.Array)
	b, basic := index.Underlying().(*types.Basic)
	return ok && basic && b.Kind() == types.Uint8 && array.Len() > math.MaxUint8
}

// careful refuses operations that can panic.
func (x *formOf) careful(e ast.Expr) {
	switch e := e.(type) {
	case *ast.IndexExpr:
		if tv := x.w.info.Types[e.X]; tv.IsValue() && !x.isFunction(e.X) && !inside(tv.Type, x.w.info.TypeOf(e.Index)) {
			x.refuse(e, "an index")
		}
	case *ast.SliceExpr:
		x.refuse(e, "a slice that is cut")
	case *ast.StarExpr:
		if x.w.info.Types[e].IsValue() {
			x.refuse(e, "a pointer that is followed")
		}
	case *ast.BinaryExpr:
		right := x.w.info.Types[e.Y].Value
		switch e.Op {
		case token.QUO, token.REM, token.SHL, token.SHR:
			if right == nil || right.Kind() != constant.Int || constant.Sign(right) <= 0 {
				x.refuse(e, "%s by what is no positive constant", e.Op)
			}
		case token.EQL, token.NEQ:
			if !plain(x.w.info.TypeOf(e.X)) {
				x.refuse(e, "a comparison of more than words")
			}
		}
	}
}

func (x *formOf) isFunction(e ast.Expr) bool {
	_, ok := x.w.info.TypeOf(e).Underlying().(*types.Signature)
	return ok
}

// harmless are built-in functions that write nothing and do not panic; those of package unsafe only make pointers, or
// numbers of them.
var harmless = []string{"len", "cap", "min", "max", "Sizeof", "Alignof", "Offsetof", "Add", "SliceData"}

// call looks at a call: a conversion, a built-in function, or a function that is checked in the same way.
func (x *formOf) call(e *ast.CallExpr) {
	if tv := x.w.info.Types[e.Fun]; tv.IsType() {
		x.conversion(e, tv.Type)
		return
	}
	id := calledName(e)
	if sel, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr); ok {
		id = sel.Sel
	}
	if id == nil {
		x.refuse(e, "a call of no function of a known name")
	}
	x.called[id] = true
	switch o := x.w.info.Uses[id].(type) {
	case *types.Builtin:
		if !slices.Contains(harmless, o.Name()) && (x.strict || o.Name() != "panic") {
			x.refuse(e, "%s is called", o.Name())
		}
		x.lends(e)
	case *types.Func:
		x.calls(e, o.Origin())
	default:
		x.refuse(e, "a call of no function of a known name")
	}
}

// calls looks at a function that is called.
func (x *formOf) calls(e *ast.CallExpr, o *types.Func) {
	if o.Pkg() != nil && o.Pkg().Path() == "math/bits" && (!x.strict || !slices.Contains([]string{"Div", "Div32", "Div64", "Rem", "Rem32", "Rem64"}, o.Name())) {
		return
	}
	g := x.decls[o]
	if g == nil || g.decl.Body == nil {
		x.refuse(e, "%s is called, whose body is not here", describe(e.Fun))
	}
	if len(g.modifies()) > 0 {
		x.refuse(e, "%s is called, which writes", g.owner)
	}
	if p := x.check(g, x.strict && !g.trusted); p != nil {
		panic(refusal(*p))
	}
	if x.keepsNothing(o) {
		x.lends(e)
	}
}

// keepsNothing reports whether a function of the package writes nothing and returns no pointer.
func (x *form) keepsNothing(o *types.Func) bool {
	g := x.decls[o.Origin()]
	if g == nil || g.decl.Body == nil || len(g.modifies()) > 0 || x.check(g, false) != nil {
		return false
	}
	for v := range o.Origin().Signature().Results().Variables() {
		if holdsPointers(v.Type()) {
			return false
		}
	}
	return true
}

// lends lets a call have slices of a structure: it keeps none, for it writes nothing and returns no pointer.
func (x *formOf) lends(e *ast.CallExpr) {
	for _, a := range e.Args {
		x.given[ast.Unparen(a)] = true
	}
}

func (x *formOf) conversion(e *ast.CallExpr, to types.Type) {
	word := func(t types.Type) bool {
		switch u := t.Underlying().(type) {
		case *types.Basic:
			return u.Info()&types.IsString == 0
		case *types.Pointer:
			return true
		}
		return false
	}
	if !word(to) || !word(x.w.info.TypeOf(e.Args[0])) {
		x.refuse(e, "a conversion to %s", to)
	}
}

// holdsPointers reports whether values of a type may lead to what others can write.
func holdsPointers(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.UnsafePointer
	case *types.Array:
		return holdsPointers(u.Elem())
	case *types.Struct:
		for f := range u.Fields() {
			if holdsPointers(f.Type()) {
				return true
			}
		}
		return false
	}
	return true
}
