package neighbour_test

import (
	"bytes"
	"fmt"
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/neighbour"
	"vigor/nf"
	"vigor/packet"
)

// TestNobodyAnswers: three requests, a second apart; then nothing for ten seconds; then again.
func TestNobodyAnswers(t *testing.T) {
	const ask = "0 mac0>all: 10.0.0.1/mac0 asks 10.0.0.7/00:00:00:00:00:00"
	l := newLab(t, nil)
	l.wait(3 * nf.Second)
	l.wire.sent = nil
	for i := range 6 {
		l.step(datagram(1, host, i))
	}
	l.want(ask)
	l.dropped(nf.NoNeighbour, 2) // the latest four wait
	l.wait(900 * nf.Millisecond)
	l.want()
	l.wait(200 * nf.Millisecond)
	l.want(ask)
	l.wait(nf.Second)
	l.want(ask)
	if got := l.layer.Waiting(); got != 4 {
		t.Errorf("%d frames wait, want 4", got)
	}
	l.wait(nf.Second)
	l.dropped(nf.NoNeighbour, 6)
	l.step(datagram(1, host, 7))
	l.dropped(nf.NoNeighbour, 7)
	if got := l.layer.Neighbours(); len(got) != 1 || got[0].State != "failed" || l.layer.Stats.Failed != 1 {
		t.Errorf("neighbours %v", got)
	}
	l.wait(9 * nf.Second)
	l.step(datagram(1, host, 8))
	l.dropped(nf.NoNeighbour, 8)
	l.want()
	l.wait(nf.Second)
	l.step(datagram(1, host, 9))
	l.want(ask)
	if l.loop.Counters.Dropped[1][nf.NoNeighbour] != 8 || l.layer.Stats.Asked != 4 {
		t.Errorf("asked %d times; drops %v", l.layer.Stats.Asked, l.loop.Counters.Dropped[1])
	}
}

// TestGiveUp: what waits when all ends is told, each frame once.
func TestGiveUp(t *testing.T) {
	l := newLab(t, nil)
	l.wait(3 * nf.Second)
	for i := range 6 {
		l.step(datagram(1, host, i))
	}
	l.dropped(nf.NoNeighbour, 2)
	for _, want := range []int{4, 0} {
		told := 0
		l.layer.GiveUp(func(from nf.Device) {
			if told++; from != 1 {
				t.Errorf("a frame came from device %d", from)
			}
		})
		if told != want || l.layer.Waiting() != 0 {
			t.Errorf("%d frames are told, want %d; %d still wait", told, want, l.layer.Waiting())
		}
	}
}

// TestFirstMoment: requests can be sent as soon as the clock starts.
func TestFirstMoment(t *testing.T) {
	l := newLab(t, func(c *neighbour.Config) { c.Clock = func() nf.Time { return 0 } })
	l.step(datagram(1, host, 1))
	l.want("0 mac0>all: 10.0.0.1/mac0 asks 10.0.0.7/00:00:00:00:00:00")
}

// TestSilentNeighbourSpeaks: one that did not answer is known as soon as it says something.
func TestSilentNeighbourSpeaks(t *testing.T) {
	l := newLab(t, nil)
	l.step(datagram(1, host, 1))
	l.wait(4 * nf.Second)
	l.wire.sent = nil
	l.step(claim{device: 0, to: allMAC, op: 1, mac: hostMAC, ip: host, target: host}.frame())
	l.step(datagram(1, host, 2))
	l.want("0 mac0>host: 10.0.0.7 #2")
}

// TestOrderIsKept: what waited leaves before what comes after the answer, in one burst or several.
func TestOrderIsKept(t *testing.T) {
	l := newLab(t, nil)
	l.step(datagram(1, host, 1), datagram(1, host, 2), datagram(0, distant, 3))
	l.want("0 mac0>all: 10.0.0.1/mac0 asks 10.0.0.7/00:00:00:00:00:00", "1 mac1>all: 192.0.2.1/mac1 asks 192.0.2.9/00:00:00:00:00:00")
	l.step(reply(0, hostMAC, host), datagram(1, host, 4), datagram(1, host, 5), reply(1, gateMAC, gate))
	l.want("0 mac0>host: 10.0.0.7 #1", "0 mac0>host: 10.0.0.7 #2", "1 mac1>gate: 8.8.8.8 #3",
		"0 mac0>host: 10.0.0.7 #4", "0 mac0>host: 10.0.0.7 #5")
	l.step(datagram(1, host, 6))
	l.want("0 mac0>host: 10.0.0.7 #6")
	if c := &l.loop.Counters; c.Sent[0] != 5+2 || c.Sent[1] != 1+2 || l.layer.Waiting() != 0 {
		t.Errorf("sent %v", c.Sent[:2])
	}
}

