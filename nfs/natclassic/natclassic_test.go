package natclassic_test

import (
	"strings"
	"testing"

	"vigor/nf"
	"vigor/nfs/natclassic"
	"vigor/packet"
)

// The network of these tests: devices 0 and 2 are inside, 1 is outside.
const (
	inside  nf.Device   = 0
	outside nf.Device   = 1
	other   nf.Device   = 2
	our     packet.IPv4 = 0xCB007101 // 203.0.113.1
	host    packet.IPv4 = 0x0A000007 // 10.0.0.7
	server  packet.IPv4 = 0x08080808
)

// testConfig has room for four flows.
func testConfig() natclassic.Config {
	return natclassic.Config{WAN: outside, ExternalIP: our, StartPort: 2000, Capacity: 4, FlowTimeout: 2 * nf.Minute}
}

// hashKey is a fixed key that hashes as well as a random one: the first digits of pi.
var hashKey = [5]uint64{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89,
	0x452821e638d01377}

// newNAT builds a NAT of three devices.
func newNAT(t testing.TB, cfg natclassic.Config) *natclassic.NAT {
	t.Helper()
	n, err := natclassic.New(nf.Env{Devices: 3, HashKey: hashKey}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// endpoints is what a packet says about who speaks with whom.
type endpoints struct {
	src              packet.IPv4
	srcPort          uint16
	dst              packet.IPv4
	dstPort          uint16
	protocol         packet.Protocol
	options, payload int
}

// reply swaps source and destination.
func (e endpoints) reply() endpoints {
	e.src, e.srcPort, e.dst, e.dstPort = e.dst, e.dstPort, e.src, e.srcPort
	return e
}

// frame writes a packet with right checksums and a TTL of 64.
func (e endpoints) frame() []byte {
	header := 20 + e.options
	length := header + e.payload + 8
	if e.protocol == packet.TCP {
		length += 12
	}
	frame := make([]byte, 14+length)
	copy(frame, []byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0})
	ip := frame[14:]
	ip[0], ip[2], ip[3] = byte(0x40|header/4), byte(length>>8), byte(length)
	ip[8], ip[9] = 64, byte(e.protocol)
	put(ip[12:], uint32(e.src))
	put(ip[16:], uint32(e.dst))
	l4 := ip[header:]
	put(l4, uint32(e.srcPort)<<16|uint32(e.dstPort))
	sum := 6
	if e.protocol == packet.TCP {
		l4[12], sum = 0x50, 16
	} else {
		l4[4], l4[5] = byte((8+e.payload)>>8), byte(8+e.payload)
	}
	view, _ := packet.ParseIPv4(ip)
	view.SetChecksum(view.ComputeChecksum())
	if segment, ok := packet.ParseL4(view); ok {
		c := segment.ComputeChecksum(view)
		l4[sum], l4[sum+1] = byte(c>>8), byte(c)
	}
	return frame
}

// put writes a number, most significant byte first.
func put(b []byte, v uint32) {
	b[0], b[1], b[2], b[3] = byte(v>>24), byte(v>>16), byte(v>>8), byte(v)
}

// read returns the endpoints of a frame, and fails if a checksum is wrong.
func read(t testing.TB, frame []byte) endpoints {
	t.Helper()
	ip, ok := packet.ParseIPv4(frame[14:])
	if !ok {
		t.Fatalf("no IPv4: % x", frame)
	}
	l4, ok := packet.ParseL4(ip)
	if !ok {
		t.Fatalf("no TCP or UDP: % x", frame)
	}
	if !ip.HeaderChecksumOK() || !l4.ChecksumOK(ip) {
		t.Errorf("wrong checksum: % x", frame)
	}
	return endpoints{
		src: ip.Source(), srcPort: l4.SourcePort(), dst: ip.Destination(), dstPort: l4.DestinationPort(),
		protocol: ip.Protocol(),
	}
}

// process runs one frame through the NAT.
func process(n *natclassic.NAT, frame []byte, from nf.Device, now nf.Time) nf.Action {
	p := nf.NewPacket(frame, from, now)
	return n.Process(&p)
}

// expect fails unless the actions are the same.
func expect(t testing.TB, what string, got, want nf.Action) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v %v by %d, want %v %v by %d",
			what, got.Kind, got.Reason, got.Device, want.Kind, want.Reason, want.Device)
	}
}

