package sat

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
)

var background = context.Background()

// problem is a set of clauses over variables 1 to n.
type problem struct {
	n       int
	clauses [][]Lit
}

func random(r *rand.Rand, n, clauses, longest int) problem {
	p := problem{n: n}
	for range clauses {
		p.clauses = append(p.clauses, literals(r, n, 2+r.IntN(longest-1)))
	}
	return p
}

func literals(r *rand.Rand, n, count int) []Lit {
	out := make([]Lit, count)
	for i := range out {
		out[i] = Lit(1 + r.IntN(n))
		if r.IntN(2) == 0 {
			out[i] = -out[i]
		}
	}
	return out
}

// satisfiable tries all values.
func (p problem) satisfiable(assume []Lit) bool {
	for values := range uint32(1) << p.n {
		holds := func(l Lit) bool { return (values>>(max(l, -l)-1)&1 == 1) == (l > 0) }
		if !slices.ContainsFunc(assume, func(l Lit) bool { return !holds(l) }) &&
			!slices.ContainsFunc(p.clauses, func(c []Lit) bool { return !slices.ContainsFunc(c, holds) }) {
			return true
		}
	}
	return false
}

// implied reports whether a clause follows from others by propagation alone: if all its literals are false, some
// clause has no literal left. It is written as plainly as can be, for it is what the solver is checked with.
func implied(n int, clauses [][]Lit, clause []Lit) bool {
	values := make([]int8, 2*n+1) // by literal, from -n on
	set := func(l Lit) { values[int(l)+n], values[n-int(l)] = 1, -1 }
	for _, l := range clause {
		set(-l)
	}
	for changed := true; changed; {
		changed = false
		for _, c := range clauses {
			var open []Lit
			if slices.ContainsFunc(c, func(l Lit) bool { return values[int(l)+n] > 0 }) {
				continue
			}
			for _, l := range c {
				if values[int(l)+n] == 0 && !slices.Contains(open, l) {
					open = append(open, l)
				}
			}
			switch len(open) {
			case 0:
				return true
			case 1:
				set(open[0])
				changed = true
			}
		}
	}
	return false
}

// solverOf enters a problem, all but its last clauses, and has every learnt clause checked.
func solverOf(t *testing.T, p *problem) *embedded {
	s := New().(*embedded)
	for range p.n {
		s.NewVar()
	}
	s.watched = func(c []literal) {
		var clause []Lit
		for _, l := range c {
			clause = append(clause, l.outside())
		}
		if !implied(p.n, p.clauses, clause) {
			t.Fatalf("a learnt clause does not follow: %v", clause)
		}
		p.clauses = append(p.clauses, clause)
	}
	return s
}

// TestRandom asks small random problems, clauses and questions alternating: answers, models and cores are those that
// trying all values gives, and each learnt clause follows.
func TestRandom(t *testing.T) {
	answers := map[Result]int{}
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 1))
		p := random(r, 10, 38, 4)
		given := p.clauses
		p.clauses = nil
		s := solverOf(t, &p)
		for i, c := range given {
			p.clauses = append(p.clauses, c)
			s.AddClause(c...)
			if i < 20 || i%3 > 0 {
				continue
			}
			assume := literals(r, p.n, r.IntN(5))
			got := s.Solve(background, Question{Assume: assume})
			answers[got]++
			checkAnswer(t, p, s, assume, got)
		}
	}
	if answers[Sat] < 200 || answers[Unsat] < 200 {
		t.Errorf("the questions are one-sided: %v", answers)
	}
}

func checkAnswer(t *testing.T, p problem, s *embedded, assume []Lit, got Result) {
	t.Helper()
	if want := p.satisfiable(assume); got == Unknown || want != (got == Sat) {
		t.Fatalf("%v under %v: got %v, satisfiable is %v", p.clauses, assume, got, want)
	}
	if got == Sat {
		for _, c := range append(p.clauses, assume) {
			if len(c) > 0 && !slices.ContainsFunc(c, s.Value) && !slices.Equal(c, assume) {
				t.Fatalf("the model makes %v false", c)
			}
		}
		for _, l := range assume {
			if !s.Value(l) {
				t.Fatalf("the model makes the assumption %v false", l)
			}
		}
		return
	}
	for _, l := range s.Core() {
		if !slices.Contains(assume, l) {
			t.Fatalf("the core %v is not of %v", s.Core(), assume)
		}
	}
	if p.satisfiable(s.Core()) {
		t.Fatalf("the core %v of %v is satisfiable", s.Core(), assume)
	}
}

