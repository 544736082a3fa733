package embedded

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"vigor/internal/smt"
	"vigor/internal/smt/smttest"
	"vigor/internal/solver"
	"vigor/internal/solver/bitblast"
	"vigor/internal/solver/sat"
)

var background = context.Background()

// conditions are Bool terms of a random recipe that are not constant.
func conditions(r *rand.Rand, b *smt.Builder) []*smt.Term {
	var out []*smt.Term
	for len(out) < 6 {
		for _, u := range smttest.Random(r, 60).Build(b) {
			if _, ok := u.Const(); u.Width() == 0 && !ok {
				out = append(out, u)
			}
		}
	}
	return out
}

// TestStackAgrees walks through questions as a run does, conditions growing and shrinking, assertions
// in between, and compares every answer with a fresh bit-blaster that has no layers.
func TestStackAgrees(t *testing.T) {
	answers := map[solver.Answer]int{}
	for seed := range uint64(15) {
		r := rand.New(rand.NewPCG(seed, 5))
		b := smt.NewBuilder()
		s := New(b)
		pool := conditions(r, b)
		var asserted, path []*smt.Term
		for step := range 30 {
			c := pool[r.IntN(len(pool))]
			if r.IntN(2) == 0 {
				c = b.Not(c)
			}
			if step%10 == 9 && s.Check(background, c) == solver.Sat {
				s.Assert(c)
				asserted, path = append(asserted, c), nil
			}
			ctx, cancel := context.WithTimeout(background, 100*time.Millisecond)
			got := s.Check(ctx, append(path, c)...)
			want := fresh(ctx, asserted, append(path, c))
			cancel()
			if answers[got]++; got != want && got != solver.Unknown && want != solver.Unknown {
				t.Fatalf("seed %d, step %d: got %v, a fresh solver says %v", seed, step, got, want)
			}
			if got == solver.Sat && r.IntN(3) > 0 {
				path = append(path, c)
			} else if len(path) > 0 && r.IntN(3) == 0 {
				path = path[:r.IntN(len(path))]
			}
		}
		if s.Err() != nil {
			t.Errorf("seed %d: %v", seed, s.Err())
		}
	}
	if answers[solver.Sat] < 50 || answers[solver.Unsat] < 50 {
		t.Errorf("the questions are one-sided: %v", answers)
	}
}

func fresh(ctx context.Context, asserted, assume []*smt.Term) solver.Answer {
	e := bitblast.New(sat.New())
	for _, a := range asserted {
		e.Assert(a)
	}
	return e.Check(ctx, assume...)
}

// TestSameRunSameModels: two runs give the same answers, models and questions to the back end.
func TestSameRunSameModels(t *testing.T) {
	run := func() (text string, questions int) {
		r := rand.New(rand.NewPCG(9, 5))
		b := smt.NewBuilder()
		s := New(b)
		pool := conditions(r, b)
		for range 40 {
			assume := []*smt.Term{pool[r.IntN(len(pool))], b.Not(pool[r.IntN(len(pool))])}
			text += s.Check(background, assume...).String()
			if m := s.Model(); m != nil {
				smt.Visit(func(u *smt.Term) { text += " " + m.Eval(u).String() }, assume...)
			}
			text += "\n"
		}
		return text, len(s.Records())
	}
	first, asked := run()
	if again, n := run(); again != first || n != asked {
		t.Errorf("%d and %d questions; answers and models differ:\n%s\n%s", asked, n, first, again)
	}
}

// arithmetic lists questions that an NF's arithmetic asks, each a claim to prove under conditions.
var arithmetic = []struct {
	name  string
	claim func(b *smt.Builder) (claim *smt.Term, conditions []*smt.Term)
	want  solver.Answer // of the negated claim
}{
	{"whole and rest make the dividend", func(b *smt.Builder) (*smt.Term, []*smt.Term) {
		a, c := b.Var("a", 32), b.Word(1_000_000_000, 32)
		return b.Eq(b.BVAdd(b.BVMul(b.BVUDiv(a, c), c), b.BVURem(a, c)), a), nil
	}, solver.Unsat},
	{"quotient below dividend", func(b *smt.Builder) (*smt.Term, []*smt.Term) {
		a, c := b.Var("a", 16), b.Var("c", 16)
		return b.BVULe(b.BVUDiv(a, c), a), []*smt.Term{b.Not(b.Eq(c, b.Word(0, 16)))}
	}, solver.Unsat},
	{"equal times, equal quotients, in two widths", func(b *smt.Builder) (*smt.Term, []*smt.Term) {
		x, y, c := b.Var("x", 48), b.Var("y", 40), uint64(1_000_000_007)
		return b.Eq(b.ZeroExtend(b.BVUDiv(x, b.Word(c, 48)), 50), b.ZeroExtend(b.BVUDiv(y, b.Word(c, 40)), 50)),
			[]*smt.Term{b.BVULe(x, b.ZeroExtend(y, 48)), b.BVULe(b.ZeroExtend(y, 48), x)}
	}, solver.Unsat},
	{"rate times difference fits 64 bits", func(b *smt.Builder) (*smt.Term, []*smt.Term) {
		diff, rate := b.ZeroExtend(b.Var("diff", 34), 128), b.ZeroExtend(b.Var("rate", 28), 128)
		return b.BVULt(b.BVMul(diff, rate), b.BVShl(b.Word(1, 128), b.Word(64, 128))), nil
	}, solver.Unsat},
	{"product wraps", func(b *smt.Builder) (*smt.Term, []*smt.Term) {
		diff, rate := b.Var("diff", 64), b.Var("rate", 64)
		wide := b.BVMul(b.ZeroExtend(diff, 128), b.ZeroExtend(rate, 128))
		return b.Eq(b.Extract(wide, 127, 64), b.Word(0, 64)), nil
	}, solver.Sat},
	{"32-bit truncation of a time difference", func(b *smt.Builder) (*smt.Term, []*smt.Term) {
		now, last := b.Var("now", 63), b.Var("last", 63)
		d := b.BVSub(now, last)
		return b.BVULt(b.ZeroExtend(b.Extract(d, 31, 0), 63), b.Word(5_000_000_000, 63)),
			[]*smt.Term{b.BVULe(last, now), b.BVULe(b.Word(5_000_000_000, 63), d)}
	}, solver.Unsat},
	{"scaled quotients differ", func(b *smt.Builder) (*smt.Term, []*smt.Term) {
		d := b.ZeroExtend(b.Var("d", 40), 64)
		return b.Eq(b.BVMul(b.BVUDiv(d, b.Word(1000, 64)), b.Word(3, 64)),
			b.BVUDiv(b.BVMul(d, b.Word(3, 64)), b.Word(1000, 64))), nil
	}, solver.Sat},
}

func TestArithmetic(t *testing.T) {
	for _, c := range arithmetic {
		b := smt.NewBuilder()
		claim, conditions := c.claim(b)
		ctx, cancel := context.WithTimeout(background, 20*time.Second)
		if got := New(b).Check(ctx, append(conditions, b.Not(claim))...); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
		cancel()
	}
}

func BenchmarkArithmetic(b *testing.B) {
	for _, c := range arithmetic {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				terms := smt.NewBuilder()
				claim, conditions := c.claim(terms)
				New(terms).Check(background, append(conditions, terms.Not(claim))...)
			}
		})
	}
}
