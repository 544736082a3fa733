package dataplane

import (
	"testing"
	"time"

	"vigor/nf"
)

// plant is a function whose bursts take a time of their own on a clock of its own.
type plant struct {
	now           time.Duration
	warmed        bool          // since the latest burst
	saves, takes  time.Duration // what warming does for a packet
	disturbed     int           // one burst of so many takes long; 0 for none
	bursts, warms int
}

func (p *plant) clock() time.Duration { return p.now }

func (p *plant) warm(packets []nf.Packet) {
	p.warmed, p.warms = true, p.warms+1
	p.now += time.Duration(len(packets)) * p.takes
}

func (p *plant) process(packets []nf.Packet, actions []nf.Action) {
	each := 100 * time.Nanosecond
	if p.warmed {
		each -= p.saves
	}
	p.now += time.Duration(len(packets)) * each
	if p.bursts++; p.disturbed > 0 && p.bursts%p.disturbed == 0 {
		p.now += time.Millisecond
	}
	p.warmed = false
	for i := range actions {
		actions[i] = nf.Forward(1)
	}
}

// share runs so many packets through w, and returns in which share of the bursts memory was warmed.
func (p *plant) share(t *testing.T, w *warming, packets, burst int) float64 {
	t.Helper()
	bursts, warms := p.bursts, p.warms
	b, actions := make([]nf.Packet, burst), make([]nf.Action, burst)
	for range packets / burst {
		clear(actions)
		w.burst(b, actions)
		if p.warmed || actions[burst-1] != nf.Forward(1) {
			t.Fatal("a burst was not processed after it was warmed")
		}
	}
	if p.bursts != bursts+packets/burst {
		t.Fatalf("%d bursts were processed as %d", packets/burst, p.bursts-bursts)
	}
	return float64(p.warms-warms) / float64(p.bursts-bursts)
}

// TestWarmsWhileItPays: what costs more than it saves is left, and taken up again when that changes.
func TestWarmsWhileItPays(t *testing.T) {
	for _, burst := range []int{1, 7, 32, 64} {
		p := &plant{takes: 10, saves: 12, disturbed: 8192 / burst}
		w := newWarming(p.warm, p.process, p.clock)
		const all = 10 * trialPeriod
		if got := p.share(t, w, all, burst); got < 0.95 {
			t.Errorf("bursts of %d: it pays, and %.3f of them are warmed", burst, got)
		}
		p.saves = 8
		p.share(t, w, 2*trialPeriod, burst) // until a trial has shown it
		if got := p.share(t, w, all, burst); got > 0.05 || got == 0 {
			t.Errorf("bursts of %d: it does not pay, and %.3f of them are warmed", burst, got)
		}
		p.saves = 50
		p.share(t, w, 2*trialPeriod, burst)
		if got := p.share(t, w, all, burst); got < 0.95 || got == 1 {
			t.Errorf("bursts of %d: it pays again, and %.3f of them are warmed", burst, got)
		}
	}
}

// TestEmptyBursts: a loop without packets is no trial.
func TestEmptyBursts(t *testing.T) {
	p := &plant{takes: 10, saves: 12}
	w := newWarming(p.warm, p.process, p.clock)
	for range 3 * trialPeriod {
		w.burst(nil, nil)
	}
	if w.trial || w.left != trialPeriod {
		t.Errorf("a trial: %t, packets left: %d", w.trial, w.left)
	}
	p.share(t, w, trialPeriod, 32)
	w.burst(nil, nil)
	for range 3 * trialTurn {
		w.burst(nil, nil)
	}
	if !w.trial || w.turn != 0 {
		t.Errorf("a trial: %t, its turn: %d, want the first one to wait for packets", w.trial, w.turn)
	}
}

func TestWarmedAllocatesNothing(t *testing.T) {
	burst := Warmed(func([]nf.Packet) {}, func([]nf.Packet, []nf.Action) {})
	packets, actions := make([]nf.Packet, 64), make([]nf.Action, 64)
	if n := testing.AllocsPerRun(3*trialPeriod/64, func() { burst(packets, actions) }); n != 0 {
		t.Errorf("%v allocations for each burst", n)
	}
}