// TestDestinations forwards one datagram from each side. All neighbours are known.
func TestDestinations(t *testing.T) {
	nets := func(c *neighbour.Config) {
		c.Devices = append(c.Devices, neighbour.Device{MAC: otherMAC, Address: neighbour.Address{IP: 0xC6336400, Bits: 31}})
	}
	for _, test := range []struct {
		by   nf.Device // sent by
		to   string
		want string // the Ethernet address, or the reason for which it is dropped
	}{
		{1, "192.0.2.9", "gate"},
		{1, "8.8.8.8", "gate"},
		{1, "10.0.0.7", "gate"}, // the other device's network is not this one's
		{1, "192.0.2.16", "gate"},
		{0, "10.0.0.7", "host"},
		{2, "198.51.100.1", "02:00:00:00:02:01"}, // a network of two has no broadcast address (RFC 3021)
		{0, "224.0.1.0", "01:00:5e:00:01:00"},
		{0, "239.255.255.255", "01:00:5e:7f:ff:ff"},
		{1, "232.129.2.3", "01:00:5e:01:02:03"},
		{0, "10.0.1.7", "no_neighbour"}, // there is no gateway
		{0, "8.8.8.8", "no_neighbour"},  // nor here
		{2, "198.51.100.2", "no_neighbour"},
		{0, "255.255.255.255", "not_routable"},
		{1, "255.255.255.255", "not_routable"},
		{0, "10.0.0.255", "not_routable"},   // broadcast of the network
		{0, "10.0.0.0", "not_routable"},     // the network
		{0, "10.0.0.1", "not_routable"},     // ourselves
		{1, "192.0.2.15", "not_routable"},   // broadcast of the network
		{1, "192.0.2.0", "not_routable"},    // the network
		{1, "192.0.2.1", "not_routable"},    // ourselves
		{2, "198.51.100.0", "not_routable"}, // ourselves
		{1, "224.0.0.1", "not_routable"},    // all systems on a link
		{1, "224.0.0.251", "not_routable"},  // multicast DNS
		{1, "0.0.0.0", "not_routable"},      // this network
		{1, "0.1.2.3", "not_routable"},
		{1, "127.0.0.1", "not_routable"}, // loopback
		{1, "240.0.0.1", "not_routable"}, // reserved
		{1, "255.255.0.1", "not_routable"},
	} {
		t.Run(fmt.Sprintf("%d %s", test.by, test.to), func(t *testing.T) {
			l := newLab(t, nets)
			l.decide = func(*nf.Packet) nf.Action { return nf.Forward(test.by) }
			l.step(datagram(3, [3]packet.IPv4{host, gate, 0xC6336401}[test.by], 1))
			l.step(reply(0, hostMAC, host), reply(1, gateMAC, gate),
				claim{device: 2, to: otherMAC, op: 2, mac: packet.MAC{2, 0, 0, 0, 2, 1}, ip: 0xC6336401}.frame())
			l.wire.sent = nil
			if got := l.layer.Known(); got != 1 {
				t.Fatalf("%d neighbours are known, want 1", got)
			}
			var to packet.IPv4
			if err := to.UnmarshalText([]byte(test.to)); err != nil {
				t.Fatal(err)
			}
			l.step(datagram(3, to, 2))
			for _, why := range []nf.Reason{nf.NoNeighbour, nf.NotRoutable} {
				if test.want == why.String() {
					l.want()
					l.dropped(why, 1)
					return
				}
			}
			own := [3]string{"mac0", "mac1", "other"}[test.by]
			l.want(fmt.Sprintf("%d %s>%s: %s #2", test.by, own, test.want, test.to))
		})
	}
}

