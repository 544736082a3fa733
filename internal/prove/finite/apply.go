package finite

import "math/big"

// apply evaluates an operator or function of values.
func (m *Model) apply(op string, args []Value) Value {
	switch op {
	case "not":
		v, ok := args[0].(bool)
		if !ok {
			failf("not needs true or false")
		}
		return !v
	case "=":
		return m.equal(args[0], args[1])
	case "distinct":
		return !m.equal(args[0], args[1])
	case "select":
		a, ok := args[0].(*Array)
		if !ok {
			failf("select needs an array")
		}
		v, ok := a.At(args[1])
		if !ok {
			failf("an array has no value at %v", args[1])
		}
		return v
	case "store":
		a, ok := args[0].(*Array)
		if !ok {
			failf("store needs an array")
		}
		return a.set(args[1], args[2])
	case "+", "-", "*", "div", "mod", "<", "<=", ">", ">=", "band":
		return numeric(op, args)
	}
	return m.call(op, args)
}

// call evaluates a function of the script.
func (m *Model) call(name string, args []Value) Value {
	f := m.s.named[name]
	if f == nil || len(args) != len(f.sorts) {
		failf("%s is unknown", name)
	}
	if f.body == nil && m.outside != nil {
		if v, ok := m.outside(name, args); ok {
			return v
		}
	}
	if f.body == nil {
		v, ok := m.tables[name][arguments(args)]
		if !ok {
			failf("the value of %s is not known", name)
		}
		return v
	}
	var vars *scope
	for i, p := range f.params {
		vars = &scope{p, args[i], vars}
	}
	if m.deep++; m.deep > mostDeep {
		failf("%s calls itself without an end in sight", name)
	}
	defer func() { m.deep-- }()
	return m.eval(f.body, vars)
}

// mostDeep bounds calls in calls.
const mostDeep = 2000

// numeric evaluates an operator on integers. Division is SMT-LIB's: the rest is never negative.
func numeric(op string, args []Value) Value {
	list := make([]*big.Int, len(args))
	for i, a := range args {
		n, ok := a.(*big.Int)
		if !ok {
			failf("%s needs numbers", op)
		}
		list[i] = n
	}
	if op == "-" && len(list) == 1 {
		return new(big.Int).Neg(list[0])
	}
	if len(list) == 2 && (op == "<" || op == "<=" || op == ">" || op == ">=") {
		return compare(op, list[0], list[1])
	}
	result := new(big.Int).Set(list[0])
	for _, n := range list[1:] {
		switch op {
		case "+":
			result.Add(result, n)
		case "-":
			result.Sub(result, n)
		case "*":
			result.Mul(result, n)
		default:
			result = divided(op, result, n)
		}
	}
	return result
}

func divided(op string, a, b *big.Int) *big.Int {
	if op == "band" {
		if a.Sign() < 0 || b.Sign() < 0 {
			failf("the bits of a negative number are not known")
		}
		return new(big.Int).And(a, b)
	}
	if b.Sign() == 0 {
		failf("a division by zero has no value")
	}
	quotient, rest := new(big.Int).DivMod(a, b, new(big.Int))
	if op == "div" {
		return quotient
	}
	return rest
}

func compare(op string, a, b *big.Int) bool {
	c := a.Cmp(b)
	switch op {
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	case ">=":
		return c >= 0
	}
	return c == 0
}

// equal compares values; arrays at each index that either of them gives, and beyond.
func (m *Model) equal(a, b Value) bool {
	switch a := a.(type) {
	case *big.Int:
		n, ok := b.(*big.Int)
		return ok && a.Cmp(n) == 0
	case *Array:
		other, ok := b.(*Array)
		return ok && m.sameArray(a, other)
	}
	return a == b
}

func (m *Model) sameArray(a, b *Array) bool {
	indices := append([]Value{}, m.ints...)
	if a.low == nil || b.low == nil {
		indices = nil
	}
	for _, x := range []*Array{a, b} {
		for k := range x.at {
			switch k := k.(type) {
			case int64:
				indices = append(indices, big.NewInt(k))
			case string:
				n, _ := new(big.Int).SetString(k, 10)
				indices = append(indices, n)
			default:
				indices = append(indices, k)
			}
		}
	}
	for _, i := range indices {
		v, ok := a.At(i)
		w, known := b.At(i)
		if !ok || !known {
			failf("an array has no value at %v", i)
		}
		if !m.equal(v, w) {
			return false
		}
	}
	return true
}
