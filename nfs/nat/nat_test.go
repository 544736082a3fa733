package nat_test

import (
	"strings"
	"testing"

	"vigor/nf"
	"vigor/nfs/nat"
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

// testConfig has room for four mappings.
func testConfig() nat.Config { return configOf(4) }

// configOf has room for a number of mappings, and the shortest timers.
func configOf(capacity int) nat.Config {
	return nat.Config{
		WAN: outside, ExternalIP: our, StartPort: 2000, Capacity: capacity, UDPTimeout: nat.MinUDPTimeout,
		ICMPTimeout: nat.MinICMPTimeout, TCPOpening: nat.MinTCPTransitory, TCPEstablished: nat.MinTCPEstablished,
		TCPClosing: nat.MinTCPTransitory + nf.Minute,
	}
}

// hashKey is a fixed key that hashes as well as a random one: the first digits of pi.
var hashKey = [5]uint64{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89,
	0x452821e638d01377}

// newNAT builds a NAT of three devices.
func newNAT(t testing.TB, cfg nat.Config) *nat.NAT {
	t.Helper()
	n, err := nat.New(nf.Env{Devices: 3, HashKey: hashKey}, cfg)
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
func process(n *nat.NAT, frame []byte, from nf.Device, now nf.Time) nf.Action {
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
func open(t testing.TB, n *nat.NAT, e endpoints, now nf.Time) endpoints {
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
		{"port without mapping", with(func(e *endpoints) { e.dstPort ^= 1 }), outside, nf.NoMapping},
		{"wrong protocol", with(func(e *endpoints) { e.protocol = packet.TCP }), outside, nf.NoMapping},
		{"inside, port without mapping (N9)", with(func(e *endpoints) { e.src, e.dstPort = host, e.dstPort^1 }), inside, nf.NoMapping},
		{"inside, wrong protocol (N9)", with(func(e *endpoints) { e.src, e.protocol = host, packet.TCP }), inside, nf.NoMapping},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := string(test.frame)
			expect(t, "action", process(n, test.frame, test.from, 2), nf.Drop(test.want))
			if string(test.frame) != before {
				t.Error("the dropped frame was rewritten")
			}
		})
	}
	expect(t, "a packet for the mapping", process(n, good.frame(), outside, 2), nf.Forward(inside))
}

func TestMappingsEndByTimeOnly(t *testing.T) {
	n := newNAT(t, testConfig())
	e := endpoints{host, 5000, server, 53, packet.UDP, 0, 0}
	outer := open(t, n, e, 0).reply()
	timeout := testConfig().UDPTimeout
	expect(t, "at the timeout", process(n, outer.frame(), outside, timeout), nf.Forward(inside))
	expect(t, "not refreshed from outside (N8)", process(n, outer.frame(), outside, timeout+1), nf.Drop(nf.NoMapping))
	outer = open(t, n, e, 2*timeout).reply()
	expect(t, "refreshed from inside", process(n, e.frame(), inside, 3*timeout), nf.Forward(outside))
	expect(t, "after it", process(n, outer.frame(), outside, 4*timeout), nf.Forward(inside))
}

// TestEndpointIndependent: one inside endpoint has one outside port for all its peers, and anybody may
// send to it (N1, N10).
func TestEndpointIndependent(t *testing.T) {
	n := newNAT(t, testConfig())
	e := endpoints{host, 5000, server, 53, packet.UDP, 0, 0}
	first := open(t, n, e, 1)
	for range 9 { // more peers than there is room for mappings
		e.dst, e.dstPort = e.dst+1, e.dstPort+7
		if got := open(t, n, e, 2); got.srcPort != first.srcPort {
			t.Errorf("port %d for another peer, before %d (N1)", got.srcPort, first.srcPort)
		}
	}
	stranger := endpoints{server + 99, 4242, our, first.srcPort, packet.UDP, 0, 3}
	frame := stranger.frame()
	expect(t, "stranger (N10)", process(n, frame, outside, 3), nf.Forward(inside))
	if got := read(t, frame); got != (endpoints{server + 99, 4242, host, 5000, packet.UDP, 0, 0}) {
		t.Errorf("translated to %+v", got)
	}
	frame = e.frame()
	expect(t, "same address behind another device", process(n, frame, other, 4), nf.Forward(outside))
	if got := read(t, frame); got.srcPort == first.srcPort {
		t.Error("two hosts of one address share a port (N2)")
	}
}

// TestHairpin: inside hosts reach each other, and themselves, at their outside ports, and see no inside
// address (N9).
func TestHairpin(t *testing.T) {
	for _, protocol := range []packet.Protocol{packet.TCP, packet.UDP} {
		n := newNAT(t, testConfig())
		target := open(t, n, endpoints{host, 5000, server, 53, protocol, 0, 0}, 1)
		caller := endpoints{host + 1, 6000, our, target.srcPort, protocol, 8, 5}
		frame := caller.frame()
		expect(t, "call", process(n, frame, other, 2), nf.Forward(inside))
		got := read(t, frame)
		if got.src != our || got.srcPort == target.srcPort || got.dst != host || got.dstPort != 5000 {
			t.Fatalf("translated to %+v", got)
		}
		frame = endpoints{host, 5000, got.src, got.srcPort, protocol, 0, 0}.frame()
		expect(t, "answer", process(n, frame, inside, 3), nf.Forward(other))
		if got := read(t, frame); got != (endpoints{our, target.srcPort, host + 1, 6000, protocol, 0, 0}) {
			t.Errorf("answer translated to %+v", got)
		}
		frame = endpoints{host, 5000, our, target.srcPort, protocol, 0, 0}.frame()
		expect(t, "to itself", process(n, frame, inside, 4), nf.Forward(inside))
		if got := read(t, frame); got != (endpoints{our, target.srcPort, host, 5000, protocol, 0, 0}) {
			t.Errorf("to itself translated to %+v", got)
		}
	}
}

