package check

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"

	"vigor/driver/bus"
	"vigor/driver/check/stepping"
	"vigor/driver/world"
)

// owner says whose a buffer is.
type owner uint8

const (
	mine owner = iota
	posted
	sending
)

// run is one run: it is the world of the model, and the user of the driver.
type run struct {
	rig      Rig
	total    int // frames
	choose   func(n int) int
	random   *rand.Rand // of the user; nil for one who always does all that can be done
	patience int        // turns without progress

	arrived, left int // frames, by the side of the device
	lost          int

	received int // frames, by the side of the user
	owners   []owner
	pending  []held // frames that are to be sent
	out      int    // buffers that are being sent
	moves    int    // buffers that changed their owner
}

// held is a buffer with a frame.
type held struct{ buffer, length uint32 }

// problem is what is wrong with the driver; it ends a run as a panic.
type problem struct{ error }

func fail(format string, args ...any) { panic(problem{fmt.Errorf(format, args...)}) }

// protect runs something and returns what is wrong.
func (r *run) protect(f func()) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case problem:
			err = p.error
		default:
			err = fmt.Errorf("the driver panics: %v", p)
		}
	}()
	f()
	return nil
}

// Choose is for the model.
func (r *run) Choose(n int) int { return r.choose(n) }

// Fail is for the model.
func (r *run) Fail(rule world.Rule) { panic(problem{rule}) }

// Arrive is for the model.
func (r *run) Arrive(buffer []byte) int {
	if r.arrived == r.total {
		return -1
	}
	length := r.length(r.arrived)
	if length > len(buffer) {
		fail("frame %d of %d bytes does not fit into a receive buffer of %d", r.arrived, length, len(buffer))
	}
	fill(buffer[:length], r.arrived)
	r.arrived++
	return length
}

// Leave is for the model.
func (r *run) Leave(frame []byte) {
	for r.left < r.total && dropped(r.left) {
		r.left++
	}
	if r.left == r.total {
		fail("more frames leave than arrive")
	}
	want := make([]byte, r.length(r.left))
	fill(want, r.left)
	change(want)
	if !bytes.Equal(frame, want) {
		fail("frame %d leaves with %d bytes, want %d; or with others, or not in order: % x, want % x",
			r.left, len(frame), len(want), head(frame), head(want))
	}
	r.left++
}

// head is what is shown of a frame.
func head(frame []byte) []byte { return frame[:min(len(frame), 20)] }

// length is that of a frame: most of the time one of those at the ends of ranges.
func (r *run) length(number int) int {
	low, high := r.rig.Shortest, r.rig.Longest
	switch h := uint32(number) * 2654435761 >> 7; h % 8 {
	case 0:
		return int(high)
	case 1:
		return int(low) + 1
	case 2:
		return int(low + h>>3%(high-low))
	}
	return int(low)
}

// fill writes a frame: its number, and bytes that follow from it.
func fill(frame []byte, number int) {
	for i := range frame {
		frame[i] = byte(number*7 + i)
	}
	binary.BigEndian.PutUint64(frame[6:], uint64(number))
}

// change is what the user does with each frame.
func change(frame []byte) { frame[0] ^= 0xff }

// dropped reports whether the user drops a frame.
func dropped(number int) bool { return number%5 == 3 }

// open builds the rig and gives it all buffers.
func (r *run) open(build Build, o Options) {
	stepping.Hook = func() {}
	rig, err := build(r, o)
	if err != nil {
		fail("the driver does not open: %w", err)
	}
	hook(o, rig.Device)
	r.rig, r.owners = rig, make([]owner, len(rig.Pool.Buffers))
	if r.patience == 0 {
		r.patience = 5000
	}
}

// drive runs until all frames have come and gone; idle is called in each turn.
func (r *run) drive(build Build, o Options, idle func()) {
	r.open(build, o)
	r.turns(idle)
	if err := r.allLeft(); err != nil {
		panic(problem{err})
	}
}

