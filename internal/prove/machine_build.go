package prove

import (
	"go/ast"
	"go/token"
	"math/big"
	"strings"

	"vigor/internal/prove/finite"
)

// build makes a new object from a literal.
func (f *frame) build(lit *ast.CompositeLit) {
	given := map[string]ast.Expr{}
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			giveUp("a literal cannot be run")
		}
		given[kv.Key.(*ast.Ident).Name] = kv.Value
	}
	o := &object{f.s.r.of, map[string]finite.Value{}, map[string]*object{}}
	for _, x := range o.of.fields {
		f.buildField(o, x, given[x.name])
	}
	values := f.values()
	for _, l := range f.m.w.leavesOf(o.of, token.Position{}) {
		root, _, _ := strings.Cut(l.name, ".")
		if _, ok := o.leaves[l.name]; !ok && o.parts[root] == nil {
			o.leaves[l.name] = initialValue(values, l.sort)
		}
	}
	f.this = o
}

// initialValue is false, 0, the first element, or a map of such.
func initialValue(m *finite.Model, sort string) finite.Value {
	switch {
	case sort == "Int":
		return new(big.Int)
	case sort == "Bool":
		return false
	case strings.HasPrefix(sort, "(Array "):
		index, value := arraySorts(sort)
		return m.Const(index, initialValue(m, value))
	}
	return m.Domain(sort)[0]
}

func (f *frame) buildField(o *object, x field, e ast.Expr) {
	if c := f.m.w.component(x.typ); c != nil {
		call, ok := ast.Unparen(e).(*ast.CallExpr)
		if !ok {
			giveUp("a component cannot be made")
		}
		id, ok := callee(call).(*ast.Ident)
		if !ok {
			giveUp("a component cannot be made")
		}
		o.parts[x.name] = f.construct(call, f.m.w.functions[id.Name])
		return
	}
	if _, ok := sliceOf(x.typ); !ok {
		if e == nil {
			o.leaves[x.name] = f.m.zero(x.typ)
		} else {
			o.leaves[x.name] = f.value(e)
		}
		return
	}
	o.leaves[x.name+"#len"] = new(big.Int)
	if call, ok := e.(*ast.CallExpr); ok && len(call.Args) == 2 {
		n := f.number(call.Args[1])
		f.check(f.m.w.position(e), "the length of what is made is possible", n.Sign() >= 0 && n.Cmp(big.NewInt(mostElements)) <= 0)
		o.leaves[x.name+"#len"] = n
	}
}

// construct runs the constructor of a component.
func (f *frame) construct(call *ast.CallExpr, g *function) *object {
	if g == nil || g.op == nil || !g.op.Constructor {
		giveUp("a component cannot be made")
	}
	args := map[string]finite.Value{}
	for i, a := range call.Args {
		args[g.object.Signature().Params().At(i).Name()] = f.value(a)
	}
	inner := f.m.enter(g, nil, args)
	for _, c := range inner.s.requires {
		f.check(f.m.w.position(call), "precondition of "+g.owner+": "+c.what, inner.holds(c.term))
	}
	inner.run()
	return inner.this
}
