package solver_test

import (
	"context"
	"testing"

	"vigor/internal/smt"
	"vigor/internal/solver"
	"vigor/internal/solver/bitblast"
	"vigor/internal/solver/sat"
)

// swollen is an engine that claims to have grown with every question.
type swollen struct {
	*bitblast.Engine
	questions int
}

func (s *swollen) Check(ctx context.Context, assume ...*smt.Term) solver.Answer {
	s.questions++
	return s.Engine.Check(ctx, assume...)
}

func (s *swollen) Size() int { return 30_000 * s.questions }

// TestFreshKeepsAssertions asks about words below a limit that was asserted: before and after each replacement the
// answers are those of the assertions, also of one that came between.
func TestFreshKeepsAssertions(t *testing.T) {
	b := smt.NewBuilder()
	started := 0
	s := solver.NewFresh(func() solver.Sized {
		started++
		return &swollen{Engine: bitblast.New(sat.New())}
	})
	x := b.Var("x", 16)
	s.Assert(b.BVULt(x, b.Word(1000, 16)))
	limit := uint64(1000)
	for i := range uint64(40) {
		if i == 20 {
			s.Assert(b.BVULt(x, b.Word(500, 16)))
			limit = 500
		}
		n := 40 * i
		want := solver.Unsat
		if n < limit {
			want = solver.Sat
		}
		if got := s.Check(t.Context(), b.Eq(x, b.Word(n, 16))); got != want {
			t.Errorf("x = %d, limit %d: got %v, want %v", n, limit, got, want)
		} else if got == solver.Sat && s.Model() == nil {
			t.Errorf("x = %d: no model", n)
		}
	}
	if started < 5 {
		t.Errorf("the solver was replaced %d times: the test shows little", started-1)
	}
}
