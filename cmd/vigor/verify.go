package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"vigor/verify"
)

// Garbage is collected late: a proof makes much of it, and keeps little.
const (
	collectAt   = 400       // growth of the heap, in percent
	collectFrom = 700 << 20 // bytes of memory from which on it is collected as often as it takes
)

// collectLate sets when garbage is collected, where the environment does not say it.
func collectLate() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(collectFrom)
	}
}

func newVerify() *cobra.Command {
	var (
		cfg     verify.Config
		asJSON  bool
		verbose bool
	)
	cmd := &cobra.Command{
		Use:   "verify PKG...",
		Short: "Prove an NF against its spec and its properties",
		Long: `Prove the NF in package PKG against spec.py and every properties/*.py of its folder:
for every packet, every reachable state and every configuration that Validate accepts.
Of several packages, or a pattern such as ./nfs/..., each that has a spec is proved, and a table says
what was proved of which and what it took.
Exit status: 0 proved, 1 violated, 2 could not start, 3 unknown.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{"verify: no package given", "vigor verify ./nfs/nat"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			collectLate()
			if len(args) > 1 || strings.Contains(args[0], "...") {
				return verifySeveral(cmd, cfg, args, asJSON, verbose)
			}
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

// verifySeveral proves every package that the arguments name.
func verifySeveral(cmd *cobra.Command, cfg verify.Config, args []string, asJSON, verbose bool) error {
	if cfg.Spec != "" {
		return &usageError{"verify: --spec names one spec, but there are several packages", "name the package of the spec"}
	}
	packages, err := verify.Packages(cmd.Context(), cfg.Dir, args...)
	if err != nil {
		return err
	}
	show, done := progress(cmd)
	cfg.Progress = show
	summary, err := verify.RunAll(cmd.Context(), cfg, packages)
	done()
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if asJSON {
		err = summary.WriteJSON(out)
	} else if err = summary.WriteText(out, verbose, isTerminal(out)); err == nil {
		err = summary.WriteTable(cmd.ErrOrStderr())
	}
	if err != nil {
		return fmt.Errorf("printing the summary: %w", err)
	}
	worst := exitProved
	for _, r := range summary.Reports {
		worst = worse(worst, statusOf(r))
	}
	if worst != exitProved {
		return exitStatus(worst)
	}
	return nil
}

// worse gives the exit status of two reports: what is violated outweighs what could not be verified, and that what is
// unknown.
func worse(a, b int) int {
	for _, status := range []int{exitViolated, exitNotRun, exitUnknown} {
		if a == status || b == status {
			return status
		}
	}
	return exitProved
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
	show, done := progress(cmd)
	defer done()
	cfg.Progress = show
	return verify.Run(cmd.Context(), cfg)
}

// progress gives what is told how far a run is, nil where that is not shown, and what ends the display.
func progress(cmd *cobra.Command) (show func(verify.Step), done func()) {
	w := cmd.ErrOrStderr()
	if !isTerminal(w) {
		return nil, func() {}
	}
	bar := newBar(w)
	return func(s verify.Step) { bar.Describe(describe(s)) }, func() { bar.Clear() }
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
