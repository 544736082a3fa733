package lower

import (
	"vigor/internal/smt"
	"vigor/internal/spec/resolve"
	"vigor/internal/spec/syntax"
)

// A plain function that only computes is folded: its branches become one value, by if-then-else, instead of a
// path each. What follows a branch is evaluated on either side of it, under the side's condition.

// folds tells whether a plain function only computes: it assigns to its own locals, and calls nothing that may
// change packet or state.
func (r *run) folds(fn *resolve.Function) bool {
	if known, ok := r.folding[fn]; ok {
		return known
	}
	r.folding[fn] = r.computes(fn.Scope, fn.Def.Body)
	return r.folding[fn]
}

// computes tells whether statements do nothing but compute a value.
func (r *run) computes(scope *resolve.Scope, body []syntax.Stmt) bool {
	for _, s := range body {
		ok := false
		switch s := s.(type) {
		case *syntax.If:
			ok = r.harmless(scope, s.Cond) && r.computes(scope, s.Body) && r.computes(scope, s.Else)
		case *syntax.Return:
			ok = s.Value != nil && r.harmless(scope, s.Value)
		case *syntax.Assign:
			ok = r.harmless(scope, s.Value)
			for _, t := range s.Targets {
				ok = ok && isLocal(t)
			}
		case *syntax.ExprStmt:
			_, ok = s.X.(*syntax.String) // the docstring
		}
		if !ok {
			return false
		}
	}
	return true
}

// isLocal tells whether an assignment's target is a name, or some names.
func isLocal(target syntax.Expr) bool {
	switch t := target.(type) {
	case *syntax.Name:
		return true
	case *syntax.Tuple:
		for _, e := range t.Elems {
			if !isLocal(e) {
				return false
			}
		}
		return true
	}
	return false
}

// harmless tells whether evaluating x changes nothing, and decides nothing on the path.
func (r *run) harmless(scope *resolve.Scope, x syntax.Expr) bool {
	ok := true
	operands(x, func(x syntax.Expr) {
		if c, isCall := x.(*syntax.Call); isCall {
			ok = ok && r.harmlessCall(scope, c)
		}
	})
	return ok
}

func (r *run) harmlessCall(scope *resolve.Scope, x *syntax.Call) bool {
	switch fun := x.Fun.(type) {
	case *syntax.Name:
		sym, _ := scope.Lookup(fun.Name)
		switch sym := sym.(type) {
		case *resolve.Function:
			return r.folds(sym)
		case *resolve.Step:
			return false
		}
		return true
	case *syntax.Attribute:
		if fun.Name == "has" {
			return true
		}
		id, named := fun.X.(*syntax.Name)
		if !named {
			return false
		}
		sym, _ := scope.Lookup(id.Name)
		o, state := sym.(*resolve.Object)
		if !state {
			return false
		}
		m, structure := resolve.MethodOf(o, fun.Name)
		if structure {
			return m.Op == "Value"
		}
		return fun.Name == "index" || fun.Name == "time" || fun.Name == "key" || fun.Name == "timer"
	}
	return false
}

// operands calls f with x and every expression in it.
func operands(x syntax.Expr, f func(syntax.Expr)) {
	f(x)
	list := func(list []syntax.Expr) {
		for _, e := range list {
			operands(e, f)
		}
	}
	switch x := x.(type) {
	case *syntax.Call:
		operands(x.Fun, f)
		list(x.Args)
		for _, k := range x.Keywords {
			operands(k.Value, f)
		}
	case *syntax.Attribute:
		operands(x.X, f)
	case *syntax.Subscript:
		list([]syntax.Expr{x.X, x.Index})
	case *syntax.Unary:
		operands(x.X, f)
	case *syntax.Binary:
		list([]syntax.Expr{x.X, x.Y})
	case *syntax.Conditional:
		list([]syntax.Expr{x.Cond, x.Then, x.Else})
	case *syntax.Generator:
		list([]syntax.Expr{x.Elem, x.Over})
	case *syntax.Compare:
		operands(x.Left, f)
		list(x.Right)
	case *syntax.Logic:
		list(x.Values)
	case *syntax.Tuple:
		list(x.Elems)
	}
}

// fold gives the value that the body of a function which folds returns.
func (r *run) fold(body []syntax.Stmt) value {
	for i, s := range body {
		switch s := s.(type) {
		case *syntax.Return:
			return r.eval(s.Value)
		case *syntax.If:
			return r.foldIf(s, body[i+1:])
		case *syntax.Assign:
			r.assign(s)
		}
	}
	return nothing{}
}

// foldIf gives the value of a branch and what follows it.
func (r *run) foldIf(s *syntax.If, rest []syntax.Stmt) value {
	c := r.p.Simplify(r.condition(s.Cond))
	side := func(c *smt.Term, body []syntax.Stmt) (v value) {
		before := r.frame.locals
		r.frame.locals = make(map[string]value, len(before))
		for name, v := range before {
			r.frame.locals[name] = v
		}
		r.under(c, func() {
			if len(body) > 0 {
				r.reached(body[0].Span())
			}
			v = r.fold(append(body[:len(body):len(body)], rest...))
		})
		r.frame.locals = before
		return v
	}
	not := r.b.Not(c)
	switch {
	case r.holds(c):
		return side(r.b.True(), s.Body)
	case r.holds(not):
		return side(r.b.True(), s.Else)
	}
	then := side(c, s.Body)
	return r.choose(c, then, side(not, s.Else))
}
