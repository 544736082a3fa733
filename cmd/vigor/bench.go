package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"vigor/dataplane"
	harness "vigor/dataplane/bench"
	"vigor/internal/bench"
)

const benchExample = "vigor bench ./nfs/nat --traffic random,miss --csv nat.csv"

// benchFlags are what the command line says.
type benchFlags struct {
	plain, huge                      bool
	quick                            bool
	rounds, cpu                      int
	csv, json, captures, peers, plot string
	record                           string
	io, traffic                      []string
	turnovers                        []int
	frames, bursts                   []int
	entries                          []string
}

func newBench() *cobra.Command {
	var f benchFlags
	cmd := &cobra.Command{
		Use:   "bench [PKG...]",
		Short: "Measure NFs",
		Long: `Measure network functions in memory, round after round in turn with the wire nfs/nop. Without PKG
all in folders ./nfs/* that have a file bench.yaml, which says what traffic they need.

Without flags about it, scenarios differ from the base (random traffic, 64 bytes, 65536 entries, 90 %
of them in use, bursts of 32) in one way each; with some of --io, --traffic, --turnovers, --frame, --entries
and --burst, all combinations of their values are measured.`,
		Example: "  " + benchExample,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := f.config(args)
			if err != nil {
				return err
			}
			c.Progress, c.Stderr = io.Discard, cmd.ErrOrStderr()
			if !f.quick {
				c.Progress = cmd.ErrOrStderr()
			}
			if err := f.writable(); err != nil {
				return err
			}
			var peers []bench.Peer
			if f.peers != "" {
				if peers, err = bench.ReadPeers(f.peers); err != nil {
					return err
				}
			}
			report, err := bench.Run(cmd.Context(), c)
			if err != nil {
				return err
			}
			report.Peers = peers
			return f.write(cmd, report)
		},
	}
	f.register(cmd)
	return cmd
}

// register says which flags there are.
func (f *benchFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.quick, "quick", false, "a few short rounds: shows that it works, not how fast")
	flags.IntVar(&f.rounds, "rounds", 0, "rounds to take turns (default 7)")
	flags.IntVar(&f.cpu, "cpu", -1, "processor to stay on (default any)")
	flags.BoolVar(&f.plain, "without-hints", false, "measure NFs that have a method Hint without it, too")
	flags.BoolVar(&f.huge, "huge-pages", false, "ask for huge pages under the NFs' state")
	flags.StringVar(&f.csv, "csv", "", "write the figures to a file, as comma-separated values")
	flags.StringVar(&f.captures, "captures", "", "write the traffic to capture files in a folder, for peers")
	flags.StringVar(&f.record, "record", "", "write a profile of each NF into a folder; as default.pgo in the NF's own it makes programs faster")
	flags.StringVar(&f.peers, "peers", "", "show figures of a file, as --csv writes it, beside ours")
	flags.StringVar(&f.plot, "plot", "", "draw a chart into a file, as SVG")
	flags.StringVar(&f.json, "json", "", "write the figures to a file, as JSON")
	flags.StringSliceVar(&f.io, "io", nil, "memory, dpdk: virtual devices; needs gcc, pkg-config and libdpdk-dev")
	flags.StringSliceVar(&f.traffic, "traffic", nil, "sequential, random, adversarial, reply, miss")
	flags.IntSliceVar(&f.turnovers, "turnovers", nil, "how often all flows were replaced before")
	flags.IntSliceVar(&f.frames, "frame", nil, "lengths of frames in bytes, FCS included")
	flags.StringSliceVar(&f.entries, "entries", nil, "sizes of the table; k and M stand for 1024 and 1048576")
	flags.IntSliceVar(&f.bursts, "burst", nil, "frames per burst")
}

