package bitblast

import (
	"context"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"vigor/internal/smt"
	"vigor/internal/smt/smttest"
	"vigor/internal/solver"
	"vigor/internal/solver/sat"
)

var background = context.Background()

// TestOperators compares the circuit of every operator with Go's operator: all pairs of operands at 4
// bits, a sample at 8.
func TestOperators(t *testing.T) {
	for _, op := range smttest.Operators {
		t.Run(op.Name, func(t *testing.T) {
			checkOperator(t, op, 4, 1)
			checkOperator(t, op, 8, 331)
		})
	}
}

func checkOperator(t *testing.T, op smttest.Operator, w int, step uint64) {
	b := smt.NewBuilder()
	e := New(sat.New())
	x, y := b.Var("x", w), b.Var("y", w)
	z := op.Build(b, x, y)
	result := b.Var("z", z.Width())
	e.Assert(b.Eq(result, z))
	pairs := uint64(1) << (2 * w)
	for n := uint64(0); n < pairs; n += step {
		i, j := n>>w, smttest.Mask(n, w)
		want := new(big.Int).SetUint64(smttest.Mask(op.Value(w, i, j), max(1, z.Width())))
		given := []*smt.Term{b.Eq(x, b.Word(i, w)), b.Eq(y, b.Word(j, w))}
		if got := e.Check(background, given...); got != solver.Sat {
			t.Fatalf("%s(%d, %d): got %v", op.Name, i, j, got)
		}
		if got := e.Model().Eval(result); got.Cmp(want) != 0 {
			t.Fatalf("%s(%d, %d): got %v, want %v", op.Name, i, j, got, want)
		}
		other := b.Not(b.Eq(result, b.Const(want, z.Width())))
		if got := e.Check(background, append(given, other)...); got != solver.Unsat {
			t.Fatalf("%s(%d, %d) other than %v: got %v", op.Name, i, j, want, got)
		}
		// Operands that are constants of the circuit.
		folded := b.Eq(b.Var("q", z.Width()), op.Build(b, x, b.Word(j, w)))
		if got := e.Check(background, given[0], folded, b.Not(b.Eq(b.Var("q", z.Width()), result)), given[1]); got != solver.Unsat {
			t.Fatalf("%s(%d, constant %d) differs from %v", op.Name, i, j, want)
		}
	}
}

// TestNarrowDivisor divides by what has fewer bits than the dividend, and by 0.
func TestNarrowDivisor(t *testing.T) {
	b := smt.NewBuilder()
	e := New(sat.New())
	x, y := b.Var("x", 8), b.Var("y", 3)
	wide := b.ZeroExtend(y, 8)
	q, r := b.Var("q", 8), b.Var("r", 8)
	e.Assert(b.Eq(q, b.BVUDiv(x, wide)))
	e.Assert(b.Eq(r, b.BVURem(x, wide)))
	for i := range uint64(256) {
		for j := range uint64(8) {
			quotient, remainder := uint64(0xFF), i // of a division by 0, in SMT-LIB
			if j > 0 {
				quotient, remainder = i/j, i%j
			}
			right := b.And(b.Eq(q, b.Word(quotient, 8)), b.Eq(r, b.Word(remainder, 8)))
			given := []*smt.Term{b.Eq(x, b.Word(i, 8)), b.Eq(y, b.Word(j, 3))}
			if got := e.Check(background, append(given, right)...); got != solver.Sat {
				t.Fatalf("%d by %d: got %v", i, j, got)
			}
			if got := e.Check(background, append(given, b.Not(right))...); got != solver.Unsat {
				t.Fatalf("%d by %d: got %v for another result", i, j, got)
			}
		}
	}
}

