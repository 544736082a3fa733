package lower

import (
	"fmt"
	"math/big"

	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/spec/resolve"
	"vigor/internal/spec/syntax"
)

var zero, one = new(big.Int), big.NewInt(1)

// condition evaluates an expression of type bool.
func (r *run) condition(x syntax.Expr) *smt.Term { return r.eval(x).(boolean).term }

// integer evaluates an expression of type int.
func (r *run) integer(x syntax.Expr) smt.Int { return r.eval(x).(smt.Int) }

// eval evaluates an expression and remembers its value for messages.
func (r *run) eval(x syntax.Expr) value {
	v := r.evaluate(x)
	r.seen[x] = v
	return v
}

func (r *run) evaluate(x syntax.Expr) value {
	switch x := x.(type) {
	case *syntax.Name:
		return r.name(x)
	case *syntax.Number:
		return r.b.IntConst(x.Value)
	case *syntax.Bool:
		return boolean{r.b.Bool(x.Value)}
	case *syntax.Tuple:
		list := tuple{}
		for _, e := range x.Elems {
			list = append(list, r.eval(e))
		}
		return list
	case *syntax.Attribute:
		return r.attribute(x)
	case *syntax.Subscript:
		return r.subscript(x)
	case *syntax.Call:
		return r.call(x)
	case *syntax.Unary:
		return r.unary(x)
	case *syntax.Binary:
		return r.arithmetic(x.Op, r.eval(x.X), r.eval(x.Y), x, x.Y)
	case *syntax.Logic:
		return boolean{r.logic(x.Op, len(x.Values), func(i int) *smt.Term {
			r.needed(x.Values[i].Span())
			return r.condition(x.Values[i])
		}, func(i int) bool { return r.forks(x.Values[i]) })}
	case *syntax.Compare:
		return boolean{r.compare(x)}
	case *syntax.Conditional:
		return r.conditional(x)
	}
	panic(fmt.Sprintf("lower: %T is no expression", x))
}

// logic is `and` or `or` over n operands: each but the first is evaluated only where the ones
// before leave the answer open.
func (r *run) logic(op string, n int, operand func(int) *smt.Term, forks func(int) bool) *smt.Term {
	result := r.b.Bool(op == "and")
	for i := range n {
		more := result
		if op == "or" {
			more = r.b.Not(result)
		}
		if more.IsFalse() {
			return result
		}
		if forks(i) {
			if !r.branch(more) {
				return r.b.Bool(op == "or")
			}
			result = operand(i)
			continue
		}
		var next *smt.Term
		r.under(more, func() { next = operand(i) })
		if op == "and" {
			result = r.b.And(result, next)
		} else {
			result = r.b.Or(result, next)
		}
	}
	return result
}

// forks tells whether evaluating x may decide conditions or change state: it calls a plain
// function that does not fold.
func (r *run) forks(x syntax.Expr) bool {
	switch x := x.(type) {
	case *syntax.Call:
		if id, ok := x.Fun.(*syntax.Name); ok {
			sym, _ := r.frame.scope.Lookup(id.Name)
			if fn, plain := sym.(*resolve.Function); plain && !r.folds(fn) {
				return true
			}
		}
		for _, a := range x.Args {
			if r.forks(a) {
				return true
			}
		}
		for _, k := range x.Keywords {
			if r.forks(k.Value) {
				return true
			}
		}
		return r.forks(x.Fun)
	case *syntax.Attribute:
		return r.forks(x.X)
	case *syntax.Subscript:
		return r.forks(x.X) || r.forks(x.Index)
	case *syntax.Unary:
		return r.forks(x.X)
	case *syntax.Binary:
		return r.forks(x.X) || r.forks(x.Y)
	case *syntax.Conditional:
		return r.forks(x.Cond) || r.forks(x.Then) || r.forks(x.Else)
	case *syntax.Generator:
		return r.forks(x.Elem) || r.forks(x.Over)
	case *syntax.Compare:
		return r.forks(x.Left) || r.anyForks(x.Right)
	case *syntax.Logic:
		return r.anyForks(x.Values)
	case *syntax.Tuple:
		return r.anyForks(x.Elems)
	}
	return false
}

func (r *run) anyForks(list []syntax.Expr) bool {
	for _, x := range list {
		if r.forks(x) {
			return true
		}
	}
	return false
}

