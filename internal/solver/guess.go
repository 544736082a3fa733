package solver

import (
	"math/big"
	"math/rand/v2"
	"slices"

	"vigor/internal/smt"
)

// guesser looks for a model of a question about end-around-carry sums, where search is slow: it
// starts from a model of the rest, changes a few of the words that are added, and then one word per
// equation so that the equation becomes true, which a sum modulo 65535 allows for any word.
type guesser struct {
	question  []*smt.Term
	words     []*smt.Term // that are added and can be set
	equations []*smt.Term // of a sum and something else
	random    *rand.Rand
}

// maxGuesses bounds the models tried for one question.
const maxGuesses = 1500

// guess gives a model of all terms of the question, nil if it finds none; base is a model of those
// without sums.
func guess(base *smt.Model, question []*smt.Term) *smt.Model {
	g := guesser{question: question, random: rand.New(rand.NewPCG(1, 1))}
	seen := map[*smt.Term]bool{}
	smt.Visit(func(t *smt.Term) {
		switch {
		case t.Op() == smt.OpEq && slices.ContainsFunc(t.Args(), isSum):
			g.equations = append(g.equations, t)
		case t.Op() == smt.OpOCAdd:
			for _, w := range t.Args() {
				if !seen[w] && settable(w) {
					g.words = append(g.words, w)
				}
				seen[w] = true
			}
		}
	}, question...)
	if len(g.words) == 0 {
		return nil
	}
	for n := range maxGuesses {
		if m := g.try(base.Clone(), n); lastFalse(m, question) == nil {
			return m
		}
	}
	return nil
}

func isSum(t *smt.Term) bool { return t.Op() == smt.OpOCAdd }

// try changes m: none to three words at random, then what up to two equations need.
func (g *guesser) try(m *smt.Model, n int) *smt.Model {
	for range n % 4 {
		set(m, g.words[g.random.IntN(len(g.words))], g.value())
	}
	for range n / 4 % 3 {
		if len(g.equations) > 0 {
			g.solve(m, g.equations[g.random.IntN(len(g.equations))])
		}
	}
	return m
}

// value is a word that is likely to be special.
func (g *guesser) value() *big.Int {
	special := []int64{0, 0xFFFF, 1, 0xFFFE, g.random.Int64N(1 << 16)}
	return big.NewInt(special[g.random.IntN(len(special))])
}

// solve makes an equation of a sum true by setting one of its words.
func (g *guesser) solve(m *smt.Model, equation *smt.Term) {
	sum, other := equation.Args()[0], equation.Args()[1]
	if !isSum(sum) {
		sum, other = other, sum
	}
	words := sum.Args()
	chosen := words[g.random.IntN(len(words))]
	modulus := big.NewInt(0xFFFF)
	need := m.Eval(other)
	for _, w := range words {
		if w != chosen {
			need.Sub(need, m.Eval(w))
		}
	}
	need.Mod(need, modulus)
	if need.Sign() == 0 && g.random.IntN(2) == 0 {
		need = modulus
	}
	set(m, chosen, need)
}

// settable tells whether a model can give t any value: it is made of variables and applications.
func settable(t *smt.Term) bool {
	switch t.Op() {
	case smt.OpVar, smt.OpApply:
		return true
	case smt.OpBVNot, smt.OpExtract, smt.OpBounded:
		return settable(t.Args()[0])
	case smt.OpConcat:
		return slices.ContainsFunc(t.Args(), settable)
	}
	return false
}

// set gives t the value v as far as it can.
func set(m *smt.Model, t *smt.Term, v *big.Int) {
	switch t.Op() {
	case smt.OpVar:
		m.SetVar(t, v)
	case smt.OpApply:
		args := make([]*big.Int, len(t.Args()))
		for i, a := range t.Args() {
			args[i] = m.Eval(a)
		}
		m.SetApp(t.Func(), args, v)
	case smt.OpBVNot:
		set(m, t.Args()[0], new(big.Int).Not(v))
	case smt.OpBounded:
		set(m, t.Args()[0], v)
	case smt.OpExtract:
		setBits(m, t, v)
	case smt.OpConcat:
		v = new(big.Int).Set(v)
		for _, a := range slices.Backward(t.Args()) {
			low := new(big.Int).And(v, new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), uint(a.Width())), big.NewInt(1)))
			set(m, a, low)
			v.Rsh(v, uint(a.Width()))
		}
	}
}

// setBits sets the bits that an OpExtract takes, and keeps the others.
func setBits(m *smt.Model, t *smt.Term, v *big.Int) {
	whole := t.Args()[0]
	high, low := t.Bounds()
	bits := m.Eval(whole)
	for i := low; i <= high; i++ {
		bits.SetBit(bits, i, v.Bit(i-low))
	}
	set(m, whole, bits)
}