// TestRandomTerms fixes the variables of random terms and expects exactly the reference's values.
func TestRandomTerms(t *testing.T) {
	for seed := range uint64(120) {
		r := rand.New(rand.NewPCG(seed, 2))
		p := smttest.Random(r, 40)
		b := smt.NewBuilder()
		terms := p.Build(b)
		v := smttest.RandomValues(r)
		m, want := p.Model(b, v), p.Eval(v)
		var given []*smt.Term
		smt.Visit(func(u *smt.Term) {
			if u.Op() == smt.OpVar || u.Op() == smt.OpApply {
				given = append(given, b.Eq(u, b.Const(m.Eval(u), u.Width())))
			}
		}, terms...)
		var right, wrong []*smt.Term
		for i, u := range terms {
			eq := b.Eq(u, b.Word(want[i], u.Width()))
			right, wrong = append(right, eq), append(wrong, b.Not(eq))
		}
		e := New(sat.New())
		if got := e.Check(background, append(given, right...)...); got != solver.Sat {
			t.Errorf("seed %d: the reference's values: got %v, want sat", seed, got)
		} else if m := e.Model(); !m.Holds(b.And(append(given, right...)...)) {
			t.Errorf("seed %d: the model does not evaluate", seed)
		}
		if got := e.Check(background, append(given, b.Or(wrong...))...); got != solver.Unsat {
			t.Errorf("seed %d: other values: got %v, want unsat", seed, got)
		}
	}
}

// TestAssumptionsAreForgotten: what contradicts in one call must leave no trace in the next.
func TestAssumptionsAreForgotten(t *testing.T) {
	b := smt.NewBuilder()
	e := New(sat.New())
	x := b.Var("x", 8)
	small, big := b.BVULt(x, b.Word(10, 8)), b.BVULt(b.Word(20, 8), x)
	for range 3 {
		for _, c := range []struct {
			assume []*smt.Term
			want   solver.Answer
		}{
			{[]*smt.Term{small}, solver.Sat},
			{[]*smt.Term{small, big}, solver.Unsat},
			{[]*smt.Term{big}, solver.Sat},
			{[]*smt.Term{b.False()}, solver.Unsat},
			{nil, solver.Sat},
		} {
			if got := e.Check(background, c.assume...); got != c.want {
				t.Errorf("%v: got %v, want %v", c.assume, got, c.want)
			}
			if (e.Model() != nil) != (c.want == solver.Sat) {
				t.Errorf("%v: a model exactly after sat", c.assume)
			}
		}
	}
	e.Assert(b.False())
	if got := e.Check(background); got != solver.Unsat {
		t.Errorf("after asserting false: got %v, want unsat", got)
	}
}

// TestContextEnds: without time the answer is unknown, and the next call is not affected.
func TestContextEnds(t *testing.T) {
	b := smt.NewBuilder()
	e := New(sat.New())
	x, y := b.Var("x", 40), b.Var("y", 40)
	wide := func(t *smt.Term) *smt.Term { return b.ZeroExtend(t, 80) }
	prime := b.Word(1_000_000_007*998_244_353, 80)
	hard := []*smt.Term{
		b.Eq(b.BVMul(wide(x), wide(y)), b.BVAdd(prime, b.Word(2, 80))),
		b.BVULt(b.Word(1<<20, 40), x), b.BVULt(b.Word(1<<20, 40), y),
	}
	ended, cancel := context.WithCancel(background)
	cancel()
	if got := e.Check(ended, hard...); got != solver.Unknown {
		t.Errorf("cancelled: got %v, want unknown", got)
	}
	soon, cancel := context.WithTimeout(background, 20*time.Millisecond)
	defer cancel()
	if got := e.Check(soon, hard...); got != solver.Unknown {
		t.Errorf("20 ms for factoring: got %v, want unknown", got)
	}
	if got := e.Check(background, b.Eq(x, b.Word(3, 40))); got != solver.Sat {
		t.Errorf("after a time-out: got %v, want sat", got)
	}
	if got := e.Check(background, b.Eq(x, b.Word(3, 40)), b.Eq(x, b.Word(4, 40))); got != solver.Unsat {
		t.Errorf("after a time-out: got %v, want unsat", got)
	}
}