// TestHairpinWithoutRoom: a caller that gets no mapping is dropped as any other, and one that calls a port
// without a mapping gets none.
func TestHairpinWithoutRoom(t *testing.T) {
	cfg := testConfig()
	cfg.Capacity = 1
	n := newNAT(t, cfg)
	e := endpoints{host + 1, 6000, our, 2000, packet.UDP, 0, 0}
	expect(t, "nobody there", process(n, e.frame(), inside, 1), nf.Drop(nf.NoMapping))
	open(t, n, endpoints{host, 5000, server, 53, packet.UDP, 0, 0}, 2)
	expect(t, "no room", process(n, e.frame(), inside, 3), nf.Drop(nf.TableFull))
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
		t.Errorf("%d outside ports for 4 endpoints (N2)", len(ports))
	}
	e.srcPort++
	expect(t, "fifth endpoint (N20)", process(n, e.frame(), inside, 2), nf.Drop(nf.TableFull))
	expect(t, "first endpoint", process(n, first.frame(), outside, 3), nf.Forward(inside))
	timeout := testConfig().UDPTimeout
	expect(t, "fifth endpoint, others expired", process(n, e.frame(), inside, 2+timeout), nf.Forward(outside))
}

// TestPortsAreScattered: who sees outside ports cannot count on to the next (N5).
func TestPortsAreScattered(t *testing.T) {
	cfg := configOf(1000)
	n := newNAT(t, cfg)
	e := endpoints{host, 5000, server, 53, packet.UDP, 0, 0}
	next, steps := uint16(0), map[uint16]int{}
	for range 500 {
		e.srcPort++
		port := open(t, n, e, 0).srcPort
		steps[port-next]++
		next = port
	}
	for step, times := range steps {
		if times > 8 {
			t.Errorf("%d of 500 ports are %d after the one before", times, int16(step))
		}
	}
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
		change func(c *nat.Config)
		want   string
	}{
		{"no address", func(c *nat.Config) { c.ExternalIP = 0 }, "external_ip"},
		{"well-known port (N3)", func(c *nat.Config) { c.StartPort = 1023 }, "start_port is 1023"},
		{"capacity 0", func(c *nat.Config) { c.Capacity = 0 }, "capacity is 0"},
		{"negative capacity", func(c *nat.Config) { c.Capacity = -1 << 63 }, "capacity is -"},
		{"one port too many", func(c *nat.Config) { c.Capacity = 63537 }, "there are 63536 ports"},
		{"huge capacity", func(c *nat.Config) { c.Capacity = 1<<63 - 1 }, "there are 63536 ports"},
		{"short timeout (N7)", func(c *nat.Config) { c.UDPTimeout = 2*nf.Minute - 1 }, "udp_timeout is 119999999999 ns: RFC 4787 REQ-5"},
		{"negative timeout", func(c *nat.Config) { c.UDPTimeout = -1 }, "at least two minutes"},
		{"endless timeout", func(c *nat.Config) { c.UDPTimeout = 1<<63 - 1 }, "udp_timeout is 9223372036854775807 ns: more than seven days"},
		{"short query (N14)", func(c *nat.Config) { c.ICMPTimeout = nf.Minute - 1 }, "icmp_timeout is 59999999999 ns: RFC 5508 REQ-2"},
		{"short opening (N17)", func(c *nat.Config) { c.TCPOpening = 4*nf.Minute - 1 }, "tcp_opening is 239999999999 ns: RFC 5382 REQ-5"},
		{"short connection (N17)", func(c *nat.Config) { c.TCPEstablished = 124*nf.Minute - 1 }, "tcp_established is 7439999999999 ns: RFC 5382 REQ-5"},
		{"short closing (N17)", func(c *nat.Config) { c.TCPClosing = 0 }, "tcp_closing is 0 ns: RFC 5382 REQ-5"},
		{"endless closing", func(c *nat.Config) { c.TCPClosing = 169 * nf.Hour }, "tcp_closing is 608400000000000 ns: more than"},
	} {
		cfg := testConfig()
		test.change(&cfg)
		err := cfg.Validate()
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", test.name, err, test.want)
		}
		if n, err := nat.New(nf.Env{Devices: 2}, cfg); n != nil || err == nil {
			t.Errorf("%s: New gives %v, %v", test.name, n, err)
		}
	}
	cfg := testConfig()
	cfg.WAN = 2
	if _, err := nat.New(nf.Env{Devices: 2}, cfg); err == nil {
		t.Error("New accepts a device that is not there")
	}
	cfg = testConfig()
	cfg.Capacity = 63536
	if err := cfg.Validate(); err != nil {
		t.Errorf("all ports up to 65535: %v", err)
	}
}
