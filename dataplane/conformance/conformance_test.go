package conformance_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

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
	return conformance.BackEnd{IO: q, Sent: func() ([]dataplane.Frame, error) { return q.Sent(), nil }}, nil
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

// faulty is a memory back end with a fault.
type faulty struct {
	waiting []dataplane.Frame
	sent    []dataplane.Frame
	calls   int

	arrive func(f *faulty) // changes what waits
	leave  func(f *faulty, sent []dataplane.Frame) []dataplane.Frame
	refuse bool
	late   bool // sends what stands in the buffers only after it has received into them
	buffer []byte
	end    error
}

func (f *faulty) Exchange(out, in *dataplane.Batch) error {
	f.calls++
	var sent []dataplane.Frame
	for i := range out.Len() {
		for d := range nf.Device(conformance.Devices) {
			switch {
			case !out.To(i).Has(d):
			case f.refuse && i == 3:
				out.Refuse(i, d, nf.TransmitFull)
			default:
				bytes := bytes.Clone(out.Frame(i))
				if f.late {
					bytes = out.Frame(i)
				}
				sent = append(sent, dataplane.Frame{Bytes: bytes, Device: d})
			}
		}
	}
	if f.leave != nil && len(sent) > 1 {
		sent = f.leave(f, sent)
	}
	f.sent = append(f.sent, sent...)
	if f.arrive != nil && len(f.waiting) > 1 && f.calls == 1 {
		f.arrive(f)
	}
	if len(f.waiting) == 0 && in.Room() > 0 {
		return f.end
	}
	for in.Room() > 0 && len(f.waiting) > 0 {
		frame := f.waiting[0].Bytes
		if f.buffer != nil {
			frame = f.buffer[:copy(f.buffer, frame)]
		}
		in.Add(frame, f.waiting[0].Device, f.waiting[0].Time, 0)
		f.waiting = f.waiting[1:]
	}
	return nil
}

func (f *faulty) Close() error { return nil }

// TestBrokenBackEndsAreFound plants one fault each; without a fault nothing is found.
func TestBrokenBackEndsAreFound(t *testing.T) {
	for name, fault := range map[string]faulty{
		"":                            {},
		"swaps received frames":       {arrive: func(f *faulty) { f.waiting[0].Bytes, f.waiting[1].Bytes = f.waiting[1].Bytes, f.waiting[0].Bytes }},
		"loses a received frame":      {arrive: func(f *faulty) { f.waiting = f.waiting[1:] }},
		"receives a frame twice":      {arrive: func(f *faulty) { f.waiting = append(f.waiting[:1:1], f.waiting...) }},
		"confuses devices":            {arrive: func(f *faulty) { f.waiting[0].Device = (f.waiting[0].Device + 1) % 3 }},
		"cuts frames":                 {arrive: func(f *faulty) { f.waiting[0].Bytes = f.waiting[0].Bytes[:40] }},
		"gives all frames one buffer": {buffer: make([]byte, maxFrame)},
		"sends after receiving":       {buffer: make([]byte, maxFrame), late: true},
		"comes back from the end":     {end: errors.New("not the end")},
		"fails instead of ending":     {end: io.ErrUnexpectedEOF},
		"swaps sent frames": {leave: func(_ *faulty, sent []dataplane.Frame) []dataplane.Frame {
			sent[0].Bytes, sent[1].Bytes = sent[1].Bytes, sent[0].Bytes
			return sent
		}},
		"loses a sent frame": {leave: func(_ *faulty, sent []dataplane.Frame) []dataplane.Frame { return sent[1:] }},
		"sends twice": {leave: func(_ *faulty, sent []dataplane.Frame) []dataplane.Frame {
			return append(sent, sent[0])
		}},
		"sends by another device": {leave: func(_ *faulty, sent []dataplane.Frame) []dataplane.Frame {
			sent[0].Device = (sent[0].Device + 1) % 3
			return sent
		}},
		"sends more bytes": {leave: func(_ *faulty, sent []dataplane.Frame) []dataplane.Frame {
			sent[0].Bytes = append(sent[0].Bytes, 0)
			return sent
		}},
		"refuses without need": {refuse: true},
	} {
		t.Run(name, func(t *testing.T) {
			problems := conformance.Check(func(frames []dataplane.Frame) (conformance.BackEnd, error) {
				f := fault
				if f.end == nil {
					f.end = io.EOF
				}
				for _, frame := range frames {
					frame.Bytes = bytes.Clone(frame.Bytes)
					f.waiting = append(f.waiting, frame)
				}
				return conformance.BackEnd{IO: &f, Sent: func() ([]dataplane.Frame, error) { return f.sent, nil }}, nil
			}, maxFrame)
			if (len(problems) == 0) != (name == "") {
				t.Errorf("found %v", problems)
			}
		})
	}
}
