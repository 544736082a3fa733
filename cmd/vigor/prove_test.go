package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestProveWithoutSolver: nothing is proved without z3, and how to get it is said.
func TestProveWithoutSolver(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	var out, errors bytes.Buffer
	if status := run(t.Context(), []string{"prove", "../../libvig"}, &out, &errors); status != exitNotRun {
		t.Errorf("exit status %d, want %d", status, exitNotRun)
	}
	if out.Len() > 0 || !strings.Contains(errors.String(), "apt-get install z3") {
		t.Errorf("standard output %q, standard error %q", out.String(), errors.String())
	}
}
