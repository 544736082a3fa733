package process

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vigor/internal/smt"
	"vigor/internal/smt/smttest"
	"vigor/internal/solver"
	"vigor/internal/solver/bitblast"
	"vigor/internal/solver/embedded"
	"vigor/internal/solver/sat"
)

var background = context.Background()

// backEnds are the solvers that must agree; programs that are not installed are left out.
func backEnds(t *testing.T, b *smt.Builder) map[string]solver.Solver {
	all := map[string]solver.Solver{"embedded": embedded.New(b), "bitblast": bitblast.New(sat.New())}
	for _, name := range []string{"z3", "cvc5", "cadical"} {
		p, err := Find(name)
		if err != nil {
			t.Logf("without %s: %v", name, err)
			continue
		}
		if name == "cadical" {
			all[name] = bitblast.New(NewDIMACS(p))
		} else {
			all[name] = NewSMTLIB(p)
		}
	}
	if len(all) == 2 {
		t.Skip("no outside solver is installed: nothing to compare with")
	}
	return all
}

// TestAgreement asks every back end the same random questions, as one conjunction after another, and
// evaluates every model.
func TestAgreement(t *testing.T) {
	answers := map[solver.Answer]int{}
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 4))
		b := smt.NewBuilder()
		all := backEnds(t, b)
		var conditions []*smt.Term
		for _, u := range smttest.Random(r, 60).Build(b) {
			if _, ok := u.Const(); u.Width() == 0 && !ok {
				conditions = append(conditions, u)
			}
		}
		for n := range min(4, len(conditions)) {
			var assume []*smt.Term
			for range n + 1 {
				assume = append(assume, conditions[r.IntN(len(conditions))])
			}
			answers[agree(t, seed, all, assume)]++
		}
	}
	if answers[solver.Sat] < 10 || answers[solver.Unsat] < 5 {
		t.Errorf("the questions are one-sided: %v", answers)
	}
}

func agree(t *testing.T, seed uint64, all map[string]solver.Solver, assume []*smt.Term) solver.Answer {
	first := solver.Unknown
	for name, s := range all {
		ctx, cancel := context.WithTimeout(background, 20*time.Second)
		got := s.Check(ctx, assume...)
		cancel()
		if got == solver.Sat {
			for _, a := range assume {
				if !s.Model().Holds(a) {
					t.Errorf("seed %d: %s: the model makes %v false", seed, name, a)
				}
			}
		}
		switch {
		case got == solver.Unknown:
			if e, ok := s.(*SMTLIB); ok && e.Err() != nil && ctx.Err() != context.DeadlineExceeded {
				t.Errorf("seed %d: %s: %v", seed, name, e.Err())
			}
		case first == solver.Unknown:
			first = got
		case first != got:
			t.Errorf("seed %d: %s says %v, another %v, of %v", seed, name, got, first, assume)
		}
	}
	return first
}

// TestFunctionsAgree has functions, negative numbers and checksums in satisfiable questions.
func TestFunctionsAgree(t *testing.T) {
	b := smt.NewBuilder()
	f := b.Func("pkt bytes", []int{16}, 8)
	p := b.Func("alloc", []int{16}, 0)
	x, y := b.Var("x", 16), b.Var("y", 16)
	fx, fy := b.Apply(f, x), b.Apply(f, y)
	sum := b.OCAdd(x, y, b.Concat(fx, fy), b.Word(0x4500, 16))
	for _, c := range []struct {
		assume []*smt.Term
		want   solver.Answer
	}{
		{[]*smt.Term{b.Eq(sum, b.Word(0xFFFF, 16)), b.BVULt(fx, fy)}, solver.Sat},
		{[]*smt.Term{b.Eq(sum, b.Word(0, 16))}, solver.Unsat},
		{[]*smt.Term{b.Eq(x, y), b.BVULt(fx, fy)}, solver.Unsat},
		{[]*smt.Term{b.Apply(p, x), b.Not(b.Apply(p, y)), b.Eq(fx, fy)}, solver.Sat},
		{[]*smt.Term{b.BVSLt(b.BVSDiv(x, b.Word(7, 16)), b.Word(0xFFF0, 16)), b.Eq(b.BVURem(y, x), b.Word(9, 16))}, solver.Sat},
	} {
		if got := agree(t, 0, backEnds(t, b), c.assume); got != c.want {
			t.Errorf("%v: got %v, want %v", c.assume, got, c.want)
		}
	}
}

func TestMissingProgram(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := Find("z3"); err == nil || !strings.Contains(err.Error(), "install it") {
		t.Errorf("z3 is not there: got %v", err)
	}
	if _, err := Find("yices"); err == nil || !strings.Contains(err.Error(), "unknown program") {
		t.Errorf("yices is not known: got %v", err)
	}
}

// TestBrokenPrograms: whatever a program does but answer is Unknown with a reason.
func TestBrokenPrograms(t *testing.T) {
	for _, c := range []struct{ name, script string }{
		{"error", `echo '(error "line 1: parse error")'`},
		{"error after the answer", `echo unsat; echo '(error "line 9")'`},
		{"silence", `exit 1`},
		{"diagnostics", `echo unsat; echo 'out of memory' >&2`},
		{"sat without values", `echo sat; echo '((x'`},
		{"sat with too few values", `echo sat; echo '()'`},
		{"sat with a word for a value", `echo sat; echo '((x y))'`},
		{"endless", `exec sleep 60`},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "broken")
			if err := os.WriteFile(path, []byte("#!/bin/sh\n"+c.script+"\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			b := smt.NewBuilder()
			x := b.Eq(b.Var("x", 8), b.Word(1, 8))
			soon := func() context.Context {
				ctx, cancel := context.WithTimeout(background, 300*time.Millisecond)
				t.Cleanup(cancel)
				return ctx
			}
			s := NewSMTLIB(Program{Path: path})
			if got := s.Check(soon(), x); got != solver.Unknown || s.Err() == nil || s.Model() != nil {
				t.Errorf("SMT-LIB: got %v, error %v", got, s.Err())
			}
			d := NewDIMACS(Program{Path: path})
			if got := bitblast.New(d).Check(soon(), x); got != solver.Unknown || d.Err() == nil {
				t.Errorf("DIMACS: got %v, error %v", got, d.Err())
			}
		})
	}
}