func (r *run) conditional(x *syntax.Conditional) value {
	c := r.condition(x.Cond)
	if c.IsTrue() || c.IsFalse() || r.forks(x.Then) || r.forks(x.Else) {
		if r.branch(c) {
			r.needed(x.Then.Span())
			return r.eval(x.Then)
		}
		r.needed(x.Else.Span())
		return r.eval(x.Else)
	}
	var then, other value
	r.under(c, func() {
		r.needed(x.Then.Span())
		then = r.eval(x.Then)
	})
	r.under(r.b.Not(c), func() {
		r.needed(x.Else.Span())
		other = r.eval(x.Else)
	})
	return r.choose(c, then, other)
}

func (r *run) name(x *syntax.Name) value {
	if v, ok := r.frame.locals[x.Name]; ok {
		return v
	}
	sym, _ := r.frame.scope.Lookup(x.Name)
	switch sym := sym.(type) {
	case *resolve.Object:
		return object{of: sym}
	case *resolve.ConfigValue:
		if sym.Name == resolve.DeviceCount {
			return r.b.IntUnsigned(r.w.DeviceCount)
		}
		if sym.Type.Kind == resolve.List {
			return list{sym}
		}
		v, _ := r.load(sym.Type, r.w.Config[sym.Name])
		return v
	case *resolve.Constant:
		return r.constant(sym)
	case resolve.Builtin:
		if n, ok := r.frame.scope.Number(x.Name); ok {
			return r.b.IntConst(new(big.Int).SetUint64(n))
		}
		switch sym {
		case "out":
			return output{}
		case "next_proto_id":
			ipv4, _ := resolve.HeaderNamed("ipv4")
			return r.readNamed(header{of: ipv4}, "protocol", x)
		}
		return flagName(x.Name)
	}
	panic("lower: no meaning for " + x.Name)
}

// constant evaluates a constant of the file, whose names are the file's even where a parameter has
// one of them.
func (r *run) constant(c *resolve.Constant) value {
	locals := r.frame.locals
	r.frame.locals = nil
	v := r.eval(c.Value)
	r.frame.locals = locals
	return v
}

func (r *run) unary(x *syntax.Unary) value {
	if x.Op == "not" {
		return boolean{r.b.Not(r.condition(x.X))}
	}
	i := r.integer(x.X)
	switch x.Op {
	case "-":
		return r.b.IntNeg(i)
	case "~":
		return r.b.IntNot(i)
	}
	return i
}

// arithmetic is `v op w`, written as x; y is w as written.
func (r *run) arithmetic(op string, v, w value, x, y syntax.Expr) value {
	if s, ok := v.(devices); ok {
		a, c := r.mask(s.set), r.mask(w.(devices).set)
		if op == "-" {
			return devices{DeviceSet{Mask: r.b.BVAnd(a, r.b.BVNot(c))}}
		}
		return devices{DeviceSet{Mask: r.b.BVOr(a, c)}}
	}
	return r.narrow(r.integers(op, v.(smt.Int), w.(smt.Int), y), x)
}

// maxWidth bounds what a spec computes, in bits.
const maxWidth = 2048

// narrow refuses a number of more than maxWidth bits; nothing is claimed beyond it.
func (r *run) narrow(i smt.Int, x syntax.Expr) value {
	if i.Term.Width() <= maxWidth {
		return i
	}
	r.prove(r.b.False(), r.claim(diag.DoesNotFit, x.Span(),
		diag.Text("%s may have %d bits; at most %d are computed", r.text(x), i.Term.Width(), maxWidth), ""))
	return r.b.IntConst(zero)
}

func (r *run) integers(op string, i, j smt.Int, y syntax.Expr) smt.Int {
	switch op {
	case "+":
		return r.b.IntAdd(i, j)
	case "-":
		return r.b.IntSub(i, j)
	case "*":
		return r.b.IntMul(i, j)
	case "&":
		return r.b.IntAnd(i, j)
	case "|":
		return r.b.IntOr(i, j)
	case "^":
		return r.b.IntXor(i, j)
	case "**":
		return r.power(i, j)
	case "<<", ">>":
		return r.shift(op, i, j, y)
	}
	return r.divide(op, i, j, y)
}

// power stops where the result is refused anyway.
func (r *run) power(i, n smt.Int) smt.Int {
	exponent, _ := n.Const()
	result := r.b.IntConst(one)
	for k := int64(0); k < exponent.Int64() && result.Term.Width() <= maxWidth; k++ {
		result = r.b.IntMul(result, i)
	}
	return result
}

