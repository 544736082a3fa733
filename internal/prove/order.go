package prove

import (
	"go/ast"
	"go/types"
	"maps"
)

// This file refuses statements whose parts Go may evaluate in another order than the prover does. Go calls
// functions from left to right, but leaves open whether a field beside a call is read before or after it.

// isSelf reports whether an expression is the receiver, by what it names and not by its name.
func (r *run) isSelf(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && r.selfObject != nil && r.w.info.ObjectOf(id) == r.selfObject
}

// effects lists the calls below a node that may change the receiver.
func (r *run) effects(n ast.Node) []*ast.CallExpr {
	var list []*ast.CallExpr
	ast.Inspect(n, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			into := map[string]bool{}
			r.callAssigns(call, into)
			if len(into) > 0 {
				list = append(list, call)
			}
		}
		return true
	})
	return list
}

// ordered refuses expressions of one statement that read a field beside a call which may change it. Within
// the arguments of the call a read comes first.
func (r *run) ordered(list ...ast.Expr) {
	var calls []*ast.CallExpr
	for _, e := range list {
		calls = append(calls, r.effects(e)...)
	}
	if len(calls) == 0 {
		return
	}
	for _, e := range list {
		ast.Inspect(e, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if _, field := r.fieldOf(sel); !field || r.w.component(r.w.info.TypeOf(sel)) != nil {
				return true
			}
			for _, c := range calls {
				if sel.Pos() < c.Pos() || c.End() < sel.End() {
					refuse(r.w.position(sel), "give one of them a line of its own",
						"the order is open: %s is read before or after the call of %s", describe(sel), describe(c.Fun))
				}
			}
			return true
		})
	}
}

// orderedTargets is ordered for an assignment. What is assigned is not read; what its index reads is.
func (r *run) orderedTargets(left, right []ast.Expr) {
	list := append([]ast.Expr(nil), right...)
	for _, e := range left {
		if calls := r.effects(e); len(calls) > 0 {
			refuse(r.w.position(e), "call it in a line of its own", "the order is open: %s is called in what is assigned", describe(calls[0].Fun))
		}
		e = ast.Unparen(e)
		if sel, ok := e.(*ast.SelectorExpr); ok { // c.cells[i].prev
			e = ast.Unparen(sel.X)
		}
		if index, ok := e.(*ast.IndexExpr); ok {
			list = append(list, index.Index)
		}
	}
	r.ordered(list...)
}

// unchanged refuses an operand that is evaluated only sometimes and changes the structure.
func (r *run) unchanged(e ast.Expr, before, after *state) {
	if !maps.Equal(before.leaves, after.leaves) {
		refuse(r.w.position(e), "write an if statement", "%s changes the structure, and is evaluated only sometimes", describe(e))
	}
}

// plain reports whether == of two values of a type says that they are the same: not of floats, of which one
// is unequal to itself, nor of interfaces, of which some cannot be compared, nor of pointers, which proofs
// take for what they point to.
func plain(t types.Type) bool {
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		return true
	}
	switch t := t.Underlying().(type) {
	case *types.Basic:
		return t.Info()&(types.IsInteger|types.IsBoolean) != 0
	case *types.Array:
		return plain(t.Elem())
	case *types.Struct:
		for f := range t.Fields() {
			if f.Name() == "_" || !plain(f.Type()) {
				return false
			}
		}
		return true
	}
	return false
}
