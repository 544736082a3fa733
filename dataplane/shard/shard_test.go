package shard_test

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/memory"
	"vigor/dataplane/shard"
	"vigor/nf"
	nat "vigor/nfs/natclassic"
	"vigor/nfs/nop"
	"vigor/packet"
)

const wan = 1

// datagram is a UDP datagram in an Ethernet frame, with a number of option bytes in the IP header.
func datagram(src, dst packet.IPv4, srcPort, dstPort uint16, options int) []byte {
	const payload = 10
	f := make([]byte, 14+20+options+8+payload)
	binary.BigEndian.PutUint16(f[12:], 0x0800)
	ip := f[14:]
	ip[0] = 0x40 | byte((20+options)/4)
	binary.BigEndian.PutUint16(ip[2:], uint16(len(ip)))
	ip[8], ip[9] = 64, byte(packet.UDP)
	binary.BigEndian.PutUint32(ip[12:], uint32(src))
	binary.BigEndian.PutUint32(ip[16:], uint32(dst))
	udp := ip[20+options:]
	binary.BigEndian.PutUint16(udp, srcPort)
	binary.BigEndian.PutUint16(udp[2:], dstPort)
	binary.BigEndian.PutUint16(udp[4:], 8+payload)
	return f
}

func natConfig(start uint16, capacity int) nat.Config {
	return nat.Config{WAN: wan, ExternalIP: 9, StartPort: start, Capacity: capacity, FlowTimeout: nf.Hour}
}

// configs are configurations at the limits, and some others.
func configs() []nat.Config {
	list := []nat.Config{
		natConfig(1024, 64512), natConfig(1024, 64), natConfig(65535-63, 64), natConfig(65472, 64), natConfig(1024, 65),
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 5 {
		start := 1024 + r.IntN(60000)
		list = append(list, natConfig(uint16(start), 64+r.IntN(65536-start-64)))
	}
	return list
}

// TestOneOwner: each port lies in the range of one shard's configuration at most, and the steering
// names that shard.
func TestOneOwner(t *testing.T) {
	frame := datagram(1, 9, 53, 0, 0)
	for _, cfg := range configs() {
		for _, n := range []int{2, 3, 7, 64} {
			parts, err := shard.Configs(cfg, n)
			if err != nil {
				t.Fatal(err)
			}
			var owner [1 << 16]int
			for i := range owner {
				owner[i] = shard.NoOwner
			}
			for k, part := range parts {
				for i := range part.Capacity {
					port := int(part.StartPort) + i
					if owner[port] != shard.NoOwner {
						t.Fatalf("%+v: port %d belongs to shards %d and %d of %d", cfg, port, owner[port], k, n)
					}
					owner[port] = k
				}
			}
			for port, want := range owner {
				binary.BigEndian.PutUint16(frame[36:], uint16(port))
				if got := shard.Owner(cfg.Steering(wan), frame, n); got != want {
					t.Fatalf("%+v: port %d is steered to shard %d of %d, want %d", cfg, port, got, n, want)
				}
			}
		}
	}
}

// TestOwnerNeedsPorts: what has no destination port belongs to no shard.
func TestOwnerNeedsPorts(t *testing.T) {
	s := natConfig(1024, 64512).Steering(wan)
	good := datagram(1, 9, 53, 2000, 8)
	if shard.Owner(s, good, 2) != 0 {
		t.Error("a datagram with options has no owner")
	}
	for name, change := range map[string]func(f []byte) []byte{
		"empty":             func(f []byte) []byte { return nil },
		"ARP":               func(f []byte) []byte { f[13] = 6; return f },
		"version":           func(f []byte) []byte { f[14] = 0x67; return f },
		"header length":     func(f []byte) []byte { f[14] = 0x44; return f },
		"later fragment":    func(f []byte) []byte { f[21] = 1; return f },
		"ICMP":              func(f []byte) []byte { f[23] = byte(packet.ICMP); return f },
		"cut before ports":  func(f []byte) []byte { return f[:14+28+2] },
		"cut in the header": func(f []byte) []byte { return f[:20] },
	} {
		if got := shard.Owner(s, change(append([]byte(nil), good...)), 2); got != shard.NoOwner {
			t.Errorf("%s: owner %d", name, got)
		}
	}
	if got := shard.Owner(nf.Steering{By: nf.ByFlow}, good, 2); got != shard.NoOwner {
		t.Errorf("steered by flow: owner %d", got)
	}
}

// TestOwnerByAddress: what concerns a host belongs to one shard, whoever sends it, and hosts are divided about evenly.
func TestOwnerByAddress(t *testing.T) {
	const host, server, router, n = 0x0A000007, 0xC6336401, 0xC0000201, 4
	owner := func(by nf.SteeringField, frame []byte) int { return shard.Owner(nf.Steering{By: by}, frame, n) }
	request, answer := datagram(host, server, 5000, 53, 0), datagram(server, host, 53, 5000, 8)
	want := owner(nf.BySource, request)
	for name, got := range map[string]int{
		"answer":             owner(nf.ByDestination, answer),
		"error from outside": owner(nf.ByDestination, about(request, router)),
		"error from inside":  owner(nf.BySource, about(answer, router)),
	} {
		if got != want {
			t.Errorf("%s: owner %d, want %d", name, got, want)
		}
	}
	var hosts [n]int
	for i := range packet.IPv4(1 << 12) {
		hosts[owner(nf.BySource, datagram(host+i, server, 5000, 53, 0))]++
	}
	for k, count := range hosts {
		if count < 900 || count > 1150 {
			t.Errorf("shard %d has %d of 4096 hosts", k, count)
		}
	}
	for name, frame := range map[string][]byte{"short": request[:30], "quotes nothing": about(request, router)[:14+20+8+19]} {
		if got := owner(nf.BySource, frame); got != shard.NoOwner {
			t.Errorf("%s: owner %d", name, got)
		}
	}
}

// about is an ICMP error about the datagram in a frame.
func about(frame []byte, from packet.IPv4) []byte {
	f := datagram(from, packet.IPv4(binary.BigEndian.Uint32(frame[26:])), 0, 0, 0)
	f[23] = byte(packet.ICMP)
	return append(append(f[:34], packet.ICMPTimeExceeded, 0, 0, 0, 0, 0, 0, 0), frame[14:14+28]...)
}

// whole cannot be split; failing cannot either; invalid can, into parts that are not valid.
type (
	whole   struct{}
	failing struct{}
	invalid struct{}
)

func (failing) Shard(k, n int) (failing, error) { return failing{}, errors.New("no part for a shard") }
func (failing) Steering(nf.Device) nf.Steering  { return nf.Steering{} }
func (invalid) Shard(k, n int) (invalid, error) { return invalid{}, nil }
func (invalid) Steering(nf.Device) nf.Steering  { return nf.Steering{} }
func (invalid) Validate() error                 { return errors.New("start_port is 0") }

func problem[C any](cfg C, n int) string {
	if _, err := shard.Configs(cfg, n); err != nil {
		return err.Error()
	}
	return ""
}

func TestConfigsRefuses(t *testing.T) {
	for name, test := range map[string]struct{ got, want string }{
		"none":      {problem(nop.Config{}, 0), "0 shards: the number must be 1 to 64"},
		"too many":  {problem(nop.Config{}, 65), "65 shards: the number must be 1 to 64"},
		"whole":     {problem(whole{}, 2), "2 shards: this network function cannot be split"},
		"failing":   {problem(failing{}, 2), "2 shards: no part for a shard"},
		"invalid":   {problem(invalid{}, 2), "shard 0 of 2: start_port is 0"},
		"too small": {problem(natConfig(1024, 3), 4), "each shard needs at least one flow"},
	} {
		if !strings.Contains(test.got, test.want) || test.got == "" {
			t.Errorf("%s: got %q, want %q", name, test.got, test.want)
		}
	}
	if got := problem(whole{}, 1) + problem(nop.Config{Left: 0, Right: 1}, 64); got != "" {
		t.Errorf("refused: %s", got)
	}
}

// TestGuard: packets of another shard are dropped with a reason, all others pass.
func TestGuard(t *testing.T) {
	cfg := natConfig(1024, 1000)
	queue := &memory.Queue{}
	for i, port := range []uint16{1023, 1024, 1523, 1524, 2023, 2024} {
		queue.Put(wan, 0, datagram(1, 9, 53, port, 0))
		queue.Put(0, 0, datagram(1, 9, uint16(i), port, 0))
	}
	var seen []uint16
	loop := dataplane.NewLoop(nf.Env{Devices: 2}, func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			if packets[i].Device() == wan {
				seen = append(seen, binary.BigEndian.Uint16(packets[i].Bytes()[36:]))
			}
			actions[i] = nf.Forward(0)
		}
	}, shard.Guard(queue, shard.Steerings(cfg, 2), 1, 2))
	if err := loop.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	c := &loop.Counters
	if len(seen) != 4 || seen[0] != 1023 || seen[1] != 1524 || seen[3] != 2024 {
		t.Errorf("shard 1 saw the ports %v, want 1023, 1524, 2023, 2024", seen)
	}
	if c.Dropped[wan][nf.WrongShard] != 2 || c.Dropped[0][nf.WrongShard] != 0 {
		t.Errorf("%d and %d packets were dropped, want 2 and 0", c.Dropped[wan][nf.WrongShard], c.Dropped[0][nf.WrongShard])
	}
}

