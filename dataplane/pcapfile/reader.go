package pcapfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"

	"vigor/nf"
)

// Packet is one packet of a capture.
type Packet struct {
	Data   []byte  // what was captured
	Length int     // bytes on the wire, at least len(Data)
	Time   nf.Time // since 1970
}

// Reader reads a capture, of either format, from its beginning to its end.
type Reader struct {
	name   string
	in     pieces
	offset int64 // of the next byte to read
	order  binary.ByteOrder
	next   func() (Packet, error) // the data lies in a piece

	second     uint64     // classic format: units of a timestamp in one second
	interfaces []ngDevice // pcapng: of the current section
	last       nf.Time    // pcapng: for packets without a time
}

const (
	magicMicro   = 0xA1B2C3D4
	magicNano    = 0xA1B23C4D
	magicNG      = 0x0A0D0D0A
	linkEthernet = 1

	// maxPacket is the largest packet that libpcap writes.
	maxPacket = 262144
)

// NewReader reads the header of the capture; name is for messages.
func NewReader(name string, in io.Reader) (*Reader, error) {
	r := &Reader{name: name, in: pieces{in: in}}
	magic, err := r.read(4, "the first four bytes")
	if err != nil {
		return nil, r.whole(err)
	}
	r.order = binary.LittleEndian
	for range 2 {
		switch r.order.Uint32(magic) {
		case magicMicro:
			return r, r.startClassic(1_000_000)
		case magicNano:
			return r, r.startClassic(1_000_000_000)
		case magicNG:
			r.next = r.nextNG
			return r, r.section()
		}
		r.order = binary.BigEndian
	}
	return nil, r.failAt(0, "starts with % x: neither a pcap nor a pcapng file", magic)
}

// Next returns the next packet, its data in buffer if that is large enough; [io.EOF] after the
// last.
func (r *Reader) Next(buffer []byte) (Packet, error) {
	r.in.release()
	p, err := r.next()
	p.Data = append(buffer[:0], p.Data...)
	return p, err
}

// startClassic reads the rest of the pcap header.
func (r *Reader) startClassic(second uint64) error {
	header, err := r.read(20, "the file header")
	if err != nil {
		return r.whole(err)
	}
	if major := r.order.Uint16(header); major != 2 {
		return r.failAt(4, "is pcap version %d, want 2", major)
	}
	// The upper bits tell of the frame check sequence.
	if link := r.order.Uint32(header[16:]) & 0xFFFF; link != linkEthernet {
		return r.failAt(20, "has link type %d: only Ethernet, 1, can be read", link)
	}
	r.second, r.next = second, r.nextClassic
	return nil
}

// nextClassic reads one record of a pcap file.
func (r *Reader) nextClassic() (Packet, error) {
	start := r.offset
	header, err := r.read(16, "a packet header")
	if err != nil {
		return Packet{}, err
	}
	units := uint64(r.order.Uint32(header))*r.second + uint64(r.order.Uint32(header[4:]))
	captured, length := r.order.Uint32(header[8:]), r.order.Uint32(header[12:])
	if err := r.possible(start, captured); err != nil {
		return Packet{}, err
	}
	p := Packet{Length: int(max(captured, length))}
	if p.Time, err = r.time(start, units, r.second, 0); err != nil {
		return Packet{}, err
	}
	p.Data, err = r.read(int(captured), "a packet")
	return p, r.whole(err)
}

// possible refuses a length that no packet has.
func (r *Reader) possible(start int64, captured uint32) error {
	if captured > maxPacket {
		return r.failAt(start, "packet of %d bytes: at most %d are possible, so the file is damaged", captured, maxPacket)
	}
	return nil
}

// time converts a timestamp to nanoseconds; there are second units in a second.
func (r *Reader) time(start int64, units, second uint64, offset int64) (nf.Time, error) {
	high, low := bits.Mul64(units, uint64(nf.Second))
	if high < second {
		if ns, _ := bits.Div64(high, low, second); ns <= math.MaxInt64 {
			shift, wide := bits.Mul64(uint64(max(offset, -offset)), uint64(nf.Second))
			switch {
			case shift != 0 || wide > math.MaxInt64:
			case offset >= 0 && nf.Time(ns) <= math.MaxInt64-nf.Time(wide):
				return nf.Time(ns) + nf.Time(wide), nil
			case offset < 0 && nf.Time(ns) >= nf.Time(wide):
				return nf.Time(ns) - nf.Time(wide), nil
			}
		}
	}
	return 0, r.failAt(start, "timestamp %d is before 1970 or after 2262", units)
}

// read returns the next n bytes, which lie in a piece. At the end of the file it gives io.EOF, inside them
// an error that says what was cut.
func (r *Reader) read(n int, what string) ([]byte, error) {
	b, err := r.in.take(n)
	start := r.offset
	r.offset += int64(len(b))
	switch {
	case len(b) == n:
		return b, nil
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("%s: offset %d: %w", r.name, r.offset, err)
	case len(b) > 0:
		return nil, r.failAt(start, "the file ends inside %s: %d bytes of %d are there", what, len(b), n)
	}
	return nil, io.EOF
}

// whole turns the end of the file into an error, where more must follow.
func (r *Reader) whole(err error) error {
	if errors.Is(err, io.EOF) {
		return r.failAt(r.offset, "the file ends too early")
	}
	return err
}

// failAt is an error about what stands at an offset.
func (r *Reader) failAt(offset int64, format string, args ...any) error {
	return fmt.Errorf("%s: offset %d: %s", r.name, offset, fmt.Sprintf(format, args...))
}
