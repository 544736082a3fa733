package solver_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"vigor/internal/smt"
	"vigor/internal/solver"
	"vigor/internal/solver/bitblast"
	"vigor/internal/solver/sat"
)

// blaming is an engine that counts the questions, and gives up on every fifth.
type blaming struct {
	*bitblast.Engine
	asked int
}

func (s *blaming) Check(ctx context.Context, assume ...*smt.Term) solver.Answer {
	if s.asked++; s.asked%5 == 0 {
		return solver.Unknown
	}
	return s.Engine.Check(ctx, assume...)
}

// TestCoresAnswerAsWithout asks random questions, with assertions in between, of an engine below the layer and of one
// for each question alone: an answer is never another one, and most contradictions are known by their core.
func TestCoresAnswerAsWithout(t *testing.T) {
	b := smt.NewBuilder()
	random := rand.New(rand.NewPCG(5, 5))
	engine := &blaming{Engine: bitblast.New(sat.New())}
	s := solver.NewCores(engine, engine.Core)
	var asserted []*smt.Term
	known := 0
	for i := range 1500 {
		if i%500 == 499 {
			asserted = append(asserted, randomLess(b, random))
			s.Assert(asserted[len(asserted)-1])
		}
		var assume []*smt.Term
		for range 1 + random.IntN(4) {
			assume = append(assume, b.And(randomLess(b, random), randomLess(b, random)))
		}
		before := engine.asked
		got := s.Check(t.Context(), assume...)
		alone := bitblast.New(sat.New())
		want := alone.Check(t.Context(), append(assume, asserted...)...)
		if got != want && (got != solver.Unknown || engine.asked%5 != 0) {
			t.Fatalf("%v under %v: got %v, want %v", assume, asserted, got, want)
		}
		if got != solver.Unknown && (s.Model() != nil) != (got == solver.Sat) {
			t.Fatalf("%v: model is %v", got, s.Model())
		}
		if engine.asked == before {
			known++
		}
	}
	if known < 300 || known > 1400 {
		t.Errorf("%d of 1500 questions were known: the test shows little", known)
	}
}

// randomLess says that one of four words is less than another, or not.
func randomLess(b *smt.Builder, random *rand.Rand) *smt.Term {
	word := func() *smt.Term { return b.Var(string(rune('p'+random.IntN(4))), 3) }
	c := b.BVULt(word(), word())
	if random.IntN(3) == 0 {
		return b.Not(c)
	}
	return c
}
