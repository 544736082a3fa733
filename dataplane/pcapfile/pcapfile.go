// Package pcapfile is a back end over capture files: what a device receives is read from one file,
// what it sends is written to another.
//
// It reads pcap, with times in micro- or nanoseconds and of either byte order, and pcapng
// (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng), and writes pcap. The packets of several files
// are merged by their timestamps, which are the only clock: the same files give the same run, byte
// for byte. Files that contradict themselves give an error with the offset; frames that a capture
// cut short are marked as truncated.
//
// Frames are handed over in the memory that they were read into. What the network function writes there
// changes no file; a file that becomes shorter meanwhile ends in an error; pipes can be read, too.
//
// Start at [Open], then pieces.go; [Reader] and [Writer] serve programs that want the packets alone.
package pcapfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/bits"
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
	return i.advance()
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
	if d, taken := f.isOutput(to.Name); taken {
		return fmt.Errorf("%s: is the output of device %d already: give each device a file of its own", to.Name, d)
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

// isOutput reports whether a name is that of a capture being written, and whose. Several devices can
// have what is no file, such as /dev/null.
func (f *Files) isOutput(name string) (d nf.Device, taken bool) {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return 0, false
	}
	for d, o := range f.outputs {
		if o == nil {
			continue
		}
		if other, err := o.file.Stat(); err == nil && os.SameFile(info, other) {
			return nf.Device(d), true
		}
	}
	return 0, false
}

// advance reads the next packet.
func (i *input) advance() error {
	packet, err := i.reader.next()
	if errors.Is(err, io.EOF) {
		i.done, i.head = true, Packet{}
		return nil
	}
	i.head = packet
	return err
}

// Exchange writes what is sent, and hands over the earliest packets.
func (f *Files) Exchange(out, in *dataplane.Batch) error {
	if err := f.write(out); err != nil {
		return err
	}
	for _, i := range f.inputs {
		i.reader.in.release() // the frames of out are not used any more
	}
	wanted := in.Room()
	for f.failed == nil && in.Room() > 0 {
		i := f.earliest()
		if i == nil {
			break
		}
		f.receive(in, i)
	}
	switch {
	case in.Len() > 0 || wanted == 0:
		return nil
	case f.failed != nil:
		return f.failed
	}
	return io.EOF
}

// receive hands over the packet at the head of an input, where it lies.
func (f *Files) receive(in *dataplane.Batch, i *input) {
	if p := &i.head; len(p.Data) < p.Length {
		in.Lost(i.device, nf.Truncated)
	} else {
		in.Add(p.Data, i.device, p.Time, 0)
	}
	f.failed = i.advance()
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

// write writes frames to the captures of their devices.
func (f *Files) write(out *dataplane.Batch) error {
	for i := range out.Len() {
		for set := out.To(i); set != 0; set &= set - 1 {
			o := f.outputs[bits.TrailingZeros64(uint64(set))]
			if o == nil {
				continue
			}
			if err := o.writer.Write(out.Time(i), out.Frame(i)); err != nil {
				return fmt.Errorf("writing a capture: %w", err)
			}
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
