// Package conformance checks that a back end keeps the rules of dataplane.IO. Every back end's tests
// call [Check]; a rule that the loop or a proof relies on belongs here, and not into one of them.
//
// The back end under check is driven by a real loop of three devices, whose network function knows
// what to expect. Frames carry their number and what is to become of them. Frames of another
// EtherType, such as a kernel sends by itself, are dropped and ignored.
package conformance

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

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
	// Sent returns all frames that have left so far, in the order of each device. It is called after
	// Close.
	Sent func() ([]dataplane.Frame, error)
}

// Make builds a back end. If it has no Put, it will receive the given frames, in the order of each
// device, and end.
type Make func(frames []dataplane.Frame) (BackEnd, error)

// The fields of a frame after its Ethernet header.
const (
	numberAt = 14
	orderAt  = 18 // what is to become of the frame
	markAt   = 19 // the network function inverts it
	headerTo = 20
)

// What is to become of a frame.
const (
	forward = iota // by the next device
	back           // by the device it came from
	flood
	drop
	orders
)

// Check returns what is wrong with a back end; nothing if it conforms. The frames are at least 60 and
// at most maxFrame bytes long; a device must be able to hold 256 of them.
func Check(build Make, maxFrame int) []error {
	var problems []error
	for _, number := range []int{0, 1, dataplane.BurstSize, 3*dataplane.BurstSize + 1, 5000} {
		for _, size := range []int{1, dataplane.BurstSize, dataplane.MaxBurst} {
			if err := check(build, number, size, maxFrame); err != nil {
				problems = append(problems, fmt.Errorf("%d frames in bursts of %d: %w", number, size, err))
			}
		}
	}
	return problems
}

// traffic returns frames of many lengths, each of its own content, at increasing times.
func traffic(number, maxFrame int) []dataplane.Frame {
	frames := make([]dataplane.Frame, number)
	for i := range frames {
		frame := bytes.Repeat([]byte{byte(i), byte(i >> 8), 0xA5, 1}, (60+i*7%(maxFrame-59)+3)/4)[:60+i*7%(maxFrame-59)]
		copy(frame, []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2})
		binary.BigEndian.PutUint16(frame[12:], EtherType)
		binary.BigEndian.PutUint32(frame[numberAt:], uint32(i))
		frame[orderAt], frame[markAt] = byte(i/Devices%orders), 0
		frames[i] = dataplane.Frame{Bytes: frame, Device: nf.Device(i % Devices), Time: nf.Time(i) * nf.Millisecond}
	}
	return frames
}

// run is one check.
type run struct {
	frames []dataplane.Frame
	taken  [Devices]int // frames received by each device
	last   nf.Time
	wrong  error // the first thing
}

// check forwards a number of frames, changed, and compares what leaves.
func check(build Make, number, size, maxFrame int) error {
	r := &run{frames: traffic(number, maxFrame)}
	b, err := build(r.frames)
	if err != nil {
		return fmt.Errorf("building: %w", err)
	}
	loop := dataplane.NewLoop(nf.Env{Devices: Devices}, r.process, b.IO)
	loop.SetBurst(size)
	err = r.drive(loop, b)
	if err = errors.Join(err, b.IO.Close()); err != nil {
		return err
	}
	for d, n := range loop.Counters.Dropped {
		if n[nf.TransmitFull] > 0 || n[nf.Truncated] > 0 || n[nf.Oversize] > 0 {
			return fmt.Errorf("device %d: %d frames were refused on idle devices, %d cut short",
				d, n[nf.TransmitFull], n[nf.Truncated]+n[nf.Oversize])
		}
	}
	return r.compare(b)
}

// limit is how long a check may take; a back end that loses a frame is waited for as long.
const limit = 10 * time.Second

// chunk is the number of frames under way at a time, so that no queue overflows.
const chunk = 240

// drive puts frames into the back end and steps until all have come out.
func (r *run) drive(loop *dataplane.Loop, b BackEnd) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if b.Put == nil {
		if err := loop.Run(ctx); err != nil {
			return fmt.Errorf("after %d of %d frames: %w", r.received(), len(r.frames), err)
		}
		if err := loop.Step(); !errors.Is(err, io.EOF) {
			return fmt.Errorf("after the end, Exchange gives %v, want %v", err, io.EOF)
		}
		return cmp.Or(r.wrong, r.all())
	}
	for start := 0; start < len(r.frames); start += chunk {
		end := min(start+chunk, len(r.frames))
		if err := b.Put(r.frames[start:end]); err != nil {
			return fmt.Errorf("putting frames in: %w", err)
		}
		for r.received() < end && r.wrong == nil && ctx.Err() == nil {
			if err := loop.Step(); err != nil {
				return err
			}
		}
		if err := loop.Flush(); err != nil {
			return err
		}
	}
	return cmp.Or(r.wrong, r.all(), loop.Step(), loop.Step()) // nothing arrives after the end
}

