package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"

	"vigor/dataplane/bench"
	"vigor/internal/program"
)

// contestant is the running program of a network function.
type contestant struct {
	name  string // of the function's folder
	path  string // import path of its package
	cmd   *exec.Cmd
	in    io.WriteCloser
	write *json.Encoder
	read  *json.Decoder
}

// startContestants builds and starts the program of a package; and, if that is asked for and its function
// gives hints, another that does without.
func (c *Config) startContestants(ctx context.Context, pkg string) ([]*contestant, error) {
	target, err := program.Find(ctx, c.Dir, pkg)
	if err != nil {
		return nil, err
	}
	description := filepath.Join(target.Folder, bench.FileName)
	if _, err := bench.ReadFile(description); err != nil { // before anything takes time
		return nil, err
	}
	name := filepath.Base(target.Folder)
	first, err := c.startContestant(ctx, target, name, description)
	if err != nil || !c.Plain || !target.Hint {
		return []*contestant{first}, err
	}
	target.Hint = false
	second, err := c.startContestant(ctx, target, name+" without hints", description)
	if err != nil {
		first.close()
		return nil, err
	}
	return []*contestant{first, second}, nil
}

// startContestant builds and starts one program.
func (c *Config) startContestant(ctx context.Context, target program.Target, name, description string) (*contestant, error) {
	var tags []string
	if c.usesDPDK() {
		tags = []string{string(bench.DPDK)}
	}
	binary, err := target.Build(ctx, program.Bench, tags...)
	if err != nil {
		return nil, err
	}
	o := &contestant{name: name, path: target.Path}
	o.cmd = exec.CommandContext(ctx, binary, "--description", description, "--cpu", strconv.Itoa(c.CPU),
		"--huge-pages="+strconv.FormatBool(c.HugePages))
	if c.Record != "" {
		o.cmd.Args = append(o.cmd.Args, "--record", c.unfinished(name))
	}
	o.cmd.Stderr = c.Stderr
	if o.in, err = o.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("starting the program of %s: %w", name, err)
	}
	out, err := o.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the program of %s: %w", name, err)
	}
	if err := o.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the program of %s: %w", name, err)
	}
	o.write, o.read = json.NewEncoder(o.in), json.NewDecoder(bufio.NewReader(out))
	return o, nil
}

// close ends the program.
func (o *contestant) close() {
	o.in.Close()
	_ = o.cmd.Wait() // that it ends is all that matters: what it had to say it has said
}

// ask sends one request.
func (o *contestant) ask(request bench.Request) (*bench.Response, error) {
	var r bench.Response
	if err := o.write.Encode(request); err != nil {
		return nil, o.lost(err)
	}
	if err := o.read.Decode(&r); err != nil {
		return nil, o.lost(err)
	}
	if r.Error != "" {
		return nil, fmt.Errorf("measuring %s: %s", o.name, r.Error)
	}
	return &r, nil
}

// lost says why the program does not answer: how it ended, if it did. What it wrote is written by then.
func (o *contestant) lost(err error) error {
	o.in.Close()
	var exit *exec.ExitError
	if errors.As(o.cmd.Wait(), &exit) {
		return fmt.Errorf("the program of %s has ended while it was measured: %w", o.name, exit)
	}
	return fmt.Errorf("the program of %s gave no answer: %w", o.name, err)
}

// setup makes state and traffic. The traffic goes to a file in a folder, if that has a name.
func (o *contestant) setup(s bench.Scenario, captures string) (*bench.Response, error) {
	r, err := o.ask(bench.Request{Setup: &s})
	if err != nil || r.Impossible != "" || captures == "" {
		return r, err
	}
	name := fmt.Sprintf("%s-%s-%d-%d-%d.pcap", o.name, s.Traffic, s.Turnovers, s.Frame, s.Entries)
	file, err := filepath.Abs(filepath.Join(captures, name))
	if err == nil {
		_, err = o.ask(bench.Request{Capture: file})
	}
	return r, err
}

// round measures once more.
func (o *contestant) round(e bench.Effort, row *Row) error {
	r, err := o.ask(bench.Request{Round: &e})
	if err == nil {
		row.rounds = append(row.rounds, r.Round)
	}
	return err
}

// finish collects what is known only at the end.
func (o *contestant) finish(row *Row) error {
	r, err := o.ask(bench.Request{Finish: true})
	if err == nil {
		row.Latency = r.Latency
	}
	return err
}

// memory is the time of dependent reads in memory of some sizes.
func (o *contestant) memory(sizes []int) ([]MemoryTime, error) {
	r, err := o.ask(bench.Request{Memory: sizes})
	if err != nil {
		return nil, err
	}
	times := make([]MemoryTime, len(sizes))
	for i, size := range sizes {
		times[i] = MemoryTime{size, r.Memory[i]}
	}
	return times, nil
}
