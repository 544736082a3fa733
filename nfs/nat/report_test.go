package nat_test

import (
	"bytes"
	"slices"
	"testing"

	"vigor/nf"
	"vigor/nfs/nat"
	"vigor/packet"
)

// errorAbout makes an ICMP error, with right checksums, which quotes a frame's header and so many bytes behind it.
func errorAbout(frame []byte, src, dst packet.IPv4, kind uint8, quoted int) []byte {
	ip, _ := packet.ParseIPv4(frame[14:])
	quoted = min(ip.HeaderLength()+quoted, len(ip))
	return icmpFrame(src, dst, append([]byte{kind, 1, 0, 0, 0, 0, 5, 220}, ip[:quoted]...))
}

// quotedIn returns the addresses of an error and what it quotes; it fails if a checksum is wrong.
func quotedIn(t *testing.T, frame []byte) (src, dst packet.IPv4, quoted []byte) {
	t.Helper()
	src, dst, _ = readQuery(t, frame)
	return src, dst, frame[14+20+8:]
}

// aged is what a router quotes of a frame that has passed another one.
func aged(frame []byte) packet.IPv4Header {
	ip, _ := packet.ParseIPv4(bytes.Clone(frame[14:]))
	ip.DecrementTTL()
	return ip
}

// subjects are packets of all kinds that leave from inside; of UDP with options and without checksum, too.
func subjects() map[string][]byte {
	none := endpoints{host, 5001, server, 53, packet.UDP, 0, 9}.frame()
	none[40], none[41] = 0, 0
	return map[string][]byte{
		"UDP":                  endpoints{host, 5000, server, 53, packet.UDP, 8, 3}.frame(),
		"UDP without checksum": none,
		"TCP":                  endpoints{host, 5000, server, 80, packet.TCP, 40, 0}.frame(),
		"echo request":         queryFrame(host, server, packet.ICMPEchoRequest, 0),
		"timestamp":            queryFrame(host, server, packet.ICMPTimestamp, 7),
	}
}

// TestErrorsFromOutside: who sent what an error is about gets it, and finds in it what it has sent (N13).
func TestErrorsFromOutside(t *testing.T) {
	const router = server + 0x1000
	for name, subject := range subjects() {
		for _, kind := range []uint8{packet.ICMPUnreachable, packet.ICMPTimeExceeded, packet.ICMPParameterProblem} {
			n, subject := newNAT(t, testConfig()), bytes.Clone(subject)
			want := aged(subject)
			expect(t, name, process(n, subject, inside, 1), nf.Forward(outside))
			frame := errorAbout(subject, router, our, kind, 8)
			expect(t, "error about "+name, process(n, frame, outside, 2), nf.Forward(inside))
			src, dst, quoted := quotedIn(t, frame)
			if src != router || dst != host || frame[34] != kind || frame[35] != 1 || frame[22] != 63 {
				t.Errorf("%s: error %d, %d arrives from %v for %v", name, frame[34], frame[35], src, dst)
			}
			if want := want[:want.HeaderLength()+8]; !bytes.Equal(quoted, want) {
				t.Errorf("%s: quoted\n% x, want\n% x", name, quoted, []byte(want))
			}
			wrong := errorAbout(subject, router, our, kind, 8)
			wrong[len(wrong)-1] ^= 4
			expect(t, "damaged error about "+name, process(n, wrong, outside, 2), nf.Drop(nf.BadChecksum))
		}
	}
}

