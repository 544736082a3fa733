package summary

import (
	"fmt"

	"vigor/internal/contract"
	"vigor/internal/diag"
	"vigor/internal/smt"
)

// value is what an expression evaluates to.
type value struct {
	kind contract.Kind
	b    *smt.Term // Bool
	i    smt.Int   // Int
	v    Value     // Param, Plain
	sort contract.Sort
}

func boolean(t *smt.Term) value { return value{kind: contract.Bool, b: t} }
func number(i smt.Int) value    { return value{kind: contract.Int, i: i} }

// terms lists the terms of a value.
func (v value) terms() Value {
	switch v.kind {
	case contract.Bool:
		return Value{v.b}
	case contract.Int:
		return Value{v.i.Term}
	}
	return v.v
}

// fromLeaves reads leaves of a sort.
func fromLeaves(b *smt.Builder, s contract.Sort, leaves Value) value {
	switch {
	case s.Kind == contract.Bool:
		return boolean(leaves[0])
	case s.Kind == contract.Int && s.Signed:
		return number(b.IntSigned(leaves[0]))
	case s.Kind == contract.Int:
		return number(b.IntUnsigned(leaves[0]))
	}
	return value{kind: s.Kind, v: leaves, sort: s}
}

// leaves writes a value as leaves of a sort; an integer is known to fit.
func (v value) leaves(b *smt.Builder, s contract.Sort) Value {
	switch v.kind {
	case contract.Bool:
		return Value{v.b}
	case contract.Int:
		lo, hi := s.Range()
		return Value{b.IntWrap(b.IntRestrict(v.i, lo, hi), s.Bits)}
	}
	return v.v
}

// env is where an expression is evaluated.
type env struct {
	p        Path
	object   *Object
	session  *session
	old, now *State // now is the state under construction during a call
	vars     map[string]value
	lists    map[string]List // the slices that a call was given, by parameter
	sums     map[string]*smt.Term
	gen      int
	// side, if set, collects the condition under which the value is meant, in place of obligations:
	// what is assumed is assumed under it.
	side *[]*smt.Term
	at   func(code diag.Code, what string, vars []string) diag.Claim // claims of the call
}

// env evaluates in one state.
func (s *State) env(p Path, gen int) *env {
	return &env{p: p, object: s.object, session: s.session, old: s, now: s, gen: gen}
}

func (e *env) state(old bool) *State {
	if old {
		return e.old
	}
	return e.now
}

// with binds one more variable.
func (e *env) with(name string, v value) *env {
	inner := *e
	inner.vars = make(map[string]value, len(e.vars)+1)
	for k, x := range e.vars {
		inner.vars[k] = x
	}
	inner.vars[name] = v
	return &inner
}

// toLeaves writes v as leaves of sort s and has proved, under a condition (nil: always), that an
// integer fits.
func (e *env) toLeaves(v value, s contract.Sort, under *smt.Term) Value {
	if lo, hi := s.Range(); lo != nil {
		b := e.p.Builder()
		fits := b.IntFits(v.i, lo, hi)
		if under != nil {
			fits = b.Implies(under, fits)
		}
		switch {
		case fits.IsTrue():
		case e.side != nil:
			*e.side = append(*e.side, fits)
		default:
			i := v.i
			claim := e.claim(diag.ContractRange, fmt.Sprintf("a value does not fit the contract's %s", s), nil)
			say := claim.Say
			claim.Say = func(value diag.Valuer) string {
				return fmt.Sprintf("%s: it is %v", say(value), signedValue(i, value))
			}
			e.p.Prove(fits, claim)
		}
	}
	return v.leaves(e.p.Builder(), s)
}

func (e *env) claim(code diag.Code, what string, vars []string) diag.Claim {
	if e.at == nil {
		return diag.Claim{Code: code, Say: diag.Text("%s", what)}
	}
	return e.at(code, what, vars)
}

// assumption evaluates a formula to be assumed.
func (e *env) assumption(x contract.Expr) *smt.Term {
	var side []*smt.Term
	inner := *e
	inner.side = &side
	body := inner.eval(x).b
	return e.p.Builder().Implies(e.p.Builder().And(side...), body)
}

// eval evaluates an expression.
func (e *env) eval(x contract.Expr) value {
	b := e.p.Builder()
	switch x := x.(type) {
	case *contract.Literal:
		if x.Sort().Kind == contract.Bool {
			return boolean(b.Bool(x.Value.Sign() != 0))
		}
		return number(b.IntConst(x.Value))
	case *contract.Variable:
		return e.vars[x.Name]
	case *contract.Read:
		return e.observe(x)
	case *contract.Field:
		return e.field(x)
	case *contract.Unary:
		return e.unary(x)
	case *contract.Binary:
		return e.binary(x)
	case *contract.Cond:
		return e.conditional(x)
	case *contract.Count:
		return number(e.count(e.state(x.Old).node(x.Ghost), e.eval(x.N).i))
	case *contract.Element:
		return e.element(x)
	case *contract.Length:
		return e.length(x)
	case *contract.OCAdd:
		words := make([]*smt.Term, len(x.Args))
		for i, a := range x.Args {
			words[i] = b.IntWrap(e.eval(a).i, 16)
		}
		return number(b.IntUnsigned(b.OCAdd(words...)))
	case *contract.OCSum:
		initial := b.IntWrap(e.eval(x.Initial).i, 32)
		sum := b.OCAdd(e.sum(x), b.Extract(initial, 31, 16), b.Extract(initial, 15, 0))
		return number(b.IntUnsigned(sum))
	}
	panic(fmt.Sprintf("summary: unknown expression %v", x))
}

