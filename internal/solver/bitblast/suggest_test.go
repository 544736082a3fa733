package bitblast

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"vigor/internal/smt"
	"vigor/internal/smt/smttest"
	"vigor/internal/solver"
	"vigor/internal/solver/sat"
)

// TestSuggest: a model that is suggested, and is one of the question, is what the search finds, for circuits of every
// operator; one that is not changes no answer.
func TestSuggest(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 11))
	for _, op := range smttest.Operators {
		b := smt.NewBuilder()
		e := New(sat.New())
		f := b.Func("f", []int{8}, 8)
		x, y := b.Var("x", 8), b.Var("y", 8)
		z := op.Build(b, x, b.Apply(f, y))
		result, all := b.Var("z", z.Width()), b.Var("all", 24)
		e.Assert(b.Eq(all, b.Concat(x, y, b.Apply(f, y))))
		for range 20 {
			m := smt.NewModel()
			set := func(v *smt.Term) *big.Int {
				n := big.NewInt(random.Int64N(256))
				m.SetVar(v, n)
				return n
			}
			set(x)
			m.SetApp(f, []*big.Int{set(y)}, big.NewInt(random.Int64N(256)))
			m.SetVar(result, m.Eval(z))
			m.SetVar(all, m.Eval(b.Concat(x, y, b.Apply(f, y))))
			e.Suggest(m)
			if got := e.Check(background, b.Eq(result, z)); got != solver.Sat {
				t.Fatalf("%s: got %v", op.Name, got)
			}
			for _, v := range []*smt.Term{x, y, b.Apply(f, y), result} {
				if got, want := e.Model().Eval(v), m.Eval(v); got.Cmp(want) != 0 {
					t.Fatalf("%s: %v is %v, suggested was %v", op.Name, v, got, want)
				}
			}
			e.Suggest(m)
			if got := e.Check(background, b.Eq(result, z), b.Not(b.Eq(result, z))); got != solver.Unsat {
				t.Fatalf("%s: a contradiction: got %v", op.Name, got)
			}
			e.Suggest(m)
			if got := e.Check(background, b.Not(b.Eq(x, b.Const(m.Eval(x), 8)))); got != solver.Sat {
				t.Fatalf("%s: another x: got %v", op.Name, got)
			}
		}
	}
}
