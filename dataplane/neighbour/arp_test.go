package neighbour_test

import (
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/neighbour"
	"vigor/nf"
	"vigor/packet"
)

func TestRequestIsAnswered(t *testing.T) {
	l := newLab(t, nil)
	ask := claim{device: 0, to: allMAC, op: 1, mac: hostMAC, ip: host, target: ip0}
	frame := ask.frame()
	frame.Bytes[59] = 0xEE // padding that may hold anything
	l.step(frame)
	if padding := l.wire.sent[0].Bytes[59]; padding != 0 {
		t.Errorf("the padding comes back: %#x", padding)
	}
	l.want("0 mac0>host: 10.0.0.1/mac0 tells 10.0.0.7/host")
	ask.to = mac0 // a poll
	l.step(ask.frame())
	l.want("0 mac0>host: 10.0.0.1/mac0 tells 10.0.0.7/host")
	ask.ip = 0 // a probe, before somebody takes our address (RFC 5227, 2.1.1)
	l.step(ask.frame())
	l.want("0 mac0>host: 10.0.0.1/mac0 tells 0.0.0.0/host")
	ask = claim{device: 1, to: allMAC, op: 1, mac: gateMAC, ip: gate, target: ip1}
	l.step(ask.frame())
	l.want("1 mac1>gate: 192.0.2.1/mac1 tells 192.0.2.9/gate")
	if l.layer.Stats.Answered != 4 || len(l.layer.Neighbours()) != 0 || len(l.seen) != 0 {
		t.Errorf("%d answered, neighbours %v, the network function saw %v", l.layer.Stats.Answered, l.layer.Neighbours(), l.seen)
	}
	if c := &l.loop.Counters; c.Received[0] != 3 || c.Sent[0] != 3+1 || c.Sent[1] != 1+1 {
		t.Errorf("received %d, sent %d and %d", c.Received[0], c.Sent[0], c.Sent[1])
	}
}

// TestRefusedARP: none of these is answered, learnt, or shown to the network function.
func TestRefusedARP(t *testing.T) {
	good := claim{device: 0, to: allMAC, op: 1, mac: hostMAC, ip: host, target: ip0}
	raw := func(at int, b byte) func(*claim, *dataplane.Frame) {
		return func(_ *claim, f *dataplane.Frame) { f.Bytes[at] = b }
	}
	with := func(change func(*claim)) func(*claim, *dataplane.Frame) {
		return func(c *claim, f *dataplane.Frame) { change(c); *f = c.frame() }
	}
	for name, test := range map[string]struct {
		change func(*claim, *dataplane.Frame)
		why    nf.Reason
	}{
		"hardware type":              {raw(15, 6), nf.Malformed},
		"protocol type":              {raw(16, 0x86), nf.Malformed},
		"hardware address length":    {raw(18, 8), nf.Malformed},
		"protocol address length":    {raw(19, 16), nf.Malformed},
		"operation 0":                {with(func(c *claim) { c.op = 0 }), nf.Malformed},
		"reverse request":            {with(func(c *claim) { c.op = 3 }), nf.Malformed},
		"operation 257":              {with(func(c *claim) { c.op = 257 }), nf.Malformed},
		"sender is a group":          {with(func(c *claim) { c.mac = packet.MAC{3} }), nf.Malformed},
		"sender is everybody":        {with(func(c *claim) { c.mac = allMAC }), nf.Malformed},
		"sender is nobody":           {with(func(c *claim) { c.mac = packet.MAC{} }), nf.Malformed},
		"cut short":                  {func(_ *claim, f *dataplane.Frame) { f.Bytes = f.Bytes[:14+27] }, nf.Malformed},
		"no payload":                 {func(_ *claim, f *dataplane.Frame) { f.Bytes = f.Bytes[:14] }, nf.Malformed},
		"another target":             {with(func(c *claim) { c.target = other }), nf.LinkControl},
		"the other device's address": {with(func(c *claim) { c.target = ip1 }), nf.LinkControl},
		"for another station":        {with(func(c *claim) { c.to = otherMAC }), nf.NotOurStation},
		"reply without request":      {with(func(c *claim) { c.op = 2; c.to = mac0 }), nf.LinkControl},
		"gratuitous reply":           {with(func(c *claim) { c.op = 2; c.target = host }), nf.LinkControl},
		"announcement":               {with(func(c *claim) { c.target = host }), nf.LinkControl},
		"our address":                {with(func(c *claim) { c.ip = ip0 }), nf.AddressConflict},
		"our address, as reply":      {with(func(c *claim) { c.op = 2; c.ip = ip0 }), nf.AddressConflict},
		"our own frame":              {with(func(c *claim) { c.mac = mac0; c.ip = ip0 }), nf.LinkControl},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, nil)
			c := good
			frame := c.frame()
			test.change(&c, &frame)
			l.now += nf.Millisecond
			l.step(frame)
			l.want()
			l.dropped(test.why, 1)
			if len(l.seen) > 0 || len(l.layer.Neighbours()) > 0 || l.layer.Stats.Learnt > 0 {
				t.Errorf("seen %v, learnt %v", l.seen, l.layer.Neighbours())
			}
			if rival := l.layer.Rival(0); rival.IsZero() != (test.why != nf.AddressConflict) {
				t.Errorf("the rival is %v", rival)
			}
		})
	}
}

