package prove

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// statement executes one statement. lines are those of the proof directly above it.
func (r *run) statement(stmt ast.Stmt, lines []proofLine, s *state) []path {
	switch x := stmt.(type) {
	case *ast.ForStmt:
		return r.loop(x, lines, s)
	case *ast.RangeStmt:
		return r.rangeLoop(x, lines, s)
	}
	r.lines(lines, s)
	switch x := stmt.(type) {
	case *ast.ExprStmt:
		r.ordered(x.X)
		r.expression(x.X, s)
		if r.panics(x.X) {
			return []path{{s, returns}}
		}
	case *ast.AssignStmt:
		r.assign(x, s)
	case *ast.IncDecStmt:
		if sel, ok := ast.Unparen(x.X).(*ast.SelectorExpr); ok && r.around(sel, x.Tok, s) {
			break
		}
		r.orderedTargets([]ast.Expr{x.X}, nil)
		op := token.ADD
		if x.Tok == token.DEC {
			op = token.SUB
		}
		t := r.w.info.TypeOf(x.X)
		r.store(x.X, r.arithmetic(x, op, r.value(x.X, s), small(1), t, s), s)
	case *ast.DeclStmt:
		r.declare(x, s)
	case *ast.IfStmt:
		return r.branch(x, s)
	case *ast.BlockStmt:
		return r.block(x, s)
	case *ast.ReturnStmt:
		r.ret(x, s)
		return []path{{s, returns}}
	case *ast.BranchStmt:
		if x.Label != nil {
			refuse(r.w.position(x), "leave the innermost loop only", "a branch to a label cannot be proved")
		}
		switch x.Tok {
		case token.BREAK:
			return []path{{s, breaks}}
		case token.CONTINUE:
			return []path{{s, continues}}
		}
		r.unsupported(x, "statement")
	case *ast.EmptyStmt:
	default:
		r.unsupported(stmt, "statement")
	}
	return []path{{s, falls}}
}

func (r *run) unsupported(n ast.Node, what string) {
	refuse(r.w.position(n), "rewrite it with assignments, if, for, and calls of functions with contracts",
		"this %s (%T) is outside of what can be proved", what, n)
}

// around counts a field up that may count around, and reports whether it is one.
func (r *run) around(x *ast.SelectorExpr, op token.Token, s *state) bool {
	name, ok := r.fieldOf(x)
	if !ok || op != token.INC || !slices.Contains(r.of.wraps, name) {
		return false
	}
	low, high, ok := bounds(r.w.info.TypeOf(x))
	if !ok {
		return false
	}
	t := s.leaves[name]
	s.leaves[name] = apply("Int", "ite", boolean("=", t, integer(high)), integer(low), apply("Int", "+", t, small(1)))
	return true
}

// panics reports whether an expression is the call of panic.
func (r *run) panics(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	id, ok := call.Fun.(*ast.Ident)
	return ok && r.w.info.Uses[id] == types.Universe.Lookup("panic")
}

// declare executes var declarations.
func (r *run) declare(d *ast.DeclStmt, s *state) {
	g := d.Decl.(*ast.GenDecl)
	for _, spec := range g.Specs {
		v, ok := spec.(*ast.ValueSpec)
		if !ok || g.Tok != token.VAR {
			if g.Tok == token.CONST {
				continue
			}
			r.unsupported(d, "declaration")
		}
		for i, name := range v.Names {
			var t term
			if len(v.Values) == 0 {
				t = r.w.zero(r.w.info.TypeOf(name), r.w.position(d))
			} else {
				if len(v.Values) != len(v.Names) {
					r.unsupported(d, "declaration")
				}
				r.ordered(v.Values...)
				t = r.value(v.Values[i], s)
			}
			r.define(name, t, s)
		}
	}
}

// define gives a new variable its value.
func (r *run) define(name *ast.Ident, t term, s *state) {
	if name.Name == "_" {
		return
	}
	if name.Name == r.self {
		refuse(r.w.position(name), "choose another name: proofs know the receiver by its name", "%s hides the receiver", name.Name)
	}
	object := r.w.info.ObjectOf(name)
	if old, ok := s.vars[name.Name]; ok && old.object != object {
		if old.object == nil || old.object.Parent() != nil && old.object.Parent().Contains(name.Pos()) && old.object.Parent() != object.Parent() {
			refuse(r.w.position(name), "choose another name: proofs know variables by their names", "%s hides another variable", name.Name)
		}
	}
	s.vars[name.Name] = variable{object, t}
}

