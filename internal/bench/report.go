package bench

import (
	"fmt"
	"math"
	"slices"

	"vigor/dataplane/bench"
)

// Report is what was measured. Encoded as JSON it has all numbers.
type Report struct {
	Machine Machine `json:"machine"`
	Rounds  int     `json:"rounds"`
	Rows    []*Row  `json:"rows"`
	Peers   []Peer  `json:"peers,omitempty"` // that the user gave
}

// Row is one network function in one scenario.
type Row struct {
	NF         string         `json:"nf"`
	Scenario   bench.Scenario `json:"scenario"`
	Impossible string         `json:"impossible,omitempty"` // why there are no numbers
	State      *bench.State   `json:"state,omitempty"`

	Raw         Summary        `json:"raw"`         // nanoseconds per packet
	Harness     Summary        `json:"harness"`     // the same of the harness alone, in the same process
	Net         Summary        `json:"net"`         // Raw less the wire's, minimum from minimum and so on
	C           *Summary       `json:"c,omitempty"` // of plain forwarding in C, on DPDK
	ToHarness   Ratio          `json:"to_harness"`
	ToC         *Ratio         `json:"to_c,omitempty"`
	ToNop       Ratio          `json:"to_nop"`
	Allocations int64          `json:"allocations"`
	AllocatedBy string         `json:"allocated_by,omitempty"` // the line that allocated most
	Process     float64        `json:"process"`                // processor time of all threads by that of the measured one, at most
	Latency     *bench.Latency `json:"latency,omitempty"`

	rounds []*bench.Round
}

// Summary of a quantity over all chunks of all rounds.
type Summary struct {
	Min    float64 `json:"min"`
	P10    float64 `json:"p10"`
	Median float64 `json:"median"`
	Chunks int     `json:"chunks"`
}

// Ratio of two medians within a round, over all rounds.
type Ratio struct {
	Min    float64 `json:"min"`
	Median float64 `json:"median"`
	Max    float64 `json:"max"`
}

// add appends the rows of a scenario. The wire's is left out if it answers another scenario, in which it
// has been measured or will be.
func (r *Report) add(rows []*Row, same bool) {
	if !same {
		rows = rows[1:]
	}
	r.Rows = append(r.Rows, rows...)
}

// Allocates is an error if any function allocated.
func (r *Report) Allocates() error {
	for _, row := range r.Rows {
		if row.Allocations > 0 {
			return fmt.Errorf("memory was allocated %d times while %s processed packets, mostly by %s: there must be none",
				row.Allocations, row.NF, row.AllocatedBy)
		}
	}
	return nil
}

// summarise computes a row's figures from its rounds and those of the wire.
func (r *Row) summarise(wire *Row) {
	var raw, harness, c []float64
	var toHarness, toNop, toC []float64
	for i, round := range r.rounds {
		raw, harness = append(raw, round.Function...), append(harness, round.Harness...)
		toHarness = append(toHarness, median(round.Function)/median(round.Harness))
		if i < len(wire.rounds) {
			toNop = append(toNop, median(round.Function)/median(wire.rounds[i].Function))
		}
		if len(round.C) > 0 {
			c, toC = append(c, round.C...), append(toC, median(round.Function)/median(round.C))
		}
		if r.Allocations += round.Allocations; round.Allocations > 0 {
			r.AllocatedBy = round.AllocatedBy
		}
		r.Process = max(r.Process, round.Process)
	}
	r.Raw, r.Harness = summary(raw), summary(harness)
	r.ToHarness, r.ToNop = ratio(toHarness), ratio(toNop)
	if len(c) > 0 {
		r.C, r.ToC = new(summary(c)), new(ratio(toC))
	}
	if r != wire {
		r.Net = Summary{
			Min: r.Raw.Min - wire.Raw.Min, P10: r.Raw.P10 - wire.Raw.P10,
			Median: r.Raw.Median - wire.Raw.Median, Chunks: r.Raw.Chunks,
		}
	}
}

// summary of some numbers; zero of none.
func summary(values []float64) Summary {
	if len(values) == 0 {
		return Summary{}
	}
	return Summary{slices.Min(values), quantile(values, 0.1), median(values), len(values)}
}

// ratio summarises ratios of rounds.
func ratio(values []float64) Ratio {
	if len(values) == 0 {
		return Ratio{}
	}
	return Ratio{slices.Min(values), median(values), slices.Max(values)}
}

func median(values []float64) float64 { return quantile(values, 0.5) }

// quantile is the value below which a share of the values lie: the nearest of them, not one in between.
func quantile(values []float64, share float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	rank := int(math.Ceil(share * float64(len(sorted))))
	return sorted[max(rank, 1)-1]
}
