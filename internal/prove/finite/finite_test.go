package finite_test

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"vigor/internal/prove/finite"
)

const script = `
(declare-sort K 0)
(declare-fun band (Int Int) Int)
(define-fun-rec f_count ((a_ (Array Int Bool)) (n_ Int)) Int (ite (<= n_ 0) 0 (+ (f_count a_ (- n_ 1)) (ite (select a_ (- n_ 1)) 1 0))))
(declare-fun n!1 () Int)
(declare-fun a!2 () (Array Int Bool))
(declare-fun d!3 () (Array K Int))
(assert (forall ((i_ Int)) (! (=> (select a!2 i_) (and (<= 0 i_) (< i_ n!1))) :pattern ((select a!2 i_)))))
(assert (forall ((k_ K)) (! (= (select d!3 k_) (band 6 5)) :pattern ((select d!3 k_)))))
(assert (= (f_count a!2 n!1) 1))
(assert (not (exists ((i_ Int)) (and (<= 0 i_) (< i_ n!1) (not (select a!2 i_))))))
`

// answer is a model as a solver writes it: of n, a at -1, 0, 1, 2, and d of three elements.
func answer(n string, a [4]string, d string) string {
	var b strings.Builder
	b.WriteString("((n!1 " + n + ")")
	for i, v := range a {
		b.WriteString(" ((select a!2 " + []string{"(- 1)", "0", "1", "2"}[i] + ") " + v + ")")
	}
	for _, k := range []string{"K.0", "K.1", "K.2"} {
		b.WriteString(" ((select d!3 " + k + ") " + d + ")")
	}
	return b.String() + ")"
}

// TestCheck: a model counts if every assertion holds, whatever a solver says.
func TestCheck(t *testing.T) {
	s, err := finite.Parse(script)
	if err != nil {
		t.Fatal(err)
	}
	q, err := s.Question(finite.Bound{Capacity: 1})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(q.Text, "forall") || strings.Contains(q.Text, "exists") || strings.Contains(q.Text, "pattern") {
		t.Errorf("the question has quantifiers:\n%s", q.Text)
	}
	for _, c := range []struct {
		name, n string
		a       [4]string
		d       string
		want    error
	}{
		{"right", "1", [4]string{"false", "true", "false", "false"}, "4", nil},
		{"capacity of which the count is another", "2", [4]string{"false", "true", "false", "false"}, "4", finite.ErrFalse},
		{"true below 0", "1", [4]string{"true", "true", "false", "false"}, "4", finite.ErrFalse},
		{"true behind the capacity", "1", [4]string{"false", "true", "false", "true"}, "4", finite.ErrFalse},
		{"other bits", "1", [4]string{"false", "true", "false", "false"}, "5", finite.ErrFalse},
		{"negative", "(- 1)", [4]string{"false", "false", "false", "false"}, "4", finite.ErrFalse},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			m, err := s.Read(q, answer(c.n, c.a, c.d))
			if err != nil {
				t.Fatal(err)
			}
			if err := m.Check(); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

// TestRead refuses what is no model.
func TestRead(t *testing.T) {
	s, err := finite.Parse(script)
	if err != nil {
		t.Fatal(err)
	}
	q, err := s.Question(finite.Bound{Capacity: 1})
	if err != nil {
		t.Fatal(err)
	}
	right := answer("1", [4]string{"false", "true", "false", "false"}, "4")
	for _, text := range []string{"", "(", ")", "()", "(error \"no model\")", right + right, strings.Replace(right, "(n!1 1)", "", 1),
		strings.Replace(right, "(n!1 1)", "(n!1)", 1), strings.Replace(right, "(n!1 1)", "(n!1 (as x y))", 1),
		strings.Replace(right, "(n!1 1)", "(n!1 x)", 1)} {
		if _, err := s.Read(q, text); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

// TestParse refuses what it does not know.
func TestParse(t *testing.T) {
	for _, text := range []string{"(push 1)", "(assert true", "x", "(declare-fun f)", "(assert)"} {
		if _, err := finite.Parse(text); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

// TestCannotBeEvaluated: what has no value here makes no model.
func TestCannotBeEvaluated(t *testing.T) {
	for name, text := range map[string]string{
		"division by zero":            "(assert (= (div 1 0) (div 1 0)))",
		"function of all numbers":     "(declare-fun f (Int) Int)(assert (= (f 70) (f 70)))",
		"recursion that does not end": "(define-fun-rec f ((x Int)) Int (f (+ x 1)))(assert (= (f 0) (f 0)))",
		"bits of a negative number":   "(declare-fun band (Int Int) Int)(assert (= (band (- 1) 1) 1))",
		"unknown name":                "(assert x)",
		"quantifier over arrays":      "(assert (forall ((a (Array Int Int))) (= (select a 0) (select a 0))))",
	} {
		s, err := finite.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		q, err := s.Question(finite.Bound{Capacity: 1})
		if err != nil {
			t.Fatal(err)
		}
		answer := "()"
		if strings.Contains(text, "(declare-fun f") {
			answer = "(((f (- 1)) 1) ((f 0) 1) ((f 1) 1) ((f 2) 1))"
		}
		m, err := s.Read(q, answer)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := m.Check(); err == nil || errors.Is(err, finite.ErrFalse) {
			t.Errorf("%s: got %v, want that it cannot be evaluated", name, err)
		}
	}
}

// TestEval evaluates terms of a model.
func TestEval(t *testing.T) {
	s, err := finite.Parse(script)
	if err != nil {
		t.Fatal(err)
	}
	q, err := s.Question(finite.Bound{Capacity: 1})
	if err != nil {
		t.Fatal(err)
	}
	m, err := s.Read(q, answer("1", [4]string{"false", "true", "false", "false"}, "4"))
	if err != nil {
		t.Fatal(err)
	}
	for term, want := range map[string]int64{
		"(mod (- 7) 3)": 2, "(div (- 7) 3)": -3, "(- 5)": -5, "(+ n!1 2 3)": 6, "(* 3 (- 2 4))": -6,
		"(ite (select a!2 0) 8 9)": 8, "(ite (select (store a!2 0 false) 0) 8 9)": 9, "(select ((as const (Array Int Int)) 7) 99)": 7,
		"(f_count (store a!2 1 true) 2)": 2, "(band 12 10)": 8,
	} {
		v, err := m.Eval(term)
		if n, ok := v.(*big.Int); err != nil || !ok || n.Int64() != want {
			t.Errorf("%s is %v (%v), want %d", term, v, err, want)
		}
	}
}
