package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"vigor/internal/prove"
)

const proveExample = "vigor prove ./libvig"

func newProve() *cobra.Command {
	var (
		only    []string
		keep    string
		jobs    int
		verbose bool
		write   bool
	)
	cmd := &cobra.Command{
		Use:   "prove DIR [--only NAME] [--keep DIR] [--write] [-v]",
		Short: "Prove data structures against their contracts",
		Long: `Prove that the functions of the package in DIR meet the contracts that stand beside them, for
every capacity, state and argument: results and effects as promised, no panic, no overflow, an end.
z3 is needed; cvc5 is asked where z3 has no answer.`,
		Example: "  " + proveExample,
		Args:    arguments(proveExample, "folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			solvers, err := prove.FindSolvers()
			if err != nil {
				return err
			}
			if keep != "" {
				if err := os.MkdirAll(keep, 0o755); err != nil {
					return fmt.Errorf("keeping the questions: %w", err)
				}
			}
			c := prove.Config{Dir: args[0], Solvers: solvers, Jobs: jobs, Keep: keep}
			if len(only) > 0 {
				c.Only = func(owner string) bool {
					typ, _, _ := strings.Cut(owner, ".")
					return slices.Contains(only, owner) || slices.Contains(only, typ)
				}
			}
			report, err := prove.Run(cmd.Context(), c)
			if err != nil {
				return err
			}
			if err := report.WriteText(cmd.OutOrStdout(), verbose); err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "%.1f s\n", report.Seconds)
			switch {
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
	flags.IntVar(&jobs, "jobs", runtime.NumCPU(), "solvers at a time")
	flags.BoolVarP(&verbose, "verbose", "v", false, "a line for each function")
	flags.BoolVar(&write, "write", false, "write what is proved to DIR/"+lockName)
	return cmd
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
