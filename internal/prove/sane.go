package prove

import (
	"fmt"
	"go/ast"
	"go/types"
)

// This file refuses functions and types whose form alone makes a proof worthless.

// sane checks the form of a function before it is executed.
func (r *run) sane() {
	f, sig, pos := r.f, r.f.object.Signature(), r.w.position(r.f.decl)
	if f.decl.Body == nil {
		refuse(pos, "say trusted, or write it in Go", "%s has no body to prove", f.owner)
	}
	if v := sig.Recv(); v != nil {
		if _, ok := types.Unalias(v.Type()).(*types.Pointer); !ok {
			refuse(pos, "let the receiver be a pointer", "%s works on a copy of its receiver", f.owner)
		}
	}
	if f.pure && (f.op != nil || len(f.modifies()) > 0) {
		refuse(pos, "drop the line: an operation is pure if its contract changes nothing", "%s is called pure, which is not what is proved", f.owner)
	}
	if n := r.of; n != nil && n.named != nil {
		params := sig.RecvTypeParams()
		if f.of == nil {
			params = sig.TypeParams()
		}
		for i := range min(params.Len(), n.named.TypeParams().Len()) {
			if p := n.named.TypeParams().At(i).Obj().Name(); params.At(i).Obj().Name() != p {
				refuse(pos, "call it "+p, "%s calls type parameter %s of %s something else", f.owner, p, n.name)
			}
		}
	}
	if sig.Variadic() {
		refuse(pos, "", "%s takes any number of arguments", f.owner)
	}
	for p := range sig.Params().Variables() {
		if p.Name() == "result" {
			refuse(pos, "choose another name: in contracts it is the result without a name", "a parameter of %s is called result", f.owner)
		}
		if _, ok := types.Unalias(p.Type()).(*types.Pointer); ok && f.object.Exported() {
			refuse(pos, "take the value", "parameter %s of %s is a pointer, which may be nil", p.Name(), f.owner)
		}
	}
}

// unsound returns a problem for each declaration that would make the proofs of others worthless.
func (w *world) unsound() []Problem {
	var list []Problem
	for _, f := range w.order {
		pos := w.position(f.decl)
		switch {
		case f.bits && (f.op != nil || f.of != nil):
			list = append(list, Problem{pos, f.owner + " is marked bits, which proves no operation or method",
				"mark an unexported function that returns one expression, and call it"})
		case f.trusted && f.op != nil:
			list = append(list, Problem{pos, f.owner + " is trusted, and others rely on its contract", "prove it"})
		case f.warms && (f.of == nil || len(f.lines) > len(f.trees("warms"))+len(f.trees("modifies"))):
			list = append(list, Problem{pos, f.owner + " warms, and is no method, or its lines say more", "leave a method with warms and modifies lines"})
		case f.trusted:
			if p := w.forms.check(f, false); p != nil {
				list = append(list, *p)
			}
		}
	}
	list = append(list, w.outside()...)
	list = append(list, w.unclear()...)
	for _, name := range sorted(w.types) {
		list = append(list, w.unsoundType(w.types[name])...)
	}
	return list
}

// unsoundType checks a type with invariants or observers: that no name means two things, that its fields
// belong to it alone, and that a constructor shows that its invariants can hold.
func (w *world) unsoundType(t *structure) []Problem {
	if t.contract == nil && len(t.invs)+len(t.ghosts) == 0 || t.named == nil {
		return nil
	}
	pos := w.fset.Position(t.named.Obj().Pos())
	var list []Problem
	fail := func(cure, format string, args ...any) {
		list = append(list, Problem{pos, fmt.Sprintf(format, args...), cure})
	}
	for _, f := range t.fields {
		if c := w.component(f.typ); c != nil && c.named != nil {
			for i := range namedOf(f.typ).TypeArgs().Len() {
				p, arg := c.named.TypeParams().At(i).Obj().Name(), namedOf(f.typ).TypeArgs().At(i)
				if a, ok := types.Unalias(arg).(*types.TypeParam); !ok || a.Obj().Name() != p {
					fail("call it "+p, "component %s of %s has another type where %s has %s", f.name, t.name, c.name, p)
				}
			}
		}
	}
	seen := map[string]bool{}
	name := func(n string) {
		if seen[n] {
			fail("choose another name", "%s names two of the fields, ghosts and observers of %s", n, t.name)
		}
		seen[n] = true
	}
	for _, f := range t.fields {
		if f.name != "_" {
			name(f.name)
		}
		if ast.IsExported(f.name) {
			fail("give it a small letter", "field %s of %s is exported: anybody may break the invariant", f.name, t.name)
		}
	}
	for _, g := range t.ghosts {
		name(g.Name)
	}
	if t.contract != nil {
		for _, g := range t.contract.Ghosts {
			name(g.Name)
		}
	}
	if len(t.invs) > 0 && (t.contract == nil || len(t.contract.Constructors) == 0) {
		fail("write one: it shows that the invariant can hold", "%s has an invariant and no constructor", t.name)
	}
	return list
}