// length is the length of a slice that is handed on: any number that a length can be, the same wherever
// the contract of one call speaks of it.
func (e *env) length(x *contract.Length) value {
	if list, ok := e.lists[x.Of.Name]; ok {
		return number(e.p.Builder().IntUnsigned(list.Len))
	}
	v, ok := e.vars[x.String()]
	if !ok {
		v = number(e.p.Builder().IntUnsigned(e.p.Choose(x.String(), 63, nil)))
		e.vars[x.String()] = v
	}
	return v
}

// sum is the sum of a slice of bytes that is handed on: any, if the caller does not know it, but one in one call.
func (e *env) sum(x *contract.OCSum) *smt.Term {
	if e.sums[x.Of.Name] == nil {
		e.sums[x.Of.Name] = e.p.Choose(joined("sum", x.Of.Name), 16, nil)
	}
	return e.sums[x.Of.Name]
}

// element is an element of a slice that a constructor was given.
func (e *env) element(x *contract.Element) value {
	index := e.toLeaves(e.eval(x.Index), contract.Sort{Kind: contract.Int, Bits: indexWidth, Signed: true}, nil)
	return fromLeaves(e.p.Builder(), x.Sort(), e.lists[x.Of.Name].At(e.p, index[0]))
}

// observe reads an observer.
func (e *env) observe(x *contract.Read) value {
	n := e.state(x.Old).node(x.Ghost)
	if x.Index == nil {
		if x.Ghost.Value.Kind == contract.Int {
			return number(n.integer)
		}
		return fromLeaves(e.p.Builder(), x.Ghost.Value, n.item)
	}
	index := e.toLeaves(e.eval(x.Index), *x.Ghost.Index, nil)
	return fromLeaves(e.p.Builder(), x.Ghost.Value, e.read(n, index))
}

// field selects the leaves of a struct's field.
func (e *env) field(x *contract.Field) value {
	v := e.eval(x.X)
	first := 0
	for _, sort := range x.Before {
		first += len(e.object.layout(sort))
	}
	l := e.object.layout(x.Sort())
	return fromLeaves(e.p.Builder(), x.Sort(), v.v[first:first+len(l)])
}

func (e *env) conditional(x *contract.Cond) value {
	b := e.p.Builder()
	c := e.eval(x.C).b
	switch {
	case c.IsTrue():
		return e.eval(x.X)
	case c.IsFalse():
		return e.eval(x.Y)
	}
	v, w := e.eval(x.X), e.eval(x.Y)
	switch v.kind {
	case contract.Bool:
		return boolean(b.Ite(c, v.b, w.b))
	case contract.Int:
		return number(b.IntIte(c, v.i, w.i))
	}
	v.v = iteLeaves(b, c, v.v, w.v)
	return v
}

func (e *env) unary(x *contract.Unary) value {
	b := e.p.Builder()
	v := e.eval(x.X)
	switch x.Op {
	case "!":
		return boolean(b.Not(v.b))
	case "-":
		return number(b.IntNeg(v.i))
	}
	return number(b.IntUnsigned(b.BVNot(b.IntWrap(v.i, x.Sort().Bits))))
}

func (e *env) binary(x *contract.Binary) value {
	b := e.p.Builder()
	v := e.eval(x.X)
	// What cannot matter is not evaluated: its reads would only add instances.
	switch {
	case (x.Op == "&&" || x.Op == "==>") && v.b.IsFalse():
		return boolean(b.Bool(x.Op == "==>"))
	case x.Op == "||" && v.b.IsTrue():
		return v
	}
	w := e.eval(x.Y)
	switch x.Op {
	case "&&":
		return boolean(b.And(v.b, w.b))
	case "||":
		return boolean(b.Or(v.b, w.b))
	case "==>":
		return boolean(b.Implies(v.b, w.b))
	case "<==>":
		return boolean(b.Eq(v.b, w.b))
	case "==":
		return boolean(equal(b, v, w))
	case "!=":
		return boolean(b.Not(equal(b, v, w)))
	}
	return arithmetic(b, x.Op, v.i, w.i)
}

func equal(b *smt.Builder, v, w value) *smt.Term {
	switch v.kind {
	case contract.Bool:
		return b.Eq(v.b, w.b)
	case contract.Int:
		return b.IntEq(v.i, w.i)
	}
	return equalLeaves(b, v.v, w.v)
}

// arithmetic is exact; division rounds down, by a positive literal.
func arithmetic(b *smt.Builder, op string, i, j smt.Int) value {
	switch op {
	case "<":
		return boolean(b.IntLess(i, j))
	case "<=":
		return boolean(b.IntLessEq(i, j))
	case ">":
		return boolean(b.IntLess(j, i))
	case ">=":
		return boolean(b.IntLessEq(j, i))
	case "+":
		return number(b.IntAdd(i, j))
	case "-":
		return number(b.IntSub(i, j))
	case "*":
		return number(b.IntMul(i, j))
	case "/":
		return number(b.IntFloorDiv(i, j))
	case "%":
		return number(b.IntFloorMod(i, j))
	}
	panic("summary: unknown operator " + op)
}
