package prove

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"vigor/internal/prove/finite"
)

// modelLimit is how much of the time for an example one capacity may take, and preferLimit how much of it may go
// into making a model easier to read.
func modelLimit(all time.Duration) time.Duration  { return all * 2 / 5 }
func preferLimit(all time.Duration) time.Duration { return all / 5 }

// model asks a solver for a model of a bound and evaluates it. There is none if it and the error are nil.
func model(ctx context.Context, s Solver, limit time.Duration, script *finite.Script, b finite.Bound) (*finite.Model, error) {
	q, err := script.Question(b)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, modelLimit(limit))
	defer cancel()
	t, err := startTalk(ctx, s)
	if err != nil {
		return nil, err
	}
	defer t.end()
	switch answer := t.say(q.Text + "(check-sat)\n"); answer {
	case "unsat":
		return nil, nil
	case "sat":
	default:
		return nil, fmt.Errorf("%s says %q", s.Name, answer)
	}
	if err := t.prefer(q.Preferences(), time.Now().Add(preferLimit(limit))); err != nil {
		return nil, err
	}
	m, err := script.Read(q, t.values(q.Values()))
	if err != nil {
		return nil, err
	}
	return m, m.Check()
}

// talk is a solver that is asked one thing after the other.
type talk struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startTalk(ctx context.Context, s Solver) (*talk, error) {
	t := &talk{cmd: exec.CommandContext(ctx, s.Path, s.Args...)}
	in, err := t.cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("running %s: %w", s.Name, err)
	}
	out, err := t.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("running %s: %w", s.Name, err)
	}
	if err := t.cmd.Start(); err != nil {
		return nil, fmt.Errorf("running %s: %w", s.Name, err)
	}
	t.in, t.out = in, bufio.NewReader(out)
	return t, nil
}

// end stops the solver; it may be in the middle of a question.
func (t *talk) end() {
	_ = t.in.Close()
	_ = t.cmd.Process.Kill()
	_ = t.cmd.Wait()
}

// say writes commands and returns the line that answers them, or what went wrong.
func (t *talk) say(text string) string {
	if _, err := io.WriteString(t.in, text); err != nil {
		return err.Error()
	}
	line, err := t.out.ReadString('\n')
	if err != nil {
		return err.Error()
	}
	return line[:len(line)-1]
}

// prefer adds as many formulas as there is a model with, the first of each list that has one. Many are tried
// at once, and apart where they do not go together. What comes later than until is left out.
func (t *talk) prefer(list [][]string, until time.Time) error {
	if len(list) == 0 || time.Now().After(until) {
		return nil
	}
	if len(list) == 1 {
		for _, p := range list[0] {
			if ok, err := t.try("(assert " + p + ")\n"); ok || err != nil {
				return err
			}
		}
		return nil
	}
	var all strings.Builder
	for _, p := range list {
		all.WriteString("(assert " + p[0] + ")\n")
	}
	if ok, err := t.try(all.String()); ok || err != nil {
		return err
	}
	if err := t.prefer(list[:len(list)/2], until); err != nil {
		return err
	}
	return t.prefer(list[len(list)/2:], until)
}

// try adds formulas if there is a model with them.
func (t *talk) try(formulas string) (ok bool, err error) {
	if t.say("(push 1)\n"+formulas+"(check-sat)\n") == "sat" {
		return true, nil
	}
	if answer := t.say("(pop 1)\n(check-sat)\n"); answer != "sat" {
		return false, errors.New("a solver does not find its model again: " + answer)
	}
	return false, nil
}

// values asks for a model and returns the text up to the bracket that ends it.
func (t *talk) values(command string) string {
	if _, err := io.WriteString(t.in, command); err != nil {
		return ""
	}
	var text []byte
	for depth := 0; ; {
		c, err := t.out.ReadByte()
		if err != nil {
			return ""
		}
		text = append(text, c)
		switch c {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return string(text)
			}
		}
	}
}