// TestErrorsFromInside: who sent what an inside host complains of gets the error from the outside address, about what it
// has sent there.
func TestErrorsFromInside(t *testing.T) {
	for name, subject := range subjects() {
		n := newNAT(t, testConfig())
		expect(t, name, process(n, subject, inside, 1), nf.Forward(outside))
		var answer []byte
		if packet.Protocol(subject[23]) == packet.ICMP {
			_, _, identifier := readQuery(t, subject)
			answer = queryFrame(server, our, map[uint8]uint8{8: 0, 13: 14}[subject[34]], identifier)
		} else {
			answer = read(t, subject).reply().frame()
		}
		want := aged(answer)
		expect(t, "answer to "+name, process(n, answer, outside, 2), nf.Forward(inside))
		frame := errorAbout(answer, host, server, packet.ICMPUnreachable, 8)
		expect(t, "error about the answer to "+name, process(n, frame, inside, 3), nf.Forward(outside))
		src, dst, quoted := quotedIn(t, frame)
		if src != our || dst != server {
			t.Errorf("%s: the error goes from %v to %v", name, src, dst)
		}
		if want := want[:want.HeaderLength()+8]; !bytes.Equal(quoted, want) {
			t.Errorf("%s: quoted\n% x, want\n% x", name, quoted, []byte(want))
		}
	}
}

// TestHairpinnedErrors: between inside hosts neither sees the other's address (RFC 5508 REQ-7).
func TestHairpinnedErrors(t *testing.T) {
	n := newNAT(t, testConfig())
	target := open(t, n, endpoints{host, 5000, server, 53, packet.UDP, 0, 0}, 1)
	call := endpoints{host + 1, 6000, our, target.srcPort, packet.UDP, 0, 5}.frame()
	want := aged(call)
	expect(t, "call", process(n, call, other, 2), nf.Forward(inside))
	frame := errorAbout(call, host, our, packet.ICMPUnreachable, 8)
	expect(t, "error", process(n, frame, inside, 3), nf.Forward(other))
	src, dst, quoted := quotedIn(t, frame)
	if src != our || dst != host+1 || !bytes.Equal(quoted, want[:28]) {
		t.Errorf("from %v for %v, about\n% x, want\n% x", src, dst, quoted, []byte(want[:28]))
	}
}

func TestErrorsDropped(t *testing.T) {
	n := newNAT(t, testConfig())
	sent := endpoints{host, 5000, server, 53, packet.UDP, 0, 20}.frame()
	process(n, sent, inside, 1)
	answer := read(t, sent).reply().frame()
	process(n, answer, outside, 1)
	pong := queryFrame(our, server, packet.ICMPEchoReply, 2000)
	about := func(frame []byte, src, dst packet.IPv4) []byte { return errorAbout(frame, src, dst, 3, 8) }
	damaged := func(frame []byte, at int) []byte { f := bytes.Clone(frame); f[at] ^= 1; return f }
	with := func(frame []byte, at int, to byte) []byte {
		f := bytes.Clone(frame)
		f[at] = to
		ip, _ := packet.ParseIPv4(f[14:])
		ip.SetChecksum(ip.ComputeChecksum())
		return f
	}
	for _, test := range []struct {
		name  string
		frame []byte
		from  nf.Device
		want  nf.Reason
	}{
		{"too short a quotation", errorAbout(sent, server, our, 3, 7), outside, nf.UnsupportedProtocol},
		{"source quench (RFC 6633)", errorAbout(sent, server, our, 4, 8), outside, nf.UnsupportedProtocol},
		{"about a later fragment", about(with(sent, 21, 1), server, our), outside, nf.Fragment},
		{"for another address (N24)", about(sent, server, our+1), outside, nf.NotOurAddress},
		{"about somebody else's packet", about(with(sent, 29, 9), server, our), outside, nf.NoMapping},
		{"about a port without mapping", about(with(sent, 35, 9), server, our), outside, nf.NoMapping},
		{"about another protocol's port", about(with(sent, 23, 6), server, our), outside, nf.NoMapping},
		{"about GRE", about(with(sent, 23, 47), server, our), outside, nf.UnsupportedProtocol},
		{"about an echo reply from inside", about(pong, server, our), outside, nf.UnsupportedProtocol},
		{"from a host without mapping", about(with(answer, 33, 9), host, server), inside, nf.NoMapping},
		{"from another device", about(answer, host, server), other, nf.NoMapping},
		{"to another than the sender", about(answer, host, server+1), inside, nf.NoMapping},
		{"damaged", damaged(about(sent, server, our), 69), outside, nf.BadChecksum},
		{"from inside, damaged", damaged(about(answer, host, server), 36), inside, nf.BadChecksum},
		{"about a damaged header", about(damaged(sent, 15), server, our), outside, nf.BadChecksum},
		{"from inside, about a damaged header", about(damaged(answer, 24), host, server), inside, nf.BadChecksum},
		{"hop by hop", with(about(sent, server, our), 22, 1), outside, nf.TTLExceeded},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := string(test.frame)
			expect(t, "action", process(n, test.frame, test.from, 2), nf.Drop(test.want))
			if string(test.frame) != before {
				t.Error("the dropped frame was rewritten")
			}
		})
	}
	expect(t, "an error", process(n, about(sent, server, our), outside, 2), nf.Forward(inside))
	spoilt := about(damaged(sent, 41), server, our) // nobody but the receiver judges what is quoted behind the header (RFC 5508 REQ-3c)
	expect(t, "an error about a wrong UDP checksum", process(n, spoilt, outside, 2), nf.Forward(inside))
	options := about(optionsOf(sent), server, our) // REQ-3b
	expect(t, "an error about a header with options", process(n, options, outside, 2), nf.Forward(inside))
	expect(t, "damaged options", process(n, about(damaged(optionsOf(sent), 35), server, our), outside, 2), nf.Drop(nf.BadChecksum))
}

