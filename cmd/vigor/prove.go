package main

import (
	"fmt"
	"os"
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
	)
	cmd := &cobra.Command{
		Use:   "prove DIR [--only NAME] [--keep DIR] [-v]",
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
			if !report.Proved() {
				return exitStatus(exitUnknown)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&only, "only", nil, "prove only these: a type, Type.Method, a function or a lemma")
	flags.StringVar(&keep, "keep", "", "write each question, in SMT-LIB, to a file in this folder")
	flags.IntVar(&jobs, "jobs", runtime.NumCPU(), "solvers at a time")
	flags.BoolVarP(&verbose, "verbose", "v", false, "a line for each function")
	return cmd
}
