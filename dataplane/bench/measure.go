package bench

import (
	"fmt"
	"runtime/debug"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"vigor/dataplane"
	"vigor/nf"
)

// ChunkSize is the number of packets that are timed together: long against the clock, short against
// the time between two disturbances.
const ChunkSize = 4096

// Effort is how long a round measures.
type Effort struct {
	Warm   int `json:"warm"`   // chunks before the clock starts
	Chunks int `json:"chunks"` // that are timed
	Bursts int `json:"bursts"` // that are timed one by one, for latencies
}

// Round is what one round measured.
type Round struct {
	Harness     []float64 `json:"harness"` // nanoseconds per packet of each chunk
	Function    []float64 `json:"function"`
	C           []float64 `json:"c,omitempty"`            // of plain forwarding in C, where the back end has that
	Allocations int64     `json:"allocations"`            // of memory, while packets were processed
	AllocatedBy string    `json:"allocated_by,omitempty"` // the line that allocated most
	Sent        float64   `json:"sent"`                   // share of the function's packets
	Process     float64   `json:"process"`                // time of all threads, as a multiple of the measuring one's
}

// Latency is how long bursts took, in nanoseconds of time passed.
type Latency struct {
	All         Percentiles `json:"all"`
	Undisturbed Percentiles `json:"undisturbed"` // without bursts in which the thread lost its processor
	Switches    int64       `json:"switches"`    // how often it did
}

// Percentiles of a distribution.
type Percentiles struct {
	Bursts int64 `json:"bursts"`
	P50    int64 `json:"p50"`
	P99    int64 `json:"p99"`
	P999   int64 `json:"p99.9"`
	P9999  int64 `json:"p99.99"`
	Max    int64 `json:"max"`
}

// longest is the longest burst that a histogram holds.
const longest = int64(10 * time.Second)

// contestant is a loop that is timed.
type contestant struct {
	loop *dataplane.Loop

	all, undisturbed *hdrhistogram.Histogram
	switches         int64
}

func newContestant(env nf.Env, process dataplane.Burst, io dataplane.IO) *contestant {
	return &contestant{
		loop: dataplane.NewLoop(env, process, io),
		all:  hdrhistogram.New(1, longest, 3), undisturbed: hdrhistogram.New(1, longest, 3),
	}
}

// steps processes so many bursts.
func (c *contestant) steps(n int) error {
	for range n {
		if err := c.loop.Step(); err != nil {
			return fmt.Errorf("measuring: %w", err)
		}
	}
	return nil
}

// chunks times one chunk after another.
func (c *contestant) chunks(warm, burst int, into []float64) error {
	per := (ChunkSize + burst - 1) / burst
	c.loop.SetBurst(burst)
	if err := c.steps(warm * per); err != nil {
		return err
	}
	for i := range into {
		before := threadTime()
		if err := c.steps(per); err != nil {
			return err
		}
		into[i] = float64(threadTime()-before) / float64(per*burst)
	}
	return c.loop.Flush() // so that what was received is sent, too
}

// bursts times bursts one by one. What the clock itself takes, some 50 ns, is in the result.
func (c *contestant) bursts(n int) error {
	last := switches()
	origin := time.Now()
	for range n {
		before := time.Since(origin)
		if err := c.loop.Step(); err != nil {
			return fmt.Errorf("measuring: %w", err)
		}
		took := min(int64(time.Since(origin)-before), longest)
		now := switches()
		_ = c.all.RecordValue(took) // it is in range
		if now == last {
			_ = c.undisturbed.RecordValue(took)
		}
		c.switches += now - last
		last = now
	}
	return c.loop.Flush()
}

// round measures the harness, then the function, with the collector off.
func (u *subject) round(e Effort) (*Round, error) {
	if e.Warm < 0 || e.Chunks < 1 || e.Bursts < 0 {
		return nil, fmt.Errorf("a round of %d chunks: there must be some", e.Chunks)
	}
	r := &Round{Harness: make([]float64, e.Chunks), Function: make([]float64, e.Chunks)}
	if u.vdev != nil {
		r.C = make([]float64, e.Chunks)
	}
	before := allocated()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	thread, process := threadTime(), processTime()
	if err := u.harness.chunks(e.Warm, u.Burst, r.Harness); err != nil {
		return nil, err
	}
	if err := u.contest.chunks(e.Warm, u.Burst, r.Function); err != nil {
		return nil, err
	}
	if err := u.contest.bursts(e.Bursts); err != nil {
		return nil, err
	}
	if u.vdev != nil {
		if err := u.vdev.chunks(u.Burst, r.C); err != nil {
			return nil, err
		}
	}
	r.Process = float64(processTime()-process) / float64(threadTime()-thread)
	r.Allocations, r.AllocatedBy = allocated().since(before)
	var err error
	if r.Sent, err = u.d.share("measured packets", &u.contest.loop.Counters); err != nil {
		return nil, err
	}
	return r, u.occupied()
}

// latency is what all rounds together measured of the function.
func (u *subject) latency() *Latency {
	return &Latency{
		All: percentiles(u.contest.all), Undisturbed: percentiles(u.contest.undisturbed),
		Switches: u.contest.switches,
	}
}

func percentiles(h *hdrhistogram.Histogram) Percentiles {
	return Percentiles{
		Bursts: h.TotalCount(),
		P50:    h.ValueAtQuantile(50), P99: h.ValueAtQuantile(99),
		P999: h.ValueAtQuantile(99.9), P9999: h.ValueAtQuantile(99.99), Max: h.Max(),
	}
}
