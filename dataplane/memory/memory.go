// Package memory is a back end without devices: frames are put in and taken out by the program. It
// serves tests and benchmarks, and needs no privileges.
//
// [Queue] keeps what is sent; [Cycle] offers the same frames again and again, and only counts.
package memory

import (
	"bytes"
	"io"
	"math/bits"

	"vigor/dataplane"
	"vigor/nf"
)

// Queue hands over frames in the order they were put in, and keeps what is sent. Its zero value is
// empty and ready.
type Queue struct {
	// Space is how many frames each device can still send; nil means that there is no limit.
	Space map[nf.Device]int

	waiting []dataplane.Frame
	sent    []dataplane.Frame
}

// Put adds a frame. It is copied.
func (q *Queue) Put(device nf.Device, time nf.Time, frame []byte) {
	q.waiting = append(q.waiting, dataplane.Frame{Bytes: bytes.Clone(frame), Device: device, Time: time})
}

// Sent returns what was sent since the last call, in order.
func (q *Queue) Sent() []dataplane.Frame {
	sent := q.sent
	q.sent = nil
	return sent
}

// Exchange keeps copies of what is sent, and hands over waiting frames; [io.EOF] if there are none.
func (q *Queue) Exchange(out, in *dataplane.Batch) error {
	for i := range out.Len() {
		for set := out.To(i); set != 0; set &= set - 1 {
			q.send(out, i, nf.Device(bits.TrailingZeros64(uint64(set))))
		}
	}
	if len(q.waiting) == 0 && in.Room() > 0 {
		return io.EOF
	}
	for in.Room() > 0 && len(q.waiting) > 0 {
		f := q.waiting[0]
		q.waiting = q.waiting[1:]
		in.Add(f.Bytes, f.Device, f.Time, 0)
	}
	return nil
}

// send keeps a copy of packet i for a device that has space.
func (q *Queue) send(out *dataplane.Batch, i int, to nf.Device) {
	if q.Space != nil {
		if q.Space[to] == 0 {
			out.Refuse(i, to, nf.TransmitFull)
			return
		}
		q.Space[to]--
	}
	q.sent = append(q.sent, dataplane.Frame{Bytes: bytes.Clone(out.Frame(i)), Device: to, Time: out.Time(i)})
}

// Close does nothing.
func (q *Queue) Close() error { return nil }
