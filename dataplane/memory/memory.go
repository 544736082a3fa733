// Package memory is a back end without devices: frames are put in and taken out by the program. It
// serves tests and benchmarks, and needs no privileges.
//
// [Queue] keeps what is sent; [Cycle] offers the same frames again and again, and only counts.
package memory

import (
	"bytes"
	"io"

	"vigor/dataplane"
	"vigor/nf"
)

// Queue hands over frames in the order they were put in, and keeps what is sent. Its zero value is
// empty and ready.
type Queue struct {
	waiting []dataplane.Frame
	sent    []dataplane.Outgoing
}

// Put adds a frame. It is copied.
func (q *Queue) Put(device nf.Device, time nf.Time, frame []byte) {
	q.waiting = append(q.waiting, dataplane.Frame{Bytes: bytes.Clone(frame), Device: device, Time: time})
}

// Sent returns what was sent since the last call, in order.
func (q *Queue) Sent() []dataplane.Outgoing {
	sent := q.sent
	q.sent = nil
	return sent
}

// Receive hands over waiting frames; [io.EOF] if there are none.
func (q *Queue) Receive(burst []dataplane.Frame) (int, error) {
	if len(q.waiting) == 0 {
		return 0, io.EOF
	}
	n := copy(burst, q.waiting)
	q.waiting = q.waiting[n:]
	return n, nil
}

// Transmit keeps copies.
func (q *Queue) Transmit(frames []dataplane.Outgoing) error {
	for _, f := range frames {
		f.Bytes = bytes.Clone(f.Bytes)
		q.sent = append(q.sent, f)
	}
	return nil
}

// Cycle offers its frames again and again, each time copied into a buffer, as a device would fill
// one. What is sent is counted and forgotten. Time stands still unless Tick is set.
type Cycle struct {
	Tick nf.Time // added to the time at each burst
	Sent uint64  // number of frames sent

	frames  []dataplane.Frame
	buffers [dataplane.BurstSize][]byte
	next    int
	now     nf.Time
	left    int
}

// NewCycle offers frames in turn, as many as limit all together.
func NewCycle(frames []dataplane.Frame, limit int) *Cycle {
	c := &Cycle{frames: frames, left: limit}
	size := 0
	for _, f := range frames {
		size = max(size, len(f.Bytes))
	}
	for i := range c.buffers {
		c.buffers[i] = make([]byte, size)
	}
	return c
}

// Limit sets how many frames are still to come.
func (c *Cycle) Limit(frames int) { c.left = frames }

// Receive hands over the next burst; [io.EOF] when the limit is reached.
func (c *Cycle) Receive(burst []dataplane.Frame) (int, error) {
	n := min(len(burst), len(c.buffers), c.left)
	if n == 0 || len(c.frames) == 0 {
		return 0, io.EOF
	}
	c.now += c.Tick
	for i := range n {
		f := &c.frames[c.next]
		size := copy(c.buffers[i], f.Bytes)
		burst[i] = dataplane.Frame{Bytes: c.buffers[i][:size], Device: f.Device, Time: c.now}
		if c.next++; c.next == len(c.frames) {
			c.next = 0
		}
	}
	c.left -= n
	return n, nil
}

// Transmit counts.
func (c *Cycle) Transmit(frames []dataplane.Outgoing) error {
	c.Sent += uint64(len(frames))
	return nil
}
