package prove

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
)

// sessions keeps solvers that wait for the next question: to start a process takes longer than most answers.
// Between two questions a solver forgets everything. Had it kept a declaration, the next question, which has the
// same names, would be an error and not an answer. What a session does not answer in a single word is asked again
// in a process of its own.
type sessions struct {
	mu    sync.Mutex
	idle  []*session
	spent atomic.Int64 // processor time of processes that have ended, in nanoseconds
}

// session is a running solver between two questions.
type session struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Reader
	done  int // questions answered
	spent *atomic.Int64
}

// ask puts a question to a waiting solver, or to a process of its own if the solver cannot wait.
func (p *sessions) ask(ctx context.Context, s Solver, question string) (string, error) {
	if !s.waits || strings.HasPrefix(question, "(set-logic") {
		return s.ask(ctx, question, &p.spent)
	}
	x := p.take()
	if x == nil {
		var err error
		if x, err = start(s, &p.spent); err != nil {
			return s.ask(ctx, question, &p.spent) // which says what is wrong
		}
	}
	limited, cancel := context.WithTimeout(ctx, s.Limit)
	defer cancel()
	answer, ok := x.ask(limited, s.Options+question)
	switch {
	case ok:
		p.put(x)
		return answer, nil
	case limited.Err() != nil:
		return "timeout", nil
	}
	return s.ask(ctx, question, &p.spent)
}

func (p *sessions) take() *session {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.idle)
	if n == 0 {
		return nil
	}
	x := p.idle[n-1]
	p.idle = p.idle[:n-1]
	return x
}

func (p *sessions) put(x *session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, x)
}

// close ends the solvers that wait.
func (p *sessions) close() {
	for x := p.take(); x != nil; x = p.take() {
		x.end()
	}
}

func start(s Solver, spent *atomic.Int64) (*session, error) {
	cmd := exec.Command(s.Path, s.Args...)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", s.Name, err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", s.Name, err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", s.Name, err)
	}
	return &session{cmd: cmd, in: in, out: bufio.NewReader(out), spent: spent}, nil
}

// ask reports whether there is an answer: one word, and then the mark that was asked for. If not, or when the
// context ends, the session is over.
func (x *session) ask(ctx context.Context, question string) (answer string, ok bool) {
	stop := context.AfterFunc(ctx, func() { _ = x.cmd.Process.Kill(); _ = x.in.Close() })
	defer func() {
		if ok = stop() && ok; !ok {
			x.end()
		}
	}()
	x.done++
	mark := fmt.Sprintf("answered %d", x.done)
	if _, err := io.WriteString(x.in, "(reset)\n"+question+"(echo \""+mark+"\")\n"); err != nil {
		return "", false
	}
	answer, err := x.out.ReadString('\n')
	if err != nil {
		return "", false
	}
	line, err := x.out.ReadString('\n')
	if err != nil || strings.TrimSpace(line) != mark {
		return "", false
	}
	answer = strings.TrimSpace(answer)
	return answer, answer == "unsat" || answer == "sat" || answer == "unknown"
}

// end stops the process.
func (x *session) end() {
	_ = x.cmd.Process.Kill()
	_ = x.in.Close()
	_ = x.cmd.Wait()
	count(x.spent, x.cmd)
}