// TestHarder has problems at which clauses are forgotten and restarts happen; each learnt clause follows.
func TestHarder(t *testing.T) {
	forgotten := 0
	for seed := range uint64(3) {
		p := random(rand.New(rand.NewPCG(seed, 2)), 100, 800, 3)
		p.clauses = slices.DeleteFunc(p.clauses, func(c []Lit) bool { return len(c) < 3 })
		given := slices.Clone(p.clauses)
		s := solverOf(t, &p)
		s.limit = 20
		for _, c := range given {
			s.AddClause(c...)
		}
		switch s.Solve(background, Question{}) {
		case Sat:
			for _, c := range given {
				if !slices.ContainsFunc(c, s.Value) {
					t.Errorf("seed %d: the model makes %v false", seed, c)
				}
			}
		case Unknown:
			t.Errorf("seed %d: not decided", seed)
		}
		forgotten = max(forgotten, s.limit)
	}
	if forgotten < 20+limitStep {
		t.Error("nothing was forgotten: the test shows little")
	}
}

// pigeons puts so many pigeons into one hole less: unsatisfiable, and hard.
func pigeons(s Solver, n int) {
	in := make([][]Lit, n)
	for i := range in {
		for range n - 1 {
			in[i] = append(in[i], s.NewVar())
		}
		s.AddClause(in[i]...)
	}
	for hole := range n - 1 {
		for i := range in {
			for j := range i {
				s.AddClause(-in[i][hole], -in[j][hole])
			}
		}
	}
}

func TestPigeons(t *testing.T) {
	s := New()
	pigeons(s, 7)
	if got := s.Solve(background, Question{}); got != Unsat {
		t.Errorf("got %v, want unsat", got)
	}
}

// TestEffort: a search ends at the same point in every run, and the next is not affected; the context ends it, too.
func TestEffort(t *testing.T) {
	run := func() (Result, int64, uint64) {
		s := New().(*embedded)
		pigeons(s, 12)
		x, left := s.NewVar(), int64(20_000)
		got := s.Solve(background, Question{Effort: &left})
		if got := s.Solve(background, Question{Assume: []Lit{x, -x}}); got != Unsat {
			t.Errorf("after the effort ended: got %v, want unsat", got)
		}
		return got, left, s.now
	}
	first, left, conflicts := run()
	if again, l, c := run(); first != Unknown || again != first || l != left || c != conflicts || left > 0 {
		t.Errorf("got %v, %v; left %d, %d; conflicts %d, %d", first, again, left, l, conflicts, c)
	}
	s := New()
	pigeons(s, 12)
	ended, cancel := context.WithCancel(background)
	cancel()
	if got := s.Solve(ended, Question{}); got != Unknown {
		t.Errorf("the context has ended: got %v, want unknown", got)
	}
}

// TestCone: variables that do not matter are left open, but a contradiction among them that propagation meets is one.
func TestCone(t *testing.T) {
	s := New().(*embedded)
	x, y, z := s.NewVar(), s.NewVar(), s.NewVar()
	s.AddClause(x, y)
	s.AddClause(-z, x)
	if got := s.Solve(background, Question{Cone: []Lit{x, y}}); got != Sat || !s.Value(x) && !s.Value(y) {
		t.Errorf("got %v, x %v, y %v", got, s.Value(x), s.Value(y))
	}
	if got := s.Solve(background, Question{Assume: []Lit{z, -x}, Cone: []Lit{x, y}}); got != Unsat {
		t.Errorf("z implies x: got %v, want unsat", got)
	}
	pigeons(s, 30) // hopeless, and beside the question
	if got := s.Solve(background, Question{Assume: []Lit{-x}, Cone: []Lit{x, y}}); got != Sat || !s.Value(y) {
		t.Errorf("got %v, y %v", got, s.Value(y))
	}
}
