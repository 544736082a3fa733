package prove

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestSessionForgets: what one question says, the next one does not know, whatever became of it.
func TestSessionForgets(t *testing.T) {
	list, err := FindSolvers()
	if err != nil && os.Getenv("CI") == "" {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	z3 := list[0]
	if !z3.waits {
		t.Fatal("the first solver is started for each question")
	}
	running := &sessions{}
	defer running.close()
	const (
		contradiction = "(declare-fun x () Int)\n(assert (= x 1))\n(assert (= x 2))\n(check-sat)\n"
		satisfiable   = "(declare-fun x () Int)\n(assert (= x 1))\n(check-sat)\n"
		// hard is beyond what can be answered in a moment.
		hard = "(declare-fun a () Int)(declare-fun b () Int)(declare-fun c () Int)(declare-fun d () Int)\n" +
			"(assert (and (> a 1) (> b 1) (> c a) (> d 1) (= (+ (* a a a a a) (* b b b b b) (* c c c c c)) (* d d d d d))))\n(check-sat)\n"
	)
	for i, step := range []struct{ question, want string }{
		{contradiction, "unsat"}, {satisfiable, "sat"}, {contradiction, "unsat"},
		{"(assert false)\n(check-sat)\n", "unsat"}, {satisfiable, "sat"},
		{"(assert (= y 1))\n(check-sat)\n", "error"}, {satisfiable, "sat"},
		{"(assert false)\n(echo \"unsat\")\n(check-sat)\n", "error"}, {satisfiable, "sat"},
		{"(exit)\n", "error"}, {satisfiable, "sat"},
		{hard, "timeout"}, {satisfiable, "sat"},
	} {
		s := z3
		if step.want == "timeout" {
			s.Limit = 200 * time.Millisecond
		}
		got, err := running.ask(t.Context(), s, step.question)
		if err != nil {
			got = "error"
		}
		if got != step.want {
			t.Errorf("question %d: %q, want %q (%v)", i, got, step.want, err)
		}
	}
}

// TestSessionOfALiar: a solver that answers before it is asked, or without the mark, is not believed.
func TestSessionOfALiar(t *testing.T) {
	for name, script := range map[string]string{
		"three answers": "#!/bin/sh\necho unsat\necho unsat\necho unsat\n",
		"no mark":       "#!/bin/sh\necho unsat\necho unsat\n",
		"wrong mark":    "#!/bin/sh\necho unsat\necho answered 7\n",
		"nothing":       "#!/bin/sh\ntrue\n",
	} {
		path := filepath.Join(t.TempDir(), "solver")
		if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		s := Solver{Name: "liar", Path: path, Limit: 500 * time.Millisecond, waits: true}
		running := &sessions{}
		if answer, err := running.ask(t.Context(), s, "(check-sat)\n"); answer == "unsat" && err == nil {
			t.Errorf("%s: believed", name)
		}
		running.close()
	}
}
