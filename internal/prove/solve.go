package prove

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Solver is one attempt to prove an obligation: a program with its arguments, and options that are written
// above the question.
type Solver struct {
	Name    string
	Path    string
	Args    []string
	Options string
	Limit   time.Duration // a run that takes longer is stopped, and has proved nothing

	build string // tells versions of the program apart: size and time of its file
	waits bool   // it forgets a question on request, so a process can be asked many
}

// FindSolvers returns the attempts in their order: z3, cvc5 if it is there, then z3 with other seeds and with more time.
// What z3 does not prove at once it mostly does not prove soon, and cvc5 may prove it at once.
func FindSolvers() ([]Solver, error) {
	z3, err := exec.LookPath("z3")
	if err != nil {
		return nil, fmt.Errorf("finding z3, which proofs of structures need: %w; install it (Debian: apt-get install z3 cvc5)", err)
	}
	const quantifiers = "(set-option :auto_config false)\n(set-option :smt.mbqi false)\n"
	seed := func(n int, limit time.Duration) Solver {
		return Solver{fmt.Sprintf("z3, seed %d", n), z3, []string{"-in", "-smt2"},
			quantifiers + fmt.Sprintf("(set-option :smt.random_seed %d)\n", n), limit, buildOf(z3), false}
	}
	first := seed(0, 2*time.Second)
	first.waits = true
	list := []Solver{first}
	if cvc5, err := exec.LookPath("cvc5"); err == nil {
		list = append(list, Solver{"cvc5", cvc5, []string{"--lang=smt2", "--simplification=none", "-"}, "(set-logic ALL)\n", 20 * time.Second, buildOf(cvc5), false})
	}
	return append(list, seed(1, 20*time.Second), seed(2, 20*time.Second), seed(0, 20*time.Second)), nil
}

// buildOf tells one build of a program from another.
func buildOf(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return "" // starting it will fail, too
	}
	return fmt.Sprint(info.Size(), info.ModTime().UnixNano())
}

// ask puts a question and returns the first word of the answer. The time it takes the processor is added to spent.
func (s Solver) ask(ctx context.Context, question string, spent *atomic.Int64) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.Path, s.Args...)
	options := s.Options
	if strings.HasPrefix(question, "(set-logic") {
		options = ""
	}
	cmd.WaitDelay = time.Second
	cmd.Stdin = strings.NewReader(options + question)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	count(spent, cmd)
	if ctx.Err() != nil {
		return "timeout", nil
	}
	if answer := strings.TrimSpace(out.String()); answer == "unsat" || answer == "sat" || answer == "unknown" {
		return answer, nil
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return "", fmt.Errorf("running %s: %w", s.Name, err)
	}
	return "", fmt.Errorf("%s says %q", s.Name, firstLine(out.String()))
}