// TestStations: which frames the network function of an addressed device gets.
func TestStations(t *testing.T) {
	group := packet.MAC{1, 0, 0x5E, 0, 0, 1}
	for _, test := range []struct {
		name string
		from nf.Device
		to   packet.MAC
		kind packet.EtherType
		ip   packet.IPv4
		seen bool
	}{
		{"ours", 0, mac0, packet.TypeIPv4, distant, true},
		{"ours, IPv6", 0, mac0, packet.TypeIPv6, 0, true},
		{"ours, tagged", 0, mac0, packet.TypeVLAN, 0, true},
		{"another's", 0, otherMAC, packet.TypeIPv4, distant, false},
		{"the other device's", 0, mac1, packet.TypeIPv4, distant, false},
		{"another's, IPv6", 1, otherMAC, packet.TypeIPv6, 0, false},
		{"nobody's", 0, packet.MAC{}, packet.TypeIPv4, distant, false},
		{"broadcast", 0, allMAC, packet.TypeIPv4, 0xFFFFFFFF, true},
		{"broadcast to the network", 0, allMAC, packet.TypeIPv4, 0x0A0000FF, true},
		{"broadcast to another network", 0, allMAC, packet.TypeIPv4, 0xC000020F, false},
		{"broadcast of a datagram for one", 0, allMAC, packet.TypeIPv4, distant, false},
		{"broadcast of a datagram for us", 0, allMAC, packet.TypeIPv4, ip0, false},
		{"multicast", 0, group, packet.TypeIPv4, 0xE0000001, true},
		{"multicast of a datagram for one", 0, group, packet.TypeIPv4, distant, false},
		{"multicast, IPv6", 0, group, packet.TypeIPv6, 0, true},
		{"another's on a transparent device", 2, packet.MAC{2, 9}, packet.TypeIPv4, distant, true},
		{"ARP on a transparent device", 2, allMAC, packet.TypeARP, 0, true},
		{"broadcast on a transparent device", 2, allMAC, packet.TypeIPv4, distant, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := newLab(t, nil)
			l.decide = func(*nf.Packet) nf.Action { return nf.Drop(nf.TableFull) }
			f := datagram(test.from, test.ip, 1)
			packet.EthernetHeader(f.Bytes).SetDestination(test.to)
			packet.EthernetHeader(f.Bytes).SetType(test.kind)
			before := bytes.Clone(f.Bytes)
			l.step(f)
			l.want()
			want, why := 0, nf.NotOurStation
			if test.seen {
				want, why = 1, nf.TableFull
			}
			l.dropped(why, 1)
			if len(l.seen) != want || !bytes.Equal(f.Bytes, before) {
				t.Errorf("the network function saw %v", l.seen)
			}
		})
	}
}

// TestOtherFrames: what is no datagram leaves as the network function left it; a datagram whose
// destination is in doubt does not leave.
func TestOtherFrames(t *testing.T) {
	l := newLab(t, nil)
	arp := claim{device: 2, to: allMAC, op: 1, mac: hostMAC, ip: host, target: ip0}.frame()
	six := datagram(1, distant, 1)
	packet.EthernetHeader(six.Bytes).SetType(packet.TypeIPv6)
	l.decide = func(*nf.Packet) nf.Action { return nf.Forward(0) }
	l.step(arp, six, dataplane.Frame{Bytes: []byte{1, 2, 3}, Device: 1})
	l.want("0 host>all: 10.0.0.7/host asks 10.0.0.1/00:00:00:00:00:00", "0 02:00:00:00:00:55>mac1: 86dd", "0 010203")
	for _, change := range []func(frame []byte){
		func(f []byte) { f[14] = 0x65 },                  // version 6
		func(f []byte) { f[14] = 0x44 },                  // header of four words
		func(f []byte) { f[14] = 0x4F },                  // header longer than the datagram
		func(f []byte) { f[16], f[17] = 0, 19 },          // datagram shorter than its header
		func(f []byte) { f[16], f[17] = 0xFF, 0xFF },     // datagram longer than the frame
		func(f []byte) { f[14], f[16] = 0x45, 0x7F },     // the same
		func(f []byte) { f[14], f[17] = 0x46, 23 },       // no room for the option
		func(f []byte) { f[14], f[16], f[17] = 0, 0, 0 }, // nothing
	} {
		f := datagram(1, host, 1)
		change(f.Bytes)
		l.step(f)
	}
	l.want()
	l.dropped(nf.Malformed, 8)
	if len(l.layer.Neighbours()) != 0 {
		t.Errorf("asked for %v", l.layer.Neighbours())
	}
}

