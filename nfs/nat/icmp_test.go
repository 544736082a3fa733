package nat_test

import (
	"encoding/binary"
	"testing"

	"vigor/nf"
	"vigor/packet"
)

// icmpFrame writes a datagram of ICMP with right checksums and a TTL of 64.
func icmpFrame(src, dst packet.IPv4, message []byte) []byte {
	frame := endpoints{src: src, dst: dst, protocol: packet.UDP, payload: len(message) - 8}.frame()
	frame[23] = byte(packet.ICMP)
	copy(frame[34:], message)
	frame[36], frame[37] = 0, 0
	binary.BigEndian.PutUint16(frame[36:], packet.Checksum(frame[34:], 0))
	ip := packet.IPv4Header(frame[14:34])
	ip.SetChecksum(ip.ComputeChecksum())
	return frame
}

// queryFrame writes a query or reply with some data.
func queryFrame(src, dst packet.IPv4, kind uint8, identifier uint16) []byte {
	return icmpFrame(src, dst, []byte{kind, 0, 0, 0, byte(identifier >> 8), byte(identifier), 0, 1, 'd', 'a', 't', 'a', '!'})
}

// readQuery returns addresses and identifier of a frame, and fails if a checksum is wrong.
func readQuery(t testing.TB, frame []byte) (src, dst packet.IPv4, identifier uint16) {
	t.Helper()
	ip, ok := packet.ParseIPv4(frame[14:])
	if !ok || ip.Protocol() != packet.ICMP || !ip.HeaderChecksumOK() || packet.Checksum(ip.Payload(), 0) != 0 {
		t.Fatalf("no ICMP, or a wrong checksum: % x", frame)
	}
	return ip.Source(), ip.Destination(), packet.ICMPHeader(ip.Payload()).Identifier()
}

// TestQueries: who asks is shown by an identifier of its own, whomever it asks, and hears the replies (N14).
func TestQueries(t *testing.T) {
	for _, kinds := range [][2]uint8{{packet.ICMPEchoRequest, packet.ICMPEchoReply}, {packet.ICMPTimestamp, packet.ICMPTimestampReply}} {
		n := newNAT(t, testConfig())
		seen := map[uint16]packet.IPv4{}
		for i := range packet.IPv4(3) {
			frame := queryFrame(host+i, server+i, kinds[0], 7)
			expect(t, "query", process(n, frame, inside, 1), nf.Forward(outside))
			src, dst, identifier := readQuery(t, frame)
			if _, taken := seen[identifier]; src != our || dst != server+i || identifier < 2000 || identifier > 2003 || taken || frame[22] != 63 {
				t.Fatalf("query of host %d leaves from %v, %d, for %v", i, src, identifier, dst)
			}
			seen[identifier] = host + i
		}
		for identifier, asker := range seen {
			frame := queryFrame(server, our, kinds[1], identifier)
			expect(t, "reply", process(n, frame, outside, 2), nf.Forward(inside))
			if src, dst, own := readQuery(t, frame); src != server || dst != asker || own != 7 {
				t.Errorf("reply to %d comes from %v for %v, %d; want %v, 7", identifier, src, dst, own, asker)
			}
		}
		frame := queryFrame(host, server+9, kinds[0], 7)
		process(n, frame, inside, 3)
		if _, _, identifier := readQuery(t, frame); seen[identifier] != host {
			t.Error("another peer sees another identifier (RFC 5508 REQ-1a)")
		}
	}
}

func TestMessagesDropped(t *testing.T) {
	n := newNAT(t, testConfig())
	opened := open(t, n, endpoints{host, 5000, server, 53, packet.UDP, 0, 0}, 1).srcPort
	ping := queryFrame(host, server, packet.ICMPEchoRequest, 7)
	process(n, ping, inside, 1)
	_, _, asked := readQuery(t, ping)
	set := func(frame []byte, at int, to byte) []byte { frame[at] = to; return frame }
	for _, test := range []struct {
		name  string
		frame []byte
		from  nf.Device
		want  nf.Reason
	}{
		{"7 bytes", set(queryFrame(host, server, 8, 7), 17, 27), inside, nf.Malformed},
		{"TTL 1", set(queryFrame(host, server, 8, 7), 22, 1), inside, nf.TTLExceeded},
		{"fragment (N15)", set(queryFrame(host, server, 8, 7), 20, 0x20), inside, nf.Fragment},
		{"redirect", queryFrame(server, our, 5, asked), outside, nf.UnsupportedProtocol},
		{"query from outside", queryFrame(server, our, 8, asked), outside, nf.NoMapping},
		{"query for the outside address", queryFrame(host, our, 8, asked), inside, nf.NoMapping},
		{"reply from inside", queryFrame(host, server, 0, asked), inside, nf.NoMapping},
		{"reply for another address (N24)", queryFrame(server, our+1, 0, asked), outside, nf.NotOurAddress},
		{"reply nobody asked for", queryFrame(server, our, 0, asked^2), outside, nf.NoMapping},
		{"reply to a port of UDP", queryFrame(server, our, 0, opened), outside, nf.NoMapping},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := string(test.frame)
			expect(t, "action", process(n, test.frame, test.from, 2), nf.Drop(test.want))
			if string(test.frame) != before {
				t.Error("the dropped frame was rewritten")
			}
		})
	}
	expect(t, "UDP to an identifier", process(n, endpoints{server, 53, our, asked, packet.UDP, 0, 0}.frame(), outside, 2), nf.Drop(nf.NoMapping))
	expect(t, "a reply", process(n, queryFrame(server, our, 0, asked), outside, 2), nf.Forward(inside))
}

// TestMessageOfZeros: a reply without any data for identifier 0 is nothing but zeros, and 0xFFFF is its checksum.
func TestMessageOfZeros(t *testing.T) {
	n := newNAT(t, testConfig())
	frame := icmpFrame(host, server, []byte{8, 0, 0, 0, 0, 0, 0, 0})
	expect(t, "query", process(n, frame, inside, 1), nf.Forward(outside))
	_, _, identifier := readQuery(t, frame)
	frame = icmpFrame(server, our, []byte{0, 0, 0, 0, byte(identifier >> 8), byte(identifier), 0, 0})
	expect(t, "reply", process(n, frame, outside, 2), nf.Forward(inside))
	if got := binary.BigEndian.Uint16(frame[36:]); got != 0xFFFF {
		t.Errorf("checksum %#x, want 0xffff", got)
	}
}
