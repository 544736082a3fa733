package packet_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"vigor/packet"
)

// sumByHand is the Internet checksum as RFC 1071 words it, one carry at a time.
func sumByHand(b []byte) uint16 {
	var sum uint16
	for i := 0; i < len(b); i += 2 {
		word := uint32(b[i]) << 8
		if i+1 < len(b) {
			word |= uint32(b[i+1])
		}
		wide := uint32(sum) + word
		if wide > 0xFFFF {
			wide -= 0xFFFF
		}
		sum = uint16(wide)
	}
	return ^sum
}

func TestChecksumOfRFC1071(t *testing.T) {
	// The example of RFC 1071, section 3: the sum is ddf2.
	if got := packet.Checksum([]byte{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7}, 0); got != ^uint16(0xddf2) {
		t.Errorf("got %04x, want %04x", got, ^uint16(0xddf2))
	}
}

func TestChecksumOfRandomBytes(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	for range 3000 {
		b := make([]byte, r.IntN(100))
		for i := range b {
			b[i] = byte(r.Uint32()) | byte(r.IntN(2)*0xff) // many ff
		}
		check(t, "checksum", packet.Checksum(b, 0), sumByHand(b))
	}
	long := bytes.Repeat([]byte{0xff}, 65535)
	check(t, "checksum of 64 kB", packet.Checksum(long, 0xffffffff), sumByHand(long))
}

// TestUpdateChecksumIsExact compares with equation 3 of RFC 1624, exhaustively in one argument at a
// time around the corners, where the two forms of zero matter.
func TestUpdateChecksumIsExact(t *testing.T) {
	add := func(a, b uint16) uint16 { // one's complement addition
		wide := uint32(a) + uint32(b)
		return uint16(wide) + uint16(wide>>16)
	}
	corners := []uint16{0, 1, 2, 0x00ff, 0x7fff, 0x8000, 0xfffe, 0xffff}
	for _, a := range corners {
		for _, b := range corners {
			for c := range 1 << 16 {
				c := uint16(c)
				for _, args := range [][3]uint16{{a, b, c}, {a, c, b}, {c, a, b}} {
					want := ^add(add(^args[0], ^args[1]), args[2])
					if got := packet.UpdateChecksum(args[0], args[1], args[2]); got != want {
						t.Fatalf("UpdateChecksum(%04x) is %04x, want %04x", args, got, want)
					}
				}
			}
		}
	}
}

// TestUpdateChecksumOfTwoIsExact compares with one word after the other, around the corners.
func TestUpdateChecksumOfTwoIsExact(t *testing.T) {
	corners := []uint16{0, 1, 0x7fff, 0x8000, 0xfffe, 0xffff}
	var args [5]uint16
	for n := range 6 * 6 * 6 * 6 * 6 {
		for i := range args {
			args[i], n = corners[n%len(corners)], n/len(corners)
		}
		got := packet.UpdateChecksumOfTwo(args[0], args[1], args[2], args[3], args[4])
		want := packet.UpdateChecksum(packet.UpdateChecksum(args[0], args[1], args[2]), args[3], args[4])
		if got != want {
			t.Fatalf("UpdateChecksumOfTwo(%04x) is %04x, want %04x", args, got, want)
		}
	}
}

// TestUpdateChecksumOfThreeIsExact does the same for three words.
func TestUpdateChecksumOfThreeIsExact(t *testing.T) {
	corners := []uint16{0, 1, 0x8000, 0xfffe, 0xffff}
	var args [7]uint16
	for n := range 5 * 5 * 5 * 5 * 5 * 5 * 5 {
		for i := range args {
			args[i], n = corners[n%len(corners)], n/len(corners)
		}
		got := packet.UpdateChecksumOfThree(args[0], args[1], args[2], args[3], args[4], args[5], args[6])
		want := packet.UpdateChecksum(packet.UpdateChecksumOfTwo(args[0], args[1], args[2], args[3], args[4]), args[5], args[6])
		if got != want {
			t.Fatalf("UpdateChecksumOfThree(%04x) is %04x, want %04x", args, got, want)
		}
	}
}

