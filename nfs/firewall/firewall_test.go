package firewall_test

import (
	"strings"
	"testing"

	"vigor/dataplane/config"
	"vigor/libvig"
	"vigor/nf"
	"vigor/nfs/firewall"
	"vigor/packet"
)

// The network of these tests.
const (
	inside, outside nf.Device   = 0, 1
	host            packet.IPv4 = 0x0A000007 // 10.0.0.7
	web             packet.IPv4 = 0x0A000050 // 10.0.0.80
	server          packet.IPv4 = 0x08080808
)

// hashKey is a fixed key that hashes as well as a random one: the first digits of pi.
var hashKey = [5]uint64{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89,
	0x452821e638d01377}

// example is the configuration of firewall.yaml with room for n flows.
func example(t testing.TB, n int) firewall.Config {
	t.Helper()
	var cfg firewall.Config
	if _, err := config.ReadFile("firewall.yaml", &cfg); err != nil {
		t.Fatal(err)
	}
	cfg.Capacity = n
	return cfg
}

// wall is a firewall and a clock.
type wall struct {
	t   testing.TB
	f   *firewall.Firewall
	now nf.Time
}

// newWall builds a firewall with three devices, of which it uses two.
func newWall(t testing.TB, cfg firewall.Config) *wall {
	t.Helper()
	f, err := firewall.New(nf.Env{Devices: 3, HashKey: hashKey}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &wall{t, f, nf.Second}
}

// give hands a frame over and returns the action.
func (w *wall) give(from nf.Device, frame []byte) nf.Action {
	p := nf.NewPacket(frame, from, w.now)
	return w.f.Process(&p)
}

// pass fails unless the frame leaves by the other device.
func (w *wall) pass(what string, from nf.Device, frame []byte) {
	w.t.Helper()
	if got := w.give(from, frame); got != nf.Forward(1-from) {
		w.t.Errorf("%s: got %v %v, want it to pass", what, got.Kind, got.Reason)
	}
}

// drop fails unless the frame is dropped for the reason.
func (w *wall) drop(what string, from nf.Device, frame []byte, why nf.Reason) {
	w.t.Helper()
	if got := w.give(from, frame); got != nf.Drop(why) {
		w.t.Errorf("%s: got %v %v, want a drop for %v", what, got.Kind, got.Reason, why)
	}
}

// datagram is an IPv4 datagram in a frame.
func datagram(src, dst packet.IPv4, protocol packet.Protocol, payload []byte) []byte {
	frame := make([]byte, 34, 34+len(payload))
	copy(frame, []byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0})
	ip := frame[14:]
	ip[0], ip[2], ip[3] = 0x45, byte((20+len(payload))>>8), byte(20+len(payload))
	ip[8], ip[9] = 64, byte(protocol)
	put(ip[12:], uint32(src))
	put(ip[16:], uint32(dst))
	frame = append(frame, payload...)
	view, _ := packet.ParseIPv4(frame[14:])
	view.SetChecksum(view.ComputeChecksum())
	if l4, ok := packet.ParseL4(view); ok {
		at := map[packet.Protocol]int{packet.TCP: 50, packet.UDP: 40}[protocol]
		c := l4.ComputeChecksum(view)
		frame[at], frame[at+1] = byte(c>>8), byte(c)
	}
	return frame
}

// put writes a number, most significant byte first.
func put(b []byte, v uint32) { b[0], b[1], b[2], b[3] = byte(v>>24), byte(v>>16), byte(v>>8), byte(v) }

// tcp is a segment without data.
func tcp(src packet.IPv4, srcPort uint16, dst packet.IPv4, dstPort uint16, flags packet.TCPFlags) []byte {
	segment := make([]byte, 20)
	put(segment, uint32(srcPort)<<16|uint32(dstPort))
	segment[12], segment[13], segment[14] = 0x50, byte(flags), 1
	return datagram(src, dst, packet.TCP, segment)
}

// udp is a datagram of four bytes.
func udp(src packet.IPv4, srcPort uint16, dst packet.IPv4, dstPort uint16) []byte {
	b := make([]byte, 12)
	put(b, uint32(srcPort)<<16|uint32(dstPort))
	b[5] = 12
	return datagram(src, dst, packet.UDP, b)
}

// icmp is a message with a checksum.
func icmp(src, dst packet.IPv4, kind uint8, id uint16, payload []byte) []byte {
	b := append([]byte{kind, 0, 0, 0, byte(id >> 8), byte(id), 0, 1}, payload...)
	c := packet.Checksum(b, 0)
	b[2], b[3] = byte(c>>8), byte(c)
	return datagram(src, dst, packet.ICMP, b)
}

// about is an ICMP error that quotes the beginning of the datagram in a frame.
func about(frame []byte, from packet.IPv4, kind uint8) []byte {
	ip, _ := packet.ParseIPv4(frame[14:])
	return icmp(from, ip.Source(), kind, 0, ip[:28])
}

