package conformance_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"vigor/dataplane"
	"vigor/dataplane/conformance"
	"vigor/dataplane/memory"
	"vigor/dataplane/pcapfile"
	"vigor/nf"
)

const maxFrame = 1514

// inMemory builds a memory queue.
func inMemory(frames []dataplane.Frame) (conformance.BackEnd, error) {
	q := &memory.Queue{}
	for _, f := range frames {
		q.Put(f.Device, f.Time, f.Bytes)
	}
	return conformance.BackEnd{
		IO:   q,
		Sent: func() ([]dataplane.Frame, error) { return q.Sent(), nil },
		Jam: func() (func() error, error) {
			q.Space = map[nf.Device]int{0: 1000, 1: 0, 2: 1}
			return func() error { return nil }, nil
		},
	}, nil
}

func TestMemory(t *testing.T) {
	for _, problem := range conformance.Check(inMemory, maxFrame) {
		t.Error(problem)
	}
}

func TestPcapfile(t *testing.T) {
	for _, problem := range conformance.Check(func(frames []dataplane.Frame) (conformance.BackEnd, error) {
		return onFiles(t.TempDir(), frames)
	}, maxFrame) {
		t.Error(problem)
	}
}

// onFiles builds a back end on captures of three devices.
func onFiles(dir string, frames []dataplane.Frame) (conformance.BackEnd, error) {
	var in, out []pcapfile.File
	for d := range nf.Device(conformance.Devices) {
		var file bytes.Buffer
		w, err := pcapfile.NewWriter(&file)
		for _, f := range frames {
			if f.Device == d {
				err = errors.Join(err, w.Write(f.Time, f.Bytes))
			}
		}
		name := filepath.Join(dir, string(rune('0'+d)))
		if err := errors.Join(err, os.WriteFile(name+".in", file.Bytes(), 0o600)); err != nil {
			return conformance.BackEnd{}, err
		}
		in = append(in, pcapfile.File{Device: d, Name: name + ".in"})
		out = append(out, pcapfile.File{Device: d, Name: name + ".out"})
	}
	files, err := pcapfile.Open(in, out)
	return conformance.BackEnd{IO: files, Sent: func() ([]dataplane.Frame, error) { return readBack(out) }}, err
}

// readBack reads what was written.
func readBack(out []pcapfile.File) ([]dataplane.Frame, error) {
	var sent []dataplane.Frame
	for _, file := range out {
		in, err := os.Open(file.Name)
		if err != nil {
			return nil, err
		}
		defer in.Close()
		r, err := pcapfile.NewReader(file.Name, in)
		for err == nil {
			var p pcapfile.Packet
			if p, err = r.Next(nil); err == nil {
				sent = append(sent, dataplane.Frame{Bytes: p.Data, Device: file.Device})
			}
		}
		if !errors.Is(err, io.EOF) {
			return nil, err
		}
	}
	return sent, nil
}

// faulty is a back end in memory with one fault, or none. Its buffers are numbered; the handle of a
// frame is its buffer's.
type faulty struct {
	live    bool // frames are put in while it runs, else they are known before
	fault   string
	waiting []dataplane.Frame
	sent    []dataplane.Frame
	space   int // frames it still sends, while jammed
	jammed  bool
	calls   int
	buffers [][]byte
	free    []int
	added   []int // the buffers in the batch, as they were added
}

// newFaulty makes one.
func newFaulty(frames []dataplane.Frame, fault string, live bool) *faulty {
	f := &faulty{live: live, fault: fault}
	if !live {
		f.put(frames)
	}
	for i := range 512 {
		f.buffers = append(f.buffers, make([]byte, maxFrame))
		f.free = append(f.free, i)
	}
	return f
}

func (f *faulty) put(frames []dataplane.Frame) error {
	for _, frame := range frames {
		frame.Bytes = bytes.Clone(frame.Bytes)
		f.waiting = append(f.waiting, frame)
	}
	return nil
}

