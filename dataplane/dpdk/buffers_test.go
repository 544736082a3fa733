//go:build linux && dpdk && cgo

package dpdk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"vigor/dataplane"
	"vigor/nf"
)

// TestNoBufferIsLost has random actions on random traffic, with rings so short that most is refused, a
// layer in between, and devices that share buffers or copy them. At the end all buffers are back in
// both pools, and all frames are accounted for.
func TestNoBufferIsLost(t *testing.T) {
	for seed, test := range []struct {
		name   string
		depth  int
		shared bool
	}{
		{"long rings", 4096, false}, {"short rings", 8, false},
		{"long rings, shared buffers", 4096, true}, {"short rings, shared buffers", 8, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := connected(t, 3, test.depth)
			if test.shared {
				f.near.io.in_place = 0
			}
			m := meddler{f.near, rand.New(rand.NewPCG(uint64(seed), 0))}
			loop := dataplane.NewLoop(nf.Env{Devices: 3}, m.decide, m)
			for round := range 400 {
				put(t, f, m.frames(m.IntN(80)))
				loop.SetBurst(1 + m.IntN(dataplane.MaxBurst))
				for range m.IntN(4) {
					step(t, loop)
				}
				if round%7 == 0 {
					take(t, f)
				}
			}
			for range 200 {
				step(t, loop)
			}
			check(t, loop.Flush())
			take(t, f)
			full(t, "near", f.near)
			full(t, "far", f.io)
			audit(t, &loop.Counters, f, test.depth == 8)
		})
	}
}

// meddler is a layer that withholds some packets, and injects some, a few of which are too long. It is
// a network function, too.
type meddler struct {
	*Devices
	*rand.Rand
}

func (m meddler) decide(packets []nf.Packet, actions []nf.Action) {
	for i := range packets {
		switch m.IntN(5) {
		case 0:
			actions[i] = nf.Drop(nf.Malformed)
		case 1:
			actions[i] = nf.Flood()
		case 2:
			actions[i] = nf.ForwardAll(nf.Devices(m.IntN(16)))
		default:
			actions[i] = nf.Forward(nf.Device(m.IntN(4)))
		}
	}
}

func (m meddler) Exchange(out, in *dataplane.Batch) error {
	for range m.IntN(3) {
		out.Inject(make([]byte, 60+m.IntN(2200)), nf.Device(m.IntN(3)))
	}
	err := m.Devices.Exchange(out, in)
	for i := range in.Len() {
		if m.IntN(8) == 0 {
			in.Withhold(i, nf.Devices(m.IntN(8)), nf.LinkControl)
		}
	}
	return err
}

// frames are random ones for three devices.
func (m meddler) frames(n int) []dataplane.Frame {
	frames := make([]dataplane.Frame, n)
	for i := range frames {
		frames[i] = dataplane.Frame{Bytes: make([]byte, 60+m.IntN(1400)), Device: nf.Device(m.IntN(3))}
	}
	return frames
}

// frames are some of various lengths for device 0.
func frames(n int) []dataplane.Frame {
	list := make([]dataplane.Frame, n)
	for i := range list {
		list[i].Bytes = make([]byte, 60+i*77%1400)
	}
	return list
}

// audit compares what both sides have counted. With short rings there must have been no room at times.
func audit(t *testing.T, near *dataplane.Counters, f *far, short bool) {
	t.Helper()
	far := &f.loop.Counters
	var refused, oversize uint64
	for d := range 3 {
		if near.Received[d] != far.Sent[d] || near.Sent[d] != far.Received[d] {
			t.Errorf("device %d: %d received of %d, %d sent of which %d arrived",
				d, near.Received[d], far.Sent[d], near.Sent[d], far.Received[d])
		}
		refused += near.Dropped[d][nf.TransmitFull]
		oversize += near.Dropped[d][nf.Oversize]
	}
	if (refused > 0) != short || oversize == 0 || near.Sent[0] == 0 {
		t.Errorf("%d refused for want of room, %d for their length, %d sent: this is not the traffic that the test is about",
			refused, oversize, near.Sent[0])
	}
}

