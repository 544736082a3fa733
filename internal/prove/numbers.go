package prove

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A parameter that is a slice of integers or bools can be read: its elements, inside its bounds, and its
// length. It cannot be assigned to, handed on or kept, so nothing that happens in the function changes it.

// numbersParameter makes such a parameter, an array of any values with any length, and reports whether it is
// one.
func (r *run) numbersParameter(p *types.Var, s *state, pos token.Position) bool {
	slice, ok := p.Type().Underlying().(*types.Slice)
	if !ok {
		return false
	}
	if _, ok := slice.Elem().Underlying().(*types.Basic); !ok {
		return false
	}
	array := r.fresh(s, p.Name(), "(Array Int "+r.w.sortOf(slice.Elem(), pos)+")")
	length := r.fresh(s, p.Name()+"#len", "Int")
	s.assume(within(length, types.Typ[types.Int]))
	s.assume(boolean("<=", small(0), length))
	s.vars[p.Name()], r.args[p.Name()] = variable{p, array}, array
	s.vars[p.Name()+"#len"], r.args[p.Name()+"#len"] = variable{p, length}, length
	return true
}

// isSlice reports whether an identifier is a variable that holds a slice.
func (w *world) isSlice(id *ast.Ident) bool {
	v, ok := w.info.ObjectOf(id).(*types.Var)
	if !ok {
		return false
	}
	_, ok = v.Type().Underlying().(*types.Slice)
	return ok
}

// elementOfParameter reads an element, whose index is proved to be inside.
func (r *run) elementOfParameter(x *ast.IndexExpr, id *ast.Ident, s *state) term {
	length, ok := r.sliceLength(id, s)
	array, whole := s.vars[id.Name]
	if !ok || !whole || array.object != r.w.info.ObjectOf(id) {
		r.unsupported(x, "element")
	}
	i := r.value(x.Index, s)
	r.need(s, r.w.position(x), "index "+describe(x.Index)+" is inside "+id.Name,
		boolean("and", boolean("<=", small(0), i), boolean("<", i, length)))
	return r.read(pick(array.term, i), r.w.info.TypeOf(x), s)
}