// received is the number of frames so far.
func (r *run) received() int {
	n := 0
	for _, taken := range r.taken {
		n += taken
	}
	return n
}

// all complains of missing frames.
func (r *run) all() error {
	if n := r.received(); n != len(r.frames) {
		return fmt.Errorf("%d frames were received, %v by device", n, r.taken)
	}
	return nil
}

// process is the network function. It changes the frames after all were looked at: two that share
// memory are found by what is sent.
func (r *run) process(packets []nf.Packet, actions []nf.Action) {
	for i := range packets {
		actions[i] = r.one(&packets[i])
	}
	for i := range packets {
		if f := packets[i].Bytes(); ours(f) {
			f[markAt] ^= 0xFF
		}
	}
}

// ours reports whether a frame belongs to the check.
func ours(frame []byte) bool {
	return len(frame) >= headerTo && binary.BigEndian.Uint16(frame[12:]) == EtherType
}

// one looks at a packet and decides about it.
func (r *run) one(p *nf.Packet) nf.Action {
	if !ours(p.Bytes()) {
		return nf.Drop(nf.UnsupportedEtherType)
	}
	d := p.Device()
	i := r.taken[d]*Devices + int(d)
	switch {
	case i >= len(r.frames):
		r.fail(fmt.Errorf("device %d: more frames arrive than were put in", d))
		return nf.Drop(nf.Malformed)
	case !bytes.Equal(p.Bytes(), r.frames[i].Bytes):
		r.fail(fmt.Errorf("frame %d is not the one that was put in: order or content is lost", i))
	case p.Time() < r.last || cap(p.Bytes()) != len(p.Bytes()):
		r.fail(fmt.Errorf("frame %d: time runs back, or there is memory behind the frame", i))
	}
	r.last = p.Time()
	r.taken[d]++
	switch p.Bytes()[orderAt] {
	case forward:
		return nf.Forward((d + 1) % Devices)
	case back:
		return nf.Forward(d)
	case flood:
		return nf.Flood()
	}
	return nf.Drop(nf.Malformed)
}

func (r *run) fail(err error) {
	if r.wrong == nil {
		r.wrong = err
	}
}

// expected is what each device must send, in this order.
func (r *run) expected() [Devices][]int {
	var want [Devices][]int
	for i, f := range r.frames {
		for d := range nf.Device(Devices) {
			switch f.Bytes[orderAt] {
			case forward:
				if d == (f.Device+1)%Devices {
					want[d] = append(want[d], i)
				}
			case back:
				if d == f.Device {
					want[d] = append(want[d], i)
				}
			case flood:
				if d != f.Device {
					want[d] = append(want[d], i)
				}
			}
		}
	}
	return want
}

// compare looks at what was sent. The frames that a device sends for one other device keep their
// order; those for different ones may overtake each other, as they may have on arrival.
func (r *run) compare(b BackEnd) error {
	sent, err := b.Sent()
	if err != nil {
		return fmt.Errorf("reading what was sent: %w", err)
	}
	var queues [Devices][Devices][]int // by device and source
	for d, list := range r.expected() {
		for _, i := range list {
			queues[d][i%Devices] = append(queues[d][i%Devices], i)
		}
	}
	for _, f := range sent {
		if !ours(f.Bytes) {
			continue
		}
		from := int(binary.BigEndian.Uint32(f.Bytes[numberAt:])) % Devices
		queue := &queues[f.Device][from]
		if len(*queue) == 0 {
			return fmt.Errorf("device %d has sent too many frames", f.Device)
		}
		i := (*queue)[0]
		*queue = (*queue)[1:]
		want := bytes.Clone(r.frames[i].Bytes)
		want[markAt] ^= 0xFF
		if !bytes.Equal(f.Bytes, want) {
			return fmt.Errorf("device %d: frame %d was not sent as it was decided, or not in order", f.Device, i)
		}
	}
	for d := range queues {
		for from, queue := range queues[d] {
			if len(queue) > 0 {
				return fmt.Errorf("device %d has not sent %d frames of device %d, frame %d first", d, len(queue), from, queue[0])
			}
		}
	}
	return nil
}