// TestUpdateChecksumOfRFC1624 is the example of RFC 1624, section 4, where the older equation
// fails.
func TestUpdateChecksumOfRFC1624(t *testing.T) {
	check(t, "updated checksum", packet.UpdateChecksum(0xDD2F, 0x5555, 0x3285), 0x0000)
}

func TestComputedChecksumsAgreeWithGopacket(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for range 2000 {
		d := random(r)
		d.noChecksum = false
		_, ip, l4 := parse(t, d.frame())
		check(t, "IP checksum", ip.ComputeChecksum(), ip.Checksum())
		check(t, "IP checksum is right", ip.HeaderChecksumOK(), true)
		check(t, "L4 checksum", l4.ComputeChecksum(ip), l4.Checksum())
		check(t, "L4 checksum is right", l4.ChecksumOK(ip), true)
		ip[8]++
		check(t, "IP checksum after damage", ip.HeaderChecksumOK(), false)
		ip[len(ip)-1] ^= 0x10
		check(t, "L4 checksum after damage", l4.ChecksumOK(ip), false)
	}
}

// rewrite applies all rewriting functions.
func rewrite(ip packet.IPv4Header, l4 packet.L4Header, a, b packet.IPv4, p, q uint16) {
	packet.SetSource(ip, l4, a, p)
	packet.SetDestination(ip, l4, b, q)
	if ip.TTL() > 0 {
		ip.DecrementTTL()
	}
}

func TestRewritingKeepsRightChecksums(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	for range 3000 {
		d := random(r)
		frame := d.frame()
		other := random(r)
		_, ip, l4 := parse(t, frame)
		rewrite(ip, l4, other.src, other.dst, other.srcPort, other.dstPort)

		other.udp, other.payload, other.options = d.udp, d.payload, d.options
		other.noChecksum = d.noChecksum
		want := other.frame()
		_, wantIP, _ := parse(t, want)
		wantIP[8] = 63
		wantIP.SetChecksum(wantIP.ComputeChecksum())
		if !bytes.Equal(frame, want) {
			t.Fatalf("got  % x\nwant % x", frame, want)
		}
	}
}

// TestSetEndpoints: both ends at once are as one after the other, also where checksums are wrong or missing.
func TestSetEndpoints(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 1))
	for range 3000 {
		d, other := random(r), random(r)
		frame := d.frame()
		frame[len(frame)-1] ^= byte(r.IntN(2))
		stepwise := bytes.Clone(frame)
		_, ip, l4 := parse(t, stepwise)
		packet.SetSource(ip, l4, other.src, other.srcPort)
		packet.SetDestination(ip, l4, other.dst, other.dstPort)
		_, ip, l4 = parse(t, frame)
		packet.SetEndpoints(ip, l4, other.src, other.srcPort, other.dst, other.dstPort)
		if !bytes.Equal(frame, stepwise) {
			t.Fatalf("got  % x\nwant % x", frame, stepwise)
		}
	}
}

// TestRewritingKeepsWrongChecksumsWrong: damage on the way must stay visible (RFC 3022, 4.1).
func TestRewritingKeepsWrongChecksumsWrong(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	for range 3000 {
		d := random(r)
		d.noChecksum = false
		_, ip, l4 := parse(t, d.frame())
		ip[4] ^= byte(1 + r.IntN(255)) // identification: covered by the IP checksum only
		if d.udp {
			l4 = damage(t, ip, 4)
		} else {
			l4 = damage(t, ip, 14)
		}
		rewrite(ip, l4, packet.IPv4(r.Uint32()), packet.IPv4(r.Uint32()), uint16(r.Uint32()), uint16(r.Uint32()))
		check(t, "IP checksum is right", ip.HeaderChecksumOK(), false)
		check(t, "L4 checksum is right", l4.ChecksumOK(ip), false)
	}
}

