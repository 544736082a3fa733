package smt_test

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"vigor/internal/smt"
)

// indices have 4 bits here, so that all of an array is looked at.
const places = 16

func none(c *smt.Term) *smt.Term { return c }

// realSum adds up bytes as they are under a model, one carry at a time.
func realSum(m *smt.Model, b *smt.Builder, a smt.Array, lo, n uint64) *big.Int {
	sum := uint64(0)
	for k := range n {
		octet := m.Eval(b.Select(a, b.Word(lo+k, 4))).Uint64()
		if k%2 == 0 {
			octet *= 256
		}
		if sum += octet; sum > 0xFFFF {
			sum -= 0xFFFF
		}
	}
	return new(big.Int).SetUint64(sum)
}

// randomArray has some stores, at constant or variable places.
func randomArray(r *rand.Rand, b *smt.Builder, base *smt.Func) smt.Array {
	a := smt.NewArray(base)
	for range r.IntN(4) {
		index := b.Word(r.Uint64N(places), 4)
		if r.IntN(2) == 0 {
			index = b.Var("i", 4)
		}
		a = a.Store(index, b.Var(string(rune('v'+r.IntN(3))), 8))
	}
	return a
}

// randomModel gives everything a value, among them places that many conditions are about.
func randomModel(r *rand.Rand, b *smt.Builder, base *smt.Func) *smt.Model {
	m := smt.NewModel()
	for i := range int64(places) {
		m.SetApp(base, []*big.Int{big.NewInt(i)}, big.NewInt(r.Int64N(256)|r.Int64N(2)*255))
	}
	for _, v := range []string{"v", "w", "x"} {
		m.SetVar(b.Var(v, 8), big.NewInt(r.Int64N(256)))
	}
	for _, v := range []string{"i", "lo", "n"} {
		m.SetVar(b.Var(v, 4), big.NewInt(r.Int64N(places)))
	}
	return m
}

// TestSumIsTrue: where a function that stands for a sum has the values that sums of its own array have, the sum is that
// of the array that was asked for: what was left out of one was outside. Sums that are spelt out are right, too.
func TestSumIsTrue(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 5))
	for range 20000 {
		b := smt.NewBuilder()
		base := b.Func("packet:bytes", []int{4}, 8)
		a := randomArray(r, b, base)
		part := smt.Range{Of: a, Lo: b.Var("lo", 4), Length: b.Var("n", 4)}
		if r.IntN(2) == 0 {
			part.Length = b.Word(r.Uint64N(places), 4)
		}
		m := randomModel(r, b, base)
		lo, n := m.Eval(part.Lo).Uint64(), m.Eval(part.Length).Uint64()
		if lo+n > places-1 {
			continue
		}
		// What holds under the model may be decided.
		sum := b.Sum(part, func(c *smt.Term) *smt.Term {
			if r.IntN(2) == 0 {
				return b.Bool(m.Holds(c))
			}
			return c
		})
		for _, s := range b.Sums(sum) {
			of, _ := b.SumOf(s)
			args := []*big.Int{m.Eval(of.Lo), m.Eval(of.Length)}
			m.SetApp(s.Func(), args, realSum(m, b, of.Of, args[0].Uint64(), args[1].Uint64()))
		}
		if got, want := m.Eval(sum), realSum(m, b, a, lo, n); got.Cmp(want) != 0 {
			t.Fatalf("%v of %v from %d: got %v, want %v", a.Stores(), n, lo, got, want)
		}
	}
}

// TestSameRangeIsTrue: where two ranges are said to be the same bytes, they are.
func TestSameRangeIsTrue(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 5))
	same := 0
	for range 20000 {
		b := smt.NewBuilder()
		base := b.Func("packet:bytes", []int{4}, 8)
		x := randomArray(r, b, base)
		y := x
		if r.IntN(3) == 0 {
			y = randomArray(r, b, base)
		}
		for range r.IntN(3) {
			y = y.Store(b.Word(r.Uint64N(places), 4), b.Var("v", 8))
		}
		p := smt.Range{Of: x, Lo: b.Var("lo", 4), Length: b.Var("n", 4)}
		q := smt.Range{Of: y, Lo: b.BVAdd(b.Var("lo", 4), b.Word(r.Uint64N(2), 4)), Length: b.BVAdd(b.Var("n", 4), b.Word(r.Uint64N(2), 4))}
		if r.IntN(2) == 0 {
			p, q = q, p
		}
		m := randomModel(r, b, base)
		lo, n := m.Eval(p.Lo).Uint64(), m.Eval(p.Length).Uint64()
		if lo+n > places-1 || !m.Holds(b.SameRange(p, q)) {
			continue
		}
		same++
		if m.Eval(q.Length).Uint64() != n {
			t.Fatalf("%d and %v bytes are the same", n, m.Eval(q.Length))
		}
		for k := range n {
			at := b.Word(lo+k, 4)
			if m.Eval(q.Lo).Uint64() != lo || m.Eval(b.Select(x, at)).Cmp(m.Eval(b.Select(y, at))) != 0 {
				t.Fatalf("%v and %v differ in %d to %d", x.Stores(), y.Stores(), lo, lo+n)
			}
		}
	}
	if same < 1000 {
		t.Errorf("only %d ranges were the same", same)
	}
}

// TestSumsApart: of two lengths, two places or two contents nothing is known, not even that they differ.
func TestSumsApart(t *testing.T) {
	b := smt.NewBuilder()
	base := b.Func("packet:bytes", []int{16}, 8)
	a := smt.NewArray(base)
	lo, n, v := b.Var("lo", 16), b.Var("n", 16), b.Var("v", 8)
	whole := b.Sum(smt.Range{Of: a, Lo: lo, Length: n}, none)
	for what, other := range map[string]smt.Range{
		"longer":  {Of: a, Lo: lo, Length: b.BVAdd(n, b.Word(1, 16))},
		"later":   {Of: a, Lo: b.BVAdd(lo, b.Word(2, 16)), Length: n},
		"written": {Of: a.Store(b.Var("i", 16), v), Lo: lo, Length: n},
	} {
		if eq := b.Eq(whole, b.Sum(other, none)); eq.IsTrue() || eq.IsFalse() {
			t.Errorf("%s: got %v, want neither true nor false", what, eq)
		}
	}
	written := a.Store(b.Word(9, 16), v)
	for what, sums := range map[string][2]smt.Range{
		"the same":           {{Of: a, Lo: lo, Length: n}, {Of: a, Lo: lo, Length: n}},
		"written alike":      {{Of: written, Lo: lo, Length: n}, {Of: a.Store(b.Word(9, 16), v), Lo: lo, Length: n}},
		"written in front":   {{Of: written, Lo: b.Word(10, 16), Length: b.Word(100, 16)}, {Of: a, Lo: b.Word(10, 16), Length: b.Word(100, 16)}},
		"written behind":     {{Of: written, Lo: b.Word(0, 16), Length: b.Word(9, 16)}, {Of: a, Lo: b.Word(0, 16), Length: b.Word(9, 16)}},
		"nothing to be read": {{Of: written, Lo: lo, Length: b.Word(0, 16)}, {Of: a, Lo: b.Word(3, 16), Length: b.Word(0, 16)}},
	} {
		if x, y := b.Sum(sums[0], none), b.Sum(sums[1], none); x != y {
			t.Errorf("%s: got %v and %v, want one term", what, x, y)
		}
	}
}
