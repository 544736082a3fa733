package solver

import (
	"context"
	"math/big"
	"slices"
	"strings"
	"testing"

	"vigor/internal/smt"
)

// script is a back end that gives prepared answers and counts the questions.
type script struct {
	answers []Answer
	models  []*smt.Model
	asked   int
}

func (s *script) Assert(*smt.Term) {}

func (s *script) Check(ctx context.Context, _ ...*smt.Term) Answer {
	if ctx.Err() != nil {
		return Unknown
	}
	s.asked++
	return s.answers[s.asked-1]
}

func (s *script) Model() *smt.Model {
	if s.asked == 0 || s.asked > len(s.models) {
		return nil
	}
	return s.models[s.asked-1]
}

var background = context.Background()

// value is a model in which the variable x has that value.
func value(b *smt.Builder, v int64) *smt.Model {
	m := smt.NewModel()
	m.SetVar(b.Var("x", 8), big.NewInt(v))
	return m
}

func is(b *smt.Builder, v uint64) *smt.Term { return b.Eq(b.Var("x", 8), b.Word(v, 8)) }

func below(b *smt.Builder, v uint64) *smt.Term { return b.BVULt(b.Var("x", 8), b.Word(v, 8)) }

func expect(t *testing.T, s Solver, want Answer, assume ...*smt.Term) {
	t.Helper()
	if got := s.Check(background, assume...); got != want {
		t.Errorf("%v: got %v, want %v", assume, got, want)
	}
	if m := s.Model(); (m != nil) != (want == Sat) {
		t.Errorf("%v, %v: model is %v", assume, want, m)
	}
}

func TestValidateRefusesWrongModels(t *testing.T) {
	for _, c := range []struct {
		name            string
		model           int64
		asserted, asked uint64
		want            Answer
	}{
		{"right", 3, 10, 3, Sat},
		{"assumption false", 4, 10, 3, Unknown},
		{"assertion false", 3, 2, 3, Unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := smt.NewBuilder()
			v := NewValidate(&script{answers: []Answer{Sat}, models: []*smt.Model{value(b, c.model)}})
			v.Assert(below(b, c.asserted))
			expect(t, v, c.want, is(b, c.asked))
			if wrong := c.want == Unknown; (v.Err() != nil) != wrong {
				t.Errorf("error is %v", v.Err())
			}
		})
	}
	b := smt.NewBuilder()
	v := NewValidate(&script{answers: []Answer{Sat, Unsat, Unknown}})
	expect(t, v, Unknown, is(b, 1))
	if v.Err() == nil || !strings.Contains(v.Err().Error(), "without a model") {
		t.Errorf("sat without a model: error is %v", v.Err())
	}
	expect(t, v, Unsat, is(b, 1))
	expect(t, v, Unknown, is(b, 1))
}

func TestKnown(t *testing.T) {
	b := smt.NewBuilder()
	p, q := b.Var("p", 0), b.Var("q", 0)
	inner := &script{answers: make([]Answer, 100)}
	k := NewKnown(b, inner)
	k.Assert(b.And(b.Not(is(b, 7)), b.Var("r", 0)))
	for _, c := range []struct {
		name    string
		assume  []*smt.Term
		decided bool
	}{
		{"opposites", []*smt.Term{p, b.Not(p)}, true},
		{"inside a conjunction", []*smt.Term{b.And(p, q), b.Not(q)}, true},
		{"a conjunction denied", []*smt.Term{p, q, b.Not(b.And(p, q))}, true},
		{"two values", []*smt.Term{is(b, 1), is(b, 2)}, true},
		{"outside a bound", []*smt.Term{is(b, 9), below(b, 9)}, true},
		{"against an assertion", []*smt.Term{p, is(b, 7)}, true},
		{"nothing", nil, false},
		{"the assertion itself", []*smt.Term{b.Var("r", 0)}, false},
		{"compatible", []*smt.Term{p, b.Not(q)}, false},
		{"a conjunction half denied", []*smt.Term{p, b.Not(b.And(p, q))}, false},
		{"at a bound", []*smt.Term{is(b, 8), below(b, 9)}, false},
		{"a disjunction", []*smt.Term{b.Or(is(b, 7), is(b, 8))}, false},
	} {
		before := inner.asked
		got := k.Check(background, c.assume...)
		if decided := inner.asked == before; decided != c.decided || decided != (got == Unsat) {
			t.Errorf("%s: decided is %v (%v), want %v", c.name, decided, got, c.decided)
		}
	}
}

func TestModelsAreReused(t *testing.T) {
	b := smt.NewBuilder()
	inner := &script{answers: []Answer{Sat, Sat, Unsat, Unknown},
		models: []*smt.Model{value(b, 3), value(b, 20)}}
	l := NewModels(inner)
	expect(t, l, Sat, below(b, 10)) // asks
	expect(t, l, Sat, is(b, 3))     // x = 3 again
	expect(t, l, Sat, is(b, 20))    // asks
	expect(t, l, Sat, below(b, 5))  // the older model
	l.Assert(b.Not(is(b, 3)))
	expect(t, l, Unsat, below(b, 5)) // that model is out: asks
	expect(t, l, Sat, is(b, 20))
	expect(t, l, Unknown, is(b, 21)) // asks
	if inner.asked != 4 {
		t.Errorf("%d questions reached the back end, want 4", inner.asked)
	}
}

