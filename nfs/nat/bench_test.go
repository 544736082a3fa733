package nat_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"strconv"
	"sync"
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/memory"
	"vigor/libvig"
	"vigor/nf"
	"vigor/nfs/nat"
	"vigor/packet"
)

// busy returns a NAT with a number of mappings at 90 % of its ports, and the first packet of each
// flow, in random order.
func busy(b testing.TB, flows int) (*nat.NAT, []dataplane.Frame) {
	b.Helper()
	cfg := configOf(64000)
	cfg.StartPort, cfg.UDPTimeout = 1024, nf.Hour
	n := newNAT(b, cfg)
	frames := make([]dataplane.Frame, flows)
	for i := range frames {
		e := endpoints{host + packet.IPv4(i>>8), uint16(i), server, 53, packet.UDP, 0, 18}
		frames[i] = dataplane.Frame{Bytes: e.frame(), Device: inside}
		if got := process(n, e.frame(), inside, 0); got != nf.Forward(outside) {
			b.Fatalf("flow %d: %v %v", i, got.Kind, got.Reason)
		}
	}
	r := rand.New(rand.NewPCG(9, 9))
	r.Shuffle(flows, func(i, j int) { frames[i], frames[j] = frames[j], frames[i] })
	var ring []byte // all frames in their order, as a device's buffers hold them
	for i := range frames {
		ring = append(ring, frames[i].Bytes...)
	}
	size := len(ring) / flows
	for i := range frames {
		frames[i].Bytes = ring[i*size:][:size]
	}
	return n, frames
}

// burst is the loop that a program of the NAT has.
func burst(n *nat.NAT) dataplane.Burst {
	return func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = n.Process(&packets[i])
		}
	}
}

// hinted is the loop of a program whose state is large.
func hinted(n *nat.NAT) dataplane.Burst {
	hints := new(libvig.Hints)
	return func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			hints.Add(n.Hint(&packets[i]))
		}
		hints.Warm()
		for i := range packets {
			actions[i] = n.Process(&packets[i])
		}
	}
}

// BenchmarkLoop is the whole data path in memory, a copy of the frame included; "wire" forwards and
// does nothing else, so that the difference is the NAT.
func BenchmarkLoop(b *testing.B) {
	const flows = 58000 // 90 % of 64,000 ports
	n, frames := busy(b, flows)
	wire := func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = nf.Forward(outside)
		}
	}
	for _, test := range []struct {
		name string
		run  dataplane.Burst
	}{{"wire", wire}, {"nat", burst(n)}, {"hinted", hinted(n)}} {
		b.Run(test.name, func(b *testing.B) {
			io := memory.NewCycle(frames, b.N)
			io.Tick = nf.Millisecond
			loop := dataplane.NewLoop(nf.Env{Devices: 3}, test.run, io)
			b.ReportAllocs()
			b.ResetTimer()
			if err := loop.Run(context.Background()); err != nil {
				b.Fatal(err)
			}
			if io.Sent != uint64(b.N) {
				b.Fatalf("%d packets of %d were sent", io.Sent, b.N)
			}
		})
	}
}

// BenchmarkShards runs one and two shards, each on a thread of its own with half of the ports and its
// own flows; ns/op is the time per packet of all together.
func BenchmarkShards(b *testing.B) {
	for _, n := range []int{1, 2} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			var loops []*dataplane.Loop
			for range n {
				function, frames := busy(b, 58000/n)
				io := memory.NewCycle(frames, b.N/n)
				loops = append(loops, dataplane.NewLoop(nf.Env{Devices: 3}, burst(function), io))
			}
			b.ReportAllocs()
			b.ResetTimer()
			var all sync.WaitGroup
			for _, loop := range loops {
				all.Go(func() {
					runtime.LockOSThread()
					defer runtime.UnlockOSThread()
					if err := loop.Run(context.Background()); err != nil {
						b.Error(err)
					}
				})
			}
			all.Wait()
		})
	}
}

// BenchmarkProcess is the NAT alone, on frames that stay in place.
func BenchmarkProcess(b *testing.B) {
	n, frames := busy(b, 58000)
	frame := frames[0].Bytes
	p := nf.NewPacket(frame, inside, 1)
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		f := frames[i%len(frames)].Bytes
		copy(frame, f)
		n.Process(&p)
	}
}

func TestNothingAllocates(t *testing.T) {
	cfg := testConfig()
	n := newNAT(t, cfg)
	now := nf.Time(0)
	e := endpoints{host, 1, server, 53, packet.UDP, 4, 100}
	frame := e.frame()
	original := e.frame()
	forwarded := 0
	got := testing.AllocsPerRun(1000, func() { // a new flow each time, and expiry of the oldest
		now += cfg.UDPTimeout / 3
		copy(frame, original)
		frame[38]++
		original[38]++
		if process(n, frame, inside, now).Kind == nf.Forwarded {
			forwarded++
		}
	})
	if got != 0 || forwarded < 1000 {
		t.Errorf("%v allocations per packet, %d packets forwarded; want 0 and all", got, forwarded)
	}
}
