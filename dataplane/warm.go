package dataplane

import (
	"slices"
	"time"

	"vigor/nf"
)

// Packets between trials, and of each turn in one.
const (
	trialPeriod = 1 << 18
	trialTurn   = 512
	trialTurns  = 8 // of either kind
	trialOutlie = 4 // turns of either kind that are not looked at, the dearest
)

// warming is a burst that warms memory first while that pays.
type warming struct {
	warm    func(packets []nf.Packet)
	process Burst
	clock   func() time.Duration

	pays  bool // to warm, as the latest trial showed
	trial bool // one is going on
	turn  int  // of it; with odd ones memory is warmed
	left  int  // packets until the turn, or the time between trials, is over

	packets int // of the turn
	spent   time.Duration
	costs   [2][trialTurns]time.Duration // of a thousand packets, by whether memory is warmed
}

// Warmed returns a burst that does what process does. It first has the memory warmed that the packets will
// need, which warm does and which changes nothing, while that saves more time than it takes: how much it
// saves depends on how large the state is, on the traffic, and on what others do with the caches. So a
// trial after each quarter of a million packets times some bursts either way, in turn. Warmed is for state
// that [IsLarge].
func Warmed(warm func(packets []nf.Packet), process Burst) Burst {
	origin := time.Now()
	return newWarming(warm, process, func() time.Duration { return time.Since(origin) }).burst
}

func newWarming(warm func(packets []nf.Packet), process Burst, clock func() time.Duration) *warming {
	return &warming{warm: warm, process: process, clock: clock, pays: true, left: trialPeriod}
}

// burst is the burst.
func (w *warming) burst(packets []nf.Packet, actions []nf.Action) {
	if w.left <= 0 {
		w.next()
	}
	w.left -= len(packets)
	if w.trial {
		w.timed(packets, actions)
		return
	}
	if w.pays {
		w.warm(packets)
	}
	w.process(packets, actions)
}

// timed is a burst of a trial.
func (w *warming) timed(packets []nf.Packet, actions []nf.Action) {
	before := w.clock()
	if w.turn&1 == 1 {
		w.warm(packets)
	}
	w.process(packets, actions)
	w.spent += w.clock() - before
	w.packets += len(packets)
}

// next begins a trial, or its next turn, or ends it.
func (w *warming) next() {
	if w.trial {
		w.costs[w.turn&1][w.turn/2] = w.spent * 1000 / time.Duration(w.packets)
		w.turn++
	}
	w.trial = w.turn < 2*trialTurns
	w.left, w.packets, w.spent = trialTurn, 0, 0
	if !w.trial {
		w.pays = cost(&w.costs[1]) < cost(&w.costs[0])
		w.turn, w.left = 0, trialPeriod
	}
}

// cost is what turns took, without those in which the thread may have lost its processor.
func cost(turns *[trialTurns]time.Duration) (sum time.Duration) {
	slices.Sort(turns[:])
	for _, t := range turns[:trialTurns-trialOutlie] {
		sum += t
	}
	return sum
}
