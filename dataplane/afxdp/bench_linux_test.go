package afxdp

import (
	"maps"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"vigor/dataplane"
	"vigor/dataplane/netns"
	"vigor/nf"
)

// Beside the time on the clock the benchmarks report that of the processor, which depends less on what
// else runs on the machine.

// BenchmarkReceive is the time for a frame of 60 bytes that is received and dropped, without that of the
// sender, to whom the kernel charges the copy.
func BenchmarkReceive(b *testing.B) { benchmark(b, discard) }

// BenchmarkForward is the time for one that is received and sent; the kernel sends it, all the way to the
// other end, on our time.
func BenchmarkForward(b *testing.B) { benchmark(b, forward(2)) }

func benchmark(b *testing.B, process dataplane.Burst) {
	for _, mode := range slices.Sorted(maps.Keys(modes)) {
		b.Run(mode, func(b *testing.B) {
			lab := netns.New(b, 2)
			host := lab.Hosts[0].Wire(b, netns.HostDevice)
			cfg := modes[mode]
			cfg.Busy = true
			measure(b, dataplane.NewLoop(nf.Env{Devices: 2}, process, open(b, lab, cfg)), host)
		})
	}
}

// measure receives b.N frames or a few more. While it puts some into the rings, no time is counted.
func measure(b *testing.B, loop *dataplane.Loop, host *netns.Wire) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const number = defaultRing / 4
	f := frame(60, 1)
	received := &loop.Counters.Received[0]
	processor, frames := time.Duration(0), 0
	b.StopTimer()
	b.ResetTimer()
	for ; frames < b.N; frames += number {
		for range number {
			if err := host.Send(f); err != nil {
				b.Fatal(err)
			}
		}
		until := *received + number
		b.StartTimer()
		processor -= processorTime(b)
		for *received < until {
			if err := loop.Step(); err != nil {
				b.Fatal(err)
			}
		}
		processor += processorTime(b)
		b.StopTimer()
	}
	if lost := loop.Counters.Dropped[0]; lost[nf.ReceiveFull]+lost[nf.TransmitFull] > 0 {
		b.Errorf("%d and %d frames were lost", lost[nf.ReceiveFull], lost[nf.TransmitFull])
	}
	b.ReportMetric(float64(processor)/float64(frames), "cpu-ns/frame")
}

// processorTime is what the thread has used.
func processorTime(b *testing.B) time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &now); err != nil {
		b.Fatal(err)
	}
	return time.Duration(now.Nano())
}