// turns runs until all frames have been received, and all buffers that were sent are back.
func (r *run) turns(idle func()) {
	for still := 0; r.received < r.total || r.out > 0 || len(r.pending) > 0; still++ {
		before := r.moves
		r.turn()
		idle()
		if problem := r.rig.Driver.Problem(); problem != "" {
			fail("the driver gives up: %s", problem)
		}
		if r.moves != before {
			still = 0
		}
		if still == r.patience {
			fail("nothing moves: %d of %d frames received, %d buffers are not back", r.received, r.total, r.out)
		}
	}
}

// allLeft complains of frames that were not sent.
func (r *run) allLeft() error {
	for r.left < r.total && dropped(r.left) {
		r.left++
	}
	if r.left != r.total {
		return fmt.Errorf("%d of %d frames have left", r.left, r.total)
	}
	return nil
}

// some is a number of things to do at once, out of at most n.
func (r *run) some(n int) int {
	if r.random == nil || r.random.IntN(4) > 0 {
		return n
	}
	return r.random.IntN(n + 1)
}

// turn is one turn of a run loop.
func (r *run) turn() {
	for range r.some(64) {
		if !r.reclaim() {
			break
		}
	}
	r.post()
	for range r.some(32) {
		if !r.receive() {
			break
		}
	}
	for range r.some(32) {
		if len(r.pending) == 0 || !r.rig.Driver.Send(r.pending[0].buffer, r.pending[0].length) {
			break
		}
		r.owners[r.pending[0].buffer] = sending
		r.out++
		r.moves++
		r.pending = r.pending[1:]
	}
	if r.random == nil || r.random.IntN(3) > 0 {
		r.rig.Driver.Flush()
	}
}

// reclaim takes back one buffer that was sent.
func (r *run) reclaim() bool {
	buffer, ok := r.rig.Driver.Sent()
	if !ok {
		return false
	}
	if int(buffer) >= len(r.owners) || r.owners[buffer] != sending {
		fail("buffer %d comes back from sending, and was not sent", buffer)
	}
	r.owners[buffer] = mine
	r.out--
	r.moves++
	return true
}

// post gives away some of the buffers that are free.
func (r *run) post() {
	for buffer, owner := range r.owners {
		if owner != mine || r.isPending(uint32(buffer)) {
			continue
		}
		if r.random != nil && r.random.IntN(8) == 0 {
			return
		}
		// What is in the buffer before does not matter.
		scribble(&r.rig.Pool.Buffers[buffer])
		if !r.rig.Driver.Post(uint32(buffer)) {
			return
		}
		r.owners[buffer] = posted
	}
}

// scribble writes into a buffer that is free, as an NF may.
func scribble(buffer *bus.Buffer) {
	buffer[0], buffer[bus.Headroom-1], buffer[bus.Headroom] = 0xee, 0xee, 0xee
}

func (r *run) isPending(buffer uint32) bool {
	for _, h := range r.pending {
		if h.buffer == buffer {
			return true
		}
	}
	return false
}

// receive takes one frame.
func (r *run) receive() bool {
	buffer, length, ok := r.rig.Driver.Received()
	if !ok {
		return false
	}
	if int(buffer) >= len(r.owners) || r.owners[buffer] != posted {
		fail("buffer %d comes back with a frame, and was not posted", buffer)
	}
	frame := r.rig.Pool.Frame(buffer, length)
	want := make([]byte, r.length(r.received))
	fill(want, r.received)
	if !bytes.Equal(frame, want) {
		fail("frame %d is received with %d bytes, want %d; or with others: % x, want % x",
			r.received, length, len(want), head(frame), head(want))
	}
	r.owners[buffer] = mine
	if change(frame); !dropped(r.received) {
		r.pending = append(r.pending, held{buffer, length})
	}
	r.received++
	r.moves++
	return true
}
