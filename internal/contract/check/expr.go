package check

import (
	"math/big"
	"reflect"

	"vigor/internal/contract"
)

// eval gives the value of e.
func (v *evaluator) eval(e contract.Expr) any {
	switch e := e.(type) {
	case *contract.Literal:
		if e.Sort().Kind == contract.Bool {
			return e.Value.Sign() != 0
		}
		return e.Value
	case *contract.Variable:
		x, ok := v.vars[e.Name]
		if !ok {
			failf("%s has no value", e.Name)
		}
		return x
	case *contract.Read:
		return v.read(e)
	case *contract.Field:
		return plain(reflect.ValueOf(v.eval(e.X)).Field(e.Index).Interface())
	case *contract.Unary:
		return v.unary(e)
	case *contract.Binary:
		return v.binary(e)
	case *contract.Cond:
		if truth(v.eval(e.C)) {
			return v.eval(e.X)
		}
		return v.eval(e.Y)
	case *contract.Count:
		return v.count(e)
	case *contract.OCAdd:
		return v.ocadd(e)
	case *contract.OCSum:
		return v.ocsum(e)
	case *contract.Element:
		list, i := reflect.ValueOf(v.vars[e.Of.Name]), v.eval(e.Index).(*big.Int)
		if !i.IsInt64() || i.Int64() < 0 || i.Int64() >= int64(list.Len()) {
			failf("%v: index %v is outside of a list of %d", e, i, list.Len())
		}
		return plain(list.Index(int(i.Int64())).Interface())
	case *contract.Length:
		return big.NewInt(int64(reflect.ValueOf(v.vars[e.Of.Name]).Len()))
	}
	failf("%v cannot be evaluated", e)
	return nil
}

func (v *evaluator) state(old bool) state {
	if old {
		return v.old
	}
	return v.now
}

func (v *evaluator) read(e *contract.Read) any {
	var index any
	if e.Index != nil {
		index = v.eval(e.Index)
		if n, ok := index.(*big.Int); ok {
			index = v.original(*e.Ghost.Index, n)
		}
	}
	x, ok := v.state(e.Old)[e.Ghost.Name][index]
	if !ok {
		failf("%v: %s[%v] was not observed: the adapter does not list the index, or the observer means nothing there",
			e.Ghost.Pos, e.Ghost.Name, index)
	}
	return plain(x)
}

// original finds the value in the domain that n stands for: type parameters may be integers, too.
func (v *evaluator) original(s contract.Sort, n *big.Int) any {
	for _, x := range v.domain[sortName(s)] {
		if p, ok := plain(x).(*big.Int); ok && p.Cmp(n) == 0 {
			return x
		}
	}
	return n
}

func (v *evaluator) count(e *contract.Count) any {
	n := integer(v.eval(e.N))
	total := int64(0)
	for i := int64(0); big.NewInt(i).Cmp(n) < 0; i++ {
		x, ok := v.state(e.Old)[e.Ghost.Name][int(i)]
		if !ok {
			failf("%v: the adapter does not list index %d, which count(%s, %v) needs", e.Ghost.Pos, i, e.Ghost.Name, n)
		}
		if truth(x) {
			total++
		}
	}
	return big.NewInt(total)
}

func (v *evaluator) unary(e *contract.Unary) any {
	x := v.eval(e.X)
	switch e.Op {
	case "!":
		return !truth(x)
	case "-":
		return new(big.Int).Neg(integer(x))
	}
	_, top := e.Sort().Range()
	return new(big.Int).Sub(top, integer(x))
}

func (v *evaluator) binary(e *contract.Binary) any {
	x := v.eval(e.X)
	switch e.Op {
	case "&&":
		return truth(x) && truth(v.eval(e.Y))
	case "||":
		return truth(x) || truth(v.eval(e.Y))
	case "==>":
		return !truth(x) || truth(v.eval(e.Y))
	case "<==>":
		return truth(x) == truth(v.eval(e.Y))
	case "==":
		return equal(x, v.eval(e.Y))
	case "!=":
		return !equal(x, v.eval(e.Y))
	}
	return arithmetic(e.Op, integer(x), integer(v.eval(e.Y)))
}

// arithmetic is exact; division rounds down, and its divisor is positive.
func arithmetic(op string, x, y *big.Int) any {
	switch op {
	case "<":
		return x.Cmp(y) < 0
	case "<=":
		return x.Cmp(y) <= 0
	case ">":
		return x.Cmp(y) > 0
	case ">=":
		return x.Cmp(y) >= 0
	case "+":
		return new(big.Int).Add(x, y)
	case "-":
		return new(big.Int).Sub(x, y)
	case "*":
		return new(big.Int).Mul(x, y)
	case "/":
		return new(big.Int).Div(x, y)
	case "%":
		return new(big.Int).Mod(x, y)
	}
	failf("operator %s cannot be evaluated", op)
	return nil
}

// ocadd folds the sum of 16-bit words (RFC 1071 section 1).
func (v *evaluator) ocadd(e *contract.OCAdd) any {
	sum := uint64(0)
	for _, a := range e.Args {
		sum += integer(v.eval(a)).Uint64()
	}
	for sum > 0xffff {
		sum = sum&0xffff + sum>>16
	}
	return new(big.Int).SetUint64(sum)
}

// ocsum adds words of two bytes as written on paper: every carry at once (RFC 1071).
func (v *evaluator) ocsum(e *contract.OCSum) any {
	initial := integer(v.eval(e.Initial)).Uint64()
	words := []uint64{initial & 0xffff, initial >> 16}
	for i, octet := range reflect.ValueOf(v.vars[e.Of.Name]).Bytes() {
		if i%2 == 0 {
			words = append(words, uint64(octet)*256)
			continue
		}
		words[len(words)-1] += uint64(octet)
	}
	sum := uint64(0)
	for _, w := range words {
		if sum += w; sum > 0xffff {
			sum -= 0xffff
		}
	}
	return new(big.Int).SetUint64(sum)
}