// maxShift bounds a left shift: no product of a spec is wider.
const maxShift = 256

func (r *run) shift(op string, i, n smt.Int, y syntax.Expr) smt.Int {
	limit := n.Hi
	if op == "<<" && limit.Cmp(big.NewInt(maxShift)) > 0 {
		limit = big.NewInt(maxShift)
	}
	text, operands, given := r.text(y), r.operands(y), n
	r.prove(r.b.IntFits(n, zero, limit), r.claim(diag.DivisorZero, y.Span(), func(val diag.Valuer) string {
		if intValue(given, val).Sign() < 0 {
			return fmt.Sprintf("shift may be negative: %s is %s%s", text, showInt(given, val), operands(val))
		}
		return fmt.Sprintf("shift may be too far: %s is %s, the most is %d", text, showInt(given, val), maxShift)
	}, ""))
	n = r.b.IntRestrict(n, zero, limit)
	if op == "<<" {
		return r.b.IntShl(i, n)
	}
	return r.b.IntShr(i, n)
}

func (r *run) divide(op string, i, j smt.Int, y syntax.Expr) smt.Int {
	text, operands := r.text(y), r.operands(y)
	r.prove(r.b.Not(r.b.IntEq(j, r.b.IntConst(zero))), r.claim(diag.DivisorZero, y.Span(), func(val diag.Valuer) string {
		return "divisor may be 0: " + text + operands(val)
	}, ""))
	if j.Lo.Sign() == 0 && j.Hi.Sign() > 0 && len(r.guards) == 0 {
		j = r.b.IntRestrict(j, one, j.Hi)
	}
	if op == "//" {
		return r.b.IntFloorDiv(i, j)
	}
	return r.b.IntFloorMod(i, j)
}

// compare is a chain of comparisons: an operand after a false one is not evaluated.
func (r *run) compare(x *syntax.Compare) *smt.Term {
	left := r.eval(x.Left)
	var right value
	return r.logic("and", len(x.Ops), func(i int) *smt.Term {
		if i > 0 {
			left = right
		}
		if op := x.Ops[i]; op == "in" || op == "not in" {
			in := r.member(left, x.Right[i])
			right = nil
			if op == "not in" {
				return r.b.Not(in)
			}
			return in
		}
		right = r.eval(x.Right[i])
		return r.relation(x.Ops[i], left, right)
	}, func(i int) bool { return i > 0 && r.forks(x.Right[i]) })
}

func (r *run) relation(op string, v, w value) *smt.Term {
	switch op {
	case "==":
		return r.equal(v, w)
	case "!=":
		return r.b.Not(r.equal(v, w))
	case "<":
		return r.less(v, w)
	case ">":
		return r.less(w, v)
	case "<=":
		return r.b.Not(r.less(w, v))
	}
	return r.b.Not(r.less(v, w))
}

// member is `v in x`.
func (r *run) member(v value, x syntax.Expr) *smt.Term {
	switch over := r.eval(x).(type) {
	case tuple:
		found := r.b.False()
		for _, e := range over {
			found = r.b.Or(found, r.equal(v, e))
		}
		return found
	case network:
		a := v.(address).term
		if over.bits == 0 {
			return r.b.True()
		}
		prefix := new(big.Int).Rsh(over.base, uint(32-over.bits))
		return r.b.Eq(r.b.Extract(a, 31, 32-over.bits), r.b.Const(prefix, over.bits))
	case devices:
		return r.has(over.set, v.(smt.Int))
	case indices:
		return r.allocated(over.object, v.(smt.Int))
	case flags:
		return r.readNamed(header{of: tcpHeader(), view: over.view}, flagFields[v.(flagName)], x).(boolean).term
	case object:
		if over.of.Kind == resolve.PortRange {
			return r.allocated(over, v.(smt.Int))
		}
		key := r.store(over.of.Key, v, x, over.of.Name+"'s key")
		return r.contains(over, key)
	}
	panic("lower: 'in' over no collection")
}

var flagFields = map[flagName]string{"FIN": "fin", "SYN": "syn", "RST": "rst", "PSH": "psh", "ACK": "ack", "URG": "urg",
	"ECE": "ece", "CWR": "cwr"}

func tcpHeader() *resolve.HeaderOf {
	h, _ := resolve.HeaderNamed("tcp")
	return h
}