func TestUDP(t *testing.T) {
	w := newWall(t, example(t, 2))
	w.drop("nobody asked", outside, udp(server, 53, host, 5000), nf.Denied)
	w.pass("question", inside, udp(host, 5000, server, 53))
	w.pass("answer", outside, udp(server, 53, host, 5000))
	w.drop("answer from another port", outside, udp(server, 54, host, 5000), nf.Denied)
	w.drop("the same from inside", inside, udp(server, 53, host, 5000)[:30], nf.Malformed)
	w.now += 300 * nf.Second
	w.pass("answer at the last moment", outside, udp(server, 53, host, 5000))
	w.now += 300*nf.Second + 1
	w.drop("answer too late", outside, udp(server, 53, host, 5000), nf.Denied)
}

func TestTCP(t *testing.T) {
	const S, SA, A, FA, R = packet.SYN, packet.SYN | packet.ACK, packet.ACK, packet.FIN | packet.ACK, packet.RST
	out := func(f packet.TCPFlags) []byte { return tcp(host, 5000, server, 443, f) }
	in := func(f packet.TCPFlags) []byte { return tcp(server, 443, host, 5000, f) }
	w := newWall(t, example(t, 2))
	for _, f := range []packet.TCPFlags{SA, A, FA, R} {
		w.drop("no SYN", inside, out(f), nf.OutOfState)
	}
	for _, f := range []packet.TCPFlags{0, packet.FIN, S | FA, S | R, R | FA, packet.PSH} {
		w.drop("no sense", inside, out(f), nf.Malformed)
	}
	w.pass("SYN", inside, out(S))
	w.drop("ACK too early", inside, out(A), nf.OutOfState)
	w.drop("FIN too early", outside, in(FA), nf.OutOfState)
	w.pass("SYN ACK", outside, in(SA))
	w.pass("ACK", inside, out(A))
	w.drop("SYN of the other side", outside, in(S), nf.OutOfState)
	w.drop("SYN ACK of the opener", inside, out(SA), nf.OutOfState)
	w.pass("FIN", outside, in(FA))
	w.pass("half of it is open", inside, out(A))
	w.pass("last FIN", inside, out(FA))
	w.pass("last ACK", outside, in(A))
	w.pass("again", inside, out(S))
	w.pass("refused", outside, in(R|A))
	w.drop("the reverse is for other rules", outside, in(S), nf.Denied)
	w.drop("SMTP", inside, tcp(host, 5000, server, 25, S), nf.Denied)
	w.pass("web", outside, tcp(server, 6000, web, 443, S))
}

// TestTimers: each state of a connection has its timer, and what comes after its end does not keep it alive.
func TestTimers(t *testing.T) {
	const S, SA, A, FA, R = packet.SYN, packet.SYN | packet.ACK, packet.ACK, packet.FIN | packet.ACK, packet.RST
	out := func(f packet.TCPFlags) []byte { return tcp(host, 5000, server, 443, f) }
	in := func(f packet.TCPFlags) []byte { return tcp(server, 443, host, 5000, f) }
	const short, long = 4 * nf.Minute, 124 * nf.Minute // as in firewall.yaml
	w := newWall(t, example(t, 2))
	w.pass("SYN", inside, out(S))
	w.now += short + 1
	w.drop("answered too late", outside, in(SA), nf.OutOfState)
	w.pass("SYN", inside, out(S))
	w.now += short
	w.pass("SYN ACK", outside, in(SA))
	w.now += short
	w.pass("ACK", inside, out(A))
	w.now += long
	w.pass("established", outside, in(A))
	w.now += long
	w.pass("FIN", outside, in(FA))
	w.now += short
	w.pass("half closed", inside, out(A))
	w.now += short + 1
	w.drop("half closed for too long", inside, out(A), nf.OutOfState)
	w.pass("SYN", inside, out(S))
	w.pass("RST", outside, in(R))
	w.now += short
	w.pass("after RST", inside, out(R))
	w.now++
	w.drop("RST keeps nothing alive", inside, out(R), nf.OutOfState)
}

