// Package process decides terms with outside programs: a second opinion on what the embedded solver
// answers. The toolchain runs without any of them.
//
// [NewSMTLIB] makes a [solver.Solver] of a program that reads SMT-LIB (z3, cvc5); [NewDIMACS] makes a
// [sat.Solver], for package bitblast, of one that reads DIMACS (cadical). Every question is one run of
// the program. A missing program is an error of the constructor; a run that fails, writes something
// unexpected or outlives its context is Unknown, and Err tells why.
//
// Start at [Find].
package process

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// Program is an outside solver.
type Program struct {
	Path string   // of the executable
	Args []string // that make it read its problem from standard input
}

// arguments lists the known programs.
var arguments = map[string][]string{
	"z3":      {"-in", "-smt2"},
	"cvc5":    {"--lang=smt2", "--produce-models", "-"},
	"cadical": {"-q", "-"},
}

// Find looks for z3, cvc5 or cadical on the search path.
func Find(name string) (Program, error) {
	args, ok := arguments[name]
	if !ok {
		return Program{}, fmt.Errorf("finding solver %s: unknown program, want z3, cvc5 or cadical", name)
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return Program{}, fmt.Errorf("finding solver %s: %w; install it or run without it", name, err)
	}
	return Program{path, args}, nil
}

// run gives input to the program and returns what it wrote. Its exit status is not looked at: SAT
// solvers use it for the answer.
func (p Program) run(ctx context.Context, input []byte) (string, error) {
	cmd := exec.CommandContext(ctx, p.Path, p.Args...)
	cmd.Stdin = bytes.NewReader(input)
	var out, diagnostics bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &diagnostics
	err := cmd.Run()
	if ctx.Err() != nil {
		return "", fmt.Errorf("running %s: %w", p.Path, ctx.Err())
	}
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		return "", fmt.Errorf("running %s: %w", p.Path, err)
	}
	if diagnostics.Len() > 0 {
		return "", fmt.Errorf("running %s: it wrote %q", p.Path, firstLine(diagnostics.String()))
	}
	return out.String(), nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
