package lower

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"vigor/internal/smt"
)

// errorFrame is an ICMP error with right checksums that quotes a datagram with options, and n bytes behind its header.
func errorFrame(n int) []byte {
	quoted := frameOf(ports{protocol: 17, src: 0x0A000001, dst: 0x08080808, srcPort: 5, dstPort: 6, ttl: 9, options: 8})[14:]
	quoted = append(quoted[:28:28], bytes.Repeat([]byte{0xAB, 3, 0xFF}, n)[:n]...)
	message := append([]byte{3, 1, 0, 0, 0, 0, 0, 0}, quoted...)
	binary.BigEndian.PutUint16(message[2:], sumOf(message, 0))
	frame := frameOf(ports{protocol: 1, src: 0x08080808, dst: 0x0A000001, ttl: 60, options: 4})
	frame = append(frame[:14+24:14+24], message...)
	binary.BigEndian.PutUint16(frame[16:], uint16(len(frame)-14))
	repair(frame, false)
	return append(frame, 0xEE, 0xEE, 0xEE) // what pads a frame is not summed
}

// TestChecksumsOfErrors: on values, checksum_ok is what it says, of messages of all lengths; each byte counts, and for no
// checksum that does not cover it.
func TestChecksumsOfErrors(t *testing.T) {
	const text = `assert pkt.has(inner), "none"
assert pkt.ipv4.checksum_ok, "header"
assert pkt.icmp.checksum_ok, "message"
assert pkt.inner.ipv4.checksum_ok, "quoted"`
	spec := compile(t, text)
	run := func(frame []byte) string {
		b := smt.NewBuilder()
		_, failed := execute(t, spec, b, world(b, frame, 0, 1000))
		return strings.Join(failed, " | ")
	}
	const message, quoted = 14 + 24, 14 + 24 + 8
	for _, n := range []int{8, 9, 60, 61, 500} {
		frame := errorFrame(n)
		if got := run(frame); got != "" {
			t.Errorf("%d bytes: got %q, want none", n, got)
		}
		end := len(frame) - 3
		for at, want := range map[int]string{22: "header", message + 4: "message", quoted + 8: "message", end - 1: "message", end: ""} {
			damaged := bytes.Clone(frame)
			damaged[at] ^= 0x11
			if got := run(damaged); (want == "") != (got == "") || !strings.Contains(got, want) {
				t.Errorf("%d bytes, damaged at %d: got %q, want %q", n, at, got, want)
			}
		}
		damaged := bytes.Clone(frame)
		damaged[quoted+8] ^= 0x11
		damaged[message+2], damaged[message+3] = 0, 0
		binary.BigEndian.PutUint16(damaged[message+2:], sumOf(damaged[message:end], 0))
		if got := run(damaged); !strings.Contains(got, "quoted") {
			t.Errorf("%d bytes, quoted header damaged: got %q, want %q", n, got, "quoted")
		}
	}
}

// TestChecksumOfNothing: a datagram that says it is shorter than its header is not summed around the end of all frames.
func TestChecksumOfNothing(t *testing.T) {
	b := smt.NewBuilder()
	before := b.Size()
	const text = "pkt.udp.length = 3\nassert not pkt.udp.checksum_ok and old(pkt).udp.checksum_ok"
	if _, failed := execute(t, compile(t, text), b, world(b, frameOf(inside), 0, 1000)); len(failed) > 0 {
		t.Errorf("failed: %q", failed)
	}
	if made := b.Size() - before; made > 5000 {
		t.Errorf("it took %d terms", made)
	}
}

// TestAskedSums: a checksum is the sum that the NF has asked for where that is of the same bytes, and of no others.
func TestAskedSums(t *testing.T) {
	const text = `assume(pkt.has(icmp))
assert pkt.icmp.checksum_ok, "message"`
	for _, c := range []struct {
		name string
		lo   uint64
		more uint64 // bytes summed behind the message
		want string
	}{
		{"the same", 0, 0, ""},
		{"from the checksum on", 2, 0, "VIG3001 assertion fails: message"},
		{"with one byte more", 0, 1, "VIG3001 assertion fails: message"},
	} {
		t.Run(c.name, func(t *testing.T) {
			failed := explore(t, compile(t, text), func(p Path, w *World) Out {
				b, frame := p.Builder(), w.Packet.Bytes
				word := func(at uint64) *smt.Term { return b.Select(frame, b.Word(at, 16)) }
				ihl := b.Concat(b.Word(0, 10), b.Extract(word(14), 3, 0), b.Word(0, 2))
				lo := b.BVAdd(ihl, b.Word(14+c.lo, 16))
				n := b.BVSub(b.BVAdd(b.Concat(word(16), word(17)), b.Word(c.more-c.lo, 16)), ihl)
				part := smt.Range{Of: frame, Lo: lo, Length: n}
				sum := Sum{part, b.Sum(part, p.Simplify)}
				w.Sums = append(w.Sums, sum)
				p.Axiom(b.Eq(sum.Term, b.Word(0xFFFF, 16))) // what the NF has found right
				return Out{}
			})
			if got := strings.Join(failed, " | "); c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
