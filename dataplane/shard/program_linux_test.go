package shard_test

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"golang.org/x/net/bpf"

	"vigor/dataplane/shard"
	nat "vigor/nfs/natclassic"
)

// machine loads the program for a configuration as the kernel would.
func machine(t *testing.T, cfg nat.Config, n int) *bpf.VM {
	t.Helper()
	var raw []bpf.RawInstruction
	for _, i := range shard.Program(cfg.Steering(wan), n) {
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
			vm := machine(t, cfg, n)
			for range 3000 {
				frame := datagram(1, 9, 53, uint16(r.Uint32()), 4*r.IntN(11))
				agree(t, vm, frame, shard.Owner(cfg.Steering(wan), frame, n))
			}
			for port := range 1 << 16 {
				frame := datagram(1, 9, 53, uint16(port), 0)
				agree(t, vm, frame, shard.Owner(cfg.Steering(wan), frame, n))
			}
		}
	}
}

func agree(t *testing.T, vm *bpf.VM, frame []byte, owner int) {
	got, err := vm.Run(frame[14:])
	if err != nil || owner != shard.NoOwner && got != owner {
		t.Fatalf("port %d: the program returns %d, %v; want %d", binary.BigEndian.Uint16(frame[36:]), got, err, owner)
	}
}

// TestProgramOnShortFrames: no frame is too short.
func TestProgramOnShortFrames(t *testing.T) {
	vm := machine(t, natConfig(1024, 1000), 2)
	whole := datagram(1, 9, 53, 2000, 40)
	for size := range len(whole) - 14 {
		if _, err := vm.Run(whole[14 : 14+size]); err != nil {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}