// TestWholeBurst: all packets of a burst go to one device, which has room for eight of them, or nowhere.
func TestWholeBurst(t *testing.T) {
	for _, action := range []nf.Action{nf.Forward(1), nf.Forward(0), nf.Drop(nf.Malformed)} {
		f := connected(t, 2, 8)
		loop := dataplane.NewLoop(nf.Env{Devices: 2}, func(packets []nf.Packet, actions []nf.Action) {
			for i := range packets {
				actions[i] = action
			}
		}, f.near)
		f.jammed = true
		for range 3 {
			put(t, f, frames(5))
			step(t, loop)
		}
		check(t, loop.Flush())
		c, want := &loop.Counters, [2]uint64{8, 7} // sent, refused
		if action.Kind == nf.Dropped {
			want = [2]uint64{}
		}
		if got := [2]uint64{c.Sent[action.Device], c.Dropped[0][nf.TransmitFull]}; got != want || c.Received[0] != 15 {
			t.Errorf("%v by device %d: %v of %d frames are sent and refused, want %v of 15",
				action.Kind, action.Device, got, c.Received[0], want)
		}
		f.jammed = false
		if got := take(t, f); uint64(len(got)) != want[0] {
			t.Errorf("%d frames have left, want %d", len(got), want[0])
		}
		full(t, "near", f.near)
		full(t, "far", f.io)
	}
}

// TestFloodedFramesAreApart: what a receiver does to a flooded frame, the others do not see.
func TestFloodedFramesAreApart(t *testing.T) {
	for name, shared := range map[string]bool{"copied": false, "shared": true} {
		t.Run(name, func(t *testing.T) {
			f := connected(t, 3, 512)
			if shared {
				f.near.io.in_place = 0
			}
			loop := dataplane.NewLoop(nf.Env{Devices: 3}, flood, f.near)
			var seen []string
			f.look = func(p *nf.Packet) {
				seen = append(seen, fmt.Sprint(p.Device(), p.Bytes()[0]))
				p.Bytes()[0] = 200
			}
			put(t, f, []dataplane.Frame{{Bytes: bytes.Repeat([]byte{7}, 60), Device: 0}})
			step(t, loop)
			check(t, loop.Flush())
			take(t, f)
			if len(seen) != 2 || seen[0] != "1 7" && seen[0] != "2 7" || seen[1] != "1 7" && seen[1] != "2 7" {
				t.Errorf("saw %q, want the frame as it was sent, on 1 and on 2", seen)
			}
		})
	}
}

func flood(packets []nf.Packet, actions []nf.Action) {
	for i := range packets {
		actions[i] = nf.Flood()
	}
}

// TestFramesInPieces: a frame longer than a buffer is dropped and counted, those around it are not.
func TestFramesInPieces(t *testing.T) {
	name := filepath.Join(t.TempDir(), "capture")
	var frames []dataplane.Frame
	for _, n := range []int{60, 2048, 2049, 3000, 1500, 9000, 61} {
		frames = append(frames, dataplane.Frame{Bytes: make([]byte, n)})
	}
	check(t, writeCapture(name, frames, 0))
	loop, devices := alone(t, "net_pcap7,rx_pcap="+name+"", nf.Forward(0))
	for range 10 {
		step(t, loop)
	}
	c := &loop.Counters
	if c.Received[0] != 7 || c.Dropped[0][nf.Truncated] != 3 || c.Sent[0] != 4 || c.SentBytes[0] != 60+2048+1500+61 {
		t.Errorf("%d received, %d truncated, %d sent with %d bytes; want 7, 3, 4 with 3669",
			c.Received[0], c.Dropped[0][nf.Truncated], c.Sent[0], c.SentBytes[0])
	}
	full(t, "the pool", devices)
}

// TestUnwantedFramesGoBack: the network function was told of one device, and there are two. Frames in
// pieces leave gaps between the buffers.
func TestUnwantedFramesGoBack(t *testing.T) {
	dir := t.TempDir()
	var frames []dataplane.Frame
	for i := range 50 {
		frames = append(frames, dataplane.Frame{Bytes: make([]byte, 60+i%3*2000), Device: nf.Device(i % 2)})
	}
	var devices []string
	for d := range nf.Device(2) {
		name := filepath.Join(dir, fmt.Sprint(d))
		check(t, writeCapture(name, frames, d))
		devices = append(devices, fmt.Sprintf("net_pcap%d,rx_pcap=%s", d, name))
	}
	near, err := Open(config(devices...))
	check(t, err)
	defer closed(t, near)
	loop := dataplane.NewLoop(nf.Env{Devices: 1}, flood, near)
	for range 5 {
		step(t, loop)
	}
	if n := loop.Counters.Received[0]; n != 25 || loop.Counters.Received[1] != 0 {
		t.Errorf("%d frames were received by device 0, want 25, and none by device 1", n)
	}
	full(t, "the pool", near)
}