// TestFlowsMeetTheirShard splits a NAT in three, sends many flows out by shards picked per flow, and
// answers each: the answer, steered by its port alone, gets in.
func TestFlowsMeetTheirShard(t *testing.T) {
	const n, flows = 3, 3000
	cfg := natConfig(1024, 9001)
	parts, err := shard.Configs(cfg, n)
	if err != nil {
		t.Fatal(err)
	}
	var nats [n]*nat.NAT
	for k := range nats {
		if nats[k], err = nat.New(nf.Env{Devices: 2}, parts[k]); err != nil {
			t.Fatal(err)
		}
	}
	used := map[uint16]int{}
	for i := range flows {
		out := datagram(packet.IPv4(0x0A000000+i), 7, uint16(i), 53, 0)
		p := nf.NewPacket(out, 0, nf.Time(i))
		if a := nats[i%n].Process(&p); a != nf.Forward(wan) {
			t.Fatalf("flow %d: %v %v", i, a.Kind, a.Reason)
		}
		port := binary.BigEndian.Uint16(out[34:])
		if other, ok := used[port]; ok {
			t.Fatalf("flows %d and %d both have outside port %d", other, i, port)
		}
		used[port] = i
		reply := datagram(7, 9, 53, port, 4)
		owner := shard.Owner(cfg.Steering(wan), reply, n)
		if owner != i%n {
			t.Fatalf("the answer to flow %d of shard %d is steered to shard %d", i, i%n, owner)
		}
		q := nf.NewPacket(reply, wan, nf.Time(i))
		if a := nats[owner].Process(&q); a != nf.Forward(0) || binary.BigEndian.Uint16(reply[40:]) != uint16(i) {
			t.Fatalf("the answer to flow %d: %v %v", i, a.Kind, a.Reason)
		}
	}
}
