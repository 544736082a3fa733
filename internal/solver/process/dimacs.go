package process

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"

	"vigor/internal/solver/sat"
)

// DIMACS is a program that reads DIMACS as a [sat.Solver].
type DIMACS struct {
	program   Program
	variables int
	clauses   [][]sat.Lit
	values    []bool
	assumed   []sat.Lit
	err       error
}

var _ sat.Solver = (*DIMACS)(nil)

// NewDIMACS returns a solver that runs p.
func NewDIMACS(p Program) *DIMACS { return &DIMACS{program: p} }

// NewVar returns the positive literal of a fresh variable.
func (d *DIMACS) NewVar() sat.Lit {
	d.variables++
	return sat.Lit(d.variables)
}

// AddClause adds a clause for good.
func (d *DIMACS) AddClause(lits ...sat.Lit) {
	d.clauses = append(d.clauses, append([]sat.Lit(nil), lits...))
}

// Prefer does nothing: the program starts where it likes.
func (d *DIMACS) Prefer(sat.Lit) {}

// Err tells why the last Solve answered Unknown, nil if it did not.
func (d *DIMACS) Err() error { return d.err }

// Value gives a literal's value in the model of the last Solve.
func (d *DIMACS) Value(l sat.Lit) bool {
	if l < 0 {
		return !d.values[-l]
	}
	return d.values[l]
}

// Core gives all assumptions: the program does not say which it needed.
func (d *DIMACS) Core() []sat.Lit { return d.assumed }

// Solve runs the program on all clauses, the assumptions added as unit clauses.
func (d *DIMACS) Solve(ctx context.Context, q sat.Question) sat.Result {
	d.assumed = q.Assume
	var out string
	if out, d.err = d.program.run(ctx, d.problem(q.Assume)); d.err != nil {
		return sat.Unknown
	}
	d.values = make([]bool, d.variables+1)
	result := sat.Unknown
	d.err = fmt.Errorf("running %s: no answer in %q", d.program.Path, firstLine(out))
	for line := range strings.Lines(out) {
		switch line = strings.TrimSpace(line); {
		case line == "s UNSATISFIABLE":
			result, d.err = sat.Unsat, nil
		case line == "s SATISFIABLE":
			result, d.err = sat.Sat, nil
		case line == "s UNKNOWN":
			d.err = nil
		case strings.HasPrefix(line, "v "):
			if d.err = d.readValues(line[2:]); d.err != nil {
				return sat.Unknown
			}
		case line != "" && !strings.HasPrefix(line, "c"):
			d.err = fmt.Errorf("running %s: unexpected line %q", d.program.Path, line)
			return sat.Unknown
		}
	}
	return result
}

func (d *DIMACS) problem(assume []sat.Lit) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "p cnf %d %d\n", d.variables, len(d.clauses)+len(assume))
	for _, c := range d.clauses {
		for _, l := range c {
			b.WriteString(strconv.Itoa(int(l)))
			b.WriteByte(' ')
		}
		b.WriteString("0\n")
	}
	for _, l := range assume {
		fmt.Fprintf(&b, "%d 0\n", l)
	}
	return b.Bytes()
}

func (d *DIMACS) readValues(text string) error {
	for _, word := range strings.Fields(text) {
		n, err := strconv.Atoi(word)
		if err != nil || n > d.variables || n < -d.variables {
			return fmt.Errorf("running %s: not a literal: %q", d.program.Path, word)
		}
		if n > 0 {
			d.values[n] = true
		}
	}
	return nil
}
