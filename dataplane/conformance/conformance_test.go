package conformance_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/conformance"
	"vigor/dataplane/memory"
	"vigor/dataplane/pcapfile"
	"vigor/nf"
)

// inMemory builds a memory queue.
func inMemory(frames []dataplane.Frame) (conformance.BackEnd, error) {
	q := &memory.Queue{}
	for _, f := range frames {
		q.Put(f.Device, f.Time, f.Bytes)
	}
	return conformance.BackEnd{IO: q, Sent: func() ([]dataplane.Outgoing, error) { return q.Sent(), nil }}, nil
}

func TestMemory(t *testing.T) {
	for _, problem := range conformance.Check(inMemory) {
		t.Error(problem)
	}
}

func TestPcapfile(t *testing.T) {
	for _, problem := range conformance.Check(func(frames []dataplane.Frame) (conformance.BackEnd, error) {
		return onFiles(t.TempDir(), frames)
	}) {
		t.Error(problem)
	}
}

// onFiles builds a back end on captures of three devices.
func onFiles(dir string, frames []dataplane.Frame) (conformance.BackEnd, error) {
	var in, out []pcapfile.File
	for d := range nf.Device(3) {
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
	return conformance.BackEnd{IO: files, Sent: func() ([]dataplane.Outgoing, error) {
		return readBack(files, out)
	}}, err
}

// readBack closes the files and reads what was written.
func readBack(files *pcapfile.Files, out []pcapfile.File) ([]dataplane.Outgoing, error) {
	if err := files.Close(); err != nil {
		return nil, err
	}
	var sent []dataplane.Outgoing
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
				sent = append(sent, dataplane.Outgoing{Bytes: p.Data, Device: file.Device})
			}
		}
		if !errors.Is(err, io.EOF) {
			return nil, err
		}
	}
	return sent, nil
}

// broken is a memory queue with one fault.
type broken struct {
	*memory.Queue
	receive  func(burst []dataplane.Frame, n int, err error) (int, error)
	transmit func(frames []dataplane.Outgoing) []dataplane.Outgoing
	kept     *[]dataplane.Outgoing // instead of the queue's copies
}

func (b broken) Receive(burst []dataplane.Frame) (int, error) {
	n, err := b.Queue.Receive(burst)
	if b.receive != nil {
		return b.receive(burst, n, err)
	}
	return n, err
}

func (b broken) Transmit(frames []dataplane.Outgoing) error {
	if b.transmit != nil {
		frames = b.transmit(frames)
	}
	if b.kept != nil {
		*b.kept = append(*b.kept, frames...)
	}
	return b.Queue.Transmit(frames)
}

// TestBrokenBackEndsAreFound plants one fault each.
func TestBrokenBackEndsAreFound(t *testing.T) {
	calls := 0
	for name, fault := range map[string]broken{
		"swaps received frames": {receive: func(burst []dataplane.Frame, n int, err error) (int, error) {
			slices.Reverse(burst[:n])
			return n, err
		}},
		"loses a received frame": {receive: func(_ []dataplane.Frame, n int, err error) (int, error) {
			if n > 1 {
				n--
			}
			return n, err
		}},
		"receives nothing without an error": {receive: func(_ []dataplane.Frame, n int, err error) (int, error) {
			return 0, nil
		}},
		"gives all frames one buffer": {receive: func(burst []dataplane.Frame, n int, err error) (int, error) {
			for i := range n {
				burst[i].Bytes = burst[0].Bytes
			}
			return n, err
		}},
		"lets time run back": {receive: func(burst []dataplane.Frame, n int, err error) (int, error) {
			for i := range n {
				burst[i].Time = -burst[i].Time
			}
			return n, err
		}},
		"comes back from the end": {receive: func(burst []dataplane.Frame, n int, err error) (int, error) {
			if calls++; err != nil && calls%2 == 0 {
				return 1, nil
			}
			return n, err
		}},
		"swaps sent frames": {transmit: func(frames []dataplane.Outgoing) []dataplane.Outgoing {
			frames = slices.Clone(frames)
			slices.Reverse(frames)
			return frames
		}},
		"loses a sent frame": {transmit: func(frames []dataplane.Outgoing) []dataplane.Outgoing {
			return frames[:len(frames)-1]
		}},
		"sends twice": {transmit: func(frames []dataplane.Outgoing) []dataplane.Outgoing {
			return append(slices.Clone(frames), frames[0])
		}},
		"refuses without need": {transmit: func(frames []dataplane.Outgoing) []dataplane.Outgoing {
			frames[0].Refused = true
			return frames
		}},
		"keeps references": {kept: &[]dataplane.Outgoing{}},
	} {
		t.Run(name, func(t *testing.T) {
			problems := conformance.Check(func(frames []dataplane.Frame) (conformance.BackEnd, error) {
				b, err := inMemory(frames)
				faulty := fault
				faulty.Queue = b.IO.(*memory.Queue)
				if fault.kept != nil {
					*fault.kept = nil
					b.Sent = func() ([]dataplane.Outgoing, error) { return *fault.kept, nil }
				}
				b.IO = faulty
				return b, err
			})
			if len(problems) == 0 {
				t.Error("not found")
			}
		})
	}
}
