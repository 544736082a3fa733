package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

func newRun() *cobra.Command {
	var (
		config   string
		ins, out []string
	)
	cmd := &cobra.Command{
		Use:   "run PKG --config FILE --in DEV=PCAP --out DEV=PCAP",
		Short: "Run an NF on captures",
		Long: `Build the NF in package PKG and let it process captures: --in 0=lan.pcap makes the frames of
that file arrive on device 0, --out 1=wan.pcap records what leaves by device 1. Both flags may be
repeated; frames of several captures arrive in the order of their times.`,
		Args: arguments(runExample, "package"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if config == "" {
				return &usageError{"run: no configuration given", runExample}
			}
			sources, err := parseBindings("--in", ins)
			if err != nil {
				return err
			}
			sinks, err := parseBindings("--out", out)
			if err != nil {
				return err
			}
			if len(sources) == 0 {
				return &usageError{"run: no capture to read", runExample}
			}
			_ = sinks
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&config, "config", "", "the NF's configuration, in YAML")
	flags.StringArrayVar(&ins, "in", nil, "DEV=PCAP: frames of the capture arrive on the device")
	flags.StringArrayVar(&out, "out", nil, "DEV=PCAP: what leaves by the device is recorded")
	return cmd
}

const runExample = "vigor run ./nfs/nat --config nat.yaml --in 0=lan.pcap --in 1=wan.pcap --out 0=to-lan.pcap --out 1=to-wan.pcap"

// parseBindings reads DEV=PCAP values; each device may occur once.
func parseBindings(flag string, values []string) (map[int]string, error) {
	files := make(map[int]string)
	for _, value := range values {
		device, file, ok := strings.Cut(value, "=")
		n, err := strconv.ParseUint(device, 10, 6)
		if !ok || err != nil || file == "" {
			return nil, &usageError{fmt.Sprintf("%s %s is not of the form DEV=PCAP", flag, value),
				fmt.Sprintf("DEV is a device number from 0 to 63: %s 0=lan.pcap", flag)}
		}
		if other, twice := files[int(n)]; twice {
			return nil, &usageError{fmt.Sprintf("%s names device %d twice: %s and %s", flag, n, other, file),
				"give each device one capture; mergecap joins several"}
		}
		files[int(n)] = file
	}
	return files, nil
}
