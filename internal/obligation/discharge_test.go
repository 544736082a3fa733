package obligation

import (
	"context"
	"testing"

	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/solver"
	"vigor/internal/solver/embedded"
	"vigor/internal/symbex"
)

// deaf is a solver that never has an answer.
type deaf struct{ solver.Solver }

func (deaf) Check(context.Context, ...*smt.Term) solver.Answer { return solver.Unknown }

func (deaf) Model() *smt.Model { return nil }

// explore runs f on every path and returns the paths.
func explore(t *testing.T, b *smt.Builder, s solver.Solver, f func(*symbex.Path)) []*symbex.Path {
	t.Helper()
	e := &symbex.Explorer{Builder: b, Solver: s, MaxPaths: 16}
	paths, problem := e.Explore(t.Context(), nil, f)
	if problem != nil {
		t.Fatal(problem.Message)
	}
	return paths
}

func claim(text string) diag.Claim {
	return diag.Claim{Code: diag.IndexOutOfRange, Say: diag.Text("%s", text)}
}

// TestDischarge decides one obligation x <= limit where x < 10 is known.
func TestDischarge(t *testing.T) {
	tests := []struct {
		name  string
		limit uint64
		deaf  bool
		want  diag.Outcome
	}{
		{"holds", 9, false, diag.Proved},
		{"holds with room", 20, false, diag.Proved},
		{"fails at the limit", 8, false, diag.Violated},
		{"fails everywhere but at 0", 0, false, diag.Violated},
		{"no answer is not proved", 8, true, diag.Unknown},
		{"no answer is not violated", 3, true, diag.Unknown},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := smt.NewBuilder()
			s := embedded.New(b)
			x := b.Var("x", 8)
			paths := explore(t, b, s, func(p *symbex.Path) {
				p.Axiom(b.BVULt(x, b.Word(10, 8)))
				p.Prove(b.BVULe(x, b.Word(test.limit, 8)), claim("too large"))
			})
			d := &Discharger{Builder: b, Solver: s, Effort: 1_000_000}
			if test.deaf {
				d.Solver = deaf{s}
			}
			got := diag.Proved
			for _, f := range d.Discharge(t.Context(), Path{Path: paths[0]}) {
				got = f.Outcome
				if got == diag.Violated && f.Model.Eval(f.Goal).Sign() != 0 {
					t.Error("the model does not break the obligation")
				}
			}
			if got != test.want || d.Count != 1 {
				t.Errorf("got %v after %d obligations, want %v after 1", got, d.Count, test.want)
			}
		})
	}
}

// TestOneFailureHidesNoOther: what fails is assumed afterwards, on that path only.
func TestOneFailureHidesNoOther(t *testing.T) {
	b := smt.NewBuilder()
	s := embedded.New(b)
	x, y := b.Var("x", 8), b.Var("y", 8)
	paths := explore(t, b, s, func(p *symbex.Path) {
		if p.Branch(b.Eq(x, b.Word(1, 8))) {
			p.Prove(b.Eq(y, b.Word(2, 8)), claim("y is not 2"))
			p.Prove(b.BVULt(y, b.Word(3, 8)), claim("follows"))
			return
		}
		p.Prove(b.Eq(y, b.Word(2, 8)), claim("y is not 2 here either"))
	})
	d := &Discharger{Builder: b, Solver: s, Effort: 1_000_000}
	var got []string
	for _, p := range paths {
		for _, f := range d.Discharge(t.Context(), Path{Path: p}) {
			got = append(got, f.Claim.Say(f.Model.Eval))
		}
	}
	if len(got) != 2 || got[0] != "y is not 2" || got[1] != "y is not 2 here either" {
		t.Errorf("got %q", got)
	}
}

// TestPossible: from contradictory facts anything follows, so they are reported.
func TestPossible(t *testing.T) {
	for _, test := range []struct {
		name  string
		fact  uint64
		found int
	}{{"consistent", 9, 0}, {"contradictory", 10, 1}} {
		t.Run(test.name, func(t *testing.T) {
			b := smt.NewBuilder()
			s := embedded.New(b)
			x := b.Var("x", 8)
			paths := explore(t, b, s, func(p *symbex.Path) {
				p.Axiom(b.BVULt(b.BVAdd(x, x), b.Word(20, 8)))
				p.Axiom(b.BVULt(x, b.Word(100, 8)))
				p.Fact(b.Eq(x, b.Word(test.fact, 8)))
			})
			d := &Discharger{Builder: b, Solver: s, Effort: 1_000_000}
			found := d.Possible(t.Context(), Path{Path: paths[0]})
			if len(found) != test.found {
				t.Fatalf("got %d findings, want %d", len(found), test.found)
			}
			for _, f := range found {
				if f.Outcome != diag.Unknown {
					t.Errorf("got %v, want unknown", f.Outcome)
				}
			}
		})
	}
}