func (f *faulty) jam() (func() error, error) {
	f.space, f.jammed = 1000, true
	return func() error { f.jammed = false; return nil }, nil
}

// has reports whether a fault is planted.
func (f *faulty) has(fault string) bool { return f.fault == fault }

func (f *faulty) Exchange(out, in *dataplane.Batch) error {
	f.calls++
	var later []dataplane.Frame
	for i := range out.Len() {
		for d := range nf.Device(conformance.Devices) {
			if out.To(i).Has(d) {
				later = append(later, f.send(out, i, d)...)
			}
		}
		f.release(out, i)
	}
	if len(f.sent) > 1 && f.calls == 3 {
		f.spoil()
	}
	if len(f.waiting) > 1 && f.calls == 1 {
		f.shake()
	}
	err := f.receive(in)
	for _, frame := range later {
		f.sent = append(f.sent, dataplane.Frame{Bytes: bytes.Clone(frame.Bytes), Device: frame.Device})
	}
	return err
}

// send sends a frame by one device; what it returns is sent after receiving.
func (f *faulty) send(out *dataplane.Batch, i int, d nf.Device) []dataplane.Frame {
	foreign := out.Handle(i) == dataplane.Foreign
	frame := dataplane.Frame{Bytes: bytes.Clone(out.Frame(i)), Device: d}
	switch {
	case f.has("does not send what is injected") && foreign, f.has("sends to one device only") && out.To(i)&(1<<d-1) != 0:
		return nil
	case f.has("keeps what is injected") && foreign:
		f.sent = append(f.sent, dataplane.Frame{Bytes: out.Frame(i), Device: d})
		return nil
	case f.has("sends after receiving"):
		return []dataplane.Frame{{Bytes: out.Frame(i), Device: d}}
	case f.has("takes buffers to come back in order") && i < len(f.added) && !foreign:
		frame.Bytes = bytes.Clone(f.buffers[f.added[i]][:len(out.Frame(i))])
	case f.has("sends by another device") && f.calls == 2:
		frame.Device = (d + 1) % conformance.Devices
	case f.has("sends more bytes"):
		frame.Bytes = append(frame.Bytes, 0)
	case f.has("refuses without need") && i == 3:
		out.Refuse(i, d, nf.TransmitFull)
		return nil
	}
	if f.jammed {
		if f.space == 0 {
			return f.full(out, i, d, frame)
		}
		f.space--
	}
	f.sent = append(f.sent, frame)
	return nil
}

// full is called when there is no room.
func (f *faulty) full(out *dataplane.Batch, i int, d nf.Device, frame dataplane.Frame) []dataplane.Frame {
	switch {
	case f.has("waits for room"):
		time.Sleep(time.Hour)
	case f.has("says nothing of what it does not send"):
		return nil
	case f.has("sends what it refuses"):
		f.sent = append(f.sent, frame)
	}
	out.Refuse(i, d, nf.TransmitFull)
	return nil
}

// release takes the buffer of packet i back.
func (f *faulty) release(out *dataplane.Batch, i int) {
	buffer := out.Handle(i)
	switch {
	case buffer == dataplane.Foreign:
	case f.has("keeps the buffers of dropped frames") && out.To(i) == 0:
	default:
		f.free = append(f.free, int(buffer))
	}
}

// spoil does something to what was sent.
func (f *faulty) spoil() {
	switch a, b := &f.sent[len(f.sent)-2], &f.sent[len(f.sent)-1]; f.fault {
	case "swaps sent frames":
		a.Bytes, b.Bytes = b.Bytes, a.Bytes
	case "loses a sent frame":
		f.sent = f.sent[1:]
	case "sends twice":
		f.sent = append(f.sent, *b)
	}
}

