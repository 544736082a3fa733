package packet_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"vigor/packet"
)

// quoting makes an ICMP error with right checksums about a datagram of a protocol with a number of bytes of options,
// of which it quotes some bytes behind the header. Often the fields are at the ends of their ranges.
func quoting(r *rand.Rand, p packet.Protocol, options, behind int) packet.IPv4Header {
	corner := func() uint16 { return []uint16{0, 1, 0xFFFE, 0xFFFF, uint16(r.Uint32())}[r.IntN(5)] }
	header := func(b []byte, length, total int, protocol packet.Protocol) packet.IPv4Header {
		b[0], b[8], b[9] = byte(0x40|length/4), 9, byte(protocol)
		binary.BigEndian.PutUint16(b[2:], uint16(total))
		for i := 12; i < length; i += 2 {
			binary.BigEndian.PutUint16(b[i:], corner())
		}
		h := packet.IPv4Header(b)
		h.SetChecksum(h.ComputeChecksum())
		return h
	}
	b := make([]byte, 20+8+20+options+behind)
	ip := header(b, 20, len(b), packet.ICMP)
	header(b[28:], 20+options, 20+options+100, p)
	for i := 48 + options; i+1 < len(b); i += 2 {
		binary.BigEndian.PutUint16(b[i:], corner())
	}
	b[20] = []uint8{packet.ICMPUnreachable, packet.ICMPTimeExceeded, packet.ICMPParameterProblem}[r.IntN(3)]
	binary.BigEndian.PutUint16(b[22:], packet.Checksum(b[20:], 0))
	return ip
}

// TestSetErrorEnds: what an error quotes may be long or short, with options or without; whichever end is exchanged, all
// checksums follow, and nothing else changes.
func TestSetErrorEnds(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5508))
	for range 20000 {
		p := []packet.Protocol{packet.TCP, packet.UDP, packet.ICMP}[r.IntN(3)]
		options, behind := 4*r.IntN(11), 8+r.IntN(30)
		ip := quoting(r, p, options, behind)
		m, _ := packet.ParseICMP(ip.Payload())
		q, ok := packet.ParseQuote(m)
		if !ok {
			t.Fatalf("no quotation: % x", []byte(ip))
		}
		before := append([]byte(nil), ip...)
		address, port := packet.IPv4(r.Uint32()), []uint16{0, 0xFFFF, uint16(r.Uint32())}[r.IntN(3)]
		set, own, at := packet.SetErrorSender, [2]int{12, 44}, 48+options+2
		if r.IntN(2) == 0 {
			set, own, at = packet.SetErrorReceiver, [2]int{16, 40}, 48+options
		}
		if p == packet.ICMP {
			at = 48 + options + 4
		}
		set(ip, m, q, address, port)
		if err := follows(before, ip, p, options); err != nil {
			t.Fatalf("%v:\n% x, then\n% x", err, before, []byte(ip))
		}
		for _, place := range own {
			if got := packet.IPv4(binary.BigEndian.Uint32(ip[place:])); got != address {
				t.Fatalf("the address at %d is %v, want %v", place, got, address)
			}
			copy(before[place:], ip[place:place+4])
		}
		if got := binary.BigEndian.Uint16(ip[at:]); got != port {
			t.Fatalf("the port at %d is %d, want %d", at, got, port)
		}
		copy(before[at:], ip[at:at+2])
		checksums := []int{10, 22, 38, 48 + options + map[packet.Protocol]int{packet.UDP: 6, packet.ICMP: 2}[p]}
		if p == packet.TCP {
			checksums = checksums[:3]
		}
		for _, place := range checksums {
			copy(before[place:], ip[place:place+2])
		}
		if string(before) != string(ip) {
			t.Fatalf("something else has changed:\n% x, want\n% x", []byte(ip), before)
		}
	}
}

// follows says which checksum is not as right or wrong as before.
func follows(before, after []byte, p packet.Protocol, options int) error {
	sum := func(b []byte) uint32 { // of the quoted datagram's first bytes, addresses included
		quoted := b[48+options : 48+options+8]
		s := uint32(0)
		for i := 0; i < 8; i += 2 {
			s += uint32(binary.BigEndian.Uint16(quoted[i:]))
		}
		for i := 40; i < 48 && p == packet.UDP; i += 2 {
			s += uint32(binary.BigEndian.Uint16(b[i:]))
		}
		return s % 0xFFFF
	}
	none := func(b []byte) bool { return p == packet.UDP && b[48+options+6] == 0 && b[48+options+7] == 0 }
	switch {
	case !packet.IPv4Header(after).HeaderChecksumOK():
		return fmt.Errorf("the checksum of the header is wrong")
	case packet.Checksum(after[20:], 0) != 0:
		return fmt.Errorf("the checksum of the message is wrong")
	case packet.Checksum(after[28:48+options], 0) != 0:
		return fmt.Errorf("the checksum of the quoted header is wrong")
	case none(before) != none(after):
		return fmt.Errorf("the quoted datagram had no checksum, and has one, or the reverse")
	case p != packet.TCP && !none(before) && sum(before) != sum(after):
		return fmt.Errorf("the quoted checksum has not followed")
	}
	return nil
}
