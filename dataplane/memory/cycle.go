package memory

import (
	"io"

	"vigor/dataplane"
	"vigor/nf"
)

// The buffers of a [Cycle] lie as those of a network card commonly do.
const (
	cycleBuffers = 512
	cycleStride  = 2304 // bytes from one buffer to the next
)

// Cycle offers its frames again and again, each copied into one of 512 buffers, as a device would
// fill it. What is sent is counted and forgotten. Time stands still unless Tick is set.
type Cycle struct {
	Tick nf.Time // added to the time at each burst
	Sent uint64  // number of frames given back with a device to send them by, each counted once

	frames []dataplane.Frame // their bytes lie one after another in memory
	memory []byte            // the buffers
	stride int
	next   int // the next frame
	buffer int // the next buffer
	now    nf.Time
	left   int
}

// NewCycle offers frames in turn, as many as limit all together. They are copied.
func NewCycle(frames []dataplane.Frame, limit int) *Cycle {
	c := &Cycle{frames: make([]dataplane.Frame, len(frames)), stride: cycleStride, left: limit}
	total := 0
	for _, f := range frames {
		total += len(f.Bytes)
		c.stride = max(c.stride, len(f.Bytes))
	}
	capture := make([]byte, 0, total)
	for i, f := range frames {
		start := len(capture)
		capture = append(capture, f.Bytes...)
		c.frames[i] = dataplane.Frame{Bytes: capture[start:], Device: f.Device}
	}
	c.memory = make([]byte, cycleBuffers*c.stride)
	return c
}

// Limit sets how many frames are still to come.
func (c *Cycle) Limit(frames int) { c.left = frames }

// Exchange counts what is sent, and hands over the next frames; [io.EOF] when the limit is reached.
func (c *Cycle) Exchange(out, in *dataplane.Batch) error {
	for i := range out.Len() {
		if out.To(i) != 0 {
			c.Sent++
		}
	}
	n := min(in.Room(), c.left)
	if n == 0 && in.Room() > 0 || len(c.frames) == 0 {
		return io.EOF
	}
	c.now += c.Tick
	for range n {
		c.receive(in)
	}
	c.left -= n
	return nil
}

// receive copies the next frame into the next buffer.
func (c *Cycle) receive(in *dataplane.Batch) {
	f := &c.frames[c.next]
	buffer := c.memory[c.buffer*c.stride:]
	size := copy(buffer, f.Bytes)
	in.Add(buffer[:size], f.Device, c.now, 0)
	if c.next++; c.next == len(c.frames) {
		c.next = 0
	}
	c.buffer = (c.buffer + 1) % cycleBuffers
}

// Close does nothing.
func (c *Cycle) Close() error { return nil }