// TestProducts: what holds of products follows, in all widths, and what does not is refuted.
func TestProducts(t *testing.T) {
	b := smt.NewBuilder()
	x, y, z := b.Var("x", 34), b.Var("y", 63), b.Var("z", 63)
	product := func(w int, s, t *smt.Term) *smt.Term { return b.BVMul(b.ZeroExtend(s, w), b.ZeroExtend(t, w)) }
	wide, other, whole := product(98, x, y), product(98, x, z), product(97, x, y)
	narrow := b.BVMul(b.ZeroExtend(x, 64), b.ZeroExtend(y, 64))
	one, small := b.Word(1, 34), b.Extract(y, 40, 0)
	equal := b.And(b.BVULe(y, z), b.BVULe(z, y))
	for _, c := range []struct {
		name   string
		assume []*smt.Term
		want   solver.Answer
	}{
		{"equal factors", []*smt.Term{equal, b.Not(b.Eq(wide, other))}, solver.Unsat},
		{"different factors", []*smt.Term{b.Not(b.Eq(y, z)), b.Eq(wide, other)}, solver.Sat},
		{"different factors, another not 0", []*smt.Term{b.BVULt(y, z), b.BVULt(b.Word(3, 34), x), b.BVULt(other, wide)}, solver.Unsat},
		{"order", []*smt.Term{b.BVULe(y, z), b.BVULt(other, wide)}, solver.Unsat},
		{"order of low bits", []*smt.Term{b.BVULe(y, z), b.BVULt(b.Extract(other, 63, 0), b.Extract(wide, 63, 0))}, solver.Sat},
		{"low bits", []*smt.Term{b.Not(b.Eq(narrow, b.Extract(whole, 63, 0)))}, solver.Unsat},
		{"factor without its upper bits", []*smt.Term{b.BVULt(y, b.Word(1<<41, 63)), b.Not(b.Eq(product(98, x, small), wide))}, solver.Unsat},
		{"factor with upper bits", []*smt.Term{b.BVULt(y, b.Word(1<<42, 63)), b.Not(b.Eq(product(98, x, small), wide))}, solver.Sat},
		{"by one", []*smt.Term{b.Eq(x, one), b.Not(b.Eq(wide, b.ZeroExtend(y, 98)))}, solver.Unsat},
		{"exactly a number", []*smt.Term{b.Eq(wide, b.Word(15_000_000_021, 98)), b.BVULt(one, x), b.BVULt(b.Word(1, 63), y)}, solver.Sat},
		{"zero", []*smt.Term{b.Eq(y, b.Word(0, 63)), b.Not(b.Eq(wide, b.Word(0, 98)))}, solver.Unsat},
		{"overflow", []*smt.Term{b.BVULt(narrow, b.ZeroExtend(y, 64)), b.BVULt(one, x)}, solver.Sat},
		{"multiples of one constant", []*smt.Term{b.BVULt(y, b.Word(1<<41, 63)),
			b.Not(b.Eq(b.BVMul(b.Word(1_000_000_007, 98), b.ZeroExtend(y, 98)), b.BVMul(b.Word(1_000_000_007, 98), b.ZeroExtend(small, 98))))},
			solver.Unsat},
	} {
		e := New(sat.New())
		ctx, cancel := context.WithTimeout(background, 20*time.Second)
		if got := e.Check(ctx, c.assume...); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		} else if got == solver.Sat && !e.Model().Holds(b.And(c.assume...)) {
			t.Errorf("%s: the model does not evaluate", c.name)
		}
		cancel()
	}
}

// TestCongruence: equal arguments force equal values, and only those.
func TestCongruence(t *testing.T) {
	b := smt.NewBuilder()
	e := New(sat.New())
	f := b.Func("f", []int{8, 4}, 16)
	p := b.Func("p", []int{16}, 0)
	x, y, k := b.Var("x", 8), b.Var("y", 8), b.Var("k", 4)
	fx, fy := b.Apply(f, x, k), b.Apply(f, y, k)
	differ := b.Not(b.Eq(fx, fy))
	for _, c := range []struct {
		name   string
		assume []*smt.Term
		want   solver.Answer
	}{
		{"different values", []*smt.Term{differ}, solver.Sat},
		{"equal arguments", []*smt.Term{differ, b.Eq(x, y)}, solver.Unsat},
		{"equal by arithmetic", []*smt.Term{differ, b.BVULe(x, y), b.BVULe(y, x)}, solver.Unsat},
		{"through two functions", []*smt.Term{b.Eq(x, y), b.Xor(b.Apply(p, fx), b.Apply(p, fy))}, solver.Unsat},
		{"equal values are allowed", []*smt.Term{b.Eq(fx, fy), b.Not(b.Eq(x, y))}, solver.Sat},
		{"predicate", []*smt.Term{b.Xor(b.Apply(p, fx), b.Apply(p, fy))}, solver.Sat},
	} {
		if got := e.Check(background, c.assume...); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		} else if got == solver.Sat && !e.Model().Holds(b.And(c.assume...)) {
			t.Errorf("%s: the model does not evaluate", c.name)
		}
	}
}
