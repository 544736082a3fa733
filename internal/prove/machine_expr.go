package prove

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"math/big"

	"vigor/internal/prove/finite"
)

func (f *frame) number(e ast.Expr) *big.Int {
	n, ok := f.value(e).(*big.Int)
	if !ok {
		giveUp("%s is no number", describe(e))
	}
	return n
}

func (f *frame) truth(e ast.Expr) bool {
	b, ok := f.value(e).(bool)
	if !ok {
		giveUp("%s is neither true nor false", describe(e))
	}
	return b
}

// value evaluates a Go expression.
func (f *frame) value(e ast.Expr) finite.Value {
	e = ast.Unparen(e)
	if c := f.m.w.info.Types[e].Value; c != nil {
		switch c.Kind() {
		case constant.Bool:
			return constant.BoolVal(c)
		case constant.Int:
			n, _ := new(big.Int).SetString(c.ExactString(), 10)
			return n
		}
	}
	switch x := e.(type) {
	case *ast.Ident:
		if v := f.vars[x.Name]; v != nil {
			return v
		}
	case *ast.StarExpr:
		return f.value(x.X)
	case *ast.SelectorExpr:
		return f.selector(x)
	case *ast.IndexExpr:
		if id, ok := ast.Unparen(x.X).(*ast.Ident); ok && f.m.w.isSlice(id) {
			return f.ofParameter(x, id.Name, id.Name)
		}
		name, i := f.element(x)
		return f.at(f.this.leaves[name], i)
	case *ast.UnaryExpr:
		switch x.Op {
		case token.NOT:
			return !f.truth(x.X)
		case token.SUB:
			return f.arithmetic(x, token.SUB, new(big.Int), f.number(x.X), f.m.w.info.TypeOf(x))
		case token.AND:
			return f.value(x.X)
		}
	case *ast.BinaryExpr:
		return f.binary(x)
	case *ast.CallExpr:
		if values := f.call(x); len(values) == 1 {
			return values[0]
		}
	}
	giveUp("%s cannot be run", describe(e))
	return nil
}

// at reads an array.
func (f *frame) at(a finite.Value, i *big.Int) finite.Value {
	if a, ok := a.(*finite.Array); ok {
		if v, ok := a.At(i); ok {
			return v
		}
	}
	giveUp("an element has no value")
	return nil
}

func (f *frame) selector(x *ast.SelectorExpr) finite.Value {
	if name, ok := f.s.r.fieldOf(x); ok && f.this != nil {
		if v := f.this.leaves[name]; v != nil {
			return v
		}
	}
	if index, ok := ast.Unparen(x.X).(*ast.IndexExpr); ok {
		if id, ok := ast.Unparen(index.X).(*ast.Ident); ok && f.m.w.isSlice(id) {
			return f.ofParameter(index, id.Name, id.Name+"."+x.Sel.Name)
		}
		name, i := f.element(index)
		return f.at(f.this.leaves[name+"."+x.Sel.Name], i)
	}
	giveUp("%s cannot be run", describe(x))
	return nil
}

// ofParameter reads an element of a slice that is a parameter.
func (f *frame) ofParameter(x *ast.IndexExpr, slice, array string) finite.Value {
	i := f.number(x.Index)
	n, _ := f.vars[slice+"#len"].(*big.Int)
	f.inside(x, i, n)
	return f.at(f.vars[array], i)
}

func (f *frame) inside(x *ast.IndexExpr, i, n *big.Int) {
	if n == nil {
		giveUp("%s has no length", describe(x.X))
	}
	f.check(f.m.w.position(x), "index "+describe(x.Index)+" is inside "+describe(x.X), i.Sign() >= 0 && i.Cmp(n) < 0)
}

// element resolves an element of a slice of the receiver.
func (f *frame) element(x *ast.IndexExpr) (name string, i *big.Int) {
	sel, ok := ast.Unparen(x.X).(*ast.SelectorExpr)
	if !ok || f.this == nil {
		giveUp("%s cannot be run", describe(x))
	}
	name, ok = f.s.r.fieldOf(sel)
	if !ok {
		giveUp("%s cannot be run", describe(x))
	}
	i = f.number(x.Index)
	n, _ := f.this.leaves[name+"#len"].(*big.Int)
	f.inside(x, i, n)
	return name, i
}