// shake does something to what waits.
func (f *faulty) shake() {
	switch a, b := &f.waiting[0], &f.waiting[1]; f.fault {
	case "swaps received frames":
		a.Bytes, b.Bytes = b.Bytes, a.Bytes
	case "loses a received frame":
		f.waiting = f.waiting[1:]
	case "receives a frame twice":
		f.waiting = append(f.waiting[:1:1], f.waiting...)
	case "confuses devices":
		a.Device = (a.Device + 1) % conformance.Devices
	case "cuts frames":
		a.Bytes = a.Bytes[:40]
	}
}

// receive hands over frames, at most as many as there are buffers.
func (f *faulty) receive(in *dataplane.Batch) error {
	f.added = f.added[:0]
	room := in.Room()
	if f.has("hands over more than there is room for") && room > 0 && room < 64 {
		room++
	}
	for ; room > 0 && len(f.waiting) > 0 && len(f.free) > 0; room-- {
		buffer := f.free[0]
		if f.free = f.free[1:]; f.has("gives all frames one buffer") {
			buffer = 0
		}
		frame := f.buffers[buffer][:copy(f.buffers[buffer], f.waiting[0].Bytes)]
		if f.has("says that a frame is lost") && len(f.waiting) == 1 {
			in.Lost(f.waiting[0].Device, nf.Truncated)
		}
		in.Add(frame, f.waiting[0].Device, f.waiting[0].Time, uint64(buffer))
		f.added = append(f.added, buffer)
		f.waiting = f.waiting[1:]
	}
	switch {
	case f.live && f.has("waits for frames without end") && in.Len() == 0:
		time.Sleep(time.Hour)
	case f.live || len(f.waiting) > 0 || in.Len() > 0 && !f.has("ends with frames in hand"):
		return nil
	case f.has("fails instead of ending"):
		return io.ErrUnexpectedEOF
	case f.has("comes back from the end") && f.calls%2 == 0:
		return errors.New("not the end")
	}
	return io.EOF
}

func (f *faulty) Close() error { return nil }

// faults are what can be planted; the first one is none.
var faults = []string{
	"",
	"swaps received frames", "loses a received frame", "receives a frame twice", "confuses devices", "cuts frames",
	"says that a frame is lost", "hands over more than there is room for", "waits for frames without end",
	"gives all frames one buffer", "sends after receiving", "keeps the buffers of dropped frames",
	"takes buffers to come back in order",
	"swaps sent frames", "loses a sent frame", "sends twice", "sends by another device", "sends more bytes",
	"sends to one device only", "does not send what is injected", "keeps what is injected",
	"refuses without need", "waits for room", "says nothing of what it does not send", "sends what it refuses",
	"comes back from the end", "fails instead of ending", "ends with frames in hand",
}

// TestBrokenBackEndsAreFound plants one fault each, in a back end that knows its frames before and in one
// that gets them while it runs; without a fault nothing is found.
func TestBrokenBackEndsAreFound(t *testing.T) {
	ends := map[string]bool{"comes back from the end": true, "fails instead of ending": true, "ends with frames in hand": true}
	for _, fault := range faults {
		for _, live := range []bool{false, true} {
			if live && ends[fault] || !live && fault == "waits for frames without end" {
				continue // such a back end has no end, or need not wait
			}
			t.Run(fmt.Sprintf("%s, live %v", fault, live), func(t *testing.T) {
				t.Parallel()
				problems := conformance.Check(func(frames []dataplane.Frame) (conformance.BackEnd, error) {
					f := newFaulty(frames, fault, live)
					b := conformance.BackEnd{IO: f, Jam: f.jam, Sent: func() ([]dataplane.Frame, error) {
						sent := f.sent
						f.sent = nil
						return sent, nil
					}}
					if live {
						b.Put = f.put
					}
					return b, nil
				}, maxFrame)
				if (len(problems) == 0) != (fault == "") {
					t.Errorf("found %v", problems)
				}
			})
		}
	}
}