// resolved returns a lab in which host, behind device 0, is known.
func resolved(t *testing.T, change func(*neighbour.Config)) *lab {
	t.Helper()
	l := newLab(t, change)
	l.step(datagram(1, host, 1))
	l.want("0 mac0>all: 10.0.0.1/mac0 asks 10.0.0.7/00:00:00:00:00:00")
	l.step(reply(0, hostMAC, host))
	l.want("0 mac0>host: 10.0.0.7 #1")
	l.dropped(nf.LinkControl, 1)
	want := neighbour.Neighbour{Device: 0, Address: host, MAC: hostMAC, State: "known"}
	if got := l.layer.Neighbours(); len(got) != 1 || got[0] != want || l.layer.Known() != 1 {
		t.Errorf("neighbours %v, want %v", got, want)
	}
	return l
}

// TestWhoIsBelieved sends one claim while host is being asked for, and one when it is known.
func TestWhoIsBelieved(t *testing.T) {
	spoof := claim{device: 0, to: mac0, op: 2, mac: otherMAC, ip: host, targetMAC: mac0, target: ip0}
	for name, test := range map[string]struct {
		change func(*claim)
		asking bool // whether it is an answer
		known  bool // whether it changes what is known
	}{
		"reply":                    {func(*claim) {}, true, true},
		"broadcast reply":          {func(c *claim) { c.to = allMAC }, true, true},
		"request to us":            {func(c *claim) { c.op = 1; c.targetMAC = packet.MAC{} }, true, true},
		"request to another":       {func(c *claim) { c.op = 1; c.to = allMAC; c.target = other }, true, true},
		"announcement":             {func(c *claim) { c.op = 1; c.to = allMAC; c.target = host }, true, true},
		"of another address":       {func(c *claim) { c.ip = other }, false, false},
		"on the other device":      {func(c *claim) { c.device = 1; c.to = mac1 }, false, false},
		"on a transparent device":  {func(c *claim) { c.device = 3 }, false, false},
		"of the network":           {func(c *claim) { c.ip = 0x0A000000 }, false, false},
		"of the broadcast address": {func(c *claim) { c.ip = 0x0A0000FF }, false, false},
		"of another network":       {func(c *claim) { c.ip = 0x0A000107 }, false, false},
		"of our address":           {func(c *claim) { c.ip = ip0 }, false, false},
		"of no address":            {func(c *claim) { c.ip = 0 }, false, false},
		"by our station":           {func(c *claim) { c.mac = mac0 }, false, false},
		"by a group":               {func(c *claim) { c.mac = packet.MAC{0x33, 0x33} }, false, false},
		"to another station":       {func(c *claim) { c.to = otherMAC }, false, false},
		"inverse reply":            {func(c *claim) { c.op = 9 }, false, false},
	} {
		c := spoof
		test.change(&c)
		believed := func(l *lab) bool {
			l.wire.sent = nil
			l.step(datagram(1, host, 2))
			for _, f := range l.wire.sent {
				if describe(f.Bytes) == "mac0>"+short(c.mac)+": 10.0.0.7 #2" {
					return true
				}
			}
			return false
		}
		t.Run(name, func(t *testing.T) {
			l := newLab(t, nil)
			l.step(datagram(1, host, 1))
			l.step(c.frame())
			if got := believed(l); got != test.asking {
				t.Errorf("believed while asking: %v", got)
			}
			l = resolved(t, nil)
			l.step(c.frame())
			if believed(l) {
				t.Error("believed at once after another answer")
			}
			l.now += nf.Second
			l.step(c.frame())
			if got := believed(l); got != test.known {
				t.Errorf("believed instead of what is known: %v", got)
			}
			if changed := l.layer.Stats.Changed > 0; changed != test.known {
				t.Errorf("counted %d changes", l.layer.Stats.Changed)
			}
		})
	}
}