// length is the length of a slice.
func (f *frame) length(e ast.Expr) *big.Int {
	var v finite.Value
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		v = f.vars[x.Name+"#len"]
	case *ast.SelectorExpr:
		if name, ok := f.s.r.fieldOf(x); ok && f.this != nil {
			v = f.this.leaves[name+"#len"]
		}
	}
	n, ok := v.(*big.Int)
	if !ok {
		giveUp("%s has no length", describe(e))
	}
	return n
}

func (f *frame) binary(x *ast.BinaryExpr) finite.Value {
	switch x.Op {
	case token.LAND:
		return f.truth(x.X) && f.truth(x.Y)
	case token.LOR:
		return f.truth(x.X) || f.truth(x.Y)
	case token.EQL, token.NEQ:
		same, err := f.values().Same(f.value(x.X), f.value(x.Y))
		if err != nil {
			giveUp("%s cannot be compared", describe(x))
		}
		return same == (x.Op == token.EQL)
	}
	a, b := f.number(x.X), f.number(x.Y)
	switch x.Op {
	case token.LSS:
		return a.Cmp(b) < 0
	case token.LEQ:
		return a.Cmp(b) <= 0
	case token.GTR:
		return a.Cmp(b) > 0
	case token.GEQ:
		return a.Cmp(b) >= 0
	}
	return f.arithmetic(x, x.Op, a, b, f.m.w.info.TypeOf(x))
}

// arithmetic evaluates an operator on integers, with the claims that the proof makes of it.
func (f *frame) arithmetic(at ast.Node, op token.Token, a, b *big.Int, t types.Type) finite.Value {
	pos := f.m.w.position(at)
	result := new(big.Int)
	switch op {
	case token.ADD:
		result.Add(a, b)
	case token.SUB:
		result.Sub(a, b)
	case token.MUL:
		result.Mul(a, b)
	case token.QUO, token.REM:
		f.check(pos, "the dividend is not negative", a.Sign() >= 0)
		f.check(pos, "the divisor is positive", b.Sign() > 0)
		if op == token.QUO {
			return result.Div(a, b)
		}
		return result.Mod(a, b)
	case token.AND:
		f.check(pos, "the left side of & is not negative", a.Sign() >= 0)
		f.check(pos, "the right side of & is not negative", b.Sign() >= 0)
		return result.And(a, b)
	case token.SHL, token.SHR:
		f.check(pos, "what is shifted is not negative", a.Sign() >= 0)
		if op == token.SHR {
			return result.Rsh(a, uint(b.Uint64()&63))
		}
		result.Lsh(a, uint(b.Uint64()&63))
	default:
		giveUp("operator %s cannot be run", op)
	}
	low, high, ok := bounds(t)
	if !ok {
		giveUp("operator %s cannot be run", op)
	}
	f.check(pos, op.String()+" does not overflow "+t.String(), low.Cmp(result) <= 0 && result.Cmp(high) <= 0)
	return result
}

// call runs a call.
func (f *frame) call(e ast.Expr) []finite.Value {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		giveUp("%s cannot be run", describe(e))
	}
	if tv := f.m.w.info.Types[call.Fun]; tv.IsType() {
		n := f.number(call.Args[0])
		low, high, ok := bounds(tv.Type)
		if !ok {
			giveUp("a conversion cannot be run")
		}
		f.check(f.m.w.position(call), describe(call.Args[0])+" fits "+tv.Type.String(), low.Cmp(n) <= 0 && n.Cmp(high) <= 0)
		return []finite.Value{n}
	}
	switch x := callee(call).(type) {
	case *ast.Ident:
		switch object := f.m.w.info.Uses[x].(type) {
		case *types.Builtin:
			return []finite.Value{f.builtin(call, object.Name())}
		case *types.Func:
			return f.invoke(call, f.m.w.functions[object.Name()], nil)
		}
	case *ast.SelectorExpr:
		if f.s.r.isSelf(x.X) {
			return f.own(call, f.m.w.functions[f.s.r.of.name+"."+x.Sel.Name])
		}
		if field, ok := ast.Unparen(x.X).(*ast.SelectorExpr); ok {
			if name, ok := f.s.r.fieldOf(field); ok && f.this.parts[name] != nil {
				part := f.this.parts[name]
				return f.invoke(call, f.m.w.functions[part.of.name+"."+x.Sel.Name], part)
			}
		}
	}
	giveUp("%s cannot be run", describe(e))
	return nil
}

