package neighbour_test

import (
	"context"
	"sync"
	"testing"

	"vigor/dataplane/neighbour"
	"vigor/nf"
	"vigor/packet"
)

// TestShare: an answer that reaches another shard than the one that asked is passed on; nobody learns what
// he did not ask for.
func TestShare(t *testing.T) {
	a, b, c := newLab(t, nil), newLab(t, nil), newLab(t, nil)
	neighbour.Share(a.layer, b.layer, c.layer)
	for _, l := range []*lab{a, b} {
		l.step(datagram(1, host, 1))
		l.want("0 mac0>all: 10.0.0.1/mac0 asks 10.0.0.7/00:00:00:00:00:00")
	}
	c.step(reply(0, hostMAC, host))
	for _, l := range []*lab{a, b} {
		l.step()
		l.want("0 mac0>host: 10.0.0.7 #1")
	}
	c.step()
	c.want()
	if got := c.layer.Neighbours(); len(got) != 0 || c.layer.Stats.Unsolicited != 1 {
		t.Errorf("a shard that did not ask has learnt %v", got)
	}
	a.now += nf.Second
	b.now += nf.Second
	c.step(reply(0, mac0, host), reply(0, otherMAC, 0x0A000107), reply(1, otherMAC, host)) // refused everywhere
	a.step(datagram(1, host, 2))
	a.want("0 mac0>host: 10.0.0.7 #2")
	b.step(reply(0, otherMAC, host)) // has moved
	a.step(datagram(1, host, 3))
	a.want("0 mac0>other: 10.0.0.7 #3")
}

// TestShareFullInbox: a shard that does not run holds nobody up.
func TestShareFullInbox(t *testing.T) {
	a, b := newLab(t, nil), newLab(t, nil)
	neighbour.Share(a.layer, b.layer)
	for range 2000 {
		a.step(reply(0, hostMAC, host))
	}
	b.step(datagram(1, host, 1))
	b.want("0 mac0>all: 10.0.0.1/mac0 asks 10.0.0.7/00:00:00:00:00:00")
	a.step(reply(0, hostMAC, host))
	b.step()
	b.want("0 mac0>host: 10.0.0.7 #1")
}

// TestShareRuns has shards run at the same time, for the race detector.
func TestShareRuns(t *testing.T) {
	labs := []*lab{newLab(t, nil), newLab(t, nil), newLab(t, nil)}
	neighbour.Share(labs[0].layer, labs[1].layer, labs[2].layer)
	for _, l := range labs {
		l.step(datagram(1, host, 0)) // asks
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var wait sync.WaitGroup
	for k, l := range labs {
		wait.Go(func() {
			for i := 0; i < 300 && ctx.Err() == nil; i++ {
				l.step(datagram(1, host, i), reply(0, hostMAC, host+packet.IPv4(k)))
			}
		})
	}
	wait.Wait()
	for _, l := range labs {
		l.step()
		if l.layer.Stats.Learnt == 0 {
			t.Error("a shard has learnt nothing")
		}
	}
}
