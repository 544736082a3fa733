package bitblast

import (
	"context"
	"math/big"

	"vigor/internal/smt"
	"vigor/internal/solver"
	"vigor/internal/solver/sat"
)

// A product of two terms that are not constant is, like an application, a fresh word at first. When a
// model gives it another value than its factors have, the search is told more, in this order, and
// repeated:
//
//  1. instances of what holds of any two products and the model breaks (congruence and order). Mostly
//     that refutes a claim: code and spec multiply the same numbers, if in different widths, and all
//     that matters is that the products are equal;
//  2. the product where one factor is 1, or has the value that it has in the model, and that as an
//     assumption. Mostly that finds a counterexample: what is left is the other factor, or sums of it. If
//     it does not, the size of the product is bounded by that of its factors before the next is tried;
//  3. the whole circuit.
//
// Whatever is added for good follows from what a product is, so what is refuted is refuted; and a model
// is given out only if all its products are right.

// product is one multiplication: word is a * b modulo 2^len(word).
type product struct {
	word    word
	factors [2]word // of the same length, the one with fewer bits first
	// exact says that no product of the factors exceeds the word.
	exact bool
	// circuit implies that word is what the circuit computes; 0 until it is built.
	circuit sat.Lit
	// points holds, for each factor, literals that say that it has a value, and imply that word is
	// that multiple of the other factor.
	points [2]map[string]sat.Lit
}

const (
	// maxInstances bounds the rounds of instances for one question.
	maxInstances = 64
	// maxPoints bounds the values that are tried for one question.
	maxPoints = 6
)

// multiply returns the word of a product.
func (e *Engine) multiply(t *smt.Term, a, b word) word {
	if e.constants(a) == len(a) || e.constants(b) == len(b) {
		return e.multiple(a, b)
	}
	if e.size(b) < e.size(a) {
		a, b = b, a
	}
	p := &product{word: e.fresh(t.Width()), factors: [2]word{a, b}, exact: e.size(a)+e.size(b) <= len(a)}
	p.points = [2]map[string]sat.Lit{{}, {}}
	e.products[t] = p
	return p.word
}

// multiple returns the word of a product with a constant, which is a circuit. Multiples by one constant
// are related: those of equal numbers are equal in the bits that both have. The circuits imply it, but the
// search hardly finds it there.
func (e *Engine) multiple(a, b word) word {
	if e.constants(b) < len(b) {
		a, b = b, a
	}
	out := e.mul(a, b)
	if e.constants(a) == len(a) {
		return out
	}
	constant := e.text(b)
	for _, o := range e.multiples[constant] {
		n := min(len(out), len(o.word))
		same := e.equal(extend(a, n, -e.true), extend(o.factors[0], n, -e.true))
		e.implyEqual(same, out[:n], o.word[:n])
		e.relateWords(out[:n], o.word[:n], same)
	}
	e.multiples[constant] = append(e.multiples[constant], &product{word: out, factors: [2]word{a, b}})
	return out
}

// text is a constant word without the zeros at its top.
func (e *Engine) text(constant word) string {
	v := new(big.Int)
	for i, l := range constant {
		if l == e.true {
			v.SetBit(v, i, 1)
		}
	}
	return v.Text(62)
}

// size is the number of low bits of a word among which are all that can be set.
func (g *gates) size(a word) int {
	n := len(a)
	for n > 0 && a[n-1] == -g.true {
		n--
	}
	return n
}

// search decides the clauses under literals; a model has right products. Roots are what the model must give values
// besides.
func (e *Engine) search(ctx context.Context, literals, roots []sat.Lit, products []*product) sat.Result {
	points := 0
	for round := 0; ; round++ {
		if r := e.solve(ctx, literals, roots); r != sat.Sat {
			return r
		}
		m := e.multiplications(products)
		wrong := m.wrong()
		switch {
		case len(wrong) == 0:
			return sat.Sat
		case round < maxInstances && e.relateProducts(m, wrong):
		case points < maxPoints:
			if e.try(ctx, literals, roots, m, points%2, points < 2) {
				return sat.Sat
			}
			for _, i := range wrong {
				e.sized(m, i)
			}
			points++
		default:
			for _, i := range wrong {
				literals = append(literals[:len(literals):len(literals)], e.build(products[i]))
			}
		}
	}
}

// solve asks the SAT solver about what the literals depend on.
func (e *Engine) solve(ctx context.Context, literals, roots []sat.Lit) sat.Result {
	cone := e.cones.cone(append(literals[:len(literals):len(literals)], roots...)...)
	return e.sat.Solve(ctx, sat.Question{Assume: literals, Cone: cone, Effort: solver.EffortOf(ctx)})
}

// try searches with one factor of wrong products fixed, at 1, which leaves the product free, or at the value
// that it has. It reports whether there is a model that way.
func (e *Engine) try(ctx context.Context, literals, roots []sat.Lit, m multiplications, factor int, unit bool) bool {
	ctx, back := solver.PartOfEffort(ctx, 4) // leave some for other ways
	defer back()
	for {
		wrong := m.wrong()
		if len(wrong) == 0 {
			return true
		}
		for _, i := range wrong {
			value := m.factors[i][factor]
			if unit {
				value = big.NewInt(1)
			}
			literals = append(literals[:len(literals):len(literals)], e.point(m.products[i], factor, value))
		}
		if e.solve(ctx, literals, roots) != sat.Sat {
			return false
		}
		m = e.multiplications(m.products)
	}
}

