// Package replay runs the compiled network function on a packet and a state, to confirm what the
// verifier claims about them.
//
// Input is a list of [Case], from the models of a solver or from a file; output is one [Result]
// each: the action, the bytes and the state that the NF leaves behind, or how it failed. Callers
// are package verify and the command "vigor replay".
//
// A [Runner] stands for one NF. Opening it builds a program, once per version of the sources, from
// the NF, the libraries it uses and a harness; the harness is added with the go command's overlay,
// so nothing is written into the source tree, and the NF's own code is compiled as it is. The
// program calls New with the case's configuration, puts the case's state into the NF's structures
// and checks that their invariants hold, then calls Process. Each operation of libvig checks first
// what its contract requires, and panics with "contract: Table.Insert requires !dom[k]" or the like
// where the deployed structure would go on in a state that no contract describes.
//
// Guarantee: a result with status Ran is what the NF does from a state that its structures can be
// in, with entries not younger than the packet and values that are Valid. Whether the NF can reach
// that state from New is not known here.
//
// Start at [Open], then case.go for what goes in and out, and instrument.go for the checks.
package replay

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// DefaultTimeout is how long one case may take when [Source.Timeout] is 0.
const DefaultTimeout = 5 * time.Second

// Source names an NF to build.
type Source struct {
	Dir     string            // where the go command runs; "" is the working directory
	Pattern string            // names one package, as for "go build"
	Overlay map[string][]byte // replaces or adds files: path, absolute or relative to Dir, to content
	Timeout time.Duration     // limit for one case
}

// Runner runs the cases of one NF, in one process as long as that lives. It is for one goroutine.
type Runner struct {
	program program
	timeout time.Duration
	process *process // nil when the next case must start one
}

// Open finds or builds the program for an NF. The error is the go command's if it cannot be built.
func Open(ctx context.Context, source Source) (*Runner, error) {
	p, err := build(ctx, source)
	if err != nil {
		return nil, err
	}
	r := &Runner{program: p, timeout: source.Timeout}
	if r.timeout == 0 {
		r.timeout = DefaultTimeout
	}
	return r, nil
}

// Run runs cases and returns a result for each. The error is for what no case is to blame for: a
// program that cannot be started, a cancelled context.
func (r *Runner) Run(ctx context.Context, cases []Case) ([]Result, error) {
	results := make([]Result, len(cases))
	for i := range cases {
		if r.process == nil {
			p, err := start(r.program.binary)
			if err != nil {
				return nil, err
			}
			r.process = p
		}
		result, alive := r.process.exchange(ctx, &cases[i], r.timeout)
		if !alive {
			_ = r.Close()
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r.program.shorten(result.Stack)
		results[i] = result
	}
	return results, nil
}

// Close ends the program. The runner can still be used: it starts another.
func (r *Runner) Close() error {
	if r.process != nil {
		r.process.stop()
		r.process = nil
	}
	return nil
}

// process is a running program.
type process struct {
	command *exec.Cmd
	in      *bufio.Writer
	closeIn io.Closer
	out     *json.Decoder
	errors  *report
	once    sync.Once
}

// start starts a program.
func start(binary string) (*process, error) {
	p := &process{command: exec.Command(binary), errors: &report{}}
	in, err := p.command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the compiled NF: %w", err)
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the compiled NF: %w", err)
	}
	p.command.Stderr = p.errors
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("starting the compiled NF: %w", err)
	}
	p.in, p.closeIn, p.out = bufio.NewWriter(in), in, json.NewDecoder(bufio.NewReader(out))
	return p, nil
}

// exchange has the program run one case. It reports whether the program can run another.
func (p *process) exchange(ctx context.Context, c *Case, timeout time.Duration) (r Result, alive bool) {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	unwatch := context.AfterFunc(limited, p.kill)
	err := json.NewEncoder(p.in).Encode(c)
	if err == nil {
		err = p.in.Flush()
	}
	if err == nil {
		err = p.out.Decode(&r)
	}
	if alive := unwatch(); err == nil {
		return r, alive
	}
	if errors.Is(limited.Err(), context.DeadlineExceeded) {
		return Result{Status: TimedOut, Message: fmt.Sprintf("no answer within %v", timeout)}, false
	}
	p.stop()
	return Result{Status: Crashed, Message: p.errors.firstLine(err)}, false
}

// kill ends the program at once.
func (p *process) kill() { _ = p.command.Process.Kill() }

// stop ends the program and releases what belongs to it.
func (p *process) stop() {
	p.once.Do(func() {
		_ = p.closeIn.Close()
		p.kill()
		_ = p.command.Wait() // says only that it was killed
	})
}

// report keeps the beginning of what a program writes to its standard error: the reason why it
// ends.
type report struct{ text bytes.Buffer }

// Write keeps what fits into 4 KiB and drops the rest.
func (t *report) Write(text []byte) (int, error) {
	room := max(0, 4096-t.text.Len())
	t.text.Write(text[:min(room, len(text))])
	return len(text), nil
}

// firstLine returns the first line of it, or what err says.
func (t *report) firstLine(err error) string {
	line, _, _ := strings.Cut(t.text.String(), "\n")
	if line == "" {
		return fmt.Sprintf("the compiled NF ended: %v", err)
	}
	return line
}
