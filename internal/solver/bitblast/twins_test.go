package bitblast

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"vigor/internal/smt"
	"vigor/internal/solver"
	"vigor/internal/solver/sat"
)

// TestTwins: what is built from equal applications in the same way is seen to be equal without a look at carries.
func TestTwins(t *testing.T) {
	for _, translated := range []string{"before", "after"} {
		b := smt.NewBuilder()
		f := b.Func("f", []int{32}, 64)
		x, y, timer, now := b.Var("x", 32), b.Var("y", 32), b.Var("timer", 64), b.Var("now", 64)
		over := func(index *smt.Term) *smt.Term { return b.BVULt(b.BVAdd(b.Apply(f, index), timer), now) }
		e := New(sat.New())
		if translated == "after" { // the applications have been tied when what is built from them appears
			e.Check(background, b.Eq(x, y), b.Not(b.Eq(b.Apply(f, x), b.Apply(f, y))))
		}
		check := func(assume ...*smt.Term) solver.Answer {
			ctx, cancel := solver.WithEffort(t.Context(), 20_000)
			defer cancel()
			return e.Check(ctx, assume...)
		}
		if got := check(b.Eq(x, y), over(x), b.Not(over(y))); got != solver.Unsat {
			t.Errorf("%s: got %v", translated, got)
		}
		if got := check(over(x), b.Not(over(y))); got != solver.Sat {
			t.Errorf("%s, of any two: got %v", translated, got)
		}
		if got := check(b.Eq(x, y), over(x), b.Not(b.BVULt(b.BVAdd(b.Apply(f, y), now), now))); got != solver.Sat {
			t.Errorf("%s, with another timer: got %v", translated, got)
		}
		g, h := b.Func("g", []int{64}, 8), b.Func("h", []int{64}, 8)
		differ := b.Not(b.Eq(b.Apply(g, b.Apply(f, x)), b.Apply(h, b.Apply(f, y))))
		if got := check(b.Eq(x, y), over(x), differ); got != solver.Sat {
			t.Errorf("%s, under two functions: got %v", translated, got)
		}
	}
}

// TestTwinsAgainstAllValues asks one engine random questions about applications of applications and what is built from
// them: what it says cannot be, no values of the variables and functions make true.
func TestTwinsAgainstAllValues(t *testing.T) {
	b := smt.NewBuilder()
	random := rand.New(rand.NewPCG(7, 7))
	words := smallWords{b, random, []*smt.Func{b.Func("f", []int{1}, 2), b.Func("g", []int{1}, 2)}}
	e := New(sat.New())
	answers := map[solver.Answer]int{}
	for range 120 {
		var question []*smt.Term
		for range 6 {
			question = append(question, words.fact())
		}
		got := e.Check(background, question...)
		answers[got]++
		if m := words.model(question); (m != nil) != (got == solver.Sat) {
			t.Fatalf("%v: got %v", question, got)
		}
	}
	if answers[solver.Unsat] < 20 || answers[solver.Sat] < 20 || e.Instances() < 10 {
		t.Errorf("the test shows little: %v with %d instances", answers, e.Instances())
	}
}

// smallWords makes terms over two functions and two variables of few bits.
type smallWords struct {
	*smt.Builder
	random    *rand.Rand
	functions []*smt.Func
}

func (w *smallWords) bit() *smt.Term {
	switch w.random.IntN(3) {
	case 0:
		return w.Var("x", 1)
	case 1:
		return w.Var("y", 1)
	}
	i := w.random.IntN(2)
	return w.Extract(w.word(), i, i)
}

func (w *smallWords) word() *smt.Term {
	switch w.random.IntN(5) {
	case 0:
		return w.BVAdd(w.apply(), w.ZeroExtend(w.bit(), 2))
	case 1:
		return w.Concat(w.bit(), w.bit())
	case 2:
		return w.Ite(w.Eq(w.bit(), w.Word(1, 1)), w.apply(), w.Word(uint64(w.random.IntN(4)), 2))
	}
	return w.apply()
}

func (w *smallWords) apply() *smt.Term { return w.Apply(w.functions[w.random.IntN(2)], w.bit()) }

func (w *smallWords) fact() *smt.Term {
	c := w.Eq(w.bit(), w.bit())
	switch w.random.IntN(3) {
	case 0:
		c = w.BVULt(w.word(), w.word())
	case 1:
		c = w.Eq(w.word(), w.word())
	}
	if w.random.IntN(2) == 0 {
		return w.Not(c)
	}
	return c
}

// model tries all values of variables and functions.
func (w *smallWords) model(question []*smt.Term) *smt.Model {
	for n := range int64(1) << 10 {
		bits := func(from, count int) *big.Int { return big.NewInt(n >> from & (1<<count - 1)) }
		m := smt.NewModel()
		m.SetVar(w.Var("x", 1), bits(0, 1))
		m.SetVar(w.Var("y", 1), bits(1, 1))
		for i := range 4 {
			m.SetApp(w.functions[i/2], []*big.Int{big.NewInt(int64(i % 2))}, bits(2+2*i, 2))
		}
		if holdAll(m, question) {
			return m
		}
	}
	return nil
}

func holdAll(m *smt.Model, question []*smt.Term) bool {
	for _, c := range question {
		if !m.Holds(c) {
			return false
		}
	}
	return true
}
