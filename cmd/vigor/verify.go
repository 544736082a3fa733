package main

import (
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"vigor/verify"
)

func newVerify() *cobra.Command {
	var (
		cfg     verify.Config
		asJSON  bool
		verbose bool
	)
	cmd := &cobra.Command{
		Use:   "verify PKG",
		Short: "Prove an NF against its spec and its properties",
		Long: `Prove the NF in package PKG against spec.py and every properties/*.py of its folder:
for every packet, every reachable state and every configuration that Validate accepts.
Exit status: 0 proved, 1 violated, 2 could not start, 3 unknown.`,
		Args: arguments("vigor verify ./nfs/nat", "package"),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg.Package = args[0]
			report, err := verifyWithProgress(cmd, cfg)
			if err != nil {
				return err
			}
			if err := printReport(cmd, report, asJSON, verbose); err != nil {
				return err
			}
			if status := statusOf(report); status != exitProved {
				return exitStatus(status)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&cfg.Spec, "spec", "", "prove this spec file only")
	flags.StringVar(&cfg.Out, "out", "", "leave counterexamples in this directory, for vigor replay")
	flags.BoolVar(&asJSON, "json", false, "print the report as JSON")
	flags.BoolVarP(&verbose, "verbose", "v", false, "print every finding, what the specs leave open, and times per stage")
	return cmd
}

// statusOf gives the exit status for a report.
func statusOf(r *verify.Report) int {
	switch {
	case r.Outcome == verify.Proved:
		return exitProved
	case r.Outcome == verify.Violated:
		return exitViolated
	case r.Refused():
		return exitNotRun
	}
	return exitUnknown
}

// printReport writes the report to standard output and what was measured to standard error.
func printReport(cmd *cobra.Command, r *verify.Report, asJSON, verbose bool) error {
	out := cmd.OutOrStdout()
	if asJSON {
		return r.WriteJSON(out)
	}
	if err := r.WriteText(out, verbose, isTerminal(out)); err != nil {
		return fmt.Errorf("printing the report: %w", err)
	}
	return r.Measured.WriteText(cmd.ErrOrStderr(), verbose)
}

// verifyWithProgress runs the verification and, on a terminal, shows how far it is.
func verifyWithProgress(cmd *cobra.Command, cfg verify.Config) (*verify.Report, error) {
	if w := cmd.ErrOrStderr(); isTerminal(w) {
		bar := newBar(w)
		defer bar.Clear()
		cfg.Progress = func(s verify.Step) { bar.Describe(describe(s)) }
	}
	return verify.Run(cmd.Context(), cfg)
}

// newBar returns a bar of unknown length: nobody knows beforehand how many paths there are.
func newBar(w io.Writer) *progressbar.ProgressBar {
	return progressbar.NewOptions(-1, progressbar.OptionSetWriter(w), progressbar.OptionClearOnFinish(),
		progressbar.OptionSpinnerType(14), progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetElapsedTime(true))
}

func describe(s verify.Step) string {
	text := s.Stage
	if s.Spec != "" {
		text += " " + filepath.Base(s.Spec)
	}
	if s.Obligations > 0 {
		text += fmt.Sprintf(": %d paths, %d obligations", s.Paths, s.Obligations)
	}
	return text
}
