// Package standalone is the program around one network function: it reads flags and configuration,
// builds the function, runs it, and prints what became of the packets.
//
// A program is a main function that hands [Main] a constructor; `vigor run` and `vigor build` write one.
// With --in it reads captures and ends with them; without, it runs on the devices that the section
// dataplane of the configuration names, until a signal or a failure ends it. Options:
//
//	--config FILE     the configuration, in the form of package config
//	--in DEV=FILE     a capture with what device DEV receives; once or more
//	--out DEV=FILE    a capture to create with what device DEV sends
//	--devices N       the number of devices; without it, those that the section names, or those up to
//	                  the largest mentioned, at least 2
//	--check           only say whether the function would accept the configuration
//	--version         only say what the program was made of, and whether that was proved
//
// On SIGTERM or SIGINT a live program drains: it receives no more, sends what is decided, waits for it
// to leave, and prints the table. Logs go to standard error, results to standard output.
//
// Exit status is 0, or 2 if the program could not start or not finish.
//
// Start at [Run]; live.go has the order of things on devices.
package standalone

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"vigor/dataplane"
	"vigor/dataplane/config"
	"vigor/dataplane/pcapfile"
	"vigor/dataplane/reread"
	"vigor/nf"
)

// Start builds a network function from its configuration and returns it, a pointer to the struct that
// keeps its state, with its loop over packets.
type Start[Config any] func(env nf.Env, cfg Config) (function any, process dataplane.Burst, err error)

// Identity says what a program was made of.
type Identity struct {
	NF      string // import path of the network function
	Hash    string // of the sources and specs that a proof was about; empty if there was none
	Outcome string // of the proof, as `vigor verify` prints it
}

// Main runs the program and exits. A second signal ends it at once.
func Main[Config any](start Start[Config], identity Identity) {
	if len(os.Args) == 3 && os.Args[1] == reread.Flag {
		exit(reread.Serve(os.Args[2], os.Stdin, os.Stdout))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	err := Run(ctx, start, identity, os.Args[1:], os.Stdout, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		err = nil
	}
	exit(err)
}

// exit ends the program, with a word about what went wrong.
func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	os.Exit(0)
}

// Run runs the program with the given arguments, prints results to stdout, and logs to stderr. The end
// of the context is the signal to drain.
func Run[Config any](ctx context.Context, start Start[Config], identity Identity, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stdout)
	if err != nil {
		return err
	}
	if o.version {
		return identity.print(stdout)
	}
	p := program[Config]{start: start, identity: identity, options: o, stdout: stdout, stderr: stderr}
	if p.section, err = config.ReadFile(o.config, &p.cfg); err != nil {
		return err
	}
	switch {
	case o.check:
		return p.check()
	case len(o.in) > 0:
		return p.captures(ctx)
	case p.section == nil:
		return fmt.Errorf("%s: nothing to receive: add a section dataplane with driver and devices, or give --in DEVICE=FILE", o.config)
	case len(o.out) > 0:
		return errors.New("--out without --in: only what comes from captures is recorded")
	case o.devices != 0:
		return fmt.Errorf("--devices without --in: %s names the devices", o.config)
	}
	return p.live(ctx)
}

// print prints the identity, and the version of Go.
func (i Identity) print(out io.Writer) error {
	_, err := fmt.Fprintf(out, "function  %s\noutcome   %s\nidentity  %s\nbuilt     %s %s/%s\n",
		i.NF, i.Outcome, cmp.Or(i.Hash, "none"), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// program is what one run of the program knows.
type program[Config any] struct {
	start          Start[Config]
	identity       Identity
	options        options
	cfg            Config
	section        *config.Dataplane // nil if the configuration has none
	stdout, stderr io.Writer
}

// build builds the function for a number of devices.
func (p *program[Config]) build(devices int, cfg Config) (env nf.Env, function any, process dataplane.Burst, err error) {
	newEnv := dataplane.NewEnv
	if len(p.options.in) > 0 { // captures
		newEnv = dataplane.NewRepeatableEnv
	}
	if env, err = newEnv(devices); err != nil {
		return env, nil, nil, err
	}
	if function, process, err = p.start(env, cfg); err != nil {
		return env, nil, nil, fmt.Errorf("%s: %w", p.options.config, err)
	}
	return env, function, process, nil
}

// captures runs the function on captures.
func (p *program[Config]) captures(ctx context.Context) error {
	env, _, process, err := p.build(p.devices(), p.cfg)
	if err != nil {
		return err
	}
	files, err := pcapfile.Open(p.options.in, p.options.out)
	if err != nil {
		return err
	}
	loop := dataplane.NewLoop(env, process, files)
	err = errors.Join(loop.Run(ctx), files.Close())
	return errors.Join(err, Table(p.stdout, env, &loop.Counters))
}

// devices is the number of devices: what the options say, else the section, else two.
func (p *program[Config]) devices() int {
	switch {
	case p.options.devices != 0:
		return p.options.devices
	case p.section != nil:
		return max(len(p.section.Devices), p.options.mentioned)
	}
	return max(p.options.mentioned, 2)
}

// shards is the number of copies of the function.
func (p *program[Config]) shards() int {
	if p.section == nil {
		return 1
	}
	return p.section.Shards
}
