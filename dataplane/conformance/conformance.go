// Package conformance checks that a back end keeps the rules of [dataplane.IO]. Every back end's tests
// call [Check]; a rule that the loop or a proof relies on belongs here, and not into one of them.
//
// The back end under check is driven by a real loop of three devices, whose network function knows
// what to expect; between them stands a layer that keeps some frames from the function and adds
// others, as ARP does. Frames carry their number and what is to become of them. Frames of another
// EtherType, such as a kernel sends by itself, are dropped and ignored.
//
// [Veth] connects a back end for kernel devices with [Check]. Only tests import this package.
//
// Start at [Check], then run.go for what is compared.
package conformance

import (
	"cmp"
	"errors"
	"fmt"

	"vigor/dataplane"
	"vigor/nf"
)

// Devices is the number of devices that Check uses.
const Devices = 3

// EtherType marks the frames of a check: it is the first one for local experiments (IEEE 802).
const EtherType = 0x88B5

// BackEnd is one instance of a back end under check, with what lies on its other side.
type BackEnd struct {
	IO dataplane.IO
	// Put has frames arrive, each device's in their order. Nil if they were known to Make.
	Put func(frames []dataplane.Frame) error
	// Sent returns all frames that have left, in the order of each device. It is called once, after
	// Close, and waits for what is still under way.
	Sent func() ([]dataplane.Frame, error)
	// Jam has the devices hold back what they send, and take less than 4,000 frames each, until free is
	// called; then they send it. Nil if that cannot be had.
	Jam func() (free func() error, err error)
}

// Make builds a back end. If it has no Put, it will receive the given frames, in the order of each
// device, and end.
type Make func(frames []dataplane.Frame) (BackEnd, error)

const (
	// patience is how long one call may take, and how long a frame may stay away. It is a hundred times
	// what a call is allowed, since the machine may be busy.
	patience = 100 * dataplane.MaxWait
	// chunk is the number of frames under way at a time, so that no queue overflows.
	chunk = 240
	// enough is the number of problems after which no more are looked for.
	enough = 3
)

// Check returns what is wrong with a back end, some of it; nothing if it conforms. The frames are at least 60 and
// at most maxFrame bytes long; a device must be able to hold 256 of them, and the same number of those
// that a layer injects.
func Check(build Make, maxFrame int) []error {
	var problems []error
	try := func(name string, check func(build Make, frames []dataplane.Frame) error, frames []dataplane.Frame) {
		if len(problems) == enough {
			return
		}
		if err := check(build, frames); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", name, err))
		}
	}
	for _, number := range []int{0, 1, dataplane.BurstSize, 3*dataplane.BurstSize + 1, 5000} {
		for _, size := range []int{1, dataplane.BurstSize, dataplane.MaxBurst} {
			name := fmt.Sprintf("%d frames in bursts of %d", number, size)
			try(name, forwards(size, false), traffic(number, maxFrame, plain))
			try(name+" below a layer", forwards(size, true), traffic(number, maxFrame, layered))
		}
	}
	try("20000 dropped frames", forwards(dataplane.BurstSize, true), traffic(20000, 200, dropping))
	try("devices that take nothing more", jams, traffic(6000, 200, flooding))
	return problems
}

// forwards sends frames through a back end, changed, and compares what leaves.
func forwards(size int, below bool) func(Make, []dataplane.Frame) error {
	return func(build Make, frames []dataplane.Frame) error {
		b, err := build(frames)
		if err != nil {
			return fmt.Errorf("building: %w", err)
		}
		r := newRun(frames, b, size, below)
		if err := r.finish(func() error { return nil }); err != nil {
			return err
		}
		return cmp.Or(r.lost(), r.compare(false))
	}
}

// lost complains of frames that a back end counts as lost though no device was busy.
func (r *run) lost() error {
	for d, n := range r.loop.Counters.Dropped {
		for _, why := range []nf.Reason{nf.TransmitFull, nf.ReceiveFull, nf.Truncated, nf.Oversize} {
			if n[why] > 0 {
				return fmt.Errorf("device %d: %d frames are lost on idle devices: %v", d, n[why], why)
			}
		}
	}
	return nil
}

// jams floods devices that take nothing more. What is refused is counted, no call waits for room,
// and what is not refused leaves in order once there is room.
func jams(build Make, frames []dataplane.Frame) error {
	b, err := build(frames)
	if err != nil {
		return fmt.Errorf("building: %w", err)
	}
	if b.Jam == nil {
		return b.IO.Close()
	}
	free, err := b.Jam()
	if err != nil {
		return fmt.Errorf("jamming: %w", err)
	}
	r := newRun(frames, b, dataplane.BurstSize, false)
	if err := r.finish(free); err != nil {
		return err
	}
	if r.refused() == 0 {
		return errors.New("no frame was refused, though there was no room for all")
	}
	return r.compare(true)
}

// refused is the number of frames that were counted for lack of room.
func (r *run) refused() int {
	n := uint64(0)
	for _, dropped := range r.loop.Counters.Dropped {
		n += dropped[nf.TransmitFull]
	}
	return int(n)
}