func TestFlowAndReply(t *testing.T) {
	for _, protocol := range []packet.Protocol{packet.TCP, packet.UDP} {
		n := newNAT(t, testConfig())
		e := endpoints{host, 5000, server, 53, protocol, 8, 11}
		frame := e.frame()
		expect(t, "first packet", process(n, frame, other, 1), nf.Forward(outside))
		got := read(t, frame)
		if got.src != our || got.srcPort < 2000 || got.srcPort > 2003 || got.dst != server || got.dstPort != 53 {
			t.Fatalf("translated to %+v", got)
		}
		if frame[22] != 63 {
			t.Errorf("TTL is %d, want 63", frame[22])
		}
		back := got.reply().frame()
		expect(t, "reply", process(n, back, outside, 2), nf.Forward(other))
		if got := read(t, back); got != (endpoints{server, 53, host, 5000, protocol, 0, 0}) {
			t.Errorf("reply translated to %+v", got)
		}
		again := e.frame()
		process(n, again, other, 3)
		if second := read(t, again); second != got {
			t.Errorf("second packet translated to %+v, the first to %+v", second, got)
		}
	}
}

// open sends the first packet of a flow and returns its endpoints outside.
func open(t testing.TB, n *natclassic.NAT, e endpoints, now nf.Time) endpoints {
	t.Helper()
	frame := e.frame()
	expect(t, "first packet", process(n, frame, inside, now), nf.Forward(outside))
	return read(t, frame)
}

func TestDropsHaveTheirReasons(t *testing.T) {
	n := newNAT(t, testConfig())
	e := endpoints{host, 5000, server, 53, packet.UDP, 0, 10}
	good := open(t, n, e, 1).reply()
	with := func(change func(e *endpoints)) []byte { c := good; c.payload = 10; change(&c); return c.frame() }
	set := func(frame []byte, at int, to byte) []byte { frame[at] = to; return frame }
	for _, test := range []struct {
		name  string
		frame []byte
		from  nf.Device
		want  nf.Reason
	}{
		{"empty frame", nil, inside, nf.Malformed},
		{"13 bytes", e.frame()[:13], inside, nf.Malformed},
		{"ARP", set(e.frame(), 13, 6), inside, nf.UnsupportedEtherType},
		{"VLAN", set(set(e.frame(), 12, 0x81), 13, 0), inside, nf.UnsupportedEtherType},
		{"IHL 4", set(e.frame(), 14, 0x44), inside, nf.Malformed},
		{"total length beyond the frame (N25)", set(e.frame(), 17, 39), inside, nf.Malformed},
		{"transport beyond the total length (N25)", set(e.frame(), 17, 27), inside, nf.Malformed},
		{"header beyond the total length (N25)", set(e.frame(), 14, 0x4F), inside, nf.Malformed},
		{"first fragment (N15)", set(e.frame(), 20, 0x20), inside, nf.Fragment},
		{"later fragment (N15)", set(e.frame(), 21, 1), inside, nf.Fragment},
		{"ICMP (N12)", set(e.frame(), 23, 1), inside, nf.UnsupportedProtocol},
		{"TTL 1", set(e.frame(), 22, 1), inside, nf.TTLExceeded},
		{"TTL 0", set(e.frame(), 22, 0), inside, nf.TTLExceeded},
		{"another address (N24)", with(func(e *endpoints) { e.dst++ }), outside, nf.NotOurAddress},
		{"port below ours", with(func(e *endpoints) { e.dstPort = 1999 }), outside, nf.NoMapping},
		{"port above ours", with(func(e *endpoints) { e.dstPort = 2004 }), outside, nf.NoMapping},
		{"port 0", with(func(e *endpoints) { e.dstPort = 0 }), outside, nf.NoMapping},
		{"port without flow", with(func(e *endpoints) { e.dstPort ^= 1 }), outside, nf.NoMapping},
		{"wrong address of peer", with(func(e *endpoints) { e.src++ }), outside, nf.WrongPeer},
		{"wrong port of peer", with(func(e *endpoints) { e.srcPort++ }), outside, nf.WrongPeer},
		{"wrong protocol", with(func(e *endpoints) { e.protocol = packet.TCP }), outside, nf.WrongPeer},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := string(test.frame)
			expect(t, "action", process(n, test.frame, test.from, 2), nf.Drop(test.want))
			if string(test.frame) != before {
				t.Error("the dropped frame was rewritten")
			}
		})
	}
	expect(t, "the peer's own packet", process(n, good.frame(), outside, 2), nf.Forward(inside))
}

func TestMappingsEndByTimeOnly(t *testing.T) {
	n := newNAT(t, testConfig())
	e := endpoints{host, 5000, server, 53, packet.UDP, 0, 0}
	outer := open(t, n, e, 0).reply()
	timeout := testConfig().FlowTimeout
	expect(t, "at the timeout", process(n, outer.frame(), outside, timeout), nf.Forward(inside))
	expect(t, "refreshed from outside", process(n, outer.frame(), outside, 2*timeout), nf.Forward(inside))
	expect(t, "refreshed from inside", process(n, e.frame(), inside, 3*timeout), nf.Forward(outside))
	stranger := outer
	stranger.src++
	expect(t, "stranger", process(n, stranger.frame(), outside, 4*timeout), nf.Drop(nf.WrongPeer))
	expect(t, "after the stranger (N8)", process(n, outer.frame(), outside, 4*timeout+1), nf.Drop(nf.NoMapping))
}

