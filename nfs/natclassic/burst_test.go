package natclassic_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"vigor/nf"
	"vigor/packet"
)

// burstIsItsPackets runs traffic through a loop with hints, in bursts of some size, and packet by
// packet through a NAT of its own, and compares. The table is small, so that hints name entries that
// packets ahead of them in the burst remove, replace or make.
func burstIsItsPackets(t *testing.T, seed uint64, size, bursts int) (sent int) {
	cfg := testConfig()
	cfg.Capacity = 5
	r := traffic{rand.New(rand.NewPCG(seed, 5)), cfg}
	whole, single := newNAT(t, cfg), newNAT(t, cfg)
	run := hinted(whole)
	now := nf.Time(0)
	for burst := range bursts {
		packets, actions := make([]nf.Packet, size), make([]nf.Action, size)
		want, wantActions := make([][]byte, size), make([]nf.Action, size)
		for i := range size {
			now += nf.Time(r.IntN(4)) * nf.Time(r.IntN(4)) * 10 * nf.Second
			frame, from := r.next()
			packets[i] = nf.NewPacket(frame, from, now)
			want[i] = bytes.Clone(frame)
			wantActions[i] = process(single, want[i], from, now)
		}
		run(packets, actions)
		for i := range size {
			if actions[i] != wantActions[i] || !bytes.Equal(packets[i].Bytes(), want[i]) {
				t.Fatalf("seed %d, burst %d of %d, packet %d: got %v\n% x, alone %v\n% x", seed, burst, size, i,
					actions[i], packets[i].Bytes(), wantActions[i], want[i])
			}
			if actions[i].Kind == nf.Forwarded {
				sent++
			}
		}
	}
	return sent
}

func TestBurstIsItsPackets(t *testing.T) {
	for seed := range uint64(20) {
		size := []int{1, 2, 7, 32, 64}[seed%5]
		if sent := burstIsItsPackets(t, seed, size, 2000/size); sent < 200 {
			t.Errorf("seed %d: only %d packets were sent, the test shows little", seed, sent)
		}
	}
}

func FuzzBurst(f *testing.F) {
	f.Add(uint64(1), uint8(32))
	f.Fuzz(func(t *testing.T, seed uint64, size uint8) { burstIsItsPackets(t, seed, int(size%64)+1, 20) })
}

// FuzzHint: no frame makes Hint fail, write, or allocate.
func FuzzHint(f *testing.F) {
	n := newNAT(f, testConfig())
	e := endpoints{host, 1, server, 53, packet.TCP, 4, 100}
	f.Add(e.frame(), uint16(0))
	f.Add(e.reply().frame()[:42], uint16(1))
	f.Fuzz(func(t *testing.T, frame []byte, device uint16) {
		before := bytes.Clone(frame)
		p := nf.NewPacket(frame, nf.Device(device), 0)
		if got := testing.AllocsPerRun(1, func() { n.Hint(&p) }); got != 0 || !bytes.Equal(frame, before) {
			t.Errorf("%v allocations; % x, before % x", got, frame, before)
		}
	})
}
