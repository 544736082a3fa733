package main

import (
	"fmt"
	"path"
	"slices"

	"github.com/spf13/cobra"

	"vigor/internal/program"
	"vigor/verify"
)

const buildExample = "vigor build ./nfs/nat -o nat"

func newBuild() *cobra.Command {
	var (
		file     string
		tags     []string
		unproved bool
	)
	cmd := &cobra.Command{
		Use:   "build PKG -o FILE",
		Short: "Prove an NF and make a program of it",
		Long: `Prove the NF in package PKG as vigor verify does, and make a program of it that needs nothing else:
no Go, no vigor, no library. The program says with --version what was proved: a hash over the sources
of the NF and of what it imports, and over its specs. Two builds of the same files are the same bytes.

If the NF is not proved, the report says why and there is no program. Exit status: 0 built,
1 violated, 2 could not start or not build, 3 unknown.

With --tags dpdk the program has the driver dpdk; gcc, pkg-config and libdpdk-dev must be installed, and
DPDK's libraries where it runs.`,
		Example: "  " + buildExample + "\n  ./nat --config nat.yaml",
		Args:    arguments(buildExample, "package"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if file == "" {
				return &usageError{"build: no file for the program given", buildExample}
			}
			if slices.Contains(tags, "") {
				return &usageError{"build: an empty tag", buildExample + " --tags dpdk"}
			}
			in := program.Install{Package: args[0], File: file, Tags: tags}
			if !unproved {
				in.Prove = func() (string, error) { return proveFirst(cmd, args[0]) }
			}
			identity, err := in.Install(cmd.Context())
			if err != nil {
				return err
			}
			outcome := ""
			if unproved {
				outcome = ", " + program.Unproved
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "built %s: %s%s\n", path.Base(file), identity, outcome)
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&file, "output", "o", "", "the program to make or replace")
	flags.StringSliceVar(&tags, "tags", nil, "build tags, such as dpdk")
	flags.BoolVar(&unproved, "unproved", false, "do not prove the NF; the program then says so")
	return cmd
}

// proveFirst verifies the NF, prints the report, and says in a few words that all is proved.
func proveFirst(cmd *cobra.Command, pkg string) (string, error) {
	report, err := verifyWithProgress(cmd, verify.Config{Package: pkg})
	if err != nil {
		return "", err
	}
	if err := printReport(cmd, report, false, false); err != nil {
		return "", err
	}
	if status := statusOf(report); status != exitProved {
		fmt.Fprintln(cmd.ErrOrStderr(), "vigor: no program is built of what is not proved; --unproved builds it all the same")
		return "", exitStatus(status)
	}
	if len(report.Assumed) > 0 {
		return "proved, libvig contracts assumed", nil
	}
	return "proved", nil
}
