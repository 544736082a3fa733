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
	line         = 64   // bytes that are copied at once
)

// Cycle offers its frames again and again, each copied into one of 512 buffers, as a device would
// fill it. What is sent is counted and forgotten. Time stands still unless Tick is set.
type Cycle struct {
	Tick nf.Time // added to the time at each burst that is received
	Now  nf.Time // of the latest burst
	Sent uint64  // number of frames given back with a device to send them by, each counted once

	frames []place
	bytes  []byte // of all frames, one after another; a line is spare behind them
	memory []byte // the buffers
	stride int
	next   int // the next frame
	buffer int // where the next buffer starts
	left   int
}

// place is where a frame lies; it is small, for one is read with each frame.
type place struct {
	start  uint32
	size   uint16
	device nf.Device
}

// MaxCycle is the number of bytes that all frames of a [Cycle] can have together.
const MaxCycle = 1<<32 - 1

// NewCycle offers frames in turn, as many as limit all together. They are copied.
func NewCycle(frames []dataplane.Frame, limit int) *Cycle {
	c := &Cycle{left: limit}
	total := 0
	for _, f := range frames {
		total += len(f.Bytes)
	}
	c.Grow(len(frames), total)
	for _, f := range frames {
		c.Add(f.Device, f.Bytes)
	}
	return c
}

// Grow makes room for frames to be added, with so many bytes together.
func (c *Cycle) Grow(frames, bytes int) {
	c.frames = append(make([]place, 0, len(c.frames)+frames), c.frames...)
	c.bytes = append(make([]byte, 0, len(c.bytes)+bytes+line), c.bytes...)
}

// Add appends a frame, before the first exchange. It is copied. With those before it has at most
// [MaxCycle] bytes, alone at most [dataplane.MaxFrame].
func (c *Cycle) Add(device nf.Device, frame []byte) {
	c.frames = append(c.frames, place{uint32(len(c.bytes)), uint16(len(frame)), device})
	c.bytes = append(c.bytes, frame...)
	c.bytes = append(c.bytes, make([]byte, line)...)[:len(c.bytes)]
	if stride := max(cycleStride, len(frame)); stride > c.stride {
		c.stride, c.memory = stride, make([]byte, cycleBuffers*stride)
	}
}

// Frames gives the frames once, in order. They stay the cycle's.
func (c *Cycle) Frames(yield func(dataplane.Frame) bool) {
	for _, f := range c.frames {
		if !yield(dataplane.Frame{Bytes: c.bytes[f.start:][:f.size:f.size], Device: f.device}) {
			return
		}
	}
}

// From is the device of the first frame, of which there must be one.
func (c *Cycle) From() nf.Device { return c.frames[0].device }

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
	if n > 0 {
		c.Now += c.Tick
	}
	c.receive(in, n)
	c.left -= n
	return nil
}

// receive copies the next frames into the next buffers. A short one is copied together with what lies
// behind it: a fixed length is faster.
func (c *Cycle) receive(in *dataplane.Batch, n int) {
	next, at := c.next, c.buffer
	for range n {
		f := c.frames[next]
		buffer, frame := c.memory[at:], c.bytes[f.start:cap(c.bytes)]
		if f.size <= line {
			whole := *(*[line]byte)(frame)
			*(*[line]byte)(buffer) = whole
		} else {
			copy(buffer, frame[:f.size])
		}
		in.Add(buffer[:f.size], f.device, c.Now, 0)
		if next++; next == len(c.frames) {
			next = 0
		}
		if at += c.stride; at == len(c.memory) {
			at = 0
		}
	}
	c.next, c.buffer = next, at
}

// Close does nothing.
func (c *Cycle) Close() error { return nil }
