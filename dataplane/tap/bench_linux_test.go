package tap_test

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"vigor/dataplane/netns"
	"vigor/dataplane/tap"
	"vigor/nf"
)

// BenchmarkReceive is the time for a frame of 60 bytes that is received and dropped.
func BenchmarkReceive(b *testing.B) { benchmark(b, nf.Drop(nf.Malformed)) }

// BenchmarkForward is the time for one that is received and sent.
func BenchmarkForward(b *testing.B) { benchmark(b, nf.Forward(1)) }

// benchmark reports, beside the time on the clock, that of the processor, which depends less on what else
// runs on the machine.
func benchmark(b *testing.B, action nf.Action) {
	need(b)
	ns := netns.NewNamespace(b)
	loop := flooding(open(b, ns, tap.Config{Busy: true}, "tap0", "tap1"), 2)
	near := ns.Wire(b, "tap0")
	loop.SetProcess(func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = action
		}
	})
	f := frame(60)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var clock, processor time.Duration
	frames := 0
	for done := 0; done < b.N; done += 800 {
		for range 800 {
			if err := near.Send(f); err != nil {
				b.Fatal(err)
			}
		}
		before := loop.Counters.Received[0]
		start := time.Now()
		processor -= processorTime(b)
		for loop.Counters.Received[0] < before+800 {
			if err := loop.Step(); err != nil {
				b.Fatal(err)
			}
		}
		processor += processorTime(b)
		clock += time.Since(start)
		frames += 800
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
