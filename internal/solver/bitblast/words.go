package bitblast

import "vigor/internal/solver/sat"

// word is a bit-vector of literals, the least significant first.
type word []sat.Lit

// constant is the number whose bits bit tells, in w bits.
func (g *gates) constant(w int, bit func(int) bool) word {
	out := make(word, w)
	for i := range out {
		out[i] = g.bool(bit(i))
	}
	return out
}

func (g *gates) zeros(w int) word { return g.constant(w, func(int) bool { return false }) }

// extend is a with copies of fill above, w bits wide, or cut to w bits.
func extend(a word, w int, fill sat.Lit) word {
	out := make(word, w)
	for i := range out {
		if i < len(a) {
			out[i] = a[i]
		} else {
			out[i] = fill
		}
	}
	return out
}

// add is a + b + carry modulo 2^len, and the carry out.
func (g *gates) add(a, b word, carry sat.Lit) (word, sat.Lit) {
	out := make(word, len(a))
	for i := range a {
		out[i] = g.xor(g.xor(a[i], b[i]), carry)
		carry = g.majority(a[i], b[i], carry)
	}
	return out, carry
}

// sub is a - b modulo 2^len, and whether a >= b.
func (g *gates) sub(a, b word) (word, sat.Lit) { return g.add(a, inverted(b), g.true) }

func (g *gates) neg(a word) word {
	out, _ := g.add(g.zeros(len(a)), inverted(a), g.true)
	return out
}

// less is unsigned a < b.
func (g *gates) less(a, b word) sat.Lit {
	carry := g.true
	for i := range a {
		carry = g.majority(a[i], -b[i], carry)
	}
	return -carry
}

func (g *gates) equal(a, b word) sat.Lit {
	same := make([]sat.Lit, len(a))
	for i := range a {
		same[i] = -g.xor(a[i], b[i])
	}
	return g.all(same)
}

// select is a if c, else b.
func (g *gates) choose(c sat.Lit, a, b word) word {
	out := make(word, len(a))
	for i := range a {
		out[i] = g.mux(c, a[i], b[i])
	}
	return out
}

// shifted is a * 2^n modulo 2^len.
func (g *gates) shifted(a word, n int) word {
	out := g.zeros(len(a))
	if n < len(a) {
		copy(out[n:], a[:len(a)-n])
	}
	return out
}

// mul is a * b modulo 2^len. The factor with more constant bits selects the addends; a constant one
// is recoded to digits -1, 0 and 1 (non-adjacent form) so that it has few.
func (g *gates) mul(a, b word) word {
	if g.constants(a) > g.constants(b) {
		a, b = b, a
	}
	if g.constants(b) == len(b) {
		return g.mulConstant(a, b)
	}
	sum := g.zeros(len(a))
	for i := range b {
		if b[i] == -g.true {
			continue
		}
		term := g.shifted(a, i)
		for j := range term {
			term[j] = g.and(term[j], b[i])
		}
		sum, _ = g.add(sum, term, -g.true)
	}
	return sum
}

func (g *gates) constants(a word) int {
	n := 0
	for _, l := range a {
		if _, ok := g.known(l); ok {
			n++
		}
	}
	return n
}

func (g *gates) mulConstant(a, c word) word {
	sum := g.zeros(len(a))
	carry := false
	bit := func(i int) bool { return i < len(c) && c[i] == g.true }
	for i := range c {
		odd := bit(i) != carry
		if !odd {
			carry = carry && bit(i)
			continue
		}
		if bit(i + 1) { // digit -1: a run of ones starts or goes on
			sum, _ = g.sub(sum, g.shifted(a, i))
			carry = true
		} else {
			sum, _ = g.add(sum, g.shifted(a, i), -g.true)
			carry = false
		}
	}
	return sum
}

// divide is the restoring divider: quotient and remainder of a by d, a function of its inputs. The
// remainder register is one bit wider than the divisor's highest bit that may be set. By 0, the quotient
// is all ones and the remainder is a, as in SMT-LIB.
func (g *gates) divide(a, d word) (quotient, remainder word) {
	n := len(d)
	for n > 0 && d[n-1] == -g.true {
		n--
	}
	if n == 0 {
		return g.constant(len(a), func(int) bool { return true }), a
	}
	quotient = make(word, len(a))
	divisor := extend(d[:n], n+1, -g.true)
	rest := g.zeros(n + 1)
	for i := len(a) - 1; i >= 0; i-- {
		rest = append(word{a[i]}, rest[:n]...)
		diff, fits := g.sub(rest, divisor)
		quotient[i] = fits
		rest = g.choose(fits, diff, rest)
	}
	// A divisor of 0 leaves the register as it is shifted: only the low bits of a remain.
	remainder = extend(rest[:n], len(a), -g.true)
	if n < len(a) {
		remainder = g.choose(g.any(d[:n]), remainder, a)
	}
	return quotient, remainder
}

// shift moves a by the number in amount, towards bit 0 if right; fill comes in. Amounts of len(a) and
// more leave only fill.
func (g *gates) shift(a, amount word, right bool, fill sat.Lit) word {
	out := a
	var far []sat.Lit
	for k, s := range amount {
		if k < 31 && 1<<k < len(a) {
			out = g.choose(s, moved(out, 1<<k, right, fill), out)
		} else {
			far = append(far, s)
		}
	}
	return g.choose(g.any(far), extend(nil, len(a), fill), out)
}

// moved is a by n places.
func moved(a word, n int, right bool, fill sat.Lit) word {
	out := make(word, len(a))
	for i := range out {
		j := i - n
		if right {
			j = i + n
		}
		if j >= 0 && j < len(a) {
			out[i] = a[j]
		} else {
			out[i] = fill
		}
	}
	return out
}

// ocadd is the sum of 16-bit words, folded twice: one fold leaves at most 16 bits and a carry for
// fewer than 2^16 words, the second adds that carry.
func (g *gates) ocadd(ws []word) word {
	w := 16
	for 1<<(w-16) < len(ws) {
		w++
	}
	sum := extend(ws[0], w, -g.true)
	for _, x := range ws[1:] {
		sum, _ = g.add(sum, extend(x, w, -g.true), -g.true)
	}
	for range 2 {
		low, carry := g.add(sum[:16], extend(sum[16:], 16, -g.true), -g.true)
		sum = append(low, carry)
	}
	return sum[:16]
}