func TestFullTableEvictsNothing(t *testing.T) {
	n := newNAT(t, testConfig())
	ports := map[uint16]bool{}
	e := endpoints{host, 5000, server, 53, packet.UDP, 0, 0}
	first := open(t, n, e, 0).reply()
	ports[first.dstPort] = true
	for range 3 {
		e.srcPort++
		ports[open(t, n, e, 1).srcPort] = true
	}
	if len(ports) != 4 {
		t.Errorf("%d outside ports for 4 flows (N2)", len(ports))
	}
	e.srcPort++
	expect(t, "fifth flow (N20)", process(n, e.frame(), inside, 2), nf.Drop(nf.TableFull))
	expect(t, "first flow", process(n, first.frame(), outside, 3), nf.Forward(inside))
	timeout := testConfig().FlowTimeout
	expect(t, "fifth flow, others expired", process(n, e.frame(), inside, 2+timeout), nf.Forward(outside))
}

func TestPortsUpTo65535(t *testing.T) {
	cfg := testConfig()
	cfg.StartPort, cfg.Capacity = 65534, 2
	n := newNAT(t, cfg)
	e := endpoints{host, 5000, server, 53, packet.UDP, 0, 0}
	for range 2 {
		e.srcPort++
		outer := open(t, n, e, 0)
		if outer.srcPort < 65534 {
			t.Errorf("outside port %d, want at least 65534", outer.srcPort)
		}
		expect(t, "reply", process(n, outer.reply().frame(), outside, 1), nf.Forward(inside))
	}
}

func TestUDPWithoutChecksum(t *testing.T) {
	n := newNAT(t, testConfig())
	frame := endpoints{host, 5000, server, 53, packet.UDP, 0, 3}.frame()
	frame[40], frame[41] = 0, 0
	expect(t, "action", process(n, frame, inside, 0), nf.Forward(outside))
	if frame[40] != 0 || frame[41] != 0 {
		t.Errorf("checksum % x, want none (N22)", frame[40:42])
	}
}

func TestWrongChecksumStaysWrong(t *testing.T) {
	n := newNAT(t, testConfig())
	frame := endpoints{host, 5000, server, 53, packet.TCP, 0, 3}.frame()
	frame[50] ^= 1
	process(n, frame, inside, 0)
	ip, _ := packet.ParseIPv4(frame[14:])
	l4, _ := packet.ParseL4(ip)
	if l4.ChecksumOK(ip) || !ip.HeaderChecksumOK() {
		t.Error("damage of the segment was repaired, or that of the header made (N22)")
	}
}

func TestConfigurationIsChecked(t *testing.T) {
	if err := testConfig().Validate(); err != nil {
		t.Errorf("the valid one: %v", err)
	}
	for _, test := range []struct {
		name   string
		change func(c *natclassic.Config)
		want   string
	}{
		{"no address", func(c *natclassic.Config) { c.ExternalIP = 0 }, "external_ip"},
		{"well-known port (N3)", func(c *natclassic.Config) { c.StartPort = 1023 }, "start_port is 1023"},
		{"capacity 0", func(c *natclassic.Config) { c.Capacity = 0 }, "capacity is 0"},
		{"negative capacity", func(c *natclassic.Config) { c.Capacity = -1 << 63 }, "capacity is -"},
		{"one port too many", func(c *natclassic.Config) { c.Capacity = 63537 }, "there are 63536 ports"},
		{"huge capacity", func(c *natclassic.Config) { c.Capacity = 1<<63 - 1 }, "there are 63536 ports"},
		{"short timeout (N7)", func(c *natclassic.Config) { c.FlowTimeout = 2*nf.Minute - 1 }, "at least two minutes"},
		{"negative timeout", func(c *natclassic.Config) { c.FlowTimeout = -1 }, "at least two minutes"},
		{"endless timeout", func(c *natclassic.Config) { c.FlowTimeout = 1<<63 - 1 }, "more than seven days"},
	} {
		cfg := testConfig()
		test.change(&cfg)
		err := cfg.Validate()
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", test.name, err, test.want)
		}
		if n, err := natclassic.New(nf.Env{Devices: 2}, cfg); n != nil || err == nil {
			t.Errorf("%s: New gives %v, %v", test.name, n, err)
		}
	}
	cfg := testConfig()
	cfg.WAN = 2
	if _, err := natclassic.New(nf.Env{Devices: 2}, cfg); err == nil {
		t.Error("New accepts a device that is not there")
	}
	cfg = testConfig()
	cfg.Capacity = 63536
	if err := cfg.Validate(); err != nil {
		t.Errorf("all ports up to 65535: %v", err)
	}
}
