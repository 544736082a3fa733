package afxdp

import (
	"maps"
	"slices"
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/netns"
	"vigor/nf"
)

// BenchmarkExchange measures, in ns per packet of 60 bytes in bursts of 32, what the back end costs its
// thread on a veth pair: receiving, with frames already waiting in the rings, and receiving and sending.
// In copy mode sending runs the kernel's whole path to the other end.
func BenchmarkExchange(b *testing.B) {
	for _, mode := range slices.Sorted(maps.Keys(modes)) {
		for name, process := range map[string]dataplane.Burst{"receive": discard, "forward": forward(2)} {
			b.Run(mode+"/"+name, func(b *testing.B) {
				lab := netns.New(b, 2)
				host := lab.Hosts[0].Wire(b, netns.HostDevice)
				loop := dataplane.NewLoop(nf.Env{Devices: 2}, process, open(b, lab, modes[mode]))
				measure(b, loop, host)
			})
		}
	}
}

// measure receives b.N frames; while it puts some into the rings, the clock stands still.
func measure(b *testing.B, loop *dataplane.Loop, host *netns.Wire) {
	f := frame(60, 1)
	received := func() int { return int(loop.Counters.Received[0]) }
	b.ResetTimer()
	for start := received(); received()-start < b.N; {
		b.StopTimer()
		n := min(512, b.N-(received()-start))
		for range n {
			if err := host.Send(f); err != nil {
				b.Fatal(err)
			}
		}
		b.StartTimer()
		for before := received(); received()-before < n; {
			if err := loop.Step(); err != nil {
				b.Fatal(err)
			}
		}
	}
	if lost := loop.Counters.Dropped[0]; lost[nf.ReceiveFull]+lost[nf.TransmitFull] > 0 {
		b.Errorf("%d and %d frames were lost", lost[nf.ReceiveFull], lost[nf.TransmitFull])
	}
}
