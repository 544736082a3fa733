// Package pcapfile is a back end over capture files: what a device receives is read from one file,
// what it sends is written to another.
//
// It reads pcap, with times in micro- or nanoseconds and of either byte order, and pcapng
// (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng), and writes pcap. The packets of several files
// are merged by their timestamps, which are the only clock: the same files give the same run, byte
// for byte. Files that contradict themselves give an error with the offset; frames that a capture
// cut short are marked as truncated.
//
// Start at [Open]; [Reader] and [Writer] serve programs that want the packets alone.
package pcapfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"vigor/dataplane"
	"vigor/nf"
)

// File connects a device with a file.
type File struct {
	Device nf.Device
	Name   string
}

// Files is the back end. Close it to write the end of the files.
type Files struct {
	inputs  []*input // sorted as given
	outputs [nf.MaxDevices]*output
	buffers [dataplane.BurstSize][]byte
	failed  error // of an input; told once the packets before it have been handed over
}

// input is a capture being read, one packet ahead.
type input struct {
	device nf.Device
	file   *os.File
	reader *Reader
	head   Packet
	done   bool
}

// output is a capture being written.
type output struct {
	file   *os.File
	buffer *bufio.Writer
	writer *Writer
}

// Open opens the captures to read and creates those to write. Packets of the same time come in the
// order of in. What is sent by a device without an output is counted, but written nowhere.
func Open(in, out []File) (*Files, error) {
	f := &Files{}
	for _, file := range in {
		if err := f.open(file); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	for _, file := range out {
		if err := f.create(file); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	return f, nil
}

// open adds a capture to read.
func (f *Files) open(from File) error {
	file, err := os.Open(from.Name)
	if err != nil {
		return fmt.Errorf("opening a capture: %w", err)
	}
	i := &input{device: from.Device, file: file}
	f.inputs = append(f.inputs, i)
	if i.reader, err = NewReader(from.Name, file); err != nil {
		return err
	}
	return i.advance(nil)
}

// create adds a capture to write.
func (f *Files) create(to File) error {
	if int(to.Device) >= nf.MaxDevices {
		return fmt.Errorf("%s: device %d: the largest is %d", to.Name, to.Device, nf.MaxDevices-1)
	}
	if f.outputs[to.Device] != nil {
		return fmt.Errorf("%s: device %d has an output already", to.Name, to.Device)
	}
	if f.isInput(to.Name) {
		return fmt.Errorf("%s: is an input, and would be overwritten", to.Name)
	}
	file, err := os.Create(to.Name)
	if err != nil {
		return fmt.Errorf("creating a capture: %w", err)
	}
	o := &output{file: file, buffer: bufio.NewWriter(file)}
	f.outputs[to.Device] = o
	o.writer, err = NewWriter(o.buffer)
	return err
}

// isInput reports whether a name is that of a capture being read.
func (f *Files) isInput(name string) bool {
	info, err := os.Stat(name)
	if err != nil {
		return false
	}
	for _, i := range f.inputs {
		if other, err := i.file.Stat(); err == nil && os.SameFile(info, other) {
			return true
		}
	}
	return false
}

// advance reads the next packet into buffer.
func (i *input) advance(buffer []byte) error {
	packet, err := i.reader.Next(buffer)
	if errors.Is(err, io.EOF) {
		i.done, i.head = true, Packet{}
		return nil
	}
	i.head = packet
	return err
}

// Receive hands over the earliest packets.
func (f *Files) Receive(burst []dataplane.Frame) (int, error) {
	n := 0
	for f.failed == nil && n < min(len(burst), len(f.buffers)) {
		i := f.earliest()
		if i == nil {
			break
		}
		p := i.head
		burst[n] = dataplane.Frame{
			Bytes: p.Data, Device: i.device, Time: p.Time, Truncated: len(p.Data) < p.Length,
		}
		spare := f.buffers[n]
		f.buffers[n] = p.Data
		n++
		if f.failed = i.advance(spare); f.failed != nil {
			break
		}
	}
	switch {
	case n > 0:
		return n, nil
	case f.failed != nil:
		return 0, f.failed
	}
	return 0, io.EOF
}

// earliest is the input whose next packet comes first; nil at the end of all.
func (f *Files) earliest() *input {
	var first *input
	for _, i := range f.inputs {
		if !i.done && (first == nil || i.head.Time < first.head.Time) {
			first = i
		}
	}
	return first
}

// Transmit writes frames to the captures of their devices.
func (f *Files) Transmit(frames []dataplane.Outgoing) error {
	for _, frame := range frames {
		o := f.outputs[frame.Device]
		if o == nil {
			continue
		}
		if err := o.writer.Write(frame.Time, frame.Bytes); err != nil {
			return fmt.Errorf("writing a capture: %w", err)
		}
	}
	return nil
}

// Close writes what is buffered, and closes the files.
func (f *Files) Close() error {
	var errs []error
	for _, i := range f.inputs {
		errs = append(errs, i.file.Close())
	}
	for _, o := range f.outputs {
		if o != nil {
			errs = append(errs, o.buffer.Flush(), o.file.Close())
		}
	}
	return errors.Join(errs...)
}