// optionsOf is a frame with four bytes of options in its IPv4 header.
func optionsOf(frame []byte) []byte {
	out := slices.Concat(frame[:34], []byte{1, 1, 1, 0}, frame[34:])
	out[14]++
	out[17] += 4
	ip, _ := packet.ParseIPv4(out[14:])
	ip.SetChecksum(ip.ComputeChecksum())
	return out
}

// TestErrorsChangeNoMapping: neither side keeps a mapping alive with errors, or ends it (N12; RFC 5508 REQ-6).
func TestErrorsChangeNoMapping(t *testing.T) {
	timeout := testConfig().UDPTimeout
	for _, from := range []nf.Device{inside, outside} {
		n := newNAT(t, testConfig())
		sent := endpoints{host, 5000, server, 53, packet.UDP, 0, 0}.frame()
		process(n, sent, inside, 0)
		answer := read(t, sent).reply().frame()
		later := bytes.Clone(answer)
		process(n, answer, outside, 1)
		frame := map[nf.Device][]byte{inside: errorAbout(answer, host, server, 3, 8), outside: errorAbout(sent, server, our, 3, 8)}[from]
		again := bytes.Clone(frame)
		expect(t, "error", process(n, frame, from, timeout), nf.Forward(1-from))
		expect(t, "answer", process(n, bytes.Clone(later), outside, timeout), nf.Forward(inside))
		expect(t, "answer, the mapping being over", process(n, later, outside, timeout+1), nf.Drop(nf.NoMapping))
		expect(t, "error, the mapping being over", process(n, again, from, timeout+1), nf.Drop(nf.NoMapping))
	}
}

// TestAllocatesNothing runs packets of all kinds.
func TestAllocatesNothing(t *testing.T) {
	n := newNAT(t, testConfig())
	for name, subject := range subjects() {
		process(n, subject, inside, 1)
		frame := errorAbout(subject, server, our, 3, 8)
		if allocated := testing.AllocsPerRun(100, func() { run(n, subject, frame) }); allocated != 0 {
			t.Errorf("%s, and an error about it, cost %v allocations", name, allocated)
		}
	}
}

// run processes a packet from inside and one from outside.
func run(n *nat.NAT, a, b []byte) {
	process(n, a, inside, 1)
	process(n, b, outside, 1)
}
