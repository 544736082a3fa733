package prove

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"vigor/internal/contract"
)

// A parameter that is a slice of structs can be read: its elements, their fields, its length. It has no
// value of its own, so it cannot be kept, cut, copied or written, nor handed on but to the constructor of a
// component, which may do no more; and what the caller has stays as it is. In formulas it is an array for each field: rules[i].Length, rules.Length, len(rules).

// sliceParameter makes the arrays of a parameter, and reports whether it is such a slice.
func (r *run) sliceParameter(p *types.Var, s *state, pos token.Position) bool {
	slice, ok := p.Type().Underlying().(*types.Slice)
	if !ok {
		return false
	}
	st, ok := slice.Elem().Underlying().(*types.Struct)
	if !ok || r.f.of != nil && r.f.op != nil {
		refuse(pos, "a constructor or plain function may read a slice of structs", "parameter %s is outside of what can be proved", p.Name())
	}
	declare := func(name, sort string) term {
		t := r.fresh(s, name, sort)
		s.vars[name], r.args[name] = variable{p, t}, t
		return t
	}
	length := declare(p.Name()+"#len", "Int")
	s.assume(within(length, types.Typ[types.Int]))
	s.assume(boolean("<=", small(0), length))
	for f := range st.Fields() {
		array := declare(p.Name()+"."+f.Name(), "(Array Int "+r.w.sortOf(f.Type(), pos)+")")
		if _, _, ok := bounds(f.Type()); ok {
			read := pick(array, term{boundName("i"), "Int"})
			s.assume(term{"(forall ((i!q Int)) (! " + within(read, f.Type()).text + " :pattern (" + read.text + ")))", "Bool"})
		}
	}
	return true
}

// sliceLength is the length of a parameter that is a slice; ok is false for another expression.
func (r *run) sliceLength(e ast.Expr, s *state) (length term, ok bool) {
	id, isName := ast.Unparen(e).(*ast.Ident)
	if !isName {
		return term{}, false
	}
	v, ok := s.vars[id.Name+"#len"]
	return v.term, ok && v.object == r.w.info.ObjectOf(id)
}

// listArgument hands a parameter that is a slice to the constructor of a component, which reads it, as everybody
// does: so it stays what it is. It reports whether the argument is one.
func (r *run) listArgument(e ast.Expr, p *types.Var, here types.Type, f *function, s *state, args map[string]term) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok || f.op == nil || !f.op.Constructor || !types.Identical(r.w.info.TypeOf(id), here) {
		return false
	}
	if _, ok := r.sliceLength(id, s); !ok {
		return false
	}
	object := r.w.info.ObjectOf(id)
	for name, v := range s.vars {
		if v.object == object {
			args[p.Name()+strings.TrimPrefix(name, id.Name)] = v.term
		}
	}
	return true
}

// sliceField reads rules[i].Length of a parameter; ok is false for another expression.
func (r *run) sliceField(x *ast.SelectorExpr, s *state) (value term, ok bool) {
	index, isIndex := ast.Unparen(x.X).(*ast.IndexExpr)
	if !isIndex {
		return term{}, false
	}
	length, ok := r.sliceLength(index.X, s)
	if !ok {
		return term{}, false
	}
	i := r.value(index.Index, s)
	r.need(s, r.w.position(index), "index "+describe(index.Index)+" is inside "+describe(index.X),
		boolean("and", boolean("<=", small(0), i), boolean("<", i, length)))
	array := s.vars[ast.Unparen(index.X).(*ast.Ident).Name+"."+x.Sel.Name].term
	return r.read(pick(array, i), r.w.info.TypeOf(x), s), true
}

// known finds a variable or parameter of the scope.
func (e env) known(name string) (term, bool) {
	if t, ok := e.names[name]; ok {
		return t, true
	}
	v, ok := e.st.vars[name]
	return v.term, ok && !e.closed
}

// everywhere is a map from int, or, where it is assigned, of the sort of the ghost: everywhere(x) has one value at every index, everywhere(i, f(i)) is given
// by a formula.
func (e env) everywhere(t *contract.Tree) term {
	i := term{"at!each", "Int"} // no other name has this form
	if e.each != "" {
		i.sort = e.each
	}
	value := t.Kids[len(t.Kids)-1:]
	switch {
	case len(t.Kids) == 2 && t.Kids[0].Op == "name":
		name := t.Kids[0].Text
		if _, ok := e.known(name); ok || name == e.receiver() {
			refuse(e.pos, "choose another name", "%s hides a variable", name)
		}
		e = e.with(map[string]term{name: i})
	case len(t.Kids) != 1:
		refuse(e.pos, "", "everywhere takes one value, or a name and a value")
	}
	if e.bound {
		refuse(e.pos, "give a lemma the value", "everywhere(%v) is another map for each value of a bound variable", value[0])
	}
	inner := e
	inner.bound = true
	x := inner.tree(value[0])
	if bound.MatchString(x.text) {
		refuse(e.pos, "give a lemma the value", "everywhere(%v) is another map for each value of a bound variable", value[0])
	}
	a := e.r.fresh(e.st, "everywhere", "(Array "+i.sort+" "+x.sort+")")
	read := pick(a, i).text
	e.st.assume(term{"(forall ((" + i.text + " " + i.sort + ")) (! (= " + read + " " + x.text + ") :pattern (" + read + ")))", "Bool"})
	return a
}
