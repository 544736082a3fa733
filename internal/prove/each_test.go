package prove_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigor/internal/prove"
)

// TestEachSolver: with two programs of which one proves nothing, nothing counts as proved by each.
func TestEachSolver(t *testing.T) {
	z3 := first(t)
	ignorant := filepath.Join(t.TempDir(), "ignorant")
	if err := os.WriteFile(ignorant, []byte("#!/bin/sh\ncat >/dev/null\necho unknown\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	other := prove.Solver{Name: "ignorant", Path: ignorant, Limit: z3[0].Limit}
	c := prove.Config{Dir: "testdata", Each: true, Jobs: 2, Only: func(name string) bool { return name == "Stack.Size" }}
	if _, err := prove.Run(t.Context(), c); err == nil {
		t.Error("proved without a solver")
	}
	c.Solvers = z3
	if _, err := prove.Run(t.Context(), c); err == nil || !strings.Contains(err.Error(), "z3 and cvc5") {
		t.Errorf("one program: %v", err)
	}
	for _, both := range [][]prove.Solver{{z3[0], other}, {other, z3[0]}} {
		c.Solvers = both
		wrong := proveWith(t, c)
		if !strings.Contains(wrong, "proved by z3 alone: ensures r as defined") || !strings.Contains(wrong, "unknown  Stack.Size") {
			t.Errorf("one of two proves: %s", wrong)
		}
	}
	c.Solvers = []prove.Solver{other, z3[0]}
	c.Each = false
	if wrong := proveWith(t, c); wrong != "" {
		t.Errorf("one is enough: %s", wrong)
	}
}
