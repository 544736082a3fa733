package bench

import (
	"bytes"
	"encoding/binary"
	"testing"

	"vigor/packet"
)

// describe is the description in good.
func describe(t *testing.T) *File {
	t.Helper()
	d, err := Read("bench.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// headers parses a frame of a shape and reports what a receiver would object to.
func headers(t *testing.T, frame []byte) (packet.IPv4Header, packet.L4Header) {
	t.Helper()
	eth, ok := packet.ParseEthernet(frame)
	if !ok || eth.Type() != packet.TypeIPv4 {
		t.Fatalf("no IPv4 in % x", frame)
	}
	ip, ok := packet.ParseIPv4(eth.Payload())
	if !ok || !ip.HeaderChecksumOK() {
		t.Fatalf("bad IPv4 header in % x", frame)
	}
	l4, ok := packet.ParseL4(ip)
	if !ok || !l4.ChecksumOK(ip) {
		t.Fatalf("bad segment in % x", frame)
	}
	return ip, l4
}

// TestFrames: whatever varies, lengths and checksums are right, and only the fields differ.
func TestFrames(t *testing.T) {
	d := describe(t)
	for _, protocol := range []packet.Protocol{packet.UDP, packet.TCP} {
		for _, wire := range []int{MinFrame, 1500} {
			d.Packet.Protocol = Protocol(protocol)
			s := newShape(d.Packet, wire)
			for n := range uint64(3000) {
				field := Field(n % uint64(len(fieldNames)))
				before := bytes.Clone(s.frame)
				s.set(field, n*0x9e3779b97f4a7c15)
				ip, _ := headers(t, s.frame)
				if len(s.frame) != wire-4 || int(ip.TotalLength()) != wire-18 || ip.Source()>>24 != 10 || s.frame[6] != 2 {
					t.Fatalf("%d bytes, % x", len(s.frame), s.frame)
				}
				if bytes.Equal(before, s.frame) {
					t.Fatalf("setting %v changes nothing", field)
				}
			}
		}
	}
}

// TestFlowsDiffer: no two flows of a kind have the same fields, and a flow has the same ones again.
func TestFlowsDiffer(t *testing.T) {
	d := describe(t)
	for _, kind := range Traffics {
		f, s := newFlows(d, kind), newShape(d.Packet, MinFrame)
		seen := map[string]uint64{}
		for n := range uint64(200_000) {
			f.apply(s, n)
			if other, twice := seen[string(s.frame)]; twice {
				t.Fatalf("%s: flows %d and %d are the same", kind, n, other)
			}
			seen[string(s.frame)] = n
		}
		f.apply(s, 77)
		if seen[string(s.frame)] != 77 {
			t.Errorf("%s: flow 77 is not what it was", kind)
		}
	}
}

// TestAdversarialKeysCollide: a hash that adds words and masks the sum gets all flows into one slot.
func TestAdversarialKeysCollide(t *testing.T) {
	d := describe(t)
	f, s := newFlows(d, Adversarial), newShape(d.Packet, MinFrame)
	sums := map[uint32]bool{}
	for n := range uint64(1000) {
		f.apply(s, n)
		ip, _ := headers(t, s.frame)
		sums[(uint32(ip.Source())+uint32(ip.Destination()))&0xffffff] = true
	}
	if len(sums) != 1 {
		t.Errorf("the sums of the addresses have %d values, want one", len(sums))
	}
}

func TestAnswer(t *testing.T) {
	d := describe(t)
	s := newShape(d.Packet, MinFrame)
	s.set(SourcePort, 4711)
	answer(s.frame)
	ip, l4 := headers(t, s.frame)
	if ip.Source() != d.Packet.Destination || ip.Destination() != d.Packet.Source ||
		l4.SourcePort() != 53 || l4.DestinationPort() != 4711 || binary.BigEndian.Uint16(s.frame[4:]) != 1 {
		t.Errorf("got % x", s.frame)
	}
}
