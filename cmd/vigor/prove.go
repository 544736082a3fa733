package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vigor/internal/prove"
)

const proveExample = "vigor prove ./libvig"

func newProve() *cobra.Command {
	var (
		only    []string
		keep    string
		cache   string
		jobs    int
		verbose bool
		asJSON  bool
		write   bool
		each    bool
		seconds bool
		example time.Duration
	)
	cmd := &cobra.Command{
		Use:   "prove DIR [--only NAME] [--keep DIR] [--write] [--each-solver] [--json] [-v]",
		Short: "Prove data structures against their contracts",
		Long: `Prove that the functions of the package in DIR meet the contracts that stand beside them, for
every capacity, state and argument: results and effects as promised, no panic, no overflow, an end.
z3 is needed; cvc5 is asked where z3 has no answer, and with --each-solver everywhere. Of what is not proved an example is looked for, with
calls that reach it, which are compiled and run.
Exit status: 0 proved, 1 proved but not what the lock says, 2 could not start or refused, 3 unknown.`,
		Example: "  " + proveExample,
		Args:    arguments(proveExample, "folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if write && each {
				return &usageError{"prove: --write keeps what one solver proves; leave --each-solver out", proveExample}
			}
			if write && len(only) > 0 {
				return &usageError{"prove: --write keeps what is proved of the whole package; leave --only out", proveExample}
			}
			solvers, err := prove.FindSolvers()
			if err != nil {
				return err
			}
			if keep != "" {
				if err := os.MkdirAll(keep, 0o755); err != nil {
					return fmt.Errorf("keeping the questions: %w", err)
				}
			}
			c := prove.Config{Dir: args[0], Solvers: solvers, Jobs: jobs, Keep: keep, Examples: example, Each: each, Run: true}
			if cache != "" {
				if err := os.MkdirAll(cache, 0o755); err != nil {
					return fmt.Errorf("keeping what is proved: %w", err)
				}
				c.Cache = &prove.Cache{Dir: cache}
			}
			chosen := newChoice(only)
			if len(only) > 0 {
				c.Only = chosen.has
			}
			if w := cmd.ErrOrStderr(); isTerminal(w) {
				bar := newBar(w)
				defer bar.Clear()
				c.Progress = func(done, total int) { bar.Describe(fmt.Sprintf("%d of %d obligations", done, total)) }
				c.Searched = func(done, total int) { bar.Describe(fmt.Sprintf("examples of %d of %d claims", done, total)) }
			}
			report, err := prove.Run(cmd.Context(), c)
			if err != nil {
				return err
			}
			if err := chosen.missing(); err != nil {
				return err
			}
			if err := printProof(cmd, report, asJSON, verbose, seconds); err != nil {
				return err
			}
			switch {
			case len(report.Problems) > 0:
				return exitStatus(exitNotRun)
			case !report.Proved():
				return exitStatus(exitUnknown)
			case len(only) > 0:
				return nil
			}
			return compareLock(cmd, filepath.Join(args[0], lockName), report.Lock(), write)
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&only, "only", nil, "prove only these: a type, Type.Method, a function or a lemma")
	flags.StringVar(&keep, "keep", "", "write each question, in SMT-LIB, to a file in this folder")
	flags.DurationVar(&example, "example", 5*time.Second, "how long to look for an example of each claim that is not proved, and then for calls; 0: not at all")
	flags.StringVar(&cache, "cache", "", "keep what solvers have proved in this folder, and do not ask it again")
	flags.BoolVar(&each, "each-solver", false, "every obligation has to be proved by z3 and by cvc5, each on its own")
	flags.IntVar(&jobs, "jobs", runtime.NumCPU(), "solvers at a time")
	flags.BoolVarP(&verbose, "verbose", "v", false, "a line for each function")
	flags.BoolVar(&seconds, "seconds", false, "a column of the table with the seconds that solvers took, which differs between runs")
	flags.BoolVar(&asJSON, "json", false, "print the report as JSON")
	flags.BoolVar(&write, "write", false, "write what is proved to DIR/"+lockName)
	return cmd
}

// choice is what --only names, and which of it has been met.
type choice struct {
	met   map[string]bool
	known []string // types, functions and lemmas that there are
}

func newChoice(names []string) *choice {
	c := &choice{met: map[string]bool{}}
	for _, n := range names {
		c.met[n] = false
	}
	return c
}

// has reports whether a function, or a type, is chosen.
func (c *choice) has(name string) bool {
	if !strings.Contains(name, ".") && !slices.Contains(c.known, name) {
		c.known = append(c.known, name)
	}
	if _, ok := c.met[name]; !ok {
		return false
	}
	c.met[name] = true
	return true
}

// missing is the error about names that nothing has.
func (c *choice) missing() error {
	for _, name := range slices.Sorted(maps.Keys(c.met)) {
		if !c.met[name] {
			slices.Sort(c.known)
			return &usageError{fmt.Sprintf("prove: nothing to prove is named %q; there are %s", name, strings.Join(c.known, ", ")), proveExample}
		}
	}
	return nil
}

// printProof writes the report to standard output and what was measured to standard error.
func printProof(cmd *cobra.Command, r *prove.Report, asJSON, verbose, seconds bool) error {
	if asJSON {
		return r.WriteJSON(cmd.OutOrStdout())
	}
	text := r.WriteText
	if seconds {
		text = r.WriteTimed
	}
	if err := text(cmd.OutOrStdout(), verbose); err != nil {
		return fmt.Errorf("printing the report: %w", err)
	}
	return r.WriteMeasured(cmd.ErrOrStderr(), verbose)
}

// lockName is the file that keeps what has been proved, beside the source.
const lockName = "proofs.lock"

// compareLock compares what is proved with what the lock says, or writes it there.
func compareLock(cmd *cobra.Command, name string, now *prove.Lock, write bool) error {
	if write {
		if err := os.WriteFile(name, now.Text(), 0o644); err != nil {
			return fmt.Errorf("writing the lock of proofs: %w", err)
		}
		return nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("reading the lock of proofs: %w; --write makes one", err)
	}
	old, err := prove.ParseLock(text)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	differences := old.Differences(now)
	for _, d := range differences {
		fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", name, d)
	}
	if len(differences) > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "vigor: all is proved, but not what %s says; read the difference, then --write\n", name)
		return exitStatus(exitViolated)
	}
	return nil
}
