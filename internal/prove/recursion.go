package prove

import (
	"go/ast"
	"go/types"
)

// recursive returns a problem for every function that can come back to itself: the proof of a call takes
// the callee's contract, which says that it ends.
func (w *world) recursive() []Problem {
	callees := map[*types.Func][]*types.Func{}
	for _, f := range w.order {
		if f.decl.Body == nil {
			continue
		}
		ast.Inspect(f.decl.Body, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if g, ok := w.info.Uses[id].(*types.Func); ok && g.Pkg() == w.pkg {
					callees[f.object] = append(callees[f.object], g.Origin())
				}
			}
			return true
		})
	}
	var list []Problem
	for _, f := range w.order {
		if (f.op != nil || len(f.lines) > 0) && !f.trusted && reaches(callees, f.object, f.object, map[*types.Func]bool{}) {
			list = append(list, Problem{w.position(f.decl), f.owner + " calls itself, perhaps through others",
				"write a loop with a decreases line"})
		}
	}
	return list
}

// reaches reports whether calls lead from one function to another.
func reaches(callees map[*types.Func][]*types.Func, from, to *types.Func, seen map[*types.Func]bool) bool {
	for _, g := range callees[from] {
		if g == to {
			return true
		}
		if !seen[g] {
			seen[g] = true
			if reaches(callees, g, to, seen) {
				return true
			}
		}
	}
	return false
}
