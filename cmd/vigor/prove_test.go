package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestProveByEachWithoutCvc5: a proof by two solvers does not start with one.
func TestProveByEachWithoutCvc5(t *testing.T) {
	z3, err := exec.LookPath("z3")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("z3 is not installed; .ci/tools installs it")
		}
		t.Skip("z3 is not installed")
	}
	dir := t.TempDir()
	if err := os.Symlink(z3, filepath.Join(dir, "z3")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	var out, errors bytes.Buffer
	if status := run(t.Context(), []string{"prove", "../../libvig", "--each-solver"}, &out, &errors); status != exitNotRun {
		t.Errorf("exit status %d, want %d", status, exitNotRun)
	}
	if out.Len() > 0 || !strings.Contains(errors.String(), "apt-get install z3 cvc5") {
		t.Errorf("standard output %q, standard error %q", out.String(), errors.String())
	}
}

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
