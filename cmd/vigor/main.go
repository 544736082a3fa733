// Command vigor proves network functions against their specs and runs them.
//
//	vigor verify PKG... [--spec FILE] [--json] [-v] [--out DIR]
//	vigor build PKG -o FILE [--tags TAGS] [--unproved]
//	vigor image PKG --config FILE -o FILE [--devices N] [--iso FILE] [--run] [--report] [--unproved]
//	vigor run PKG --config FILE [--in DEV=PCAP] [--out DEV=PCAP]
//	vigor replay PKG CASE.json
//	vigor show tables|values|counters|devices|build|TABLE [--socket PATH] [--limit N] [--json]
//	vigor bench [PKG...]
//	vigor prove DIR [--only NAME] [--keep DIR] [--write] [--json] [-v]
//	vigor explain CODE
//	vigor demo
//
// Results go to standard output and are the same in two runs; times, progress and errors go to
// standard error. The exit status is 0 if all is proved or done, 1 if something is violated, 2 if
// the command could not start, and 3 if the outcome is unknown.
//
// Each command is one file; start at [run].
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// The exit statuses.
const (
	exitProved   = 0
	exitViolated = 1
	exitNotRun   = 2
	exitUnknown  = 3
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run executes one command line and returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var status exitStatus
	switch {
	case err == nil:
		return exitProved
	case errors.As(err, &status):
		return int(status)
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "vigor: interrupted")
		return exitUnknown
	}
	fmt.Fprintf(stderr, "vigor: %v\n", err)
	var usage *usageError
	if errors.As(err, &usage) {
		fmt.Fprintf(stderr, "    hint      %s\n", usage.cure)
	}
	return exitNotRun
}

// exitStatus ends a command that has said all it has to say.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// usageError is a command line that makes no sense, with what to write instead.
type usageError struct{ cause, cure string }

func (e *usageError) Error() string { return e.cause }

// newRoot returns the command with all its parts. Cobra prints nothing but help: errors are ours.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "vigor",
		Short:         "Prove network functions written in Go against Python specs, and run them",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return &usageError{fmt.Sprintf("there is no command %q", args[0]), "the commands are " + commandNames(cmd)}
		},
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(&cobra.Command{Hidden: true})
	root.AddCommand(newVerify(), newBuild(), newRun(), newReplay(), newShow(), newBench(), newExplain(), newDemo(), newProve(), newImage())
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &usageError{err.Error(), fmt.Sprintf("%s --help lists the flags", cmd.CommandPath())}
	})
	return root
}

func commandNames(root *cobra.Command) string {
	var names []string
	for _, c := range root.Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	return strings.Join(names, ", ")
}

// arguments asks for exactly the named arguments; example is a correct command line.
func arguments(example string, names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return &usageError{fmt.Sprintf("%s: no %s given", cmd.Name(), names[len(args)]), example}
		case len(args) > len(names):
			return &usageError{fmt.Sprintf("%s: unexpected argument %q", cmd.Name(), args[len(names)]), example}
		}
		return nil
	}
}

// isTerminal reports whether w is a terminal: only there are colours and progress shown.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == ""
}