// count adds the processor time of a process that has ended.
func count(spent *atomic.Int64, cmd *exec.Cmd) {
	if s := cmd.ProcessState; s != nil {
		spent.Add(int64(s.UserTime() + s.SystemTime()))
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// probeLimit is how long a place may be looked at: only a quick contradiction counts.
const probeLimit = 2 * time.Second

// settle tries the solvers in turn. It returns "" if the obligation is proved, else what was answered, and
// how many solvers did not settle it.
func settle(ctx context.Context, c Config, running *sessions, o *Obligation, question string) (answer string, tries int, err error) {
	if o.probe {
		s := c.Solvers[0]
		s.Limit = probeLimit
		answer, err := running.ask(ctx, s, question)
		if answer == "unsat" {
			return "the place cannot be reached: its assumptions contradict each other", 0, err
		}
		return "", 0, err
	}
	if c.Each {
		return settleByEach(ctx, c, running, o, question)
	}
	var answers []string
	for i, s := range c.Solvers {
		if c.Cache.proved(s, question) {
			return "", i, nil
		}
	}
	for _, s := range c.Solvers {
		answer, err := running.ask(ctx, s, question)
		if err != nil {
			return "", tries, err
		}
		if answer == "unsat" {
			c.Cache.keep(s, question)
			return "", tries, nil
		}
		answers = append(answers, s.Name+": "+answer)
		tries++
		if ctx.Err() != nil {
			return "", tries, ctx.Err()
		}
	}
	return strings.Join(answers, "; "), tries, nil
}

// solve puts all questions, several at a time, and writes the results into the report.
func solve(ctx context.Context, c Config, prelude string, tasks []task, report *Report) error {
	report.Functions = make([]Function, len(tasks))
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	running := &sessions{}
	defer func() {
		running.close()
		report.Processor = time.Duration(running.spent.Load()).Seconds()
	}()
	var stopped bool // by the first failure
	var mu sync.Mutex
	var wait sync.WaitGroup
	var failed error
	slots := make(chan struct{}, max(c.Jobs, 1))
	asked := map[[32]byte]string{} // the answers, "" if it proves
	answered := progress(c, tasks)
	type repeated struct {
		f   *Function
		o   *Obligation
		key [32]byte
	}
	var again []repeated // the same question, word for word
	for i, t := range tasks {
		if failed != nil {
			break
		}
		f := &report.Functions[i]
		f.Owner, f.Type, f.Pos = t.owner, t.of, t.pos
		if t.function != nil && t.function.op != nil {
			f.operation, f.contract = t.function.operationName(), t.function.op.Hash()
			f.exported = t.function.object.Exported()
		}
		for n := range t.obligations {
			o := &t.obligations[n]
			if !o.probe {
				f.Obligations++
			}
			question := o.script(prelude)
			if c.Keep != "" {
				if err := keep(c.Keep, o, n, question); err != nil {
					return err
				}
			}
			key := sha256.Sum256(fmt.Appendf(nil, "%v %s", o.probe, question)) // a probe hopes for the other answer
			mu.Lock()
			_, ok := asked[key]
			if !ok {
				asked[key] = "not answered"
			}
			mu.Unlock()
			if ok {
				again = append(again, repeated{f, o, key})
				answered()
				continue
			}
			slots <- struct{}{}
			wait.Add(1)
			go func() {
				defer func() { <-slots; wait.Done() }()
				start := time.Now()
				answer, tries, err := settle(ctx, c, running, o, question)
				mu.Lock()
				defer mu.Unlock()
				if stopped {
					return
				}
				answered()
				f.Seconds += time.Since(start).Seconds()
				if tries > 0 {
					f.Retries++
				}
				if err != nil && failed == nil { // others will fail in the same way
					failed = fmt.Errorf("%s: %s: %w", o.Owner, o.What, err)
				}
				asked[key] = answer
				if answer != "" {
					f.Failed = append(f.Failed, Failure{Obligation: *o, Answer: answer})
					if c.FirstFailure {
						stopped = true
						stop()
					}
				}
			}()
		}
	}
	wait.Wait()
	for _, r := range again {
		if answer := asked[r.key]; answer != "" {
			r.f.Failed = append(r.f.Failed, Failure{Obligation: *r.o, Answer: answer})
		}
	}
	for i := range report.Functions {
		slices.SortStableFunc(report.Functions[i].Failed, func(a, b Failure) int {
			return cmp.Or(cmp.Compare(a.Pos.Offset, b.Pos.Offset), strings.Compare(a.What, b.What))
		})
	}
	return failed
}

// progress returns what to call for each question that is answered.
func progress(c Config, tasks []task) func() {
	var done atomic.Int64
	total := 0
	for _, t := range tasks {
		total += len(t.obligations)
	}
	return func() {
		if n := int(done.Add(1)); c.Progress != nil {
			c.Progress(n, total)
		}
	}
}

// keep writes a question to a file.
func keep(dir string, o *Obligation, n int, question string) error {
	name := filepath.Join(dir, fmt.Sprintf("%s.%03d.smt2", o.Owner, n))
	text := fmt.Sprintf("; %v %s: %s\n; %s\n%s", o.Pos, o.Owner, o.What, strings.Join(o.Path, " && "), question)
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		return fmt.Errorf("keeping a question: %w", err)
	}
	return nil
}
