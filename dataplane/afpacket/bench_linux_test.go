package afpacket_test

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"vigor/dataplane/afpacket"
	"vigor/dataplane/netns"
	"vigor/nf"
)

// Beside the time on the clock the benchmarks report that of the processor, which depends less on what
// else runs on the machine.

// BenchmarkReceive is the time for a frame of 60 bytes that is received and dropped, without that of the
// sender, to whom the kernel charges the copy.
func BenchmarkReceive(b *testing.B) { inBothForms(b, nf.Drop(nf.Malformed)) }

// BenchmarkForward is the time for one that is received and sent.
func BenchmarkForward(b *testing.B) { inBothForms(b, nf.Forward(1)) }

func inBothForms(b *testing.B, action nf.Action) {
	b.Run("blocks", func(b *testing.B) { benchmark(b, action, afpacket.Config{Blocks: 1024}) })
	b.Run("slots", func(b *testing.B) { benchmark(b, action, afpacket.Config{Blocks: 1024, Busy: true}) })
}

func benchmark(b *testing.B, action nf.Action, cfg afpacket.Config) {
	r := newRig(b, netns.New(b, 2), cfg)
	r.loop.SetProcess(func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = action
		}
	})
	f := frame(0, 60)
	const number = 20_000
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var clock, processor time.Duration
	frames := 0
	for done := 0; done < b.N; done += number {
		for range number {
			if err := r.wires[0].Send(f); err != nil {
				b.Fatal(err)
			}
		}
		before := r.loop.Counters.Received[0]
		time.Sleep(5 * time.Millisecond) // until the kernel has handed over the last block
		start := time.Now()
		processor -= processorTime(b)
		for r.loop.Counters.Received[0] < before+number {
			if err := r.loop.Step(); err != nil {
				b.Fatal(err)
			}
		}
		processor += processorTime(b)
		clock += time.Since(start)
		frames += number
		if err := r.loop.Flush(); err != nil {
			b.Fatal(err)
		}
		if _, err := r.wires[1].All(0); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(clock)/float64(frames), "ns/op") // without sending and capturing
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
