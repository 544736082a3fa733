package smt_test

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"vigor/internal/smt"
	"vigor/internal/smt/smttest"
)

// TestSubst: replacing a variable is the same as giving it the replacement's value.
func TestSubst(t *testing.T) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 7))
		p := smttest.Random(r, 40)
		b := smt.NewBuilder()
		terms := p.Build(b)
		x, y := b.Var("v16.0", 16), b.Var("v16.1", 16)
		for _, to := range []*smt.Term{y, b.Word(smttest.Corner(r, 16), 16), b.BVAdd(x, y)} {
			v := smttest.RandomValues(r)
			before := p.Model(b, v)
			v.Vars["v16.0"] = before.Eval(to).Uint64()
			want, after := p.Eval(v), p.Model(b, v)
			for i, u := range terms {
				w := b.Subst(u, map[*smt.Term]*smt.Term{x: to})
				// The function has the values that the replaced terms need.
				after.SetVar(x, before.Eval(x))
				if got := after.Eval(w); got.Uint64() != want[i] {
					t.Fatalf("seed %d, step %d: got %v, want %d, from %v with %v for x", seed, i, got, want[i], u, to)
				}
			}
		}
	}
}

// TestSubstAtOnce: the replacements are not themselves searched.
func TestSubstAtOnce(t *testing.T) {
	b := smt.NewBuilder()
	x, y := b.Var("x", 8), b.Var("y", 8)
	swap := map[*smt.Term]*smt.Term{x: y, y: x}
	if got, want := b.Subst(b.BVULt(x, y), swap), b.BVULt(y, x); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	sum := b.BVAdd(x, y)
	if got, want := b.Subst(b.BVULt(sum, x), map[*smt.Term]*smt.Term{sum: x}), b.False(); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestDeep: a term far deeper than any stack frame budget is built, replaced and evaluated.
func TestDeep(t *testing.T) {
	b := smt.NewBuilder()
	f := b.Func("f", []int{16}, 16)
	x, y := b.Var("x", 16), b.Var("y", 16)
	u := x
	for range 200_000 {
		u = b.Apply(f, u)
	}
	v := b.Subst(u, map[*smt.Term]*smt.Term{x: y})
	m := smt.NewModel()
	m.SetVar(y, big.NewInt(3))
	m.SetApp(f, []*big.Int{big.NewInt(3)}, big.NewInt(3))
	if got := m.Eval(v); got.Int64() != 3 {
		t.Errorf("got %v, want 3", got)
	}
	if got := m.Eval(u); got.Int64() != 0 {
		t.Errorf("got %v, want 0", got)
	}
}

// TestArray compares Select over random stores with a map.
func TestArray(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 8))
		b := smt.NewBuilder()
		base := b.Func("base", []int{16}, 8)
		x := b.Var("x", 16)
		m := smt.NewModel()
		at := r.Uint64N(8)
		m.SetVar(x, new(big.Int).SetUint64(at))
		index := func() (*smt.Term, uint64) {
			k := r.Uint64N(8)
			if r.IntN(2) == 0 {
				return b.Word(k, 16), k
			}
			return b.BVAdd(x, b.Word(k, 16)), at + k
		}
		array, want := smt.NewArray(base), map[uint64]uint64{}
		for k := range uint64(16) {
			want[k] = r.Uint64N(256)
			m.SetApp(base, []*big.Int{new(big.Int).SetUint64(k)}, new(big.Int).SetUint64(want[k]))
		}
		for range 10 {
			i, k := index()
			if r.IntN(2) == 0 {
				want[k] = r.Uint64N(256)
				array = array.Store(i, b.Word(want[k], 8))
				continue
			}
			if got := m.Eval(b.Select(array, i)).Uint64(); got != want[k] {
				t.Fatalf("seed %d: element %v: got %d, want %d, after %v", seed, i, got, want[k], array.Stores())
			}
		}
	}
}

// TestSelectWalksStores: what is decidedly equal or different leaves no trace.
func TestSelectWalksStores(t *testing.T) {
	b := smt.NewBuilder()
	base := b.Func("base", []int{16}, 8)
	x, v := b.Var("x", 16), b.Var("v", 8)
	offset := func(k uint64) *smt.Term { return b.BVAdd(b.ZeroExtend(b.Extract(x, 7, 0), 16), b.Word(k, 16)) }
	a := smt.NewArray(base).Store(b.Word(3, 16), v).Store(offset(300), b.Word(1, 8))
	for _, c := range []struct {
		name      string
		got, want *smt.Term
	}{
		{"equal", b.Select(a, b.Word(3, 16)), v},
		{"equal symbolic", b.Select(a, offset(300)), b.Word(1, 8)},
		{"other constant", b.Select(a, b.Word(4, 16)), b.Apply(base, b.Word(4, 16))},
		{"other offset of one base", b.Select(a, offset(301)), b.Apply(base, offset(301))},
		{"decided by the caller", b.SelectBy(a, x, func(eq *smt.Term) *smt.Term {
			return b.Bool(eq == b.Eq(x, b.Word(3, 16)))
		}), v},
		{"maybe", b.Select(a, x), b.Ite(b.Eq(x, offset(300)), b.Word(1, 8),
			b.Ite(b.Eq(x, b.Word(3, 16)), v, b.Apply(base, x)))},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, c.got, c.want)
		}
	}
}

// TestForget: a model that has forgotten the values of terms computes the same again, also after a change.
func TestForget(t *testing.T) {
	b := smt.NewBuilder()
	x, m := b.Var("x", 8), smt.NewModel()
	double := b.BVAdd(x, x)
	for v := range int64(4) {
		m.SetVar(x, big.NewInt(v))
		m.Eval(double)
		m.Forget()
		if got := m.Eval(double).Int64(); got != 2*v {
			t.Errorf("twice %d: got %d", v, got)
		}
	}
}