// TestNoDeviceIsStarved: beside one that always has frames, another one is heard.
func TestNoDeviceIsStarved(t *testing.T) {
	f := connected(t, 1, 64)
	check(t, f.near.Close())
	var err error
	f.near, err = Open(config("net_null3", f.pairs[0].A, "net_null4"))
	check(t, err)
	loop := dataplane.NewLoop(nf.Env{Devices: 3}, flood, f.near)
	put(t, f, frames(10))
	for range 3 {
		step(t, loop)
	}
	if c := &loop.Counters; c.Received[0] != 32 || c.Received[1] != 10 || c.Received[2] == 0 {
		t.Errorf("%v frames were received, want 32, 10 and some", c.Received[:3])
	}
}

// alone opens one device, for a function that does the same to each packet.
func alone(t *testing.T, device string, action nf.Action) (*dataplane.Loop, *Devices) {
	t.Helper()
	devices, err := Open(config(device))
	check(t, err)
	t.Cleanup(func() { closed(t, devices) })
	return dataplane.NewLoop(nf.Env{Devices: 1}, func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = action
		}
	}, devices), devices
}

// TestPoolRunsDry: nobody reads what is sent, until no buffers are left to receive into. What then
// arrives is counted, and once there are buffers again, all goes on.
func TestPoolRunsDry(t *testing.T) {
	const number = 4000
	name := filepath.Join(t.TempDir(), "capture")
	check(t, writeCapture(name, frames(number), 0))
	pairs++
	pair, err := NewPair(config(), fmt.Sprintf("t%d", pairs), 4096)
	check(t, err)
	cfg := config("net_pcap8,rx_pcap="+name+"", pair.A)
	cfg.Descriptors = 32
	near, err := Open(cfg)
	check(t, err)
	far, err := Open(config(pair.B))
	check(t, err)
	defer func() { check(t, errors.Join(near.Close(), far.Close(), pair.Close())) }()
	near.io.look_every = 0

	loop := dataplane.NewLoop(nf.Env{Devices: 2}, flood, near)
	for range number {
		step(t, loop)
	}
	_, all := near.Buffers()
	c := &loop.Counters
	lost := c.Dropped[0][nf.ReceiveFull]
	if c.Received[0] != number || lost == 0 || c.Sent[1] != number-lost || c.Sent[1] > uint64(all) {
		t.Errorf("%d of %d frames received, %d lost, %d sent with %d buffers", c.Received[0], number, lost, c.Sent[1], all)
	}
	arrived := dataplane.NewLoop(nf.Env{Devices: 1}, flood, far)
	for range number {
		step(t, arrived)
	}
	check(t, errors.Join(loop.Flush(), arrived.Flush()))
	if n := arrived.Counters.Received[0]; n != c.Sent[1] {
		t.Errorf("%d frames arrived, %d were sent", n, c.Sent[1])
	}
	full(t, "the pool", near)
}

// TestMissedFramesAreReported: as many as were missed, in bounded steps.
func TestMissedFramesAreReported(t *testing.T) {
	loop, devices := alone(t, "net_ring7", nf.Forward(0))
	devices.io.missed[0], devices.io.unreported = 3*maxReport+1, 3*maxReport+1
	for i, want := range []uint64{maxReport, 2 * maxReport, 3 * maxReport, 3*maxReport + 1, 3*maxReport + 1} {
		step(t, loop)
		if got := loop.Counters.Dropped[0][nf.ReceiveFull]; got != want {
			t.Errorf("after exchange %d, %d are reported, want %d", i, got, want)
		}
	}
}

