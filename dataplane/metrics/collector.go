package metrics

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"vigor/dataplane"
	"vigor/nf"
)

// describe makes a metric's description; labels come in the order of their values.
func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// byDevice are the labels of what a device of a shard counts.
var byDevice = []string{"shard", "device", "interface"}

// The metrics. docs/observing.md explains them.
var (
	receivedPackets = describe("vigor_received_packets_total", "Frames that a device received, dropped ones included.", byDevice...)
	receivedBytes   = describe("vigor_received_bytes_total", "Bytes of the frames that a device received whole, without FCS.", byDevice...)
	sentPackets     = describe("vigor_sent_packets_total", "Frames that a device sent.", byDevice...)
	sentBytes       = describe("vigor_sent_bytes_total", "Bytes of the frames that a device sent, without FCS.", byDevice...)
	dropped         = describe(nf.DropMetric, "Frames that were dropped, by the device they came from.", append(byDevice, "reason")...)
	steps           = describe("vigor_steps_total", "Steps of the run loop, those without packets included.", "shard")
	bursts          = describe("vigor_burst_packets", "Packets processed together in one step; steps without packets are left out.", "shard")
	latency         = describe("vigor_burst_latency_seconds", "Time from the reception of a burst until it was given to the devices, of one burst in 64.", "shard")
	entries         = describe("vigor_table_entries", "Entries in use.", "shard", "table")
	capacity        = describe("vigor_table_capacity_entries", "Entries that there is room for.", "shard", "table")
	oldest          = describe("vigor_table_oldest_seconds", "Time since the last use of the entry that expires first; absent if there is no entry.", "shard", "table")
	expired         = describe("vigor_table_expired_total", "Entries that were removed because their time was over.", "shard", "table")
	neighbours      = describe("vigor_neighbours", "Neighbours whose Ethernet address is known.", "shard")
	reloads         = describe("vigor_reloads_total", "New configurations that were asked for, by whether they were applied.", "outcome")
	build           = describe("vigor_build_info", "What runs: the network function, the hash of its sources and specs, and the outcome of their proof.", "nf", "identity", "outcome", "go_version")
)

// collector asks the shards at each scrape.
type collector struct {
	cfg              Config
	applied, refused atomic.Uint64 // reloads
}

// Describe lists the metrics.
func (c *collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{receivedPackets, receivedBytes, sentPackets, sentBytes, dropped, steps, bursts,
		latency, entries, capacity, oldest, expired, reloads, build} {
		out <- d
	}
	if c.cfg.Neighbours != nil {
		out <- neighbours
	}
}

// Collect gives the values of one scrape. If a shard does not answer, the scrape fails; so it does at a
// fault of ours, which must not end a program that has packets to process.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	defer func() {
		if fault := recover(); fault != nil {
			out <- prometheus.NewInvalidMetric(steps, fmt.Errorf("this is a fault of the program: %v", fault))
		}
	}()
	b := c.cfg.Build
	out <- gauge(build, 1, b.NF, b.Hash, b.Outcome, b.Go)
	out <- counter(reloads, c.applied.Load(), "applied")
	out <- counter(reloads, c.refused.Load(), "refused")
	for shard := range c.cfg.Live {
		s, err := c.read(context.Background(), shard)
		if err != nil {
			out <- prometheus.NewInvalidMetric(steps, fmt.Errorf("shard %d does not answer: %w", shard, err))
			return
		}
		name := strconv.Itoa(shard)
		c.devices(out, shard, &s.counters)
		loop(out, name, &s.counters)
		for _, t := range s.tables {
			t.collect(out, name)
		}
		if c.cfg.Neighbours != nil {
			out <- gauge(neighbours, float64(s.neighbours), name)
		}
	}
}

func counter(d *prometheus.Desc, n uint64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
}

func gauge(d *prometheus.Desc, x float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.GaugeValue, x, labels...)
}

// devices gives what the devices of a shard count. Every reason is there from the start, so that the
// first drop shows as a change.
func (c *collector) devices(out chan<- prometheus.Metric, shard int, n *dataplane.Counters) {
	for d, name := range c.cfg.Live[shard].Devices {
		labels := []string{strconv.Itoa(shard), strconv.Itoa(d), name}
		out <- counter(receivedPackets, n.Received[d], labels...)
		out <- counter(receivedBytes, n.ReceivedBytes[d], labels...)
		out <- counter(sentPackets, n.Sent[d], labels...)
		out <- counter(sentBytes, n.SentBytes[d], labels...)
		for r := range nf.Reasons {
			out <- counter(dropped, n.Dropped[d][r], append(labels, nf.Reason(r).String())...)
		}
	}
}

// loop gives what a run loop counts.
func loop(out chan<- prometheus.Metric, shard string, n *dataplane.Counters) {
	var count, sum, empty uint64
	sizes := map[float64]uint64{}
	for size, times := range n.Bursts {
		if size == 0 {
			empty = times
			continue
		}
		count += times
		sum += times * uint64(size)
		if size&(size-1) == 0 { // a power of two is a bucket's limit
			sizes[float64(size)] = count
		}
	}
	out <- counter(steps, count+empty, shard)
	out <- prometheus.MustNewConstHistogram(bursts, count, float64(sum), sizes, shard)

	count = 0
	times := map[float64]uint64{}
	for class, some := range n.Latency {
		count += some
		if class < dataplane.Latencies-1 {
			times[seconds(dataplane.LatencyLimit(class))] = count
		}
	}
	out <- prometheus.MustNewConstHistogram(latency, count, seconds(n.LatencySum), times, shard)
}

// collect gives what a structure says of itself. Elements of a Vector are no entries.
func (t *table) collect(out chan<- prometheus.Metric, shard string) {
	if t.kind == "Vector" {
		return
	}
	out <- gauge(entries, float64(t.entries), shard, t.name)
	out <- gauge(capacity, float64(t.room), shard, t.name)
	if !t.expires {
		return
	}
	out <- counter(expired, t.expired, shard, t.name)
	if t.oldest >= 0 {
		out <- gauge(oldest, seconds(t.oldest), shard, t.name)
	}
}

func seconds(t nf.Time) float64 { return float64(t) / float64(nf.Second) }
