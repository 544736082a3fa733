package libvig

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// burstSize is the number of packets that a run loop receives together.
const burstSize = 32

// burstOf looks up and refreshes entries at random, a burst at a time, as a NAT does for packets of
// known flows; with hints, all entries of a burst are named before the first is looked up.
type burstOf struct {
	table *Table[flow, struct{}]
	hints *Hints
	next  *rand.PCG
	now   Time
}

// newBurstOf fills a table to 90 % of a capacity with so many entries.
func newBurstOf(entries int) *burstOf {
	b := &burstOf{NewTable[flow, struct{}](entries*10/9, secret), new(Hints), rand.NewPCG(5, 6), 0}
	order := rand.New(rand.NewPCG(7, 8)).Perm(entries) // neighbours in the order of use lie apart
	for _, n := range order {
		b.table.Insert(flowAt(uint64(n)), struct{}{}, 0)
	}
	return b
}

// run handles a burst and returns how many entries it found.
func (b *burstOf) run(hinted bool) (found int) {
	var keys [burstSize]flow
	n := uint64(b.table.Len())
	for i := range keys {
		keys[i] = flowAt(b.next.Uint64() >> 32 * n >> 32)
	}
	if hinted {
		for i := range keys {
			b.hints.Add(b.table.HintKey(keys[i]))
		}
		b.hints.Warm()
	}
	b.now++
	for i := range keys {
		if index, ok := b.table.Lookup(keys[i]); ok {
			b.table.Refresh(index, b.now)
			found++
		}
	}
	return found
}

// BenchmarkBurst is one lookup and refresh, in bursts, without and with hints. The largest table takes a
// gigabyte, and several seconds to fill.
func BenchmarkBurst(b *testing.B) {
	for _, entries := range []int{1000, 65_000, 1_000_000, 16_000_000} {
		b.Run(fmt.Sprintf("entries=%d", entries), func(b *testing.B) {
			if testing.Short() && entries > 1_000_000 {
				b.Skip("takes a gigabyte: not with -short")
			}
			burst := newBurstOf(entries)
			for _, hinted := range []bool{false, true} {
				b.Run(fmt.Sprintf("hints=%t", hinted), func(b *testing.B) {
					found := 0
					for range (b.N + burstSize - 1) / burstSize {
						found += burst.run(hinted)
					}
					if found < b.N {
						b.Fatalf("%d of %d entries were found", found, b.N)
					}
					reportPages(b)
				})
			}
		})
	}
}

// reportPages adds how much of the program's memory lies in pages of 2 MB, where the system tells it: a
// table in such pages needs fewer steps to translate an address.
func reportPages(b *testing.B) {
	text, err := os.ReadFile("/proc/self/smaps_rollup")
	if err != nil {
		return
	}
	fields := map[string]float64{}
	for line := range strings.Lines(string(text)) {
		var name string
		var size float64
		if n, _ := fmt.Sscanf(line, "%s %f kB", &name, &size); n == 2 {
			fields[name] = size
		}
	}
	if total := fields["Rss:"]; total > 0 {
		b.ReportMetric(100*fields["AnonHugePages:"]/total, "%huge")
	}
}