// TestFlushReadsNoCounters: the loop flushes often when it measures latency, and cards answer slowly.
func TestFlushReadsNoCounters(t *testing.T) {
	loop, devices := alone(t, "net_ring7", nf.Forward(0))
	devices.io.look_every = 3600e9
	step(t, loop)
	next := devices.io.look_at
	check(t, loop.Flush())
	step(t, loop)
	if next == 0 || devices.io.look_at != next {
		t.Errorf("counters are read again: the next time is %d, was %d", devices.io.look_at, next)
	}
}

// TestFullBatch: as many frames as a batch takes are all sent.
func TestFullBatch(t *testing.T) {
	f := connected(t, 1, 512)
	var injected uint64
	loop := dataplane.NewLoop(nf.Env{Devices: 1}, func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = nf.Forward(0)
		}
	}, filler{f.near, &injected})
	loop.SetBurst(dataplane.MaxBurst)
	put(t, f, frames(dataplane.MaxBurst))
	step(t, loop)
	check(t, loop.Flush())
	got := take(t, f)
	if n := uint64(len(got)); n != dataplane.MaxBurst+injected || injected < dataplane.MaxBurst || loop.Counters.Sent[0] != n {
		t.Errorf("%d frames arrived of %d injected and %d received", n, injected, dataplane.MaxBurst)
	}
}

// filler injects as much as fits.
type filler struct {
	*Devices
	injected *uint64
}

func (f filler) Exchange(out, in *dataplane.Batch) error {
	for out.Inject(make([]byte, 60), 0) {
		*f.injected++
	}
	return f.Devices.Exchange(out, in)
}

// TestNothingAllocates covers receiving, sending, flooding, refusing and injecting.
func TestNothingAllocates(t *testing.T) {
	f := connected(t, 3, 8)
	arriving := []dataplane.Frame{{Bytes: make([]byte, 60)}, {Bytes: make([]byte, 60), Device: 1}}
	loop := dataplane.NewLoop(nf.Env{Devices: 3}, flood, f.near)
	f.loop.SetProcess(func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = nf.Drop(nf.NoReason)
		}
	})
	for range 10 {
		put(t, f, arriving)
	}
	f.loop.SetBurst(2) // less than arrives
	got := testing.AllocsPerRun(100, func() {
		f.waiting = arriving
		step(t, loop)
		step(t, loop)
		step(t, f.loop)
	})
	if got != 0 || loop.Counters.Sent[2] < 50 || loop.Counters.Dropped[0][nf.TransmitFull] == 0 {
		t.Errorf("%v allocations, %d sent, %d refused; want 0, at least 50, and some",
			got, loop.Counters.Sent[2], loop.Counters.Dropped[0][nf.TransmitFull])
	}
}

// TestTimePasses: packets carry the clock's time.
func TestTimePasses(t *testing.T) {
	f := connected(t, 1, 64)
	var times []nf.Time
	loop := dataplane.NewLoop(nf.Env{Devices: 1}, func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			times = append(times, packets[i].Time())
			actions[i] = nf.Drop(nf.NoReason)
		}
	}, f.near)
	for range 2 {
		put(t, f, frames(1))
		step(t, loop)
		time.Sleep(5 * time.Millisecond)
	}
	if len(times) != 2 || times[1]-times[0] < 5*nf.Millisecond || times[1]-times[0] > 10*nf.Second {
		t.Errorf("times %v, want two that are 5 ms apart or a bit more", times)
	}
}

// TestRunEnds: the loop ends when it is told to, though a device without frames waits.
func TestRunEnds(t *testing.T) {
	loop, _ := alone(t, "net_ring8", nf.Forward(0))
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if err := loop.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
	}
}

// closed closes devices, of whose buffers nobody else has any.
func closed(t testing.TB, d *Devices) {
	t.Helper()
	check(t, d.Close())
	if n := len(process.retired); n > 0 {
		t.Errorf("after closing, %d pools have not all their buffers back", n)
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func step(t testing.TB, loop *dataplane.Loop) {
	t.Helper()
	check(t, loop.Step())
}

func put(t testing.TB, f *far, frames []dataplane.Frame) {
	t.Helper()
	check(t, f.put(frames))
}

func take(t testing.TB, f *far) []dataplane.Frame {
	t.Helper()
	got, err := f.take()
	check(t, err)
	return got
}
