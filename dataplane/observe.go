package dataplane

import (
	"math/bits"
	"time"

	"vigor/nf"
)

// Latencies is the number of classes of [Counters.Latency].
const Latencies = 20

// LatencyLimit is the upper limit in nanoseconds of a class of [Counters.Latency]: class 0 is up to
// 256 ns, and each one reaches twice as far as the one before. The last one has no limit.
func LatencyLimit(class int) nf.Time { return 256 << class }

// latencyClass is the class of a latency.
func latencyClass(latency nf.Time) int {
	return min(bits.Len64(uint64(max(latency-1, 0))>>8), Latencies-1)
}

// sampler decides which bursts are measured, and relates the back end's clock to the program's.
type sampler struct {
	every   int       // one burst of so many is measured; 0 for none
	left    int       // bursts until the next one that is measured
	started time.Time // when the burst that is being measured was received
	known   bool      // clock is set
	clock   nf.Time   // the back end's clock at the moment at
	at      time.Time
}

// received is called when a burst with packets has arrived, the latest at a time. It reports whether
// the burst is to be measured.
func (s *sampler) received(latest nf.Time) bool {
	if s.left--; s.left > 0 {
		return false
	}
	s.left = s.every
	s.started = time.Now()
	s.known, s.clock, s.at = true, latest, s.started
	return true
}

// sent is called when a burst that is measured has been given to the devices.
func (s *sampler) sent(c *Counters) {
	took := time.Since(s.started).Nanoseconds()
	c.Latency[latencyClass(took)]++
	c.LatencySum += took
}

// SampleLatency has one of so many bursts with packets measured, from its reception until it has been
// given to the devices; 0, as in a new loop, means none. A burst that is measured is sent at once, by
// an exchange of its own, and costs two readings of the clock: one of 64 is a good choice. SampleLatency
// is called before Run, or through Do.
func (l *Loop) SampleLatency(every int) { l.sampler.every, l.sampler.left = every, 1 }

// Idle reports whether the latest step had no packets. It is called through Do.
func (l *Loop) Idle() bool { return l.idle }

// Now estimates what the back end's clock shows, in whose time packets and entries of structures are
// dated; false as long as no burst has been sampled. It is never less than the time of the latest packet.
// It is called between steps, or through Do.
func (l *Loop) Now() (now nf.Time, ok bool) {
	s := &l.sampler
	if !s.known {
		return 0, false
	}
	return max(s.clock+time.Since(s.at).Nanoseconds(), l.out.now), true
}
