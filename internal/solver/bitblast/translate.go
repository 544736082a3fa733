package bitblast

import (
	"fmt"
	"slices"

	"vigor/internal/smt"
	"vigor/internal/solver/sat"
)

// literals translates a Bool; the result is the conjunction of the literals.
func (e *Engine) literals(t *smt.Term) []sat.Lit {
	if t.Op() != smt.OpAnd {
		return []sat.Lit{e.word(t)[0]}
	}
	var ls []sat.Lit
	for _, a := range t.Args() {
		ls = append(ls, e.word(a)[0])
	}
	return ls
}

// word translates t and everything below it. A Bool is a word of one bit.
func (e *Engine) word(t *smt.Term) word {
	if n := t.ID() + 1 - len(e.words); n > 0 {
		e.words = append(e.words, make([]word, n)...)
	}
	stack := []*smt.Term{t}
	for len(stack) > 0 {
		top := stack[len(stack)-1]
		n := len(stack)
		if e.words[top.ID()] == nil {
			for _, a := range top.Args() {
				if e.words[a.ID()] == nil {
					stack = append(stack, a)
				}
			}
		}
		if len(stack) > n {
			continue
		}
		stack = stack[:n-1]
		if e.words[top.ID()] == nil {
			e.words[top.ID()] = e.translate(top)
			e.enter(top)
		}
	}
	return e.words[t.ID()]
}

func (e *Engine) fresh(w int) word {
	out := make(word, max(1, w))
	for i := range out {
		out[i] = e.made(noGate)
	}
	return out
}

// apply gives an application its word; applications to the very same literals share one.
func (e *Engine) apply(t *smt.Term, args []word) word {
	key := fmt.Sprint(t.Func().Name, args)
	if e.applied[key] == nil {
		e.applied[key] = e.fresh(t.Width())
	}
	return e.applied[key]
}

// translate builds t from its arguments' words.
func (e *Engine) translate(t *smt.Term) word {
	args := make([]word, len(t.Args()))
	for i, a := range t.Args() {
		args[i] = e.words[a.ID()]
	}
	switch t.Op() {
	case smt.OpConst:
		v, _ := t.Const()
		return e.constant(max(1, t.Width()), func(i int) bool { return v.Bit(i) == 1 })
	case smt.OpVar:
		return e.fresh(t.Width())
	case smt.OpApply:
		return e.apply(t, args)
	case smt.OpNot, smt.OpBVNot:
		return inverted(args[0])
	case smt.OpAnd:
		return word{e.all(concat(args))}
	case smt.OpEq:
		return word{e.equal(args[0], args[1])}
	case smt.OpIte:
		return e.choose(args[0][0], args[1], args[2])
	case smt.OpBVNeg:
		return e.neg(args[0])
	case smt.OpBVAdd:
		return e.addition(t, args)
	case smt.OpBVMul:
		return e.multiply(t, args[0], args[1])
	case smt.OpBVUDiv:
		return e.division(t).quotient
	case smt.OpBVURem:
		return e.division(t).remainder
	case smt.OpBVULt:
		return word{e.less(args[0], args[1])}
	case smt.OpBVSLt:
		return word{e.less(flipTop(args[0]), flipTop(args[1]))}
	case smt.OpOCAdd:
		return e.ocadd(args)
	case smt.OpBounded:
		return args[0]
	}
	return e.translateBits(t, args)
}

// translateBits builds the operators that move or combine single bits.
func (e *Engine) translateBits(t *smt.Term, args []word) word {
	switch t.Op() {
	case smt.OpBVAnd:
		return pairwise(e.and, args)
	case smt.OpBVOr:
		return pairwise(e.or, args)
	case smt.OpBVXor:
		return pairwise(e.xor, args)
	case smt.OpBVShl:
		return e.shift(args[0], args[1], false, -e.true)
	case smt.OpBVLShr:
		return e.shift(args[0], args[1], true, -e.true)
	case smt.OpBVAShr:
		return e.shift(args[0], args[1], true, args[0][len(args[0])-1])
	case smt.OpConcat:
		for i, j := 0, len(args)-1; i < j; i, j = i+1, j-1 {
			args[i], args[j] = args[j], args[i]
		}
		return concat(args)
	case smt.OpExtract:
		high, low := t.Bounds()
		return args[0][low : high+1 : high+1]
	case smt.OpSignExtend:
		return extend(args[0], t.Width(), args[0][len(args[0])-1])
	}
	panic("bitblast: no circuit for " + t.Op().String())
}

// concat joins words, the first at the bottom.
func concat(ws []word) word {
	var out word
	for _, w := range ws {
		out = append(out, w...)
	}
	return out
}

func pairwise(f func(a, b sat.Lit) sat.Lit, args []word) word {
	out := make(word, len(args[0]))
	for i := range out {
		out[i] = f(args[0][i], args[1][i])
	}
	return out
}

// flipTop turns the order of two's complement into that of unsigned numbers.
func flipTop(a word) word {
	out := append(word(nil), a...)
	out[len(out)-1] = -out[len(out)-1]
	return out
}

// addition sums; a negated argument is subtracted.
func (e *Engine) addition(t *smt.Term, args []word) word {
	var sum word
	for i, a := range t.Args() {
		if a.Op() != smt.OpBVNeg {
			if sum == nil {
				sum = args[i]
			} else {
				sum, _ = e.add(sum, args[i], -e.true)
			}
		}
	}
	for i, a := range t.Args() {
		switch {
		case a.Op() != smt.OpBVNeg:
		case sum == nil:
			sum = args[i]
		default:
			sum, _ = e.sub(sum, e.words[a.Args()[0].ID()])
		}
	}
	return sum
}

// division is one divider, shared by quotient and remainder.
type division struct {
	dividend, quotient, remainder word
}

// division returns the divider of t's operands.
func (e *Engine) division(t *smt.Term) *division {
	key := [2]*smt.Term{t.Args()[0], t.Args()[1]}
	if d := e.divisions[key]; d != nil {
		return d
	}
	d := &division{dividend: e.words[key[0].ID()]}
	d.quotient, d.remainder = e.divide(d.dividend, e.words[key[1].ID()])
	e.divisions[key] = d
	if c, ok := key[1].Const(); ok && c.Sign() > 0 {
		e.relate(c.Text(62), d)
	}
	return d
}

// relate adds, for every earlier division by the same constant: equal dividends have equal quotients
// and equal remainders. The circuits imply it, but the search hardly finds it there.
func (e *Engine) relate(constant string, d *division) {
	for _, o := range e.byConst[constant] {
		w := max(len(d.dividend), len(o.dividend))
		wide := func(a word) word { return extend(a, w, -e.true) }
		same := e.equal(wide(d.dividend), wide(o.dividend))
		if same == -e.true {
			continue
		}
		e.implyEqual(same, wide(d.quotient), wide(o.quotient))
		e.implyEqual(same, wide(d.remainder), wide(o.remainder))
		e.relateWords(slices.Concat(d.quotient, d.remainder), slices.Concat(o.quotient, o.remainder), same)
	}
	e.byConst[constant] = append(e.byConst[constant], d)
}
