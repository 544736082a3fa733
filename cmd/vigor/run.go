package main

import (
	"strconv"

	"github.com/spf13/cobra"

	"vigor/internal/program"
)

const runExample = "vigor run ./nfs/nat --config nat.yaml --in 0=lan.pcap --in 1=wan.pcap --out 0=to-lan.pcap --out 1=to-wan.pcap"

func newRun() *cobra.Command {
	var (
		config  string
		in, out []string
		devices int
		check   bool
	)
	cmd := &cobra.Command{
		Use:   "run PKG --config FILE [--in DEV=PCAP] [--out DEV=PCAP]",
		Short: "Run an NF on devices or captures",
		Long: `Build the NF in package PKG, without proving it, and run it on the devices that the section
dataplane of its configuration names, until a signal ends it: docs/operating.md says how.

With --in it processes captures instead: --in 0=lan.pcap makes the frames of that file arrive on device
0, --out 1=wan.pcap records what leaves by device 1. Both flags may be repeated; frames of several
captures arrive in the order of their times. At the end there is a table of what was received, sent
and dropped, and why.`,
		Example: "  " + runExample + "\n  vigor run ./nfs/nat --config live.yaml",
		Args:    arguments(runExample, "package"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if config == "" {
				return &usageError{"run: no configuration given", runExample}
			}
			// The program reads these flags itself: it can be run without vigor, too.
			flags := []string{"--config", config}
			for _, value := range in {
				flags = append(flags, "--in", value)
			}
			for _, value := range out {
				flags = append(flags, "--out", value)
			}
			if devices != 0 {
				flags = append(flags, "--devices", strconv.Itoa(devices))
			}
			if check {
				flags = append(flags, "--check")
			}
			status, err := program.Run(cmd.Context(), program.Config{
				Package: args[0], Args: flags, Stdout: cmd.OutOrStdout(), Stderr: cmd.ErrOrStderr(),
			})
			if err == nil && status != 0 {
				return exitStatus(exitNotRun)
			}
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&config, "config", "", "the NF's configuration, in YAML")
	flags.StringArrayVar(&in, "in", nil, "DEV=PCAP: frames of the capture arrive on the device")
	flags.StringArrayVar(&out, "out", nil, "DEV=PCAP: what leaves by the device is recorded")
	flags.BoolVar(&check, "check", false, "only say whether the NF would accept the configuration")
	flags.IntVar(&devices, "devices", 0, "number of devices, if more than those mentioned")
	return cmd
}
