package prove

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"math/big"
	"strings"

	"vigor/internal/contract"
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
	if g.trusted && g.of != nil && sig.Results().Len() == 0 && len(g.trees("ensures")) == 0 {
		return nil // to change nothing is one of the things that it may do
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
	return machineBound.Elements(sort)[0]
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

// claimsOf translates a line of the body in the present scope; the text is the same in every run.
func (f *frame) claimsOf(key *contract.Tree, read func(*state) []claim) []claim {
	if list, ok := f.s.lines[key]; ok {
		return list
	}
	list := read(f.present())
	f.s.lines[key] = list
	return list
}

// present is the state of formulas inside the body.
func (f *frame) present() *state {
	s := &state{vars: map[string]variable{}, leaves: map[string]term{}}
	if f.this != nil {
		s.leaves = f.m.leafTerms(f.this.of, "!now")
	}
	for name := range f.vars {
		s.vars[name] = variable{nil, term{name + "!var", f.s.sorts[name]}}
	}
	return s
}

// lines runs statements of the proof.
func (f *frame) lines(list []proofLine) {
	for _, l := range list {
		f.ghosts(l.Steps, l.Pos)
	}
}

// ghosts changes ghosts as the proof says, and checks what it asserts. Lemmas do nothing; what one chooses is
// not known.
func (f *frame) ghosts(list []contract.Step, pos token.Position) {
	for _, step := range list {
		switch step.Do {
		case "assert":
			f.claims(pos, "assert ", f.claimsOf(step.Cond, func(s *state) []claim {
				var list []claim
				for _, part := range split(step.Cond) {
					list = append(list, claim{part.String(), f.s.r.scope(s, pos).tree(part)})
				}
				return list
			}))
		case "define":
			f.ghost(step, pos)
		case "set":
			f.change(step, pos)
		case "if":
			here := len(f.path)
			if f.formula(step.Cond, pos) == true {
				f.path = append(f.path, step.Cond.String())
				f.ghosts(step.Then, pos)
			} else {
				f.path = append(f.path, "!"+step.Cond.String())
				f.ghosts(step.Else, pos)
			}
			f.path = f.path[:here]
		}
	}
}

// formula evaluates an expression of the proof; nil if it cannot be evaluated.
func (f *frame) formula(t *contract.Tree, pos token.Position) finite.Value {
	if t.Op == "call" && t.Text == "everywhere" {
		if len(t.Kids) != 1 {
			return nil
		}
		if v := f.formula(t.Kids[0], pos); v != nil {
			return f.values().Const("Int", v)
		}
		return nil
	}
	c := f.claimsOf(t, func(s *state) []claim { return []claim{{"", f.s.r.scope(s, pos).tree(t)}} })
	v, err := f.eval(c[0].term.text)
	if err != nil {
		return nil
	}
	return v
}

// ghost runs names := expression.
func (f *frame) ghost(step contract.Step, pos token.Position) {
	d := f.m.w.defs[step.Right.Text]
	if step.Right.Op == "call" && d != nil && d.Word == "lemma" {
		for i, name := range step.Names {
			f.vars[name], f.s.sorts[name] = nil, sortName(d.Results[i].Type, pos)
		}
		return
	}
	v := f.formula(step.Right, pos)
	f.vars[step.Names[0]] = v
	if list := f.s.lines[step.Right]; list != nil {
		f.s.sorts[step.Names[0]] = list[0].term.sort
	} else {
		giveUp("ghost %s cannot be followed", step.Names[0])
	}
}

// change runs ghost = expression.
func (f *frame) change(step contract.Step, pos token.Position) {
	left := step.Left
	v := f.formula(step.Right, pos)
	if left.Op == "name" {
		f.vars[left.Text] = v
		return
	}
	var index finite.Value
	if left.Op == "index" {
		index, left = f.formula(left.Kids[1], pos), left.Kids[0]
	}
	if left.Op != "field" || v == nil || step.Left.Op == "index" && index == nil {
		giveUp("a ghost cannot be followed")
	}
	if index == nil {
		f.this.leaves[left.Text] = v
		return
	}
	f.set(left.Text, index, v)
}