// assign executes = and :=, and the forms such as +=.
func (r *run) assign(x *ast.AssignStmt, s *state) {
	if x.Tok != token.ASSIGN && x.Tok != token.DEFINE {
		op := map[token.Token]token.Token{token.ADD_ASSIGN: token.ADD, token.SUB_ASSIGN: token.SUB,
			token.MUL_ASSIGN: token.MUL, token.QUO_ASSIGN: token.QUO, token.REM_ASSIGN: token.REM,
			token.AND_ASSIGN: token.AND, token.SHL_ASSIGN: token.SHL, token.SHR_ASSIGN: token.SHR}[x.Tok]
		if op == token.ILLEGAL {
			r.unsupported(x, "assignment")
		}
		left, right := x.Lhs[0], x.Rhs[0]
		r.orderedTargets(x.Lhs, nil)
		r.ordered(left, right)
		r.store(left, r.arithmetic(x, op, r.value(left, s), r.value(right, s), r.w.info.TypeOf(left), s), s)
		return
	}
	if r.constructs(x, s) {
		return
	}
	r.orderedTargets(x.Lhs, x.Rhs)
	var values []term
	if len(x.Rhs) == 1 && len(x.Lhs) > 1 {
		values = r.values(x.Rhs[0], len(x.Lhs), s)
	} else {
		for i, e := range x.Rhs {
			if lit, ok := ast.Unparen(e).(*ast.CompositeLit); ok && len(x.Rhs) == 1 {
				r.storeStruct(x.Lhs[i], lit, s)
				return
			}
			values = append(values, r.value(e, s))
		}
	}
	var targets []target
	for _, left := range x.Lhs {
		targets = append(targets, r.locate(left, s))
	}
	for i, left := range x.Lhs {
		if name, ok := left.(*ast.Ident); ok && x.Tok == token.DEFINE && r.w.info.Defs[name] != nil {
			r.define(name, values[i], s)
		} else {
			r.storeAt(targets[i], values[i], s)
		}
	}
}

// target is what an assignment changes: an element of a leaf, or else a variable or field.
type target struct {
	at    ast.Expr
	leaf  string
	index term
}

// locate evaluates the index of what is to be assigned, which Go does before it assigns anything.
func (r *run) locate(left ast.Expr, s *state) target {
	left = ast.Unparen(left)
	index, ok := left.(*ast.IndexExpr)
	field := ""
	if sel, isField := left.(*ast.SelectorExpr); isField { // c.cells[i].prev
		index, ok = ast.Unparen(sel.X).(*ast.IndexExpr)
		field = "." + sel.Sel.Name
	}
	if !ok {
		return target{at: left}
	}
	name, i := r.element(index, s)
	return target{left, name + field, i}
}

// store assigns to a variable, a field of the receiver, or an element of one of its slices.
func (r *run) store(left ast.Expr, value term, s *state) { r.storeAt(r.locate(left, s), value, s) }

func (r *run) storeAt(to target, value term, s *state) {
	if _, whole := s.leaves[to.leaf]; to.leaf != "" && !whole && r.w.parts[value.sort] != nil {
		for _, f := range r.w.parts[value.sort] {
			t, _ := r.w.part(value, f.name)
			r.storeLeaf(to.at, to.leaf+"."+f.name, to.index, t, s)
		}
		return
	}
	if to.leaf != "" {
		r.storeLeaf(to.at, to.leaf, to.index, value, s)
		return
	}
	switch x := to.at.(type) {
	case *ast.Ident:
		if x.Name == "_" {
			return
		}
		v, ok := s.vars[x.Name]
		if !ok || v.object != r.w.info.ObjectOf(x) {
			refuse(r.w.position(x), "", "%s is not a variable of this function", x.Name)
		}
		s.vars[x.Name] = variable{v.object, value}
		return
	case *ast.SelectorExpr:
		if name, ok := r.fieldOf(x); ok {
			f, _ := r.of.field(name)
			switch f.typ.Underlying().(type) {
			case *types.Basic, *types.Struct: // which are copied
			default:
				refuse(r.w.position(x), "slices and components are set once, in the literal that constructs", "field %s cannot be assigned", name)
			}
			s.leaves[name] = value
			return
		}
	}
	r.unsupported(to.at, "assignment")
}

