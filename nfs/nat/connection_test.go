package nat_test

import (
	"testing"

	"vigor/nf"
	"vigor/packet"
)

// segment is one of a course of events: from inside to a peer, or from a peer, at a time in minutes.
type segment struct {
	at    nf.Time
	from  nf.Device
	peer  packet.IPv4
	flags packet.TCPFlags
}

// TestConnections: how long a mapping of TCP lives depends on how far its connections have come (N17, N21; RFC 5382
// REQ-5, RFC 7857). It ends so many minutes after the start, and not before.
func TestConnections(t *testing.T) {
	const (
		opening, established, closing = 4, 124, 5 // minutes, of testConfig
		a, b                          = server, server + 1
		answer                        = packet.SYN | packet.ACK
		end                           = packet.FIN | packet.ACK
		in, out                       = inside, outside
	)
	open := []segment{{0, in, a, packet.SYN}, {0, out, a, answer}, {0, in, a, packet.ACK}}
	closed := append(open[:3:3], segment{1, in, a, end}, segment{1, out, a, end}, segment{1, in, a, packet.ACK})
	for _, test := range []struct {
		name   string
		course []segment
		then   []segment
		ends   nf.Time
	}{
		{"asked for", open[:1], nil, opening},
		{"asked for again", open[:1], []segment{{2, in, a, packet.SYN}}, 2 + opening},
		{"answered, not yet acknowledged", open[:2], nil, opening},
		{"established", open, nil, established},
		{"established, later segment", open, []segment{{100, in, a, packet.ACK}}, 100 + established},
		{"segments from outside keep nothing alive (N8)", open, []segment{{100, out, a, packet.ACK}}, established},
		{"old SYN", open, []segment{{1, in, a, packet.SYN}}, 1 + established},
		{"asked for from outside", open[:1], []segment{{1, out, b, packet.SYN}, {1, in, b, answer}}, 1 + established},
		{"both have asked", open[:1], []segment{{1, out, a, packet.SYN}, {1, in, a, answer}}, 1 + established},
		{"first seen when established", nil, []segment{{0, in, a, packet.ACK}}, established},
		{"first seen when answering", nil, []segment{{0, in, a, answer}}, established},
		{"first seen when ending", nil, []segment{{0, in, a, end}}, established},
		{"first seen when reset", nil, []segment{{0, in, a, packet.RST}}, closing},

		{"half closed", open, []segment{{1, in, a, end}, {2, in, a, packet.ACK}}, 2 + established},
		{"half closed by the peer", open, []segment{{1, out, a, end}, {2, in, a, packet.ACK}}, 2 + established},
		{"closed", closed, nil, 1 + closing},
		{"closed, last acknowledgement lost", closed[:5], nil, 1 + established},
		{"closed, last FIN again", closed, []segment{{2, out, a, end}, {3, in, a, packet.ACK}}, 3 + closing},
		{"closed by the peer first", open, []segment{{1, out, a, end}, {2, in, a, end}}, 2 + closing},
		{"FIN of somebody else", open, []segment{{1, out, b, end}, {2, in, a, end}}, 2 + established},
		{"FIN with RST", open, []segment{{1, out, a, end | packet.RST}, {2, in, a, end}}, 2 + established},
		{"ended before it was established", open[:1], []segment{{1, out, a, end}, {2, in, a, end}}, 2 + established},
		{"closed, opened again", closed, []segment{{2, in, a, packet.SYN}}, 2 + opening},
		{"closed, opened again from outside", closed, []segment{{2, out, a, packet.SYN}, {2, in, a, answer}}, 2 + established},
		{"closed, opened to another", closed, []segment{{2, in, b, packet.SYN}}, 2 + opening},
		{"closed, established with another", closed, []segment{{2, in, b, packet.SYN}, {3, in, b, packet.ACK}}, 3 + established},

		{"reset", open, []segment{{1, in, a, packet.RST}}, 1 + closing},
		{"reset again", open, []segment{{1, in, a, packet.RST}, {2, in, a, packet.RST}}, 1 + closing},
		{"reset when half closed", open, []segment{{1, in, a, end}, {2, in, a, packet.RST}}, 2 + closing},
		{"reset after it was closed", closed, []segment{{2, in, a, packet.RST}}, 1 + closing},
		{"reset while opening", open[:1], []segment{{1, in, a, packet.RST}}, opening},
		{"reset from outside", open, []segment{{1, out, a, packet.RST}}, established},
		{"going on after a reset", open, []segment{{1, in, a, packet.RST}, {2, in, a, packet.ACK}}, 2 + established},
		{"somebody else refused (N21)", open, []segment{{1, out, b, packet.SYN}, {1, in, b, packet.RST | packet.ACK}}, established},

		{"two peers asked", open[:1], []segment{{1, in, b, packet.SYN}}, 1 + established},
		{"two peers, one closed", open, []segment{{1, in, b, packet.SYN}, {1, in, a, end}, {1, out, a, end}, {2, in, a, packet.ACK}}, 2 + established},
		{"two peers, both reset", open, []segment{{1, in, b, packet.ACK}, {2, in, b, packet.RST}, {2, in, a, packet.RST}}, 1 + established},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := newNAT(t, testConfig())
			var port uint16
			for _, s := range append(test.course[:len(test.course):len(test.course)], test.then...) {
				e := endpoints{host, 5000, s.peer, 443, packet.TCP, 0, 0}
				if s.from == outside {
					e = endpoints{s.peer, 443, our, port, packet.TCP, 0, 0}
				}
				frame := flagged(e.frame(), s.flags)
				expect(t, "segment", process(n, frame, s.from, s.at*nf.Minute), nf.Forward(1-s.from))
				if s.from == inside {
					port = read(t, frame).srcPort
				}
			}
			knock := endpoints{server + 9, 1, our, port, packet.TCP, 0, 0}
			expect(t, "at the end", process(n, knock.frame(), outside, test.ends*nf.Minute), nf.Forward(inside))
			expect(t, "after it", process(n, knock.frame(), outside, test.ends*nf.Minute+1), nf.Drop(nf.NoMapping))
		})
	}
}

// TestTimersByProtocol: datagrams and queries have timers of their own (N7, N14).
func TestTimersByProtocol(t *testing.T) {
	cfg := testConfig()
	n := newNAT(t, cfg)
	outer := open(t, n, endpoints{host, 5000, server, 53, packet.UDP, 0, 0}, 0).reply()
	ping := queryFrame(host, server, packet.ICMPEchoRequest, 7)
	expect(t, "ping", process(n, ping, inside, 0), nf.Forward(outside))
	ip, _ := packet.ParseIPv4(ping[14:])
	answer := func() []byte {
		return queryFrame(server, our, packet.ICMPEchoReply, packet.ICMPHeader(ip.Payload()).Identifier())
	}
	expect(t, "answer", process(n, answer(), outside, cfg.ICMPTimeout), nf.Forward(inside))
	expect(t, "late answer", process(n, answer(), outside, cfg.ICMPTimeout+1), nf.Drop(nf.NoMapping))
	expect(t, "datagram", process(n, outer.frame(), outside, cfg.UDPTimeout), nf.Forward(inside))
	expect(t, "late datagram", process(n, outer.frame(), outside, cfg.UDPTimeout+1), nf.Drop(nf.NoMapping))
}
