package prove

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// constructs executes c := &T{…} in a constructor: from there on, c is the receiver.
func (r *run) constructs(x *ast.AssignStmt, s *state) bool {
	if len(x.Lhs) != 1 || len(x.Rhs) != 1 {
		return false
	}
	lit := r.literal(x.Rhs[0])
	if lit == nil {
		return false
	}
	name, ok := x.Lhs[0].(*ast.Ident)
	if !ok || x.Tok != token.DEFINE {
		r.unsupported(x, "construction")
	}
	r.build(lit, s)
	r.self, r.selfObject = name.Name, r.w.info.Defs[name]
	return true
}

// literal is the composite literal of the constructed type whose address an expression takes, if it does.
func (r *run) literal(e ast.Expr) *ast.CompositeLit {
	u, ok := ast.Unparen(e).(*ast.UnaryExpr)
	if !ok || u.Op != token.AND {
		return nil
	}
	lit, ok := ast.Unparen(u.X).(*ast.CompositeLit)
	if !ok || r.of == nil {
		return nil
	}
	if n := namedOf(r.w.info.TypeOf(lit)); n == nil || r.of.named == nil || n.Origin() != r.of.named.Origin() {
		return nil
	}
	if r.f.op == nil || !r.f.op.Constructor {
		refuse(r.w.position(e), "a constructor makes one object, with one literal", "%s is constructed here", r.of.name)
	}
	return lit
}

// returnsObject executes the return of a constructor.
func (r *run) returnsObject(x *ast.ReturnStmt, s *state) {
	if len(x.Results) != 1 {
		r.unsupported(x, "return")
	}
	if lit := r.literal(x.Results[0]); lit != nil {
		r.build(lit, s)
		return
	}
	if !r.isSelf(x.Results[0]) {
		refuse(r.w.position(x), "return a composite literal, or a variable that holds one", "this return gives nothing that was constructed")
	}
}

// build makes the state of a new object: fields as in the literal, ghosts false or 0.
func (r *run) build(lit *ast.CompositeLit, s *state) {
	pos := r.w.position(lit)
	if len(s.leaves) > 0 {
		refuse(pos, "a constructor makes one object, with one literal", "a second %s is constructed here", r.of.name)
	}
	given := map[string]ast.Expr{}
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			r.unsupported(lit, "literal without field names")
		}
		name := kv.Key.(*ast.Ident).Name
		if _, ok := r.of.field(name); !ok {
			refuse(r.w.position(kv), "leave it out", "field %s is written by functions that warm", name)
		}
		given[name] = kv.Value
	}
	s.leaves = map[string]term{}
	for _, f := range r.of.fields {
		r.buildField(f, given[f.name], s, lit)
	}
	for _, l := range r.w.leavesOf(r.of, pos) {
		if _, ok := s.leaves[l.name]; !ok {
			s.leaves[l.name] = initial(l, r, s)
		}
	}
}

// initial is the value that a ghost has in a new object.
func initial(l leaf, r *run, s *state) term {
	switch {
	case l.sort == "Int":
		return small(0)
	case l.sort == "Bool":
		return term{"false", "Bool"}
	case strings.HasSuffix(l.sort, " Bool)"):
		return term{"((as const " + l.sort + ") false)", l.sort}
	}
	return r.fresh(s, l.name, l.sort)
}

// buildField gives a field of a new object its value.
func (r *run) buildField(f field, e ast.Expr, s *state, at ast.Node) {
	if c := r.w.component(f.typ); c != nil {
		r.buildComponent(f, c, e, s, at)
		return
	}
	_, ok := f.typ.Underlying().(*types.Slice)
	if !ok {
		if e == nil {
			s.leaves[f.name] = r.w.zero(f.typ, r.w.position(at))
		} else {
			s.leaves[f.name] = r.value(e, s)
		}
		return
	}
	length := small(0)
	if e != nil {
		length = r.makes(e, s)
	}
	for _, l := range r.w.fieldLeaves(f, r.w.position(at)) {
		if l.name == f.name+"#len" {
			s.leaves[l.name] = length
			continue
		}
		_, value := arraySorts(l.sort)
		switch value {
		case "Int":
			s.leaves[l.name] = term{"((as const " + l.sort + ") 0)", l.sort}
		case "Bool":
			s.leaves[l.name] = term{"((as const " + l.sort + ") false)", l.sort}
		default:
			s.leaves[l.name] = r.fresh(s, l.name, l.sort)
		}
	}
}

// mostElements is far above what any capacity asks for, and far below what make refuses.
const mostElements = 1 << 34

// makes evaluates make([]T, n), the only way to get a slice: nobody else has it. It returns the length.
func (r *run) makes(e ast.Expr, s *state) term {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if ok {
		id, isName := call.Fun.(*ast.Ident)
		if isName && id.Name == "make" && r.w.info.Uses[id] == types.Universe.Lookup("make") && len(call.Args) == 2 {
			n := r.value(call.Args[1], s)
			r.need(s, r.w.position(e), "the length of what is made is possible",
				boolean("and", boolean("<=", small(0), n), boolean("<=", n, small(mostElements))))
			return n
		}
	}
	refuse(r.w.position(e), "make it here: a slice of a structure belongs to it alone", "this slice may be shared")
	return term{}
}

// buildComponent gives a new object a component: what a constructor returns.
func (r *run) buildComponent(f field, c *structure, e ast.Expr, s *state, at ast.Node) {
	pos := r.w.position(at)
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if e == nil || !ok {
		refuse(pos, "call its constructor in the literal: a component belongs to one structure alone", "component %s may be nil or shared", f.name)
	}
	id := calledName(call)
	if id == nil {
		r.unsupported(call, "construction")
	}
	g := r.w.functions[id.Name]
	if g == nil || r.w.info.Uses[id] != g.object || g.op == nil || !g.op.Constructor || g.op.Type != c.contract {
		refuse(pos, "call its constructor", "%s does not construct a %s", id.Name, c.name)
	}
	r.sameTypes(call, g)
	scope := env{r: r, st: s, of: c, prefix: f.name + ".", pos: pos, closed: true}
	r.apply(call, g, scope, s, func() {
		for _, o := range c.contract.Ghosts {
			path := f.name + "." + o.Name
			s.leaves[path] = r.fresh(s, path, ghostSort(o))
		}
		r.assumeComponent(s, f, pos)
	})
}
