package dataplane_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"vigor/dataplane"
	"vigor/dataplane/memory"
	"vigor/nf"
)

func TestCountersOfBytesAndBursts(t *testing.T) {
	queue := &memory.Queue{Space: map[nf.Device]int{1: 2, 2: 9}}
	for i, size := range []int{60, 100, 0, 1500} {
		queue.Put(nf.Device(i%2), 0, make([]byte, size))
	}
	queue.Put(0, 0, make([]byte, dataplane.MaxFrame+1))
	loop := dataplane.NewLoop(nf.Env{Devices: 3}, each(func(p *nf.Packet) nf.Action { return nf.Flood() }), queue)
	loop.SetBurst(3)
	if err := loop.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	c := &loop.Counters
	if got := c.ReceivedBytes[:3]; !slices.Equal(got, []uint64{60, 1600, 0}) {
		t.Errorf("received %v bytes", got)
	}
	// Device 1 has room for the frames of 60 and 0 bytes; 0 for both of device 1.
	if got := c.SentBytes[:3]; !slices.Equal(got, []uint64{0, 60, 1660}) {
		t.Errorf("sent %v bytes, %v packets", got, c.Sent[:3])
	}
	if c.Bursts[3] != 1 || c.Bursts[1] != 1 || c.Bursts[0] != 0 {
		t.Errorf("bursts %v, want one of three and one of one", c.Bursts[:4])
	}
}

// slow waits where a real device would send.
type slow struct{ *memory.Cycle }

func (s slow) Exchange(out, in *dataplane.Batch) error {
	if out.Len() > 0 {
		time.Sleep(2 * time.Millisecond)
	}
	return s.Cycle.Exchange(out, in)
}

// TestLatencyIsSampled: one of four bursts, from its reception until it was sent; none without asking.
func TestLatencyIsSampled(t *testing.T) {
	for _, every := range []int{0, 4} {
		cycle := memory.NewCycle([]dataplane.Frame{{Bytes: make([]byte, 64)}}, 8*dataplane.BurstSize)
		loop := dataplane.NewLoop(nf.Env{Devices: 2}, each(func(*nf.Packet) nf.Action { return nf.Forward(1) }), slow{cycle})
		loop.SampleLatency(every)
		if err := loop.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		want := uint64(0)
		if every > 0 {
			want = 2
		}
		total, fast := uint64(0), uint64(0)
		for class, n := range loop.Counters.Latency {
			total += n
			if dataplane.LatencyLimit(class) < 2_000_000 {
				fast += n
			}
		}
		if total != want || fast != 0 || loop.Counters.LatencySum < nf.Time(want)*2*nf.Millisecond {
			t.Errorf("one of %d: %d samples, %d below 2 ms, %d ns in all", every, total, fast, loop.Counters.LatencySum)
		}
		if cycle.Sent != 8*dataplane.BurstSize {
			t.Errorf("%d packets were sent", cycle.Sent)
		}
		if _, ok := loop.Now(); ok != (every > 0) {
			t.Errorf("one of %d: the clock is known: %t", every, ok)
		}
	}
}

// TestIdle: a loop is idle after a step without packets, measured or not.
func TestIdle(t *testing.T) {
	for _, every := range []int{0, 1} {
		empty := &empties{}
		loop := dataplane.NewLoop(nf.Env{Devices: 2}, each(func(*nf.Packet) nf.Action { return nf.Flood() }), empty)
		loop.SampleLatency(every)
		for step := range 4 {
			if err := loop.Step(); err != nil {
				t.Fatal(err)
			}
			if want := step%2 == 0; loop.Idle() != want {
				t.Errorf("one of %d sampled, step %d: idle is %t", every, step, !want)
			}
		}
	}
}

// empties has a frame in every second step.
type empties struct{ steps int }

func (e *empties) Exchange(out, in *dataplane.Batch) error {
	if in.Room() > 0 {
		if e.steps++; e.steps%2 == 0 {
			in.Add([]byte{1}, 0, 0, 0)
		}
	}
	return nil
}

func (e *empties) Close() error { return nil }

func TestLatencyLimits(t *testing.T) {
	if low, high := dataplane.LatencyLimit(0), dataplane.LatencyLimit(dataplane.Latencies-2); low != 256 || high != 67108864 {
		t.Errorf("limits are %d to %d ns", low, high)
	}
}

// TestFailureOfASampledExchange: what fails while a measured burst is sent ends the loop.
func TestFailureOfASampledExchange(t *testing.T) {
	broken := errors.New("cable pulled")
	loop := dataplane.NewLoop(nf.Env{Devices: 2}, each(func(*nf.Packet) nf.Action { return nf.Flood() }),
		&fixed{frames: []dataplane.Frame{{Bytes: []byte{2}}}, err: broken})
	loop.SampleLatency(1)
	if err := loop.Step(); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
}

// TestNow: the estimate goes on while nothing arrives, and is never before the latest packet.
func TestNow(t *testing.T) {
	queue := &memory.Queue{}
	queue.Put(0, 5*nf.Second, []byte{1})
	loop := dataplane.NewLoop(nf.Env{Devices: 2}, each(func(*nf.Packet) nf.Action { return nf.Forward(1) }), queue)
	loop.SampleLatency(64)
	if err := loop.Step(); err != nil {
		t.Fatal(err)
	}
	first, _ := loop.Now()
	time.Sleep(time.Millisecond)
	second, _ := loop.Now()
	if first < 5*nf.Second || second < first+nf.Millisecond || second > first+nf.Minute {
		t.Errorf("now is %d, then %d", first, second)
	}
	queue.Put(0, 500*nf.Second, []byte{1})
	if err := loop.Step(); err != nil {
		t.Fatal(err)
	}
	if now, _ := loop.Now(); now < 500*nf.Second {
		t.Errorf("now is %d, before the latest packet", now)
	}
}

func TestSamplingDoesNotAllocate(t *testing.T) {
	cycle := memory.NewCycle([]dataplane.Frame{{Bytes: make([]byte, 64)}}, 1<<40)
	loop := dataplane.NewLoop(nf.Env{Devices: 4}, each(func(*nf.Packet) nf.Action { return nf.Flood() }), cycle)
	loop.SampleLatency(1)
	got := testing.AllocsPerRun(100, func() {
		if err := loop.Step(); err != nil {
			t.Fatal(err)
		}
	})
	if got != 0 || loop.Counters.Latency == [dataplane.Latencies]uint64{} {
		t.Errorf("%v allocations per burst, want 0", got)
	}
}

// BenchmarkSampling is the loop with a function that only forwards, with and without measured bursts.
func BenchmarkSampling(b *testing.B) {
	frames := make([]dataplane.Frame, 4096)
	for i := range frames {
		frames[i] = dataplane.Frame{Bytes: make([]byte, 64)}
	}
	for _, test := range []struct {
		name  string
		every int
	}{{"none", 0}, {"one of 64", 64}, {"all", 1}} {
		b.Run(test.name, func(b *testing.B) {
			loop := dataplane.NewLoop(nf.Env{Devices: 2}, func(packets []nf.Packet, actions []nf.Action) {
				for i := range packets {
					actions[i] = nf.Forward(1)
				}
			}, memory.NewCycle(frames, b.N))
			loop.SampleLatency(test.every)
			b.ReportAllocs()
			b.ResetTimer()
			if err := loop.Run(context.Background()); err != nil {
				b.Fatal(err)
			}
		})
	}
}
