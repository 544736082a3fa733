package prove

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"math/big"
)

// value evaluates a Go expression. What could make it panic or overflow becomes an obligation.
func (r *run) value(e ast.Expr, s *state) term {
	e = ast.Unparen(e)
	if c := r.w.info.Types[e].Value; c != nil {
		return r.constant(e, c)
	}
	switch x := e.(type) {
	case *ast.Ident:
		if r.w.isSlice(x) {
			refuse(r.w.position(x), "read its elements and its length, with parameter[i] and len(parameter)", "the slice %s is handed on", x.Name)
		}
		if v, ok := s.vars[x.Name]; ok && v.object == r.w.info.ObjectOf(x) {
			return v.term
		}
	case *ast.SelectorExpr:
		return r.selector(x, s)
	case *ast.IndexExpr:
		if id, ok := ast.Unparen(x.X).(*ast.Ident); ok && r.w.isSlice(id) {
			return r.elementOfParameter(x, id, s)
		}
		name, i := r.element(x, s)
		if array, ok := s.leaves[name]; ok {
			return r.read(pick(array, i), r.w.info.TypeOf(x), s)
		}
	case *ast.StarExpr: // a parameter that points to a value stands for the value
		if _, ok := ast.Unparen(x.X).(*ast.Ident); ok {
			return r.value(x.X, s)
		}
	case *ast.UnaryExpr:
		return r.unary(x, s)
	case *ast.BinaryExpr:
		return r.binary(x, s)
	case *ast.CallExpr:
		return r.values(x, 1, s)[0]
	}
	r.unsupported(e, "expression")
	return term{}
}

// constant translates a constant.
func (r *run) constant(e ast.Expr, c constant.Value) term {
	switch c.Kind() {
	case constant.Bool:
		return term{c.ExactString(), "Bool"}
	case constant.Int:
		n, ok := new(big.Int).SetString(c.ExactString(), 10)
		if ok {
			return integer(n)
		}
	}
	r.unsupported(e, "constant")
	return term{}
}

// read adds that an element is in the range of its Go type: nothing else was ever stored.
func (r *run) read(t term, typ types.Type, s *state) term {
	s.assume(within(t, typ))
	return t
}

func (r *run) selector(x *ast.SelectorExpr, s *state) term {
	if name, ok := r.fieldOf(x); ok {
		if _, slice := r.w.info.TypeOf(x).Underlying().(*types.Slice); slice {
			refuse(r.w.position(x), "a slice of a structure belongs to it alone", "slice %s is handed out", describe(x))
		}
		if t, ok := s.leaves[name]; ok {
			return t
		}
	}
	if t, ok := r.sliceField(x, s); ok {
		return t
	}
	if index, ok := ast.Unparen(x.X).(*ast.IndexExpr); ok {
		name, i := r.element(index, s)
		if array, ok := s.leaves[name+"."+x.Sel.Name]; ok {
			return r.read(pick(array, i), r.w.info.TypeOf(x), s)
		}
	}
	id, named := ast.Unparen(x.X).(*ast.Ident)
	if _, value := r.w.info.TypeOf(x.X).Underlying().(*types.Struct); named && value {
		if v, ok := s.vars[id.Name]; ok && v.object == r.w.info.ObjectOf(id) {
			if t, ok := r.w.part(v.term, x.Sel.Name); ok {
				return r.read(t, r.w.info.TypeOf(x), s)
			}
		}
	}
	r.unsupported(x, "expression")
	return term{}
}

func (r *run) unary(x *ast.UnaryExpr, s *state) term {
	switch x.Op {
	case token.NOT:
		return boolean("not", r.value(x.X, s))
	case token.SUB:
		return r.arithmetic(x, token.SUB, small(0), r.value(x.X, s), r.w.info.TypeOf(x), s)
	}
	r.unsupported(x, "operator")
	return term{}
}

func (r *run) binary(x *ast.BinaryExpr, s *state) term {
	if x.Op == token.LAND || x.Op == token.LOR {
		return r.shortcut(x, s)
	}
	a, b := r.value(x.X, s), r.value(x.Y, s)
	if t := r.w.info.TypeOf(x.X); (x.Op == token.EQL || x.Op == token.NEQ) && !plain(t) {
		refuse(r.w.position(x), "compare integers, bools, values of type parameters, and structs and arrays of them",
			"this comparison of two %s cannot be proved", t)
	}
	switch x.Op {
	case token.EQL:
		return boolean("=", a, b)
	case token.NEQ:
		return boolean("not", boolean("=", a, b))
	case token.LSS, token.LEQ, token.GTR, token.GEQ:
		if a.sort != "Int" {
			r.unsupported(x, "comparison")
		}
		return boolean(x.Op.String(), a, b)
	}
	return r.arithmetic(x, x.Op, a, b, r.w.info.TypeOf(x), s)
}

