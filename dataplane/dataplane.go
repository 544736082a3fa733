// Package dataplane runs a network function: it receives a burst of frames, has the function decide
// about each, and sends the result.
//
// Frames come from and go to a back end, an [IO]; the packages below this one are back ends. What is
// exchanged with it is a [Batch]. The network function is a [Burst], a loop over packets in the
// function's own program, so that nothing is called indirectly per packet.
//
// What proofs assume of the surroundings of a network function, the loop guarantees, whatever the
// back end does: time is not negative and never decreases, the device of a packet exists, the slice
// of a frame has no spare capacity and at most [MaxFrame] bytes, and one packet is finished before
// the next one is begun. Each received buffer goes back to the back end exactly once, with the set
// of devices that its action names. Packets that are sent nowhere are counted under a reason.
// Nothing is allocated per packet.
//
// Start at [Loop.Step], then batch.go.
package dataplane

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"vigor/nf"
)

const (
	// BurstSize is the number of frames received and processed together, unless a loop is told
	// otherwise.
	BurstSize = 32
	// MaxBurst is the largest number a loop can be told.
	MaxBurst = 64
	// MaxFrame is the length in bytes of the longest frame that proofs cover.
	MaxFrame = 65535
	// MaxWait is how long a back end waits for a frame at most.
	MaxWait = 10 * time.Millisecond
)

// IO is a back end: all devices of one network function, numbered from 0. One goroutine uses it.
type IO interface {
	// Exchange sends, then receives.
	//
	// It sends each frame of out, in order, by every device of its set, and reports with
	// [Batch.Refuse] for which devices there was no room: it never waits for room. All buffers of out
	// are then the back end's again. Frames with the handle [Foreign] are in none of them.
	//
	// It adds to in the frames that have arrived, up to in.Room() and in the order in which each
	// device received them. If there are none yet, it may wait for them, MaxWait at most; so in may
	// stay empty. With no room it does not wait. [io.EOF] says that in is empty and that none will
	// come; any other error, that the back end has failed. What is in out is sent even then; what is in in
	// is dropped, and counted.
	//
	// A live back end reads the clock once per call.
	Exchange(out, in *Batch) error
	// Close waits until what was sent has left, for a bounded time, and gives all devices back.
	Close() error
}

// Burst decides about packets, one after another: afterwards actions[i] is what packets[i] asks
// for. Both slices have the same length.
type Burst func(packets []nf.Packet, actions []nf.Action)

// Loop runs one network function on one back end.
type Loop struct {
	Counters Counters // read between steps, or through Do

	process  Burst
	io       IO
	size     int    // frames per burst
	out, in  *Batch // what is to be sent; what is received next
	sampler  sampler
	idle     bool // the latest step had no packets
	requests chan func()
	ended    chan struct{} // closed when Run returns
}

// NewLoop returns a loop for devices 0 to env.Devices-1, which are those of io.
func NewLoop(env nf.Env, process Burst, io IO) *Loop {
	l := &Loop{
		process: process, io: io, size: BurstSize,
		requests: make(chan func()), ended: make(chan struct{}),
	}
	l.out, l.in = newBatch(env.Devices, &l.Counters), newBatch(env.Devices, &l.Counters)
	return l
}

// SetBurst sets how many frames are received and processed together, 1 to [MaxBurst].
func (l *Loop) SetBurst(frames int) { l.size = min(max(frames, 1), MaxBurst) }

// SetProcess has another function decide about the packets from the next step on. It is called
// before Run, or through Do.
func (l *Loop) SetProcess(process Burst) { l.process = process }

// NewEnv returns surroundings with a random hash key. The number of devices is 1 to
// [nf.MaxDevices].
func NewEnv(devices int) (nf.Env, error) {
	env, err := NewRepeatableEnv(devices)
	if err != nil {
		return env, err
	}
	if err := binary.Read(rand.Reader, binary.NativeEndian, &env.HashKey); err != nil {
		return nf.Env{}, fmt.Errorf("drawing a hash key: %w", err)
	}
	return env, nil
}

// NewRepeatableEnv is NewEnv without a hash key: nothing is random in a network function, so that it does the same in each
// run. It is for packets that nobody sends as they are processed, such as captures.
func NewRepeatableEnv(devices int) (nf.Env, error) {
	if devices < 1 || devices > nf.MaxDevices {
		return nf.Env{}, fmt.Errorf("%d devices: the number must be 1 to %d", devices, nf.MaxDevices)
	}
	return nf.Env{Devices: devices}, nil
}

// Run steps until the back end has no more frames, the context ends, or the back end fails. What has
// been decided when the context ends is still sent. The back end stays open. Run is called once.
func (l *Loop) Run(ctx context.Context) error {
	defer close(l.ended)
	for ctx.Err() == nil {
		if err := l.Step(); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		l.serve()
	}
	return errors.Join(ctx.Err(), l.Flush())
}

// Step sends what the last step decided, and receives and processes one burst, which may be empty.
// The error is the back end's; [io.EOF] is the end.
func (l *Loop) Step() error {
	if err := l.exchange(l.size); err != nil {
		return err
	}
	b := l.in
	l.idle = b.n == 0
	sampled := b.n > 0 && l.sampler.every > 0 && l.sampler.received(b.now)
	b.admit()
	l.process(b.packets[:b.decided], b.actions[:b.decided])
	b.decide()
	l.Counters.Bursts[b.decided]++
	l.out, l.in = b, l.out
	if !sampled {
		return nil
	}
	if err := l.exchange(0); err != nil { // sends now, and does not wait for frames
		return err
	}
	l.sampler.sent(&l.Counters)
	return nil
}

// Flush sends what the last step decided, and receives nothing.
func (l *Loop) Flush() error { return l.exchange(0) }

// exchange sends l.out, counts what was sent, and receives into l.in.
func (l *Loop) exchange(room int) error {
	l.in.open(room, l.out.now)
	err := l.io.Exchange(l.out, l.in)
	l.out.settle()
	if err != nil {
		l.in.forget()
	}
	return err
}

// ErrEnded is the answer to Do when the loop does not run any more.
var ErrEnded = errors.New("the loop has ended")

// Do has f called between two steps of a running loop, by its goroutine, and returns when that is
// done. Everything that others want to read or change while packets flow goes this way; f should
// take microseconds.
func (l *Loop) Do(ctx context.Context, f func()) error {
	done := make(chan struct{})
	select {
	case l.requests <- func() { defer close(done); f() }:
		<-done
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-l.ended:
		return ErrEnded
	}
}

// serve calls one function that waits in Do, if any.
func (l *Loop) serve() {
	select {
	case f := <-l.requests:
		f()
	default:
	}
}
