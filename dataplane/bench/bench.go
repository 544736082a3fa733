// Package bench is the program that measures one network function: it makes traffic from a
// [Description], has the function process it, and times that.
//
// A program is a main function that hands [Main] a constructor; `vigor bench` writes one for each
// function, starts all of them, and lets them take turns, so that what disturbs the machine disturbs
// each alike. The program reads a [Request] per line from standard input and answers with a [Response]
// per line, both JSON, until the input ends. Options:
//
//	--description FILE   what traffic the function is measured with
//	--cpu N              the processor to stay on; without it, any
//	--huge-pages         ask for huge pages under the function's state
//	--record FILE        write where the rounds spend their time, as a profile for the compiler's -pgo
//
// Frames come from a [memory.Cycle], far larger than the caches, or in programs built with the tag dpdk
// from a pair of DPDK's ring devices; either way through an ordinary [dataplane.Loop]. Beside the function the same loop is timed with one that gives a fixed action:
// that is the harness's own cost. Time is that of the thread, measured over chunks of [ChunkSize]
// packets, so that what others do on the processor is not counted; it still costs cache lines. The
// collector is off. Before anything is timed the traffic must have the effect that the description
// claims: a measurement of dropped packets is refused.
//
// Start at [Main], then scenario.go for traffic and measure.go for times.
package bench

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"vigor/dataplane"
	"vigor/nf"
)

// Start builds a network function from its configuration and returns it with its loop over packets.
type Start[Config any] func(env nf.Env, cfg Config) (function any, process dataplane.Burst, err error)

// Request asks for one thing: the field that is set.
type Request struct {
	Setup   *Scenario `json:"setup,omitempty"`   // make traffic and state
	Round   *Effort   `json:"round,omitempty"`   // measure the scenario once more
	Capture string    `json:"capture,omitempty"` // write the traffic to this file
	Finish  bool      `json:"finish,omitempty"`  // latencies of all rounds
	Memory  []int     `json:"memory,omitempty"`  // time of a read in so many bytes
}

// Response answers a request.
type Response struct {
	Error      string    `json:"error,omitempty"`      // what is wrong with description or function
	Impossible string    `json:"impossible,omitempty"` // why the function cannot be measured so
	State      *State    `json:"state,omitempty"`      // after Setup
	Round      *Round    `json:"round,omitempty"`
	Latency    *Latency  `json:"latency,omitempty"`
	Memory     []float64 `json:"memory,omitempty"` // nanoseconds, in the order asked for
}

// Main runs the program and exits.
func Main[Config any](start Start[Config]) {
	watchAllocations()
	if err := run(start, os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

// run answers requests until there are no more.
func run[Config any](start Start[Config], args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the error says it
	file := flags.String("description", "", "description of the traffic")
	cpu := flags.Int("cpu", -1, "processor to stay on")
	huge := flags.Bool("huge-pages", false, "ask for huge pages under the function's state")
	record := flags.String("record", "", "write a profile of the rounds to this file")
	if err := flags.Parse(args); err != nil {
		return err
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if *cpu >= 0 {
		if err := pin(*cpu); err != nil {
			return err
		}
	}
	description, err := ReadFile(*file)
	if err != nil {
		return err
	}
	s := &server{description: description, start: starter(description, start), huge: *huge, record: *record}
	return errors.Join(s.serve(in, out), s.recorded())
}

// serve answers requests until there are no more.
func (s *server) serve(in io.Reader, out io.Writer) error {
	requests, replies := json.NewDecoder(bufio.NewReader(in)), json.NewEncoder(out)
	for {
		var r Request
		if err := requests.Decode(&r); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("reading a request: %w", err)
		}
		if err := replies.Encode(s.answer(r)); err != nil {
			return fmt.Errorf("writing a reply: %w", err)
		}
	}
}

// starter returns what builds the function for a table of so many entries.
func starter[Config any](d *File, start Start[Config]) builder {
	return func(env nf.Env, entries int) (any, dataplane.Burst, error) {
		var cfg Config
		if err := d.configuration(entries, &cfg); err != nil {
			return nil, nil, err
		}
		function, process, err := start(env, cfg)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: config: %w", d.name, err)
		}
		return function, process, nil
	}
}

// builder builds the function for a table of so many entries.
type builder func(env nf.Env, entries int) (function any, process dataplane.Burst, err error)

// server is the state between requests.
type server struct {
	description *File
	start       builder
	huge        bool
	subject     *subject
	record      string   // file for a profile; empty for none
	profile     *os.File // that is being written, from the first round on
}

// answer does what is asked for.
func (s *server) answer(r Request) (reply Response) {
	var err error
	switch {
	case r.Setup != nil:
		if err = s.subject.close(); err != nil {
			break
		}
		s.subject = nil
		debug.FreeOSMemory()
		s.subject, err = newSubject(s.description, *r.Setup, s.start, s.huge)
		if err == nil {
			reply.State = &s.subject.state
		}
	case s.subject == nil && r.Memory == nil:
		err = errors.New("nothing is set up")
	case r.Round != nil:
		if err = s.recording(); err == nil {
			reply.Round, err = s.subject.round(*r.Round)
		}
	case r.Capture != "":
		err = s.subject.capture(r.Capture)
	case r.Finish:
		reply.Latency = s.subject.latency()
	case r.Memory != nil:
		for _, size := range r.Memory {
			reply.Memory = append(reply.Memory, chase(size))
		}
	default:
		err = errors.New("the request asks for nothing")
	}
	var impossible *impossibleError
	switch {
	case errors.As(err, &impossible):
		reply.Impossible = impossible.why
	case err != nil:
		reply.Error = err.Error()
	}
	return reply
}

// impossibleError is about a scenario that the function's description rules out.
type impossibleError struct{ why string }

func (e *impossibleError) Error() string { return e.why }
