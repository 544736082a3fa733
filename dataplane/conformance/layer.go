package conformance

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"vigor/dataplane"
	"vigor/nf"
)

// watch stands between the loop and the back end: it looks at every call and at every frame that
// arrives.
type watch struct {
	dataplane.IO
	r *run
}

// Exchange passes a call on, and compares what it did with the rules.
func (w watch) Exchange(out, in *dataplane.Batch) error {
	room := in.Room()
	err := w.IO.Exchange(out, in)
	switch {
	case in.Len() > room:
		return fmt.Errorf("%d frames arrive where there is room for %d", in.Len(), room)
	case errors.Is(err, io.EOF) && in.Len() > 0:
		return fmt.Errorf("%d frames arrive together with the end", in.Len())
	}
	for i := range in.Len() {
		w.r.look(in.Frame(i), in.From(i), in.Time(i))
	}
	return err
}

// look compares a frame with the one that must arrive next.
func (r *run) look(frame []byte, d nf.Device, at nf.Time) {
	if !ours(frame) {
		return
	}
	i := r.taken[d]*Devices + int(d)
	r.taken[d]++
	switch {
	case i >= len(r.frames):
		r.fail(fmt.Errorf("device %d: more frames arrive than were put in", d))
	case !bytes.Equal(frame, r.frames[i].Bytes):
		r.fail(fmt.Errorf("frame %d is not the one that was put in: order or content is lost", i))
	case at < r.last || cap(frame) != len(frame):
		r.fail(fmt.Errorf("frame %d: time runs back, or there is memory behind the frame", i))
	}
	r.last = at
}

// layer withholds some of what arrives, and injects frames of its own, whose memory it uses again at
// once.
type layer struct {
	dataplane.IO
	r       *run
	buffers [Devices][]byte
	calls   int
}

// injectEvery is the number of calls from one injection to the next.
const injectEvery = 5

// Exchange injects frames into out and withholds some of in.
func (l *layer) Exchange(out, in *dataplane.Batch) error {
	if l.calls++; l.calls%injectEvery == 0 {
		l.inject(out)
	}
	err := l.IO.Exchange(out, in)
	for _, buffer := range l.buffers {
		clear(buffer)
	}
	for i := range in.Len() {
		frame := in.Frame(i)
		if !ours(frame) {
			continue
		}
		switch order := frame[orderAt]; order {
		case keepSend, keepDrop:
			in.Withhold(i, route(order, in.From(i)), nf.LinkControl)
		}
	}
	return err
}

// inject adds one frame per device, at most as many as are received.
func (l *layer) inject(out *dataplane.Batch) {
	for d := range nf.Device(Devices) {
		number := len(l.r.injected)
		if number >= len(l.r.frames) {
			return
		}
		frame := fill(l.buffers[d], number, l.r.longest, injected)
		if l.buffers[d] = frame; out.Inject(frame, d) {
			l.r.injected = append(l.r.injected, dataplane.Frame{Bytes: bytes.Clone(frame), Device: d})
		}
	}
}