// shortcut evaluates && and ||: the right side only counts, and can only go wrong, if the left one does not
// decide.
func (r *run) shortcut(x *ast.BinaryExpr, s *state) term {
	a := r.value(x.X, s)
	reached := a
	op := "and"
	if x.Op == token.LOR {
		reached, op = boolean("not", a), "or"
	}
	inner := s.clone()
	inner.assume(reached)
	b := r.value(x.Y, inner)
	r.unchanged(x.Y, s, inner)
	// What was learnt inside holds under the condition only, so it is not kept: s has nothing of it but
	// the declarations that b needs.
	for _, line := range newLines(inner.facts, s.facts) {
		if len(line) > 12 && line[:12] == "(declare-fun" {
			s.note(line)
		} else {
			s.note("(assert (=> " + reached.text + " " + line[len("(assert "):len(line)-1] + "))")
		}
	}
	return boolean(op, a, b)
}

// newLines are the facts of a list that another, older one does not have.
func newLines(f, old *fact) []string {
	var list []string
	for ; f != old; f = f.prev {
		list = append([]string{f.text}, list...)
	}
	return list
}

// arithmetic evaluates an operator of Go on integers, whose result must fit its type.
func (r *run) arithmetic(at ast.Node, op token.Token, a, b term, t types.Type, s *state) term {
	pos := r.w.position(at)
	if a.sort != "Int" || b.sort != "Int" {
		r.unsupported(at, "operator")
	}
	fits := func(v term) term {
		low, high, ok := bounds(t)
		if !ok {
			r.unsupported(at, "operator")
		}
		r.need(s, pos, op.String()+" does not overflow "+t.String(), between(v, low, high))
		return v
	}
	positive := func(what string, v term) { r.need(s, pos, what, boolean("<=", small(0), v)) }
	switch op {
	case token.ADD:
		return fits(apply("Int", "+", a, b))
	case token.SUB:
		return fits(apply("Int", "-", a, b))
	case token.MUL:
		return fits(apply("Int", "*", a, b))
	case token.QUO, token.REM:
		positive("the dividend is not negative", a)
		r.need(s, pos, "the divisor is positive", boolean("<", small(0), b))
		if op == token.QUO {
			return apply("Int", "div", a, b)
		}
		return apply("Int", "mod", a, b)
	case token.AND:
		positive("the left side of & is not negative", a)
		positive("the right side of & is not negative", b)
		return r.read(apply("Int", "band", a, b), t, s)
	case token.SHL, token.SHR:
		return r.shift(at, op, a, b, fits, s)
	}
	r.unsupported(at, "operator")
	return term{}
}

// shift evaluates << and >> by a constant.
func (r *run) shift(at ast.Node, op token.Token, a, b term, fits func(term) term, s *state) term {
	n, ok := new(big.Int).SetString(b.text, 10)
	if !ok || !n.IsInt64() || n.Int64() > 63 {
		refuse(r.w.position(at), "shift by a constant below 64, or mark the function bits", "this shift cannot be proved")
	}
	power := integer(new(big.Int).Lsh(big.NewInt(1), uint(n.Int64())))
	r.need(s, r.w.position(at), "what is shifted is not negative", boolean("<=", small(0), a))
	if op == token.SHR {
		return apply("Int", "div", a, power)
	}
	return fits(apply("Int", "*", a, power))
}

// convert evaluates a conversion between integer types, which must keep the value.
func (r *run) convert(x *ast.CallExpr, to types.Type, s *state) term {
	v := r.value(x.Args[0], s)
	low, high, ok := bounds(to)
	if !ok || v.sort != "Int" {
		r.unsupported(x, "conversion")
	}
	from := r.w.info.TypeOf(x.Args[0])
	if fl, fh, ok := bounds(from); ok && low.Cmp(fl) <= 0 && fh.Cmp(high) <= 0 {
		return v
	}
	r.need(s, r.w.position(x), describe(x.Args[0])+" fits "+to.String(), between(v, low, high))
	return v
}
