package firewall_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"vigor/dataplane/shard"
	"vigor/nf"
	"vigor/packet"
)

// TestShards: three firewalls, each for its part of the packets, decide about all as one alone does, errors that
// routers send about packets for others included.
func TestShards(t *testing.T) {
	const n = 3
	whole := newWall(t, example(t, 1<<12))
	configs, err := shard.Configs(example(t, n<<12), n)
	if err != nil {
		t.Fatal(err)
	}
	var parts [n]*wall
	for k := range parts {
		parts[k] = newWall(t, configs[k])
	}
	cfg := example(t, n<<12)
	var passed, errors [2]int // by device
	r := rand.New(rand.NewPCG(7, 8))
	for i := range 30000 {
		if i%50 == 0 {
			whole.now += nf.Second
		}
		from := nf.Device(r.IntN(2))
		frame := said(r, from == cfg.Inside)
		isError := r.IntN(4) == 0
		if isError { // about what the other side has said
			router := packet.IPv4(0xC0000200 + r.IntN(4))
			frame = about(said(r, from != cfg.Inside), router, packet.ICMPTimeExceeded)
		}
		k := shard.Owner(cfg.Steering(from), frame, n)
		if k == shard.NoOwner {
			t.Fatalf("%x has no owner", frame)
		}
		parts[k].now = whole.now
		want, got := whole.give(from, bytes.Clone(frame)), parts[k].give(from, frame)
		if got != want {
			t.Fatalf("packet %d: shard %d decides %v, one alone %v", i, k, got, want)
		}
		if want.Kind == nf.Forwarded {
			passed[from]++
			if isError {
				errors[from]++
			}
		}
	}
	if min(passed[0], passed[1]) < 3000 || min(errors[0], errors[1]) < 300 {
		t.Errorf("%v packets have passed, %v of them errors: too few to compare", passed, errors)
	}
}

// said is what one of a few hosts says to another, of which one is inside.
func said(r *rand.Rand, byInside bool) []byte {
	from, to := packet.IPv4(0x0A000001+r.IntN(6)), packet.IPv4(0xC6336401+r.IntN(3))
	fromPort, toPort, kind := uint16(5000), uint16(53), uint8(packet.ICMPEchoRequest)
	if !byInside {
		from, to, fromPort, toPort, kind = to, from, toPort, fromPort, packet.ICMPEchoReply
	}
	switch r.IntN(3) {
	case 0:
		return icmp(from, to, kind, 7, nil)
	case 1:
		flags := []packet.TCPFlags{packet.SYN, packet.SYN | packet.ACK, packet.ACK, packet.ACK, packet.FIN | packet.ACK, packet.RST}
		return tcp(from, fromPort, to, toPort, flags[r.IntN(len(flags))])
	}
	return udp(from, fromPort, to, toPort)
}