func (r *run) storeLeaf(at ast.Expr, name string, index, value term, s *state) {
	array, ok := s.leaves[name]
	if !ok {
		r.unsupported(at, "assignment")
	}
	fresh := r.fresh(s, name, array.sort)
	s.assume(boolean("=", fresh, put(array, index, value)))
	s.leaves[name] = fresh
}

// storeStruct assigns a literal to an element of a slice of structs, field by field.
func (r *run) storeStruct(left ast.Expr, lit *ast.CompositeLit, s *state) {
	index, ok := ast.Unparen(left).(*ast.IndexExpr)
	st, isStruct := r.w.info.TypeOf(lit).Underlying().(*types.Struct)
	if !ok || !isStruct {
		r.unsupported(lit, "literal")
	}
	values := map[string]term{}
	for f := range st.Fields() {
		values[f.Name()] = r.w.zero(f.Type(), r.w.position(lit))
	}
	for i, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			values[kv.Key.(*ast.Ident).Name] = r.value(kv.Value, s)
		} else {
			values[st.Field(i).Name()] = r.value(e, s)
		}
	}
	name, i := r.element(index, s)
	for f := range st.Fields() {
		r.storeLeaf(left, name+"."+f.Name(), i, values[f.Name()], s)
	}
}

// fieldOf reports whether an expression is a field of the receiver, and which.
func (r *run) fieldOf(x *ast.SelectorExpr) (string, bool) {
	if !r.isSelf(x.X) {
		return "", false
	}
	_, ok := r.of.field(x.Sel.Name)
	return x.Sel.Name, ok
}

// element resolves an element of a slice of the receiver: the leaf's name and the index, which is proved
// to be inside.
func (r *run) element(x *ast.IndexExpr, s *state) (name string, index term) {
	sel, ok := ast.Unparen(x.X).(*ast.SelectorExpr)
	if !ok {
		r.unsupported(x, "index")
	}
	name, ok = r.fieldOf(sel)
	if !ok {
		r.unsupported(x, "index")
	}
	length, ok := s.leaves[name+"#len"]
	if !ok {
		r.unsupported(x, "index")
	}
	index = r.value(x.Index, s)
	r.need(s, r.w.position(x), "index "+describe(x.Index)+" is inside "+describe(x.X),
		boolean("and", boolean("<=", small(0), index), boolean("<", index, length)))
	return name, index
}

// branch executes an if statement.
func (r *run) branch(x *ast.IfStmt, s *state) []path {
	outside := s.names()
	if x.Init != nil {
		r.statement(x.Init, nil, s)
	}
	return leave(r.branches(x, s), outside)
}

func (r *run) branches(x *ast.IfStmt, s *state) []path {
	no := s
	r.ordered(x.Cond)
	condition := r.value(x.Cond, s)
	yes := no.clone()
	yes.assume(condition)
	yes.say("%s", describe(x.Cond))
	no.assume(boolean("not", condition))
	no.say("!(%s)", describe(x.Cond))
	paths := r.block(x.Body, yes)
	switch other := x.Else.(type) {
	case nil:
		return append(paths, path{no, falls})
	case *ast.BlockStmt:
		return append(paths, r.block(other, no)...)
	default:
		return append(paths, r.statement(other, nil, no)...)
	}
}

// ret executes a return statement.
func (r *run) ret(x *ast.ReturnStmt, s *state) {
	pos := r.w.position(x)
	r.ordered(x.Results...)
	if r.f.op != nil && r.f.op.Constructor {
		r.returnsObject(x, s)
		r.end(s, pos, nil)
		return
	}
	var values []term
	switch {
	case len(x.Results) == 0:
		for _, v := range r.results {
			values = append(values, s.vars[v.Name()].term)
		}
	case len(x.Results) == 1 && len(r.results) > 1:
		values = r.values(x.Results[0], len(r.results), s)
	default:
		for _, e := range x.Results {
			values = append(values, r.value(e, s))
		}
	}
	r.end(s, pos, values)
}