// TestFlood sends one datagram by several devices: each copy has its own Ethernet addresses.
func TestFlood(t *testing.T) {
	l := newLab(t, func(c *neighbour.Config) {
		c.Devices[0].Gateway = host
		c.Devices = append(c.Devices, neighbour.Device{}, neighbour.Device{
			MAC: otherMAC, Address: neighbour.Address{IP: 0xAC100001, Bits: 12}, Gateway: 0xAC100002,
		})
	})
	l.decide = func(*nf.Packet) nf.Action { return nf.Flood() }
	l.step(datagram(2, distant, 1)) // to devices 0, 1 and 3
	l.want("0 mac0>all: 10.0.0.1/mac0 asks 10.0.0.7/00:00:00:00:00:00",
		"1 mac1>all: 192.0.2.1/mac1 asks 192.0.2.9/00:00:00:00:00:00",
		"3 other>all: 172.16.0.1/other asks 172.16.0.2/00:00:00:00:00:00")
	l.step(reply(0, hostMAC, host), reply(1, gateMAC, gate))
	l.want("0 mac0>host: 8.8.8.8 #1", "1 mac1>gate: 8.8.8.8 #1")
	l.step(datagram(2, distant, 2)) // device 3 still waits
	l.want("0 mac0>host: 8.8.8.8 #2", "1 mac1>gate: 8.8.8.8 #2")
	l.step(datagram(0, distant, 3)) // to 1 and 3, and as it was to 2
	l.want("2 02:00:00:00:00:55>mac0: 8.8.8.8 #3", "1 mac1>gate: 8.8.8.8 #3")
	l.step(claim{device: 3, to: otherMAC, op: 2, mac: packet.MAC{6}, ip: 0xAC100002}.frame())
	l.want("3 other>06:00:00:00:00:00: 8.8.8.8 #1", "3 other>06:00:00:00:00:00: 8.8.8.8 #2", "3 other>06:00:00:00:00:00: 8.8.8.8 #3")
	if c := &l.loop.Counters; c.Dropped[2][nf.NoNeighbour] != 0 || l.layer.Waiting() != 0 {
		t.Errorf("dropped %v", c.Dropped[2])
	}
}

// TestFloodWithoutRoom: copies that do not fit into the batch are counted, and none has a wrong address.
func TestFloodWithoutRoom(t *testing.T) {
	l := newLab(t, func(c *neighbour.Config) { c.Devices[0].Gateway = host })
	l.loop.SetBurst(dataplane.MaxBurst)
	l.step(datagram(1, host, 1), datagram(0, distant, 1))
	l.step(reply(0, hostMAC, host), reply(1, gateMAC, gate))
	l.wire.sent = nil
	l.decide = func(*nf.Packet) nf.Action { return nf.ForwardAll(3) }
	var frames []dataplane.Frame
	for i := range dataplane.MaxBurst {
		frames = append(frames, datagram(2, distant, i))
	}
	l.step(frames...)
	var sent [2]int
	for _, f := range l.wire.sent {
		want := [2]string{"mac0>host", "mac1>gate"}[f.Device]
		if got := describe(f.Bytes)[:9]; got != want {
			t.Fatalf("device %d sends %s", f.Device, got)
		}
		sent[f.Device]++
	}
	if refused := l.loop.Counters.Dropped[2][nf.TransmitFull]; sent[1] != 64 || sent[0]+int(refused) != 64 || refused == 0 {
		t.Errorf("sent %v, refused %d", sent, refused)
	}
}

// TestLongFrames: what is longer than the copies' room cannot wait, but is sent to known neighbours.
func TestLongFrames(t *testing.T) {
	long := func(size, mark int) dataplane.Frame {
		f := datagram(1, host, mark)
		f.Bytes = append(f.Bytes, make([]byte, size-len(f.Bytes))...)
		return f
	}
	l := newLab(t, nil)
	l.step(long(9216, 1), long(9217, 2))
	l.dropped(nf.NoNeighbour, 1)
	l.step(reply(0, hostMAC, host))
	l.step(long(dataplane.MaxFrame, 3))
	l.want("0 mac0>all: 10.0.0.1/mac0 asks 10.0.0.7/00:00:00:00:00:00", "0 mac0>host: 10.0.0.7 #1", "0 mac0>host: 10.0.0.7 #3")
}

// TestFullDevice: a device without room refuses, and nothing is lost without being counted.
func TestFullDevice(t *testing.T) {
	l := resolved(t, nil)
	l.wire.space = 2
	l.step(datagram(1, host, 1), datagram(1, host, 2), datagram(1, host, 3))
	l.want("0 mac0>host: 10.0.0.7 #1", "0 mac0>host: 10.0.0.7 #2")
	l.dropped(nf.TransmitFull, 1)

	l = newLab(t, nil)
	l.decide = func(*nf.Packet) nf.Action { return nf.Forward(0) }
	l.step(datagram(1, host, 1), datagram(1, host, 2), datagram(2, host, 3))
	l.wire.sent, l.wire.space = nil, 1
	l.step(reply(0, hostMAC, host))
	l.want("0 mac0>host: 10.0.0.7 #1")
	if c := &l.loop.Counters; c.Dropped[1][nf.TransmitFull] != 1 || c.Dropped[2][nf.TransmitFull] != 1 {
		t.Errorf("what waited is not counted where it came from: %v, %v", c.Dropped[1], c.Dropped[2])
	}
}
