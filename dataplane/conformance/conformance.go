// Package conformance checks that a back end keeps the rules of dataplane.IO. Every back end's tests
// call [Check]; a rule that the loop or a proof relies on belongs here, and not into one of them.
package conformance

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"vigor/dataplane"
	"vigor/nf"
)

// BackEnd is one instance of a back end under check, with what lies on its other side.
type BackEnd struct {
	IO dataplane.IO
	// Sent returns all frames that have left so far, in the order of each device.
	Sent func() ([]dataplane.Outgoing, error)
}

// Make builds a back end that will receive the given frames, in their order, and nothing else.
type Make func(frames []dataplane.Frame) (BackEnd, error)

// devices is the number of devices that Check uses.
const devices = 3

// Check returns what is wrong with a back end; nothing if it conforms.
func Check(build Make) []error {
	var problems []error
	for _, number := range []int{0, 1, dataplane.BurstSize, 3*dataplane.BurstSize + 1} {
		if err := check(build, number); err != nil {
			problems = append(problems, fmt.Errorf("%d frames: %w", number, err))
		}
	}
	return problems
}

// traffic returns frames of many lengths, each of its own content, at increasing times.
func traffic(number int) []dataplane.Frame {
	frames := make([]dataplane.Frame, number)
	for i := range frames {
		frames[i] = dataplane.Frame{
			Bytes:  bytes.Repeat([]byte{byte(i), byte(i >> 8), 0xA5}, 20+i%480),
			Device: nf.Device(i % devices), Time: nf.Time(i) * nf.Millisecond,
		}
	}
	return frames
}

// check forwards a number of frames, changed, to the next device.
func check(build Make, number int) error {
	frames := traffic(number)
	b, err := build(frames)
	if err != nil {
		return fmt.Errorf("building: %w", err)
	}
	received, err := forward(b.IO, frames)
	if err != nil {
		return err
	}
	if received != number {
		return fmt.Errorf("%d frames were received", received)
	}
	if _, err := b.IO.Receive(make([]dataplane.Frame, dataplane.BurstSize)); !errors.Is(err, io.EOF) {
		return fmt.Errorf("after the end, Receive gives %v, want %v", err, io.EOF)
	}
	return compare(b, frames)
}

// forward receives and sends until the end, and looks at what it receives.
func forward(back dataplane.IO, want []dataplane.Frame) (int, error) {
	burst := make([]dataplane.Frame, dataplane.BurstSize)
	last, n := nf.Time(0), 0
	for {
		got, err := back.Receive(burst)
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil || got < 1 || got > len(burst) {
			return n, fmt.Errorf("Receive gives %d frames of %d, %v", got, len(burst), err)
		}
		out := make([]dataplane.Outgoing, got)
		for i, f := range burst[:got] {
			switch {
			case n == len(want):
				return n, errors.New("more frames arrive than were sent")
			case !bytes.Equal(f.Bytes, want[n].Bytes) || f.Device != want[n].Device || f.Truncated:
				return n, fmt.Errorf("frame %d is not the one that was sent: order or content is lost", n)
			case f.Time < last:
				return n, fmt.Errorf("frame %d is older than the one before", n)
			}
			last = f.Time
			n++
			out[i] = dataplane.Outgoing{Bytes: f.Bytes, Device: (f.Device + 1) % devices, Time: f.Time}
		}
		for _, o := range out { // after all were looked at: frames must not share memory
			o.Bytes[2] ^= 0xFF
		}
		if err := back.Transmit(out); err != nil {
			return n, fmt.Errorf("Transmit: %w", err)
		}
		for i, o := range out {
			if o.Refused {
				return n, fmt.Errorf("frame %d of a burst is refused on idle devices", i)
			}
			o.Bytes[2] = 0 // after Transmit the frame is the loop's again
		}
	}
}

// compare looks at what was sent, device by device.
func compare(b BackEnd, frames []dataplane.Frame) error {
	sent, err := b.Sent()
	if err != nil {
		return fmt.Errorf("reading what was sent: %w", err)
	}
	if len(sent) != len(frames) {
		return fmt.Errorf("%d frames were sent", len(sent))
	}
	var next [devices]int // the next frame for each device
	for d := range next {
		next[d] = (d + devices - 1) % devices
	}
	for _, o := range sent {
		i := next[o.Device]
		if i >= len(frames) {
			return fmt.Errorf("device %d has sent too many frames", o.Device)
		}
		next[o.Device] += devices
		want := bytes.Clone(frames[i].Bytes)
		want[2] ^= 0xFF
		if !bytes.Equal(o.Bytes, want) {
			return fmt.Errorf("frame %d was not sent as it stood in Transmit, or not in order", i)
		}
	}
	return nil
}
