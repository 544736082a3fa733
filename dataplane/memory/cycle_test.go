package memory_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/memory"
	"vigor/nf"
)

// cycled are frames of all kinds of lengths; each consists of one byte, repeated.
func cycled() []dataplane.Frame {
	var frames []dataplane.Frame
	for i, size := range []int{60, 1, 64, 65, 1514, 0, 2304, 9000, 63} {
		frames = append(frames, dataplane.Frame{Bytes: bytes.Repeat([]byte{byte(i + 1)}, size), Device: nf.Device(i % 2)})
	}
	return frames
}

// TestCycle: frames come in turn as they were added, at times that advance with each burst, and a burst
// overwrites none of its own; at the limit they end.
func TestCycle(t *testing.T) {
	frames := cycled()
	c := memory.NewCycle(frames[:4], 500)
	for _, f := range frames[4:] {
		c.Add(f.Device, f.Bytes)
	}
	c.Tick = 7
	i, bursts := 0, nf.Time(0)
	loop := dataplane.NewLoop(nf.Env{Devices: 2}, func(packets []nf.Packet, actions []nf.Action) {
		bursts++
		for k := range packets {
			want, p := frames[i%len(frames)], &packets[k]
			if !bytes.Equal(p.Bytes(), want.Bytes) || p.Device() != want.Device || p.Time() != 7*bursts {
				t.Errorf("frame %d: %d bytes on device %d at %d, want %d on %d at %d",
					i, len(p.Bytes()), p.Device(), p.Time(), len(want.Bytes), want.Device, 7*bursts)
			}
			actions[k] = nf.Flood()
			i++
		}
	}, c)
	loop.SetBurst(dataplane.MaxBurst)
	if err := loop.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if i != 500 || c.Sent != 500 || c.Now != 7*bursts {
		t.Errorf("%d frames came, %d were sent, it is %d", i, c.Sent, c.Now)
	}
	if err := loop.Step(); !errors.Is(err, io.EOF) {
		t.Errorf("after the end: %v, want %v", err, io.EOF)
	}
}

// TestCycleKeepsFrames: what a network function writes into a buffer is not in the frame when it comes
// again.
func TestCycleKeepsFrames(t *testing.T) {
	c := memory.NewCycle(cycled(), 1<<20)
	loop := dataplane.NewLoop(nf.Env{Devices: 2}, func(packets []nf.Packet, actions []nf.Action) {
		for k := range packets {
			clear(packets[k].Bytes())
			actions[k] = nf.Drop(nf.Malformed)
		}
	}, c)
	for range 100 {
		if err := loop.Step(); err != nil {
			t.Fatal(err)
		}
	}
	got, want := slices.Collect(c.Frames), cycled()
	if len(got) != len(want) || c.Sent != 0 {
		t.Fatalf("%d frames, %d sent", len(got), c.Sent)
	}
	for i := range want {
		if !bytes.Equal(got[i].Bytes, want[i].Bytes) || got[i].Device != want[i].Device || cap(got[i].Bytes) != len(want[i].Bytes) {
			t.Errorf("frame %d has changed", i)
		}
	}
	for range c.Frames { // a loop may end early
		break
	}
}

// TestCycleOfNothing ends at once, and flushing moves no clock.
func TestCycleOfNothing(t *testing.T) {
	loop := dataplane.NewLoop(nf.Env{Devices: 1}, nil, memory.NewCycle(nil, 5))
	if err := loop.Step(); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want %v", err, io.EOF)
	}
	c := memory.NewCycle(cycled(), 5)
	c.Tick = 1
	if err := dataplane.NewLoop(nf.Env{Devices: 2}, nil, c).Flush(); err != nil || c.Now != 0 {
		t.Errorf("%v, and it is %d", err, c.Now)
	}
}
