package smt_test

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"vigor/internal/smt"
	"vigor/internal/smt/smttest"
)

// TestOperators compares every operator with Go's, on all pairs of operands of 4 and 8 bits, once
// with variables, so that rewriting is tested, and once for each operand with a constant.
func TestOperators(t *testing.T) {
	for _, op := range smttest.Operators {
		t.Run(op.Name, func(t *testing.T) {
			for _, w := range []int{4, 8} {
				checkOperator(t, op, w)
			}
		})
	}
}

func checkOperator(t *testing.T, op smttest.Operator, w int) {
	b := smt.NewBuilder()
	x, y := b.Var("x", w), b.Var("y", w)
	general := op.Build(b, x, y)
	width := max(1, general.Width())
	m := smt.NewModel()
	for i := range uint64(1) << w {
		left, right := op.Build(b, b.Word(i, w), y), op.Build(b, x, b.Word(i, w))
		for j := range uint64(1) << w {
			m.SetVar(x, new(big.Int).SetUint64(i))
			m.SetVar(y, new(big.Int).SetUint64(j))
			want := smttest.Mask(op.Value(w, i, j), width)
			compare(t, op.Name, m, general, want)
			compare(t, op.Name, m, left, want)
			compare(t, op.Name, m, op.Build(b, b.Word(i, w), b.Word(j, w)), want)
			m.SetVar(x, new(big.Int).SetUint64(j))
			compare(t, op.Name, m, right, smttest.Mask(op.Value(w, j, i), width))
		}
		m.SetVar(x, new(big.Int).SetUint64(i))
		compare(t, op.Name, m, op.Build(b, x, x), smttest.Mask(op.Value(w, i, i), width))
	}
}

func compare(t *testing.T, name string, m *smt.Model, got *smt.Term, want uint64) {
	t.Helper()
	v := m.Eval(got)
	if !v.IsUint64() || v.Uint64() != want {
		t.Fatalf("%s: got %v, want %d, from %v", name, v, want, got)
	}
	if lo, hi := got.Range(); v.Cmp(lo) < 0 || v.Cmp(hi) > 0 {
		t.Fatalf("%s: value %v outside the interval [%v, %v] of %v", name, v, lo, hi, got)
	}
}

// TestRandomTerms compares random terms with the reference evaluator.
func TestRandomTerms(t *testing.T) {
	for seed := range uint64(4000) {
		checkRandom(t, seed, 40)
	}
}

func checkRandom(t *testing.T, seed uint64, size int) {
	r := rand.New(rand.NewPCG(seed, 1))
	p := smttest.Random(r, size)
	b := smt.NewBuilder()
	terms := p.Build(b)
	for range 4 {
		v := smttest.RandomValues(r)
		m := p.Model(b, v)
		for i, want := range p.Eval(v) {
			got := m.Eval(terms[i])
			lo, hi := terms[i].Range()
			if !got.IsUint64() || got.Uint64() != want || got.Cmp(lo) < 0 || got.Cmp(hi) > 0 {
				t.Fatalf("seed %d, step %d %+v: got %v in [%v, %v], want %d, from %v",
					seed, i, p[i], got, lo, hi, want, terms[i])
			}
		}
	}
}

// TestStable builds random terms again from their leaves: a normal form comes out as it was. Rare
// mixtures of readings (signed, unsigned) of one sum are not unique; they may cost time, never
// soundness.
func TestStable(t *testing.T) {
	count, unstable := 0, 0
	for seed := range uint64(2000) {
		b := smt.NewBuilder()
		terms := smttest.Random(rand.New(rand.NewPCG(seed, 1)), 40).Build(b)
		again := map[*smt.Term]*smt.Term{}
		smt.Visit(func(u *smt.Term) {
			args := make([]*smt.Term, len(u.Args()))
			for i, a := range u.Args() {
				args[i] = again[a]
			}
			again[u] = b.Build(u, args)
		}, terms...)
		for _, u := range terms {
			count++
			if again[u] != u {
				unstable++
			}
		}
	}
	if unstable*10_000 > count {
		t.Errorf("%d of %d random terms are not stable normal forms, want at most one in 10,000", unstable, count)
	}
}

// FuzzTerms is TestRandomTerms from any seed.
func FuzzTerms(f *testing.F) {
	f.Add(uint64(1), uint8(40))
	f.Add(uint64(671), uint8('j')) // a shift of what is 0 by its interval alone
	f.Fuzz(func(t *testing.T, seed uint64, size uint8) { checkRandom(t, seed, int(size)%120+5) })
}
