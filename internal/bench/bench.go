// Package bench measures network functions, for `vigor bench`.
//
// Each function is compiled into a program of its own, which makes the traffic that the file
// bench.yaml of the function's folder describes and times itself; package dataplane/bench is that
// program. [Run] starts one for every function and one for the wire nfs/nop, which costs what the
// harness costs, and lets them take turns: round after round, so that each meets the same
// disturbances. It returns a [Report], which prints as a table, as CSV and as a chart.
//
// Numbers are nanoseconds per packet of the thread's own processor time. Each figure is given as
// minimum, tenth percentile and median over all chunks of all rounds: the minimum is a quiet moment,
// the median is the machine as it was. Ratios are taken within a round.
//
// Start at [Run], then contestant.go.
package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"vigor/dataplane/bench"
)

// nop is the package of the function that others are compared with.
const nop = "vigor/nfs/nop"

// Config says what to measure.
type Config struct {
	Dir       string   // folder in which Packages are resolved; empty for the current one
	Packages  []string // of network functions; none means all in folders ./nfs/* with a description
	Scenarios []bench.Scenario
	Rounds    int
	Effort    bench.Effort
	CPU       int // processor to stay on; -1 for any
	Memory    []int
	Plain     bool      // measure functions that give hints without hints, too
	HugePages bool      // ask for huge pages under the functions' state
	Captures  string    // folder for the traffic of each function and scenario; empty for none
	Record    string    // folder for a profile of each function, for the compiler; empty for none
	Progress  io.Writer // what is being measured, a line each
	Stderr    io.Writer // of the programs
}

// Run measures. The error is about what cannot be measured at all; what a function's configuration
// rules out is in the report.
func Run(ctx context.Context, c Config) (*Report, error) {
	packages, err := c.packages()
	if err != nil {
		return nil, err
	}
	for _, folder := range []string{c.Captures, c.Record} {
		if folder == "" {
			continue
		}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return nil, fmt.Errorf("making a folder for what is recorded: %w", err)
		}
	}
	var all []*contestant
	defer func() {
		for _, one := range all {
			one.close()
			if c.Record != "" {
				_ = os.Remove(c.unfinished(one.name)) // there is none if all went well
			}
		}
	}()
	for _, pkg := range append([]string{nop}, packages...) {
		fmt.Fprintf(c.Progress, "building %s\n", pkg)
		some, err := c.startContestants(ctx, pkg)
		if err != nil {
			return nil, err
		}
		if len(all) > 0 && some[0].path == nop {
			some[0].close() // the wire is measured anyway
			continue
		}
		all = append(all, some...)
		if err := namesakes(all); err != nil {
			return nil, err
		}
	}
	r := &Report{Machine: describeMachine(), Rounds: c.Rounds}
	if r.Machine.Memory, err = all[0].memory(c.Memory); err != nil {
		return nil, err
	}
	for i, s := range c.Scenarios {
		fmt.Fprintf(c.Progress, "%d of %d: %v\n", i+1, len(c.Scenarios), title(s))
		if err := c.measure(ctx, r, s, all); err != nil {
			return nil, err
		}
	}
	r.Machine.finish()
	return r, c.finishProfiles(all)
}

// namesakes refuses functions of different packages whose figures and files would have one name.
func namesakes(all []*contestant) error {
	paths := map[string]string{}
	for _, one := range all {
		if other, ok := paths[one.name]; ok && other != one.path {
			return fmt.Errorf("%s and %s are both called %s: measure them apart, or rename a folder", other, one.path, one.name)
		}
		paths[one.name] = one.path
	}
	return nil
}

// finishProfiles ends the programs, which then have written their profiles.
func (c *Config) finishProfiles(all []*contestant) error {
	if c.Record == "" {
		return nil
	}
	for _, one := range all {
		one.close()
		if err := anonymous(c.unfinished(one.name)); err != nil {
			return err
		}
		if err := os.Rename(c.unfinished(one.name), c.profile(one.name)); err != nil {
			return fmt.Errorf("keeping a profile: %w", err)
		}
	}
	return nil
}

// profile is the file for the profile of a function.
func (c *Config) profile(name string) string { return filepath.Join(c.Record, name+".pgo") }

// unfinished is the file for the profile of a function that is still measured.
func (c *Config) unfinished(name string) string { return c.profile(name) + ".unfinished" }

// usesDPDK reports whether any scenario needs DPDK in the programs.
func (c *Config) usesDPDK() bool {
	return slices.ContainsFunc(c.Scenarios, func(s bench.Scenario) bool { return s.IO == bench.DPDK })
}

// packages are the functions to measure, beside the wire.
func (c *Config) packages() ([]string, error) {
	if len(c.Packages) > 0 {
		return c.Packages, nil
	}
	files, err := filepath.Glob(filepath.Join(c.Dir, "nfs", "*", bench.FileName))
	if err != nil {
		return nil, fmt.Errorf("looking for network functions: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no folder ./nfs/* has a file %s: name the packages to measure", bench.FileName)
	}
	var packages []string
	for _, file := range files {
		packages = append(packages, "./nfs/"+filepath.Base(filepath.Dir(file)))
	}
	return packages, nil
}

// measure lets all take turns in one scenario.
func (c *Config) measure(ctx context.Context, r *Report, s bench.Scenario, all []*contestant) error {
	base := baseline(s)
	rows := make([]*Row, len(all))
	for i, one := range all {
		scenario := s
		if i == 0 {
			scenario = base
		}
		state, err := one.setup(scenario, c.Captures)
		if err != nil {
			return err
		}
		rows[i] = &Row{NF: one.name, Scenario: scenario, State: state.State, Impossible: state.Impossible}
	}
	for range c.Rounds {
		for i, one := range all {
			if err := ctx.Err(); err != nil {
				return err
			}
			if rows[i].Impossible != "" {
				continue
			}
			if err := one.round(c.effort(s), rows[i]); err != nil {
				return err
			}
		}
	}
	for i, one := range all {
		if rows[i].Impossible != "" {
			continue
		}
		if err := one.finish(rows[i]); err != nil {
			return err
		}
		rows[i].summarise(rows[0])
	}
	r.add(rows, base == s)
	return nil
}

// effort warms up with one pass over all flows, within reason.
func (c *Config) effort(s bench.Scenario) bench.Effort {
	e := c.Effort
	e.Warm = max(e.Warm, min(s.Flows()/bench.ChunkSize+1, 256))
	return e
}

// baseline is the scenario in which the wire gets as much per packet as others in s: it has no flows.
func baseline(s bench.Scenario) bench.Scenario {
	s.Turnovers = 0
	if s.Traffic != bench.Sequential {
		s.Traffic = bench.Random
	}
	return s
}
