package conformance

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"runtime"
	"time"

	"vigor/dataplane"
	"vigor/nf"
)

// run is one check.
type run struct {
	back    BackEnd
	loop    *dataplane.Loop
	frames  []dataplane.Frame // that arrive
	longest int               // length of the longest of them

	injected []dataplane.Frame // by the layer; each by its device
	taken    [Devices]int      // frames received by each device
	last     nf.Time
	wrong    error // the first thing

	stuck   bool              // a call has not come back
	calls   chan func() error // to the one goroutine that uses the back end
	results chan error
}

// newRun prepares a run.
func newRun(frames []dataplane.Frame, b BackEnd, size int, below bool) *run {
	r := &run{back: b, frames: frames, longest: 60, calls: make(chan func() error), results: make(chan error, 1)}
	go r.work()
	for _, f := range frames {
		r.longest = max(r.longest, len(f.Bytes))
	}
	var io dataplane.IO = watch{b.IO, r}
	if below {
		io = &layer{IO: io, r: r}
	}
	r.loop = dataplane.NewLoop(nf.Env{Devices: Devices}, r.process, io)
	r.loop.SetBurst(size)
	return r
}

// fail keeps the first thing that is wrong.
func (r *run) fail(err error) {
	if r.wrong == nil {
		r.wrong = err
	}
}

// process is the network function. It changes the frames after all were looked at: two that share
// memory are found by what is sent.
func (r *run) process(packets []nf.Packet, actions []nf.Action) {
	for i := range packets {
		actions[i] = decide(&packets[i])
	}
	for i := range packets {
		if f := packets[i].Bytes(); ours(f) {
			f[markAt] ^= 0xFF
		}
	}
}

// decide does with a packet what it asks for.
func decide(p *nf.Packet) nf.Action {
	if !ours(p.Bytes()) {
		return nf.Drop(nf.UnsupportedEtherType)
	}
	switch p.Bytes()[orderAt] {
	case forward:
		return nf.Forward((p.Device() + 1) % Devices)
	case back:
		return nf.Forward(p.Device())
	case flood:
		return nf.Flood()
	}
	return nf.Drop(nf.Malformed)
}

// drive has all frames go through the loop.
func (r *run) drive() error {
	if r.back.Put != nil {
		return cmp.Or(r.live(), r.wrong, r.all())
	}
	for moved := time.Now(); r.wrong == nil && time.Since(moved) < patience; {
		before := r.received()
		err := r.step()
		if errors.Is(err, io.EOF) {
			if err := r.step(); !errors.Is(err, io.EOF) {
				return fmt.Errorf("after the end, Exchange gives %v, want %v", err, io.EOF)
			}
			break
		}
		if err != nil {
			return fmt.Errorf("after %d of %d frames: %w", r.received(), len(r.frames), err)
		}
		if r.received() > before {
			moved = time.Now()
		}
	}
	return cmp.Or(r.wrong, r.all())
}

// live puts frames in while others are under way.
func (r *run) live() error {
	put, moved := 0, time.Now()
	for r.received() < len(r.frames) && r.wrong == nil && time.Since(moved) < patience {
		left := len(r.frames) - put
		if more := min(left, chunk-(put-r.received())); more > 0 && more >= min(chunk/2, left) {
			if err := r.back.Put(r.frames[put : put+more]); err != nil {
				return fmt.Errorf("putting frames in: %w", err)
			}
			put += more
		}
		before := r.received()
		if err := r.step(); err != nil {
			return err
		}
		if r.received() > before {
			moved = time.Now()
		}
	}
	return cmp.Or(r.within(r.loop.Flush), r.step(), r.step()) // nothing arrives after the end
}

// work makes the calls to the loop and the back end, on one thread.
func (r *run) work() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for call := range r.calls {
		r.results <- call()
	}
}

// step makes one step of the loop.
func (r *run) step() error { return r.within(r.loop.Step) }

// errStuck is a call that has not come back. It is left behind, and so is the back end.
var errStuck = fmt.Errorf("a call took more than %v: it may wait for frames, %v at most, but never for room",
	patience, dataplane.MaxWait)

// within complains of a call that takes too long.
func (r *run) within(call func() error) error {
	if r.stuck {
		return errStuck
	}
	r.calls <- call
	select {
	case err := <-r.results:
		return err
	case <-time.After(patience):
		r.stuck = true
		return errStuck
	}
}

// finish drives the run to its end and closes the back end.
func (r *run) finish(before func() error) error {
	err := r.drive()
	if r.stuck {
		return err
	}
	err = errors.Join(err, before(), r.within(r.back.IO.Close))
	close(r.calls)
	return err
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

// queues are frames that must leave, in order: by the device that sends them, the one they came from,
// and whether the layer withheld or injected them. Frames of different queues may overtake each other.
type queues [Devices][Devices][3][]*dataplane.Frame

// expected is what must leave.
func (r *run) expected() (want queues, number int) {
	for _, list := range [][]dataplane.Frame{r.frames, r.injected} {
		for i := range list {
			f := &list[i]
			order := f.Bytes[orderAt]
			for set := route(order, f.Device); set != 0; set &= set - 1 {
				queue := &want[bits.TrailingZeros64(uint64(set))][f.Device][class(order)]
				*queue = append(*queue, f)
				number++
			}
		}
	}
	return want, number
}

// class is 0 for what the network function sees, 1 for what is withheld, 2 for what is injected.
func class(order byte) int {
	switch order {
	case keepSend, keepDrop:
		return 1
	case injected:
		return 2
	}
	return 0
}

// compare looks at what was sent. With gaps, as many frames may be missing as were refused.
func (r *run) compare(gaps bool) error {
	want, number := r.expected()
	if gaps {
		number -= r.refused()
	}
	sent, err := r.back.Sent()
	if err != nil {
		return fmt.Errorf("reading what was sent: %w", err)
	}
	for _, f := range sent {
		if !ours(f.Bytes) {
			continue
		}
		number--
		from, order := nf.Device(binary.BigEndian.Uint32(f.Bytes[numberAt:])%Devices), min(f.Bytes[orderAt], injected)
		queue := &want[f.Device][from][class(order)]
		for gaps && len(*queue) > 0 && !same(f.Bytes, (*queue)[0]) {
			*queue = (*queue)[1:]
		}
		if len(*queue) == 0 {
			return fmt.Errorf("device %d has sent too many frames, or not in order", f.Device)
		}
		if !same(f.Bytes, (*queue)[0]) {
			return fmt.Errorf("device %d: a frame of device %d was not sent as it was decided, or not in order: % x",
				f.Device, from, f.Bytes[:headerTo])
		}
		*queue = (*queue)[1:]
	}
	if number != 0 {
		return fmt.Errorf("%d frames were not sent", number)
	}
	return nil
}

// same reports whether a frame is another one as it must leave.
func same(sent []byte, f *dataplane.Frame) bool { return string(sent) == string(leaves(f.Bytes)) }