func TestCache(t *testing.T) {
	b := smt.NewBuilder()
	p, q := b.Var("p", 0), b.Var("q", 0)
	inner := &script{answers: []Answer{Unsat, Sat, Unknown, Unknown, Unsat, Unsat},
		models: []*smt.Model{nil, value(b, 1), nil, nil, nil, nil}}
	c := NewCache(inner)
	expect(t, c, Unsat, p, q)
	expect(t, c, Unsat, q, p, p)     // the same set
	expect(t, c, Unsat, b.And(p, q)) // and again
	expect(t, c, Sat, p)
	expect(t, c, Sat, p)
	expect(t, c, Unknown, q)
	expect(t, c, Unknown, q) // Unknown is asked again
	expect(t, c, Unsat, q)
	c.Assert(is(b, 2))
	expect(t, c, Unsat, p, q) // stays true
	expect(t, c, Unsat, p)    // Sat does not
	if inner.asked != 6 {
		t.Errorf("%d questions reached the back end, want 6", inner.asked)
	}
}

func TestCorners(t *testing.T) {
	b := smt.NewBuilder()
	x, y := b.Var("x", 32), b.Var("y", 32)
	product := b.BVMul(b.ZeroExtend(x, 64), b.ZeroExtend(y, 64))
	inner := &script{answers: make([]Answer, 10)}
	c := NewCorners(inner)
	c.Assert(b.BVULt(b.Word(0, 32), y))
	expect(t, c, Unknown, b.Eq(product, b.Word(77, 64))) // no corner: asks
	expect(t, c, Unknown, b.Eq(x, b.Word(1, 32)))        // no product: asks
	if inner.asked != 2 {
		t.Fatalf("%d questions reached the back end, want 2", inner.asked)
	}
	y1 := b.Eq(y, b.Word(1, 32))
	inner.answers[2], inner.models = Sat, make([]*smt.Model, 3)
	inner.models[2] = smt.NewModel()
	inner.models[2].SetVar(y, big.NewInt(1))
	expect(t, c, Sat, y1)
	expect(t, c, Sat, y1, b.BVULt(b.Word(1<<31, 64), product)) // x = 2^32-1
	if inner.asked != 3 || !c.Model().Holds(b.BVULt(b.Word(1<<31, 64), product)) {
		t.Errorf("%d questions reached the back end, want 3, and a model", inner.asked)
	}
	expect(t, c, Unknown, b.Eq(y, b.Word(0, 32)), b.Eq(product, b.Word(0, 64))) // against the assertion
}

// TestEndedContext: no layer makes an answer of a question that the back end could not finish.
func TestEndedContext(t *testing.T) {
	b := smt.NewBuilder()
	ended, cancel := context.WithCancel(background)
	cancel()
	layers := map[string]func(Solver) Solver{
		"known":    func(s Solver) Solver { return NewKnown(b, s) },
		"models":   NewModels,
		"cache":    NewCache,
		"corners":  NewCorners,
		"log":      func(s Solver) Solver { return NewLog(s) },
		"sums":     func(s Solver) Solver { return NewSums(b, s, nil) },
		"validate": func(s Solver) Solver { return NewValidate(s) },
	}
	var names []string
	for name := range layers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		s := layers[name](&script{answers: []Answer{Unsat}})
		if got := s.Check(ended, is(b, 1)); got != Unknown || s.Model() != nil {
			t.Errorf("%s: got %v, want unknown and no model", name, got)
		}
		expect(t, s, Unsat, is(b, 1))
	}
}

func TestLog(t *testing.T) {
	b := smt.NewBuilder()
	l := NewLog(&script{answers: []Answer{Unsat, Unknown}})
	l.Assert(is(b, 1))
	l.Check(background, is(b, 2))
	l.Assert(is(b, 3))
	l.Check(background)
	r := l.Records()
	if len(r) != 2 || len(r[0].Asserted) != 1 || len(r[0].Assumed) != 1 || r[0].Answer != Unsat ||
		len(r[1].Asserted) != 2 || len(r[1].Assumed) != 0 || r[1].Answer != Unknown {
		t.Errorf("got %+v", r)
	}
}

// TestEffort: a part of an effort is taken off the whole, and each question has its own.
func TestEffort(t *testing.T) {
	outer, cancel := WithEffort(background, 100)
	defer cancel()
	*EffortOf(outer) -= 20
	part, back := PartOfEffort(outer, 4)
	if got := *EffortOf(part); got != 20 {
		t.Errorf("a quarter of 80: got %d", got)
	}
	*EffortOf(part) -= 25 // the last assignment may bring more with it
	back()
	if got := *EffortOf(outer); got != 55 {
		t.Errorf("left of 80 when 25 are taken: got %d", got)
	}
	inner, cancel := WithEffort(outer, 7)
	defer cancel()
	if *EffortOf(inner) != 7 || EffortOf(background) != nil {
		t.Errorf("got %d and %v", *EffortOf(inner), EffortOf(background))
	}
	free, back := PartOfEffort(background, 4)
	back()
	if EffortOf(free) != nil {
		t.Error("a part of an effort without a limit has one")
	}
}

// TestRecall: a model that was forgotten serves again when its question has been asked again.
func TestRecall(t *testing.T) {
	b := smt.NewBuilder()
	inner := &script{}
	for v := range int64(maxModels + 1) {
		inner.answers = append(inner.answers, Sat)
		inner.models = append(inner.models, value(b, v))
	}
	s := NewCache(NewModels(inner))
	for v := range uint64(maxModels + 1) {
		expect(t, s, Sat, is(b, v))
	}
	expect(t, s, Sat, is(b, 0))
	expect(t, s, Sat, below(b, 1))
	expect(t, s, Sat, below(b, 2), b.Not(is(b, 1)))
	if inner.asked != maxModels+1 {
		t.Errorf("%d questions were passed on, want %d", inner.asked, maxModels+1)
	}
}
