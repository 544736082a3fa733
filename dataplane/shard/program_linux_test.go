package shard_test

import (
	"math/rand/v2"
	"testing"

	"golang.org/x/net/bpf"

	"vigor/dataplane/shard"
	"vigor/nf"
	"vigor/packet"
)

// machine loads the program for a steering as the kernel would.
func machine(t *testing.T, s nf.Steering, n int) *bpf.VM {
	t.Helper()
	var raw []bpf.RawInstruction
	for _, i := range shard.Program(s, n) {
		raw = append(raw, bpf.RawInstruction{Op: i.Code, Jt: i.Jt, Jf: i.Jf, K: i.K})
	}
	instructions, ok := bpf.Disassemble(raw)
	if !ok {
		t.Fatal("the program has unknown instructions")
	}
	vm, err := bpf.NewVM(instructions)
	if err != nil {
		t.Fatal(err)
	}
	return vm
}

// TestProgram: wherever a frame has an owner, the kernel's program names it.
func TestProgram(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, cfg := range configs() {
		for _, n := range []int{2, 3, 64} {
			vm := machine(t, cfg.Steering(wan), n)
			for range 3000 {
				frame := datagram(1, 9, 53, uint16(r.Uint32()), 4*r.IntN(11))
				agree(t, vm, frame, shard.Owner(cfg.Steering(wan), frame, n), n)
			}
			for port := range 1 << 16 {
				frame := datagram(1, 9, 53, uint16(port), 0)
				agree(t, vm, frame, shard.Owner(cfg.Steering(wan), frame, n), n)
			}
		}
	}
}

func agree(t *testing.T, vm *bpf.VM, frame []byte, owner, n int) {
	t.Helper()
	got, err := vm.Run(frame[14:])
	if err != nil || owner != shard.NoOwner && got%n != owner {
		t.Fatalf("%x: the program returns %d, %v; want %d of %d", frame, got, err, owner, n)
	}
}

// TestProgramByAddress: wherever a frame has an owner, the kernel's program names it: datagrams, ICMP errors, fragments,
// and what only resembles them.
func TestProgramByAddress(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, by := range []nf.SteeringField{nf.BySource, nf.ByDestination} {
		for _, n := range []int{2, 3, 64} {
			vm, owned := machine(t, nf.Steering{By: by}, n), 0
			for range 20000 {
				frame := hostile(r)
				owner := shard.Owner(nf.Steering{By: by}, frame, n)
				if agree(t, vm, frame, owner, n); owner != shard.NoOwner {
					owned++
				}
			}
			if owned < 5000 {
				t.Errorf("only %d frames have an owner", owned)
			}
		}
	}
	if shard.Program(nf.Steering{By: nf.ByFlow}, 2) != nil {
		t.Error("a program for what the kernel has a mode for")
	}
}

// hostile is a datagram with random addresses, mostly of ICMP and often damaged or cut.
func hostile(r *rand.Rand) []byte {
	frame := datagram(packet.IPv4(r.Uint32()), packet.IPv4(r.Uint32()), uint16(r.Uint32()), uint16(r.Uint32()), 4*r.IntN(11))
	frame = append(frame, make([]byte, r.IntN(40))...)
	header := int(frame[14]&15) * 4
	for i := 14 + header; i < len(frame); i++ {
		frame[i] = byte(r.Uint32())
	}
	frame[23] = []byte{1, 1, 1, 6, 17}[r.IntN(5)]
	frame[14+header] = []byte{0, 3, 4, 5, 8, 11, 12, 13}[r.IntN(8)]
	if r.IntN(4) == 0 {
		frame[20], frame[21] = byte(r.Uint32()), byte(r.Uint32())
	}
	if r.IntN(8) == 0 {
		frame[14] = byte(r.Uint32())
	}
	return frame[:14+1+r.IntN(len(frame)-14)]
}
