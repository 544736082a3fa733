package sat

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// circuit is a problem whose variables are free or gates of earlier ones.
type circuit struct {
	problem
	inputs [][]Lit // by variable, from 1 on
}

// gate adds a variable that is the conjunction, or the exclusive disjunction, of two literals.
func (c *circuit) gate(a, b Lit, xor bool) (clauses [][]Lit) {
	c.n++
	c.inputs = append(c.inputs, []Lit{max(a, -a), max(b, -b)})
	out := Lit(c.n)
	if xor {
		return [][]Lit{{-out, a, b}, {-out, -a, -b}, {out, -a, b}, {out, a, -b}}
	}
	return [][]Lit{{-out, a}, {-out, b}, {out, -a, -b}}
}

// cone lists what literals depend on.
func (c *circuit) cone(literals []Lit) []Lit {
	var list []Lit
	for todo := slices.Clone(literals); len(todo) > 0; {
		v := max(todo[0], -todo[0])
		todo = todo[1:]
		if !slices.Contains(list, v) {
			list, todo = append(list, v), append(todo, c.inputs[v]...)
		}
	}
	return list
}

// TestConesOfCircuits asks about random literals of random circuits, which grow, and of which each question concerns
// a part: the answers are those that trying all values of all variables gives, and each learnt clause follows.
func TestConesOfCircuits(t *testing.T) {
	answers := map[Result]int{}
	idle := 0
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 3))
		c := circuit{problem: problem{n: 5}, inputs: make([][]Lit, 6)}
		s := solverOf(t, &c.problem)
		for range 9 {
			for _, clause := range c.gate(literals(r, c.n, 1)[0], literals(r, c.n, 1)[0], r.IntN(2) == 0) {
				if c.n > len(s.levels)-1 {
					s.NewVar()
				}
				c.clauses = append(c.clauses, clause)
				s.AddClause(clause...)
			}
			for range 3 {
				assume := literals(r, c.n, 1+r.IntN(4))
				got := s.Solve(background, Question{Assume: assume, Cone: c.cone(assume)})
				answers[got]++
				checkPart(t, &c, s, assume, got)
				for v := 1; v <= c.n; v++ {
					if got == Sat && s.values[literalOf(uint32(v))] == 0 {
						idle++
					}
				}
			}
		}
	}
	if answers[Sat] < 200 || answers[Unsat] < 200 || idle < 500 {
		t.Errorf("the questions are one-sided: %v, and %d variables without a value", answers, idle)
	}
}

// checkPart compares an answer about a part of a circuit with what trying all values gives.
func checkPart(t *testing.T, c *circuit, s *embedded, assume []Lit, got Result) {
	t.Helper()
	if got == Unsat {
		checkAnswer(t, c.problem, s, assume, got)
		return
	}
	values := slices.Clone(assume)
	for _, v := range c.cone(assume) {
		if s.Value(v) {
			values = append(values, v)
		} else {
			values = append(values, -v)
		}
	}
	if got != Sat || !c.satisfiable(values) {
		t.Fatalf("%v under %v: got %v with %v, which no values of all variables extend", c.clauses, assume, got, values)
	}
}
