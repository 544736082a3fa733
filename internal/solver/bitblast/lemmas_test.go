package bitblast

import (
	"testing"

	"vigor/internal/smt"
	"vigor/internal/solver"
	"vigor/internal/solver/sat"
)

// The lemmas below justify the normal form of smt.Builder.OCAdd. They speak of the definition, the
// integer sum with its carries added back, written with ordinary operators so that the normal form
// does not prove itself.

// fold is the definition: the sum of 16-bit words, carries added back until it fits.
func fold(b *smt.Builder, words ...*smt.Term) *smt.Term {
	sum := b.Word(0, 32)
	for _, w := range words {
		sum = b.BVAdd(sum, b.ZeroExtend(w, 32))
	}
	for range 2 {
		sum = b.BVAdd(b.ZeroExtend(b.Extract(sum, 15, 0), 32), b.ZeroExtend(b.Extract(sum, 31, 16), 32))
	}
	return b.Extract(sum, 15, 0)
}

type lemma struct {
	*testing.T
	*smt.Builder
}

func newLemma(t *testing.T) lemma { return lemma{t, smt.NewBuilder()} }

func (l lemma) word(name string) *smt.Term { return l.Var(name, 16) }

// proves expects claim to follow from the conditions, and the conditions to be satisfiable.
func (l lemma) proves(claim *smt.Term, conditions ...*smt.Term) {
	l.Helper()
	e := New(sat.New())
	if got := e.Check(background, conditions...); got != solver.Sat {
		l.Errorf("the conditions: got %v, want sat", got)
	}
	if got := e.Check(background, append(conditions, l.Not(claim))...); got != solver.Unsat {
		l.Errorf("a counterexample to the lemma: got %v, want unsat", got)
	}
}

// refutes expects a counterexample.
func (l lemma) refutes(claim *smt.Term, conditions ...*smt.Term) {
	l.Helper()
	if got := New(sat.New()).Check(background, append(conditions, l.Not(claim))...); got != solver.Sat {
		l.Errorf("a claim that is false: got %v, want a counterexample", got)
	}
}

// sameResidue says that two 16-bit words are congruent modulo 65535.
func (l lemma) sameResidue(x, y *smt.Term) *smt.Term {
	zero, ones := l.Word(0, 16), l.Word(0xFFFF, 16)
	isZero := func(t *smt.Term) *smt.Term { return l.Or(l.Eq(t, zero), l.Eq(t, ones)) }
	return l.Or(l.Eq(x, y), l.And(isZero(x), isZero(y)))
}

func (l lemma) nonzero(x *smt.Term) *smt.Term { return l.Not(l.Eq(x, l.Word(0, 16))) }

// TestDefinitionIsCircuit: the operator's circuit computes the definition.
func TestDefinitionIsCircuit(t *testing.T) {
	l := newLemma(t)
	x, y, z := l.word("x"), l.word("y"), l.word("z")
	l.proves(l.Eq(l.OCAdd(x, y), fold(l.Builder, x, y)))
	l.proves(l.Eq(l.OCAdd(x, y, z), fold(l.Builder, x, y, z)))
	l.refutes(l.Eq(l.OCAdd(x, y), l.BVAdd(x, y)))
}

// TestLemmaResidue is (a): beside a word that is not 0, congruent words may replace each other. Beside
// 0 they may not.
func TestLemmaResidue(t *testing.T) {
	l := newLemma(t)
	x, y, witness := l.word("x"), l.word("y"), l.word("witness")
	claim := l.Eq(fold(l.Builder, witness, x), fold(l.Builder, witness, y))
	l.proves(claim, l.sameResidue(x, y), l.nonzero(witness))
	l.refutes(claim, l.sameResidue(x, y))
}

// TestLemmaAssociative is (b), in the steps of its proof: a sum of two keeps the residue of the integer
// sum and is 0 only for zeros, so nested sums agree in both with the flat one; and two words that
// agree in both are equal.
func TestLemmaAssociative(t *testing.T) {
	l := newLemma(t)
	x, y := l.word("x"), l.word("y")
	zero, modulus := l.Word(0, 16), l.Word(0xFFFF, 17)
	sum := l.BVAdd(l.ZeroExtend(x, 17), l.ZeroExtend(y, 17))
	folded := l.ZeroExtend(fold(l.Builder, x, y), 17)
	l.proves(l.Or(l.Eq(folded, sum), l.Eq(l.BVAdd(folded, modulus), sum)))
	l.proves(l.Eq(l.Eq(fold(l.Builder, x, y), zero), l.And(l.Eq(x, zero), l.Eq(y, zero))))
	l.proves(l.Eq(x, y), l.sameResidue(x, y), l.Eq(l.Eq(x, zero), l.Eq(y, zero)))
	l.refutes(l.Eq(x, y), l.sameResidue(x, y))
	l.proves(l.Eq(fold(l.Builder, x, y), fold(l.Builder, y, x)))
}

// TestLemmaFlat is the rest of (b): the flat sum of three keeps the residue too.
func TestLemmaFlat(t *testing.T) {
	l := newLemma(t)
	x, y, z := l.word("x"), l.word("y"), l.word("z")
	wide := func(t *smt.Term) *smt.Term { return l.ZeroExtend(t, 18) }
	sum := l.BVAdd(l.BVAdd(wide(x), wide(y)), wide(z))
	folded := wide(fold(l.Builder, x, y, z))
	m := func(k uint64) *smt.Term { return l.Eq(l.BVAdd(folded, l.Word(k*0xFFFF, 18)), sum) }
	l.proves(l.Or(m(0), m(1), m(2)))
	zero := l.Word(0, 16)
	l.proves(l.Eq(l.Eq(fold(l.Builder, x, y, z), zero), l.And(l.Eq(x, zero), l.Eq(y, zero), l.Eq(z, zero))))
}

// TestLemmaComplement is (c): beside a word that is not 0, the complement of a sum is the sum of the
// complements.
func TestLemmaComplement(t *testing.T) {
	l := newLemma(t)
	x, y := l.word("x"), l.word("y")
	whole := l.BVNot(fold(l.Builder, x, y))
	parts := fold(l.Builder, l.BVNot(x), l.BVNot(y))
	l.proves(l.sameResidue(whole, parts))
	l.refutes(l.Eq(whole, parts))
	l.proves(l.Eq(fold(l.Builder, x, l.BVNot(x)), l.Word(0xFFFF, 16)))
}