func TestICMP(t *testing.T) {
	w := newWall(t, example(t, 10))
	ask, answer := icmp(host, server, 8, 7, nil), icmp(server, host, 0, 7, nil)
	w.drop("no question", outside, answer, nf.NoMapping)
	w.pass("question", inside, ask)
	w.pass("answer", outside, answer)
	w.drop("other identifier", outside, icmp(server, host, 0, 8, nil), nf.NoMapping)
	w.drop("answer from inside", inside, icmp(host, server, 0, 7, nil), nf.NoMapping)
	w.pass("question from outside", outside, icmp(server, host, 8, 7, nil))
	w.pass("its answer", inside, icmp(host, server, 0, 7, nil))
	w.drop("timestamp", inside, icmp(host, server, 13, 7, make([]byte, 12)), nf.UnsupportedProtocol)

	question := udp(host, 5000, server, 53)
	w.drop("error about nothing", outside, about(question, 9, 3), nf.NoMapping)
	w.pass("datagram", inside, question)
	for _, kind := range []uint8{3, 11, 12} {
		w.pass("error about it", outside, about(question, 9, kind))
	}
	w.drop("redirect", outside, about(question, 9, 5), nf.UnsupportedProtocol)
	w.drop("error on the wrong side", inside, about(question, 9, 3), nf.NoMapping)
	w.pass("error about the echo", outside, about(ask, 9, 11))
	w.pass("error about the echo's answer", inside, about(answer, 9, 11))
	w.drop("error about a fragment", outside, about(later(question), 9, 3), nf.Fragment)
	wrong := about(question, 9, 3)
	put(wrong[30:], uint32(web))
	w.drop("error for somebody else", outside, wrong, nf.NoMapping)
	w.drop("error that quotes too little", outside, icmp(9, host, 3, 0, make([]byte, 27)), nf.Malformed)
}

// later makes a later fragment of a datagram.
func later(frame []byte) []byte {
	frame = append([]byte(nil), frame...)
	frame[21] = 5
	return frame
}

func TestFragments(t *testing.T) {
	w := newWall(t, example(t, 2))
	w.drop("later fragment", inside, later(udp(host, 5000, server, 53)), nf.Fragment)
	first := udp(host, 5000, server, 53)
	first[20] |= 0x20
	w.drop("first fragment", inside, first, nf.Fragment)
}

func TestFull(t *testing.T) {
	cfg := example(t, 1)
	w := newWall(t, cfg)
	w.pass("first flow", inside, udp(host, 1, server, 53))
	w.drop("second flow", inside, udp(host, 2, server, 53), nf.TableFull)
	w.pass("first flow again", outside, udp(server, 53, host, 1))
	cfg.WhenFull = firewall.Allow
	w = newWall(t, cfg)
	w.pass("first flow", inside, udp(host, 1, server, 53))
	w.pass("second flow", inside, udp(host, 2, server, 53))
	w.drop("its answer", outside, udp(server, 53, host, 2), nf.Denied)
}

func TestModes(t *testing.T) {
	arp := make([]byte, 60)
	arp[12], arp[13] = 8, 6
	cfg := example(t, 2)
	w := newWall(t, cfg)
	w.pass("ARP", outside, arp)
	frame := udp(host, 1, server, 53)
	before := string(frame)
	w.pass("datagram", inside, frame)
	if string(frame) != before {
		t.Error("a transparent firewall has changed a frame")
	}
	frame[22] = 0
	w.pass("no hop left", inside, frame)
	cfg.Routed = true
	w = newWall(t, cfg)
	w.drop("ARP", outside, arp, nf.UnsupportedEtherType)
	frame = udp(host, 1, server, 53)
	w.pass("datagram", inside, frame)
	if ip, _ := packet.ParseIPv4(frame[14:]); ip.TTL() != 63 || !ip.HeaderChecksumOK() {
		t.Errorf("TTL %d, checksum %v", ip.TTL(), ip.HeaderChecksumOK())
	}
	frame[22] = 1
	w.drop("no hop left", inside, frame, nf.TTLExceeded)
	w.drop("third device", 2, udp(host, 1, server, 53), nf.Unconnected)
	arp[12] = 0x86
	arp[13] = 0xdd
	w.drop("IPv6", inside, arp, nf.UnsupportedEtherType)
	w.drop("short", inside, arp[:13], nf.Malformed)
}

func TestConfigRefused(t *testing.T) {
	for _, test := range []struct {
		change func(*firewall.Config)
		want   string
	}{
		{func(c *firewall.Config) { c.Outside = c.Inside }, "inside and outside are both device 0"},
		{func(c *firewall.Config) { c.Outbound[0].Value = 2 }, "outbound: element 0: value is 2"},
		{func(c *firewall.Config) { c.Inbound[1].DstLow = 11 << 24 }, "inbound: element 1: a range begins above its end"},
		{func(c *firewall.Config) { c.WhenFull = 2 }, "policies"},
		{func(c *firewall.Config) { c.Capacity = 0 }, "room for one flow"},
		{func(c *firewall.Config) { c.Capacity = firewall.MaxCapacity + 1 }, "flows are the most"},
		{func(c *firewall.Config) { c.ExchangeTimer = 300 }, "exchange_timer is 300 ns"},
		{func(c *firewall.Config) { c.EstablishedTimer = 300 * nf.Hour }, "seven days"},
		{func(c *firewall.Config) { c.Inbound = make([]libvig.ClassifierRule, firewall.MaxRules+1) }, "rules: 65534 are the most"},
		{func(c *firewall.Config) { c.Outside = 3 }, "outside is device 3"},
	} {
		cfg := example(t, 2)
		test.change(&cfg)
		if _, err := firewall.New(nf.Env{Devices: 3}, cfg); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want %q", err, test.want)
		}
	}
}