// point returns a literal that says that a factor has a value. It implies that the product is that
// multiple of the other factor.
func (e *Engine) point(p *product, factor int, value *big.Int) sat.Lit {
	key := value.Text(62)
	if l, ok := p.points[factor][key]; ok {
		return l
	}
	constant := e.constant(len(p.word), func(i int) bool { return value.Bit(i) == 1 })
	l := e.equal(p.factors[factor], constant)
	multiple := e.mulConstant(p.factors[1-factor], constant)
	e.implyEqual(l, p.word, multiple)
	e.relateWords(word{l}, p.word, multiple...)
	p.points[factor][key] = l
	return l
}

// build returns a literal that implies that the product is what its circuit computes.
func (e *Engine) build(p *product) sat.Lit {
	if p.circuit == 0 {
		out := e.mul(p.factors[0], p.factors[1])
		p.circuit = e.made(noGate, out...)
		e.implyEqual(p.circuit, p.word, out)
	}
	return p.circuit
}

// multiplications are the values of products and their factors in a model of the SAT solver.
type multiplications struct {
	products []*product
	values   []*big.Int
	factors  [][2]*big.Int
}

func (e *Engine) multiplications(products []*product) multiplications {
	m := multiplications{products: products}
	for _, p := range products {
		m.values = append(m.values, e.valueOf(p.word))
		m.factors = append(m.factors, [2]*big.Int{e.valueOf(p.factors[0]), e.valueOf(p.factors[1])})
	}
	return m
}

// wrong lists the products whose value is not that of their factors.
func (m multiplications) wrong() []int {
	var list []int
	for i, p := range m.products {
		v := new(big.Int).Mul(m.factors[i][0], m.factors[i][1])
		if low(v, len(p.word)).Cmp(m.values[i]) != 0 {
			list = append(list, i)
		}
	}
	return list
}

// low is v modulo 2^n.
func low(v *big.Int, n int) *big.Int {
	mask := new(big.Int).Lsh(big.NewInt(1), uint(n))
	return mask.And(v, mask.Sub(mask, big.NewInt(1)))
}

// relateProducts adds what holds of two products and these break; it reports whether there is something.
func (e *Engine) relateProducts(m multiplications, wrong []int) bool {
	found := false
	for _, i := range wrong {
		for j := range m.products {
			for crossed := range 2 {
				if j != i && (e.congruent(m, i, j, crossed) || e.ordered(m, i, j, crossed) || e.ordered(m, j, i, crossed)) {
					found = true
				}
			}
		}
	}
	return found
}

// congruent adds, if the model breaks it: products of the same factors are the same. Where one of them
// may exceed its word that holds of the low bits that both have.
func (e *Engine) congruent(m multiplications, i, j, crossed int) bool {
	p, q := m.products[i], m.products[j]
	n := min(len(p.word), len(q.word))
	if p.exact && q.exact {
		n = max(len(p.word), len(q.word))
	}
	for k := range 2 {
		if low(m.factors[i][k], n).Cmp(low(m.factors[j][k^crossed], n)) != 0 {
			return false
		}
	}
	if low(m.values[i], n).Cmp(low(m.values[j], n)) == 0 {
		return false
	}
	wide := func(a word) word { return extend(a, n, -e.true) }
	same := e.all([]sat.Lit{
		e.equal(wide(p.factors[0]), wide(q.factors[crossed])),
		e.equal(wide(p.factors[1]), wide(q.factors[1-crossed])),
	})
	e.implyEqual(same, wide(p.word), wide(q.word))
	e.relateWords(p.word, q.word, same)
	return true
}

// ordered adds, if the model breaks it: a product of factors that are not greater is not greater.
func (e *Engine) ordered(m multiplications, i, j, crossed int) bool {
	p, q := m.products[i], m.products[j]
	if !p.exact || !q.exact || m.values[i].Cmp(m.values[j]) <= 0 {
		return false
	}
	for k := range 2 {
		if m.factors[i][k].Cmp(m.factors[j][k^crossed]) > 0 {
			return false
		}
	}
	n := max(len(p.word), len(q.word))
	greater := func(a, b word) sat.Lit { return e.less(extend(b, n, -e.true), extend(a, n, -e.true)) }
	e.fact(p, q, greater(p.factors[0], q.factors[crossed]), greater(p.factors[1], q.factors[1-crossed]),
		-greater(p.word, q.word))
	return true
}

// sized adds, if the model breaks it: the product of a number of k bits and one of n bits is 0 if one of
// them is, and has k+n bits or one less.
func (e *Engine) sized(m multiplications, i int) {
	p := m.products[i]
	if !p.exact {
		return
	}
	a, b := p.factors[0], p.factors[1]
	k, n := m.factors[i][0].BitLen(), m.factors[i][1].BitLen()
	switch size := m.values[i].BitLen(); {
	case size > k+n:
		e.fact(p, p, e.any(a[k:]), e.any(b[n:]), -e.any(p.word[k+n:]))
	case size > 0 && (k == 0 || n == 0):
		e.fact(p, p, e.any(a), -e.any(p.word))
		e.fact(p, p, e.any(b), -e.any(p.word))
	case k > 0 && n > 0 && size < k+n-1:
		e.fact(p, p, -e.any(a[k-1:]), -e.any(b[n-1:]), e.any(p.word[k+n-2:]))
	}
}

// fact adds a clause that holds of any two products.
func (e *Engine) fact(p, q *product, clause ...sat.Lit) {
	e.sat.AddClause(clause...)
	e.relateWords(p.word, q.word, clause...)
}
