package prove

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"vigor/internal/contract"
)

// Lines of proofs, and questions to solvers, know things by their names. This file refuses names by which two things
// would be one, and calls in which a name means two things.

// builtinSorts are the sorts that terms of the prover have by themselves.
var builtinSorts = []string{"Int", "Bool", "Array"}

// unclear returns a problem for each name that may mean something else in formulas than in Go.
func (w *world) unclear() []Problem {
	var list []Problem
	for _, name := range sorted(w.types) {
		if t := w.types[name]; t.named != nil {
			list = append(list, w.typeParameters(t.named.TypeParams(), w.fset.Position(t.named.Obj().Pos()))...)
		}
	}
	for _, f := range w.order {
		pos := w.position(f.decl)
		list = append(list, w.typeParameters(f.object.Signature().TypeParams(), pos)...)
		if name := f.decl.Name.Name; (name == "_" || f.of == nil && name == "init") && len(f.lines)+len(f.body) > 0 {
			list = append(list, Problem{pos, "there may be several functions named " + name + ", and lines of proofs belong to a name",
				"name the function, and call it"})
		}
	}
	return list
}

// typeParameters refuses type parameters that are sorts with the names of other types: a sort is known by its name.
func (w *world) typeParameters(params *types.TypeParamList, pos token.Position) []Problem {
	var list []Problem
	for p := range params.TypeParams() {
		name := p.Obj().Name()
		other := slices.Contains(builtinSorts, name) || w.pkg.Scope().Lookup(name) != nil || types.Universe.Lookup(name) != nil
		if other || strings.IndexFunc(name, func(c rune) bool { return !isLetterOrDigit(c) }) >= 0 {
			list = append(list, Problem{pos, fmt.Sprintf("proofs know a type by its name, and type parameter %s may be another one", name),
				"call it K, V or T"})
		}
	}
	return list
}

func isLetterOrDigit(c rune) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// ownTypes reports whether a call has the caller's type parameters as type arguments, of the names that the function
// has for them. With others, what its lines say of a type they say of another one than the caller's lines do.
func (r *run) ownTypes(call *ast.CallExpr, f *function) bool { return len(r.otherTypes(call, f)) == 0 }

// otherTypes are the names of a function's type parameters for which a call has something else.
func (r *run) otherTypes(call *ast.CallExpr, f *function) map[string]bool {
	others := map[string]bool{}
	var args *types.TypeList
	if id := calledName(call); id != nil {
		args = r.w.info.Instances[id].TypeArgs
	}
	params := f.object.Signature().TypeParams()
	for i := range params.Len() {
		name := params.At(i).Obj().Name()
		if args.Len() != params.Len() {
			others[name] = true
		} else if p, ok := types.Unalias(args.At(i)).(*types.TypeParam); !ok || p.Obj().Name() != name {
			others[name] = true
		}
	}
	return others
}

// calledName is the name of a plain function that is called; nil if something else is.
func calledName(call *ast.CallExpr) *ast.Ident {
	fun := ast.Unparen(call.Fun)
	for {
		switch x := fun.(type) {
		case *ast.IndexExpr:
			fun = ast.Unparen(x.X)
		case *ast.IndexListExpr:
			fun = ast.Unparen(x.X)
		case *ast.Ident:
			return x
		default:
			return nil
		}
	}
}

// sameTypes refuses a call with other type arguments of a function whose lines speak of the types.
func (r *run) sameTypes(call *ast.CallExpr, f *function) {
	others := r.otherTypes(call, f)
	if len(others) == 0 {
		return
	}
	speaks := f.op != nil && operationSpeaks(f.op, others)
	for _, l := range append(f.trees("requires"), f.trees("ensures")...) {
		speaks = speaks || r.w.speaks(l.Tree, others, nil)
	}
	if speaks {
		refuse(r.w.position(call), "call it with type parameters of the names that it has for them",
			"%s is called with other types than its contract speaks of", f.owner)
	}
}

// speaks reports whether the meaning of a formula depends on what some type parameters are: there is a variable of
// such a type, or a Go function that may have them.
func (w *world) speaks(t *contract.Tree, of map[string]bool, inside []string) bool {
	if t.Op == "forall" || t.Op == "exists" {
		for _, v := range t.Vars {
			for name := range of {
				if strings.Contains(v.Type, name) {
					return true
				}
			}
		}
	}
	if t.Op == "call" && !slices.Contains(inside, t.Text) {
		if f := w.functions[t.Text]; f != nil && f.object.Signature().TypeParams().Len() > 0 {
			return true
		}
		if d := w.defs[t.Text]; d != nil && d.Body != nil && w.speaks(d.Body, of, append(inside, t.Text)) {
			return true
		}
	}
	return slices.ContainsFunc(t.Kids, func(k *contract.Tree) bool { return w.speaks(k, of, inside) })
}

// operationSpeaks is speaks of the contract of an exported function.
func operationSpeaks(op *contract.Operation, of map[string]bool) bool {
	is := func(v *contract.Variable) bool {
		return v != nil && v.Sort().Kind == contract.Param && (v.Sort().Name == "" || of[v.Sort().Name])
	}
	return slices.ContainsFunc(op.Requires, func(q *contract.Quantified) bool { return is(q.Var) }) ||
		slices.ContainsFunc(op.Constraints, func(c *contract.Constraint) bool { return is(c.Var) }) ||
		slices.ContainsFunc(op.Defs, func(d *contract.Def) bool { return is(d.Var) })
}