// damage flips a bit of the segment at i, in a field that no rewriting touches.
func damage(t *testing.T, ip packet.IPv4Header, i int) packet.L4Header {
	t.Helper()
	ip.Payload()[i] ^= 4
	l4, ok := packet.ParseL4(ip)
	if !ok {
		t.Fatal("ParseL4 refuses the damaged segment")
	}
	return l4
}

// TestUDPZeroRules finds, for one datagram, the port whose computed checksum is 0: it must be sent
// as ffff. Without a checksum, none may appear.
func TestUDPZeroRules(t *testing.T) {
	seen := false
	for port := range 1 << 16 {
		_, ip, l4 := parse(t, datagram{src: 1, dst: 2, udp: true, noChecksum: port&1 == 0}.frame())
		had := l4.Checksum()
		packet.SetSource(ip, l4, 0x0A000001, uint16(port))
		if had == 0 {
			check(t, "checksum of a datagram without one", l4.Checksum(), 0)
			continue
		}
		if !l4.ChecksumOK(ip) || l4.Checksum() == 0 {
			t.Fatalf("port %d: checksum %04x", port, l4.Checksum())
		}
		seen = seen || l4.Checksum() == 0xFFFF
		if port > 4096 && seen {
			break
		}
	}
	udp := datagram{src: 1, dst: 2, srcPort: 9, udp: true}
	_, ip, l4 := parse(t, udp.frame())
	packet.SetSource(ip, l4, 1, 9+l4.Checksum()) // one's complement: the sum becomes ffff
	if l4.Checksum() != 0xFFFF {
		t.Errorf("computed 0 is sent as %04x, want ffff", l4.Checksum())
	}
}

// TestTCPZeroIsOrdinary: in TCP 0 is a checksum like any other.
func TestTCPZeroIsOrdinary(t *testing.T) {
	_, ip, l4 := parse(t, datagram{src: 1, dst: 2, srcPort: 9}.frame())
	packet.SetSource(ip, l4, 1, 9+l4.Checksum())
	check(t, "checksum", l4.Checksum(), 0)
	packet.SetSource(ip, l4, 1, 9)
	check(t, "checksum is right", l4.ChecksumOK(ip), true)
}

func TestNothingAllocates(t *testing.T) {
	frame := datagram{src: 1, dst: 2, srcPort: 3, dstPort: 4, payload: make([]byte, 26)}.frame()
	ok := true
	got := testing.AllocsPerRun(1000, func() {
		eth, a := packet.ParseEthernet(frame)
		ip, b := packet.ParseIPv4(eth.Payload())
		l4, c := packet.ParseL4(ip)
		rewrite(ip, l4, 5, 6, 7, 8)
		ip[8] = 64
		eth.SetSource(eth.Destination())
		ok = ok && a && b && c && packet.Checksum(ip, 0) != 1
	})
	if got != 0 || !ok {
		t.Errorf("%v allocations per packet, want 0 (parsed: %v)", got, ok)
	}
}

// TestSetDSCP changes the code point of random datagrams: the checksum is right as before, or as wrong, and nothing
// else changes.
func TestSetDSCP(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	for range 2000 {
		frame := random(r).frame()
		_, ip, _ := parse(t, frame)
		before, d := append(packet.IPv4Header(nil), ip...), uint8(r.IntN(64))
		if r.IntN(2) == 0 {
			ip.SetChecksum(ip.Checksum() + 0x1234)
		}
		right := ip.HeaderChecksumOK()
		ip.SetDSCP(d)
		check(t, "code point", ip.DSCP(), d)
		check(t, "ECN", ip.ECN(), before.ECN())
		check(t, "checksum is right", ip.HeaderChecksumOK(), right)
		copy(ip[10:12], before[10:12])
		ip[1] = before[1]
		check(t, "the rest", string(ip), string(before))
	}
}
