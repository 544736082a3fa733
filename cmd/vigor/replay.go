package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"vigor/internal/replay"
)

const replayExample = "vigor verify ./nfs/nat --out cases; vigor replay ./nfs/nat cases/CASE.json"

func newReplay() *cobra.Command {
	return &cobra.Command{
		Use:   "replay PKG CASE.json",
		Short: "Run one packet in one state, as vigor verify --out leaves it",
		Long: `Build the NF in package PKG, load the configuration and the state of the case, let it process
the packet, and print what it did, and whether it did the same when the case was made. Exit status: 0 if
the packet was processed, 1 if the NF panics or does not end, 2 if the case cannot be run.`,
		Args: arguments(replayExample, "package", "case"),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := os.ReadFile(args[1])
			if err != nil {
				return fmt.Errorf("reading the case: %w", err)
			}
			c, err := replay.Decode(text)
			if err != nil {
				return fmt.Errorf("%s: %w", args[1], err)
			}
			runner, err := replay.Open(cmd.Context(), replay.Source{Pattern: args[0]})
			if err != nil {
				return err
			}
			defer runner.Close()
			results, err := runner.Run(cmd.Context(), []replay.Case{c})
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			printCase(out, &c)
			printResult(out, &c, &results[0])
			compare(out, &c, &results[0])
			if status := statusOfResult(&results[0]); status != exitProved {
				return exitStatus(status)
			}
			return nil
		},
	}
}

// compare prints whether the NF does what it did when the case was made.
func compare(out io.Writer, c *replay.Case, r *replay.Result) {
	if c.Expected == nil {
		return
	}
	differences := replay.Differences(c.Expected, r)
	if len(differences) == 0 {
		fmt.Fprintln(out, "recorded  the same")
		return
	}
	fmt.Fprintln(out, "recorded  something else:")
	for _, line := range differences {
		fmt.Fprintf(out, "            %s\n", line)
	}
}

// statusOfResult gives the exit status for a result.
func statusOfResult(r *replay.Result) int {
	switch r.Status {
	case replay.Ran:
		return exitProved
	case replay.Panicked, replay.TimedOut, replay.Crashed:
		return exitViolated
	}
	return exitNotRun
}

func printCase(out io.Writer, c *replay.Case) {
	fmt.Fprintf(out, "packet    device %d of %d, time %d ns, %d bytes: %s\n", c.Packet.Device, c.Env.Devices,
		c.Packet.Time, len(c.Packet.Data), describeFrame(c.Packet.Data))
	fmt.Fprintf(out, "config    %s\n", formatValue(c.Config))
	printState(out, "before", c.Objects, c.Cells)
}

func printResult(out io.Writer, c *replay.Case, r *replay.Result) {
	if r.Status != replay.Ran {
		fmt.Fprintf(out, "result    %s: %s\n", strings.ReplaceAll(string(r.Status), "_", " "), r.Message)
		for _, frame := range r.Stack {
			fmt.Fprintf(out, "            %s\n", frame)
		}
		return
	}
	fmt.Fprintf(out, "result    %v: %s\n", r.Action, describeFrame(r.Data))
	for i := range r.Data {
		if i < len(c.Packet.Data) && r.Data[i] != c.Packet.Data[i] {
			fmt.Fprintf(out, "            byte %d: %#02x, was %#02x\n", i, r.Data[i], c.Packet.Data[i])
		}
	}
	printState(out, "after", r.Objects, r.Cells)
	if r.Other != "" {
		fmt.Fprintf(out, "note      New makes something else of this configuration: %s\n", r.Other)
	}
}

// ofCapacity says how many entries there may be; a case leaves that to New.
func ofCapacity(o *replay.Object) string {
	if o.Cap == 0 {
		return ""
	}
	return fmt.Sprintf(" of %d", o.Cap)
}

// printState prints what the structures hold, a line per entry, and the cells.
func printState(out io.Writer, label string, objects map[string]*replay.Object, cells map[string]replay.Value) {
	for _, name := range slices.Sorted(maps.Keys(objects)) {
		o := objects[name]
		fmt.Fprintf(out, "%-9s %s: %d%s entries in use\n", label, name, len(o.Entries), ofCapacity(o))
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for _, e := range o.Entries {
			fmt.Fprintf(table, "            %d\t%s\t%s\ttime %d\n", o.First+e.Index, formatValue(e.Key), formatValue(e.Value), e.Time)
		}
		table.Flush()
		for _, w := range o.Walks {
			for _, s := range w.Steps {
				fmt.Fprintf(out, "            key %s meets %d at step %d\n", formatValue(w.Key), s.Backend, s.Step)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(cells)) {
		fmt.Fprintf(out, "%-9s %s: %s\n", label, name, formatValue(cells[name]))
	}
}

// formatValue writes the integers of a value in order of their paths.
func formatValue(v replay.Value) string {
	var parts []string
	for _, path := range slices.Sorted(maps.Keys(v)) {
		if path == "" {
			return v[path].String()
		}
		parts = append(parts, path+"="+v[path].String())
	}
	return strings.Join(parts, " ")
}
