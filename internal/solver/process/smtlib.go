package process

import (
	"bytes"
	"context"
	"fmt"
	"math/big"
	"strings"

	"vigor/internal/smt"
	"vigor/internal/solver"
)

// SMTLIB is a program that reads SMT-LIB as a [solver.Solver].
type SMTLIB struct {
	program  Program
	asserted []*smt.Term
	model    *smt.Model
	err      error
}

var _ solver.Solver = (*SMTLIB)(nil)

// NewSMTLIB returns a solver that runs p.
func NewSMTLIB(p Program) *SMTLIB { return &SMTLIB{program: p} }

// Assert adds a permanent fact.
func (s *SMTLIB) Assert(t *smt.Term) { s.asserted = append(s.asserted, t) }

// Model gives the model of the last Check, if it answered Sat.
func (s *SMTLIB) Model() *smt.Model { return s.model }

// Err tells why the last Check answered Unknown, nil if the program said so itself.
func (s *SMTLIB) Err() error { return s.err }

// Check decides the assertions together with assume. A model costs a second run.
func (s *SMTLIB) Check(ctx context.Context, assume ...*smt.Term) solver.Answer {
	s.model, s.err = nil, nil
	if s.err = ctx.Err(); s.err != nil {
		return solver.Unknown
	}
	roots := append(s.asserted[:len(s.asserted):len(s.asserted)], assume...)
	var script bytes.Buffer
	if s.err = smt.WriteSMTLIB(&script, roots...); s.err != nil {
		return solver.Unknown
	}
	script.WriteString("(check-sat)\n")
	out, err := s.program.run(ctx, script.Bytes())
	if s.err = err; err != nil {
		return solver.Unknown
	}
	switch strings.TrimSpace(out) {
	case "unsat":
		return solver.Unsat
	case "unknown":
		return solver.Unknown
	case "sat":
		if s.model, s.err = s.values(ctx, script.Bytes(), roots); s.err == nil {
			return solver.Sat
		}
		return solver.Unknown
	}
	s.err = fmt.Errorf("running %s: unexpected answer %q", s.program.Path, firstLine(out))
	return solver.Unknown
}

// values runs a satisfiable script again and asks for the values of its variables and applications.
func (s *SMTLIB) values(ctx context.Context, script []byte, roots []*smt.Term) (*smt.Model, error) {
	var leaves, asked []*smt.Term
	smt.Visit(func(t *smt.Term) {
		if t.Op() == smt.OpVar || t.Op() == smt.OpApply {
			leaves = append(leaves, t)
			asked = append(append(asked, t), t.Args()...)
		}
	}, roots...)
	if len(leaves) == 0 {
		return smt.NewModel(), nil
	}
	text := "(get-value ("
	for _, t := range asked {
		text += " " + smt.Reference(t)
	}
	script = append([]byte("(set-option :produce-models true)\n"), script...)
	out, err := s.program.run(ctx, append(script, text+"))\n"...))
	if err != nil {
		return nil, err
	}
	values, err := parseValues(strings.TrimPrefix(out, "sat\n"), len(asked))
	if err != nil {
		return nil, fmt.Errorf("reading the values of %s: %w", s.program.Path, err)
	}
	m := smt.NewModel()
	for _, t := range leaves {
		if n := len(t.Args()); t.Op() == smt.OpVar {
			m.SetVar(t, values[0])
			values = values[1:]
		} else {
			m.SetApp(t.Func(), values[1:n+1], values[0])
			values = values[n+1:]
		}
	}
	return m, nil
}

// parseValues reads the n values of an answer like ((x #b01) (y true)).
func parseValues(text string, n int) ([]*big.Int, error) {
	list, rest, err := parse(tokens(text))
	if err != nil || len(rest) > 0 || len(list.list) != n {
		return nil, fmt.Errorf("want %d values, have %q", n, firstLine(text))
	}
	values := make([]*big.Int, n)
	for i, pair := range list.list {
		if len(pair.list) != 2 {
			return nil, fmt.Errorf("no value in %v", pair)
		}
		if values[i], err = number(pair.list[1]); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// expression is an atom or a list.
type expression struct {
	atom string
	list []expression
}

func tokens(text string) []string {
	var out []string
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		n := 1
		switch text[0] {
		case '(', ')':
		case '|':
			n = strings.IndexByte(text[1:], '|') + 2
		default:
			if n = strings.IndexAny(text, "() \t\r\n|"); n < 0 {
				n = len(text)
			}
		}
		out, text = append(out, text[:max(n, 1)]), text[max(n, 1):]
	}
	return out
}

func parse(toks []string) (e expression, rest []string, err error) {
	if len(toks) == 0 || toks[0] == ")" {
		return e, nil, fmt.Errorf("incomplete answer")
	}
	if toks[0] != "(" {
		return expression{atom: toks[0]}, toks[1:], nil
	}
	for rest = toks[1:]; len(rest) > 0 && rest[0] != ")"; {
		var inner expression
		if inner, rest, err = parse(rest); err != nil {
			return e, nil, err
		}
		e.list = append(e.list, inner)
	}
	if len(rest) == 0 {
		return e, nil, fmt.Errorf("incomplete answer")
	}
	return e, rest[1:], nil
}

// number reads true, false, #x.., #b.. and (_ bvN w).
func number(e expression) (*big.Int, error) {
	digits, base := "", 10
	switch {
	case e.atom == "true" || e.atom == "false":
		digits = map[string]string{"true": "1", "false": "0"}[e.atom]
	case strings.HasPrefix(e.atom, "#x"):
		digits, base = e.atom[2:], 16
	case strings.HasPrefix(e.atom, "#b"):
		digits, base = e.atom[2:], 2
	case len(e.list) == 3 && e.list[0].atom == "_":
		digits = strings.TrimPrefix(e.list[1].atom, "bv")
	}
	if v, ok := new(big.Int).SetString(digits, base); ok {
		return v, nil
	}
	return nil, fmt.Errorf("not a value: %v", e)
}
