// Package standalone is the program around one network function: it reads flags and configuration,
// builds the function, runs it, and prints what became of the packets.
//
// A program is a main function that hands [Main] a constructor; `vigor run` writes one. Options:
//
//	--config FILE     the configuration, in the form of package config
//	--in DEV=FILE     a capture with what device DEV receives; once or more
//	--out DEV=FILE    a capture to create with what device DEV sends
//	--devices N       the number of devices; without it, those up to the largest mentioned, at least 2
//
// Exit status is 0, or 2 if the program could not start or not finish.
package standalone

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"vigor/dataplane"
	"vigor/dataplane/config"
	"vigor/dataplane/pcapfile"
	"vigor/nf"
)

// Start builds a network function from its configuration and returns it, a pointer to the struct that
// keeps its state, with its loop over packets.
type Start[Config any] func(env nf.Env, cfg Config) (function any, process dataplane.Burst, err error)

// Main runs the program and exits.
func Main[Config any](start Start[Config]) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := Run(ctx, start, os.Args[1:], os.Stdout)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

// options are the parsed flags.
type options struct {
	config  string
	in, out []pcapfile.File
	devices int
}

// Run runs the program with the given arguments, and prints the table to out.
func Run[Config any](ctx context.Context, start Start[Config], args []string, out io.Writer) (err error) {
	o, err := parse(args, out)
	if err != nil {
		return err
	}
	env, err := dataplane.NewEnv(o.devices)
	if err != nil {
		return err
	}
	var cfg Config
	if _, err := config.ReadFile(o.config, &cfg); err != nil {
		return err
	}
	_, process, err := start(env, cfg)
	if err != nil {
		return fmt.Errorf("%s: %w", o.config, err)
	}
	files, err := pcapfile.Open(o.in, o.out)
	if err != nil {
		return err
	}
	loop := dataplane.NewLoop(env, process, files)
	err = errors.Join(loop.Run(ctx), files.Close())
	return errors.Join(err, Table(out, env, &loop.Counters))
}

// parse reads the flags.
func parse(args []string, out io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&o.config, "config", "", "configuration `file`")
	flags.Func("in", "`device=file`: capture that the device receives; repeatable", add(&o.in))
	flags.Func("out", "`device=file`: capture to create of what the device sends; repeatable", add(&o.out))
	flags.IntVar(&o.devices, "devices", 0, "`number` of devices, if more than two and those mentioned")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case o.config == "":
		return o, errors.New("no configuration: give --config FILE")
	case len(o.in) == 0:
		return o, errors.New("nothing to receive: give --in DEVICE=FILE at least once")
	}
	least := 0
	for _, file := range slices.Concat(o.in, o.out) {
		least = max(least, int(file.Device)+1)
	}
	if o.devices == 0 {
		o.devices = max(least, 2)
	}
	if o.devices < least {
		return o, fmt.Errorf("--devices is %d, but device %d is used", o.devices, least-1)
	}
	return o, nil
}

// add returns the reader of a repeatable DEV=FILE flag.
func add(list *[]pcapfile.File) func(string) error {
	return func(text string) error {
		number, name, ok := strings.Cut(text, "=")
		device, err := strconv.ParseUint(number, 10, 16)
		if !ok || err != nil || name == "" || device >= nf.MaxDevices {
			return fmt.Errorf("want DEVICE=FILE, a device from 0 to %d, as in 0=in.pcap", nf.MaxDevices-1)
		}
		*list = append(*list, pcapfile.File{Device: nf.Device(device), Name: name})
		return nil
	}
}

// Table prints packets in, out and dropped of each device, and the drops by reason.
func Table(out io.Writer, env nf.Env, c *dataplane.Counters) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "device\treceived\tsent\tdropped")
	for d := range env.Devices {
		var dropped uint64
		for _, n := range c.Dropped[d] {
			dropped += n
		}
		fmt.Fprintf(w, "%d\t%d\t%d\t%d\n", d, c.Received[d], c.Sent[d], dropped)
	}
	header := false
	for d := range env.Devices {
		for r, n := range c.Dropped[d] {
			if n == 0 {
				continue
			}
			if !header {
				fmt.Fprintln(w, "\ndevice\tdropped\treason")
				header = true
			}
			fmt.Fprintf(w, "%d\t%d\t%v: %s\n", d, n, nf.Reason(r), nf.Reason(r).Doc())
		}
	}
	return w.Flush()
}