// TestAddressConflict: a claim of our own address is counted and contradicted, but not more often than
// every ten seconds.
func TestAddressConflict(t *testing.T) {
	l := newLab(t, nil)
	l.wait(3 * nf.Second)
	const announcement = "0 mac0>all: 10.0.0.1/mac0 asks 10.0.0.1/00:00:00:00:00:00"
	l.want(announcement, "1 mac1>all: 192.0.2.1/mac1 asks 192.0.2.1/00:00:00:00:00:00")
	spoof := claim{device: 0, to: allMAC, op: 1, mac: otherMAC, ip: ip0, target: ip0}.frame()
	l.step(spoof)
	l.wait(nf.Second)
	l.want(announcement)
	for range 9 {
		l.wait(nf.Second - nf.Millisecond)
		l.step(spoof)
	}
	l.want()
	l.wait(nf.Second)
	l.step(spoof)
	l.wait(nf.Second)
	l.want(announcement)
	if a, b := l.layer.Rival(0), l.layer.Rival(1); a != otherMAC || !b.IsZero() {
		t.Errorf("the rivals are %v and %v", a, b)
	}
	l.dropped(nf.AddressConflict, 11)
}

// TestAnswersGetOld: an old answer is confirmed by its station, or found anew, or not used any more.
func TestAnswersGetOld(t *testing.T) {
	const ask = "0 mac0>all: 10.0.0.1/mac0 asks 10.0.0.7/00:00:00:00:00:00"
	const poll = "0 mac0>host: 10.0.0.1/mac0 asks 10.0.0.7/00:00:00:00:00:00"
	quiet := func(t *testing.T, lifetime nf.Time) *lab {
		l := resolved(t, func(c *neighbour.Config) { c.Lifetime = lifetime })
		l.wait(3 * nf.Second)
		l.wire.sent = nil // the second announcement
		return l
	}
	t.Run("confirmed", func(t *testing.T) {
		l := quiet(t, 0)
		l.now += 15*nf.Minute - 4*nf.Second
		l.step(datagram(1, host, 2))
		l.want("0 mac0>host: 10.0.0.7 #2")
		l.now += nf.Second
		l.step(datagram(1, host, 3), datagram(1, host, 4))
		l.want("0 mac0>host: 10.0.0.7 #3", "0 mac0>host: 10.0.0.7 #4", poll)
		l.step(reply(0, hostMAC, host))
		l.now += 15*nf.Minute - nf.Second
		l.step(datagram(1, host, 5))
		l.want("0 mac0>host: 10.0.0.7 #5")
	})
	t.Run("polled in vain", func(t *testing.T) {
		l := quiet(t, 60*nf.Second)
		l.now += 42 * nf.Second
		for i := range 3 {
			l.step(datagram(1, host, i))
			l.wire.sent = l.wire.sent[1:]
			l.want(poll)
			l.now += 999 * nf.Millisecond
			l.step(datagram(1, host, 9))
			l.want("0 mac0>host: 10.0.0.7 #9")
			l.now += nf.Millisecond
		}
		l.step(datagram(1, host, 10))
		l.want(ask)
		l.step(reply(0, otherMAC, host))
		l.want("0 mac0>other: 10.0.0.7 #10")
	})
	t.Run("expired", func(t *testing.T) {
		l := quiet(t, 60*nf.Second)
		l.now += 57 * nf.Second
		l.step(datagram(1, host, 10))
		l.want(ask)
	})
	t.Run("not used", func(t *testing.T) {
		l := quiet(t, 60*nf.Second)
		l.wait(70 * nf.Second)
		l.want()
	})
}