// config turns flags into what is to be measured.
func (f *benchFlags) config(packages []string) (bench.Config, error) {
	c := bench.Config{
		Packages: packages, Rounds: 7, CPU: f.cpu, Captures: f.captures, Record: f.record, Plain: f.plain, HugePages: f.huge,
		Effort: harness.Effort{Warm: 64, Chunks: 64, Bursts: 4096},
		Memory: []int{32 << 10, 512 << 10, 4 << 20, 32 << 20, 256 << 20},
	}
	axes, base := bench.Axes{Turnovers: f.turnovers, Frames: f.frames, Bursts: f.bursts}, bench.Base
	for _, text := range f.io {
		var io harness.IO
		if err := io.UnmarshalText([]byte(text)); err != nil {
			return c, &usageError{"bench: --io: " + err.Error(), benchExample}
		}
		axes.IO = append(axes.IO, io)
	}
	for _, text := range f.traffic {
		var t harness.Traffic
		if err := t.UnmarshalText([]byte(text)); err != nil {
			return c, &usageError{"bench: --traffic: " + err.Error(), benchExample}
		}
		axes.Traffic = append(axes.Traffic, t)
	}
	for _, text := range f.entries {
		n, err := count(text)
		if err != nil {
			return c, &usageError{"bench: --entries: " + err.Error(), "vigor bench --entries 1k,64k,1M"}
		}
		axes.Entries = append(axes.Entries, n)
	}
	if err := f.inRange(); err != nil {
		return c, err
	}
	if f.quick {
		base.Ring, base.Entries = 1<<20, 1024
		c.Rounds, c.Effort, c.Memory = 2, harness.Effort{Warm: 1, Chunks: 2, Bursts: 64}, []int{32 << 10}
	}
	if f.rounds < 0 {
		return c, &usageError{fmt.Sprintf("bench: --rounds: %d rounds: there must be some", f.rounds), benchExample}
	}
	c.Rounds = cmp.Or(f.rounds, c.Rounds)
	switch {
	case len(f.io)+len(f.traffic)+len(f.turnovers)+len(f.frames)+len(f.entries)+len(f.bursts) > 0 || f.quick:
		c.Scenarios = axes.Product(base)
	default:
		c.Scenarios = bench.Standard.Survey(base)
	}
	return c, nil
}

// maxTurnovers is the largest number of turnovers: more are a mistake, and take forever.
const maxTurnovers = 1 << 16

// inRange refuses numbers with which nothing can be measured, whatever the function.
func (f *benchFlags) inRange() error {
	for _, flag := range []struct {
		name        string
		values      []int
		least, most int
	}{
		{"--burst", f.bursts, 1, dataplane.MaxBurst},
		{"--frame", f.frames, harness.MinFrame, harness.MaxFrame},
		{"--turnovers", f.turnovers, 0, maxTurnovers},
		{"--cpu", []int{f.cpu}, -1, math.MaxInt},
	} {
		for _, n := range flag.values {
			if n < flag.least || n > flag.most {
				return &usageError{fmt.Sprintf("bench: %s: %d is out of range", flag.name, n),
					fmt.Sprintf("%s takes %d to %d", flag.name, flag.least, flag.most)}
			}
		}
	}
	return nil
}

// count reads a number of entries.
func count(text string) (int, error) {
	digits, unit := text, 1
	for suffix, factor := range map[string]int{"k": 1 << 10, "M": 1 << 20} {
		if rest, ok := strings.CutSuffix(text, suffix); ok {
			digits, unit = rest, factor
		}
	}
	n, err := strconv.ParseUint(digits, 10, 29)
	if err != nil || n == 0 || int(n)*unit > 1<<29 {
		return 0, fmt.Errorf("%q is not a size: expected a number from 1 to 512M, such as 65536 or 64k", text)
	}
	return int(n) * unit, nil
}

// write prints the table and writes the files that were asked for.
func (f *benchFlags) write(cmd *cobra.Command, r *bench.Report) error {
	if err := r.Table(cmd.OutOrStdout()); err != nil {
		return err
	}
	if err := writeFile(f.csv, r.CSV); err != nil {
		return err
	}
	if err := writeFile(f.plot, r.Plot); err != nil {
		return err
	}
	err := writeFile(f.json, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(r)
	})
	if err != nil {
		return err
	}
	if err := r.Allocates(); err != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "vigor: %v\n", err)
		return exitStatus(exitViolated)
	}
	return nil
}

// writable finds out before anything is measured whether the files can be written. It leaves what is there as it is.
func (f *benchFlags) writable() error {
	for _, name := range []string{f.csv, f.plot, f.json} {
		info, err := os.Stat(name)
		absent := errors.Is(err, fs.ErrNotExist)
		if name == "" || !absent && err == nil && !info.Mode().IsRegular() && !info.IsDir() {
			continue // a pipe is opened once
		}
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o666)
		if err != nil {
			return fmt.Errorf("writing the figures: %w", err)
		}
		if err := file.Close(); err != nil {
			return fmt.Errorf("writing the figures: %w", err)
		}
		if absent {
			_ = os.Remove(name) // an empty file would be taken for a result
		}
	}
	return nil
}

// writeFile creates a file, if it has a name, and has its contents written.
func writeFile(name string, write func(io.Writer) error) error {
	if name == "" {
		return nil
	}
	file, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("writing the figures: %w", err)
	}
	if err := write(file); err != nil {
		file.Close()
		return fmt.Errorf("writing the figures: %w", err)
	}
	return file.Close()
}