// callee is what is called, without type arguments.
func callee(call *ast.CallExpr) ast.Expr {
	fun := ast.Unparen(call.Fun)
	for {
		switch x := fun.(type) {
		case *ast.IndexExpr:
			fun = x.X
		case *ast.IndexListExpr:
			fun = x.X
		default:
			return fun
		}
	}
}

func (f *frame) builtin(call *ast.CallExpr, name string) finite.Value {
	switch name {
	case "len":
		return f.length(call.Args[0])
	case "min", "max":
		a, b := f.number(call.Args[0]), f.number(call.Args[1])
		if (a.Cmp(b) <= 0) == (name == "min") {
			return a
		}
		return b
	case "panic":
		f.check(f.m.w.position(call), "this panic is never reached", false)
	}
	giveUp("%s cannot be run", name)
	return nil
}

// own runs a method of the receiver, before which its invariant holds.
func (f *frame) own(call *ast.CallExpr, g *function) []finite.Value {
	if g != nil {
		f.claims(f.m.w.position(call), "before "+g.owner+": ", f.s.r.invariants(&state{vars: map[string]variable{}, leaves: f.m.leafTerms(f.s.r.of, "!now")}, f.m.w.position(call)))
	}
	return f.invoke(call, g, f.this)
}

// invoke runs a function of the package.
func (f *frame) invoke(call *ast.CallExpr, g *function, this *object) []finite.Value {
	if g == nil {
		giveUp("%s cannot be run", describe(call.Fun))
	}
	args := map[string]finite.Value{}
	sig := g.object.Signature()
	for i, a := range call.Args {
		args[sig.Params().At(i).Name()] = f.value(a)
	}
	if (g.trusted || g.warms) && g.of != nil && sig.Results().Len() == 0 && len(g.trees("ensures")) == 0 {
		return nil // to change nothing is one of the things that it may do: nothing is claimed of what it does
	}
	if g.warms { // nor of its results
		var list []finite.Value
		for v := range sig.Results().Variables() {
			list = append(list, f.m.zero(v.Type()))
		}
		return list
	}
	if g.bits || g.trusted {
		return f.known(g, sig, args)
	}
	if f.m.steps -= 5; f.m.steps < 0 {
		giveUp("%s takes too long", f.f.owner)
	}
	inner := f.m.enter(g, this, args)
	failed := false
	for _, c := range inner.s.requires {
		if !inner.holds(c.term) {
			failed = true
			f.note(f.m.w.position(call), "precondition of "+g.owner+": "+c.what)
		}
	}
	if failed {
		panic(violated{})
	}
	return inner.run()
}

// known evaluates a function that formulas know.
func (f *frame) known(g *function, sig *types.Signature, args map[string]finite.Value) []finite.Value {
	if g.of != nil || sig.Results().Len() != 1 {
		giveUp("%s is trusted and cannot be run", g.owner)
	}
	var list []finite.Value
	for p := range sig.Params().Variables() {
		list = append(list, args[p.Name()])
	}
	v, err := f.values().Call("f_"+g.owner, list...)
	if len(list) == 0 {
		v, err = f.eval("f_" + g.owner)
	}
	if err != nil {
		giveUp("%s cannot be run: %v", g.owner, err)
	}
	return []finite.Value{v}
}
