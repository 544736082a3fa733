package pcapfile

import "encoding/binary"

// The blocks of pcapng that matter here (draft-ietf-opsawg-pcapng, 4); others are skipped.
const (
	ngSection   = magicNG
	ngInterface = 1
	ngObsolete  = 2 // packet block, before the enhanced one
	ngSimple    = 3
	ngEnhanced  = 6

	ngByteOrder = 0x1A2B3C4D
	ngMaxBlock  = 1 << 24

	ngOptionEnd        = 0
	ngOptionResolution = 9
	ngOptionOffset     = 14
)

// ngDevice is what an interface description says about the packets that name it.
type ngDevice struct {
	snap   uint32 // the most that was captured of a packet; 0 is no limit
	second uint64 // units of a timestamp in one second
	offset int64  // seconds to add to each timestamp
}

// section reads the rest of a section header whose type has been read. It sets the byte order.
func (r *Reader) section() error {
	start := r.offset - 4
	header, err := r.read(8, "a section header")
	if err != nil {
		return r.whole(err)
	}
	r.order = binary.LittleEndian
	if r.order.Uint32(header[4:]) != ngByteOrder {
		r.order = binary.BigEndian
	}
	if r.order.Uint32(header[4:]) != ngByteOrder {
		return r.failAt(start+8, "the byte-order magic of a section is % x", header[4:])
	}
	body, err := r.rest(start, r.order.Uint32(header), 12)
	if err != nil {
		return err
	}
	if len(body) < 4 || r.order.Uint16(body) != 1 {
		return r.failAt(start, "the section is not of pcapng version 1")
	}
	r.interfaces = r.interfaces[:0]
	return nil
}

// rest reads a block from its byte number seen to its end; length is the one at its start, which
// must stand at its end again. The repeated length is not part of the result.
func (r *Reader) rest(start int64, length, seen uint32) ([]byte, error) {
	if length%4 != 0 || length < seen+4 || length > ngMaxBlock {
		return nil, r.failAt(start, "block of %d bytes: damaged, or not one this reader knows", length)
	}
	size := int(length - seen)
	body, err := r.read(size, "a block")
	if err != nil {
		return nil, r.whole(err)
	}
	if again := r.order.Uint32(body[size-4:]); again != length {
		return nil, r.failAt(start, "block says %d bytes at its start and %d at its end", length, again)
	}
	return body[:size-4], nil
}

// nextNG reads blocks up to and including the next one with a packet.
func (r *Reader) nextNG() (Packet, error) {
	for {
		start := r.offset
		header, err := r.read(4, "a block header")
		if err != nil {
			return Packet{}, err
		}
		kind := r.order.Uint32(header)
		if kind == ngSection {
			if err := r.section(); err != nil {
				return Packet{}, err
			}
			continue
		}
		if header, err = r.read(4, "a block header"); err != nil {
			return Packet{}, r.whole(err)
		}
		body, err := r.rest(start, r.order.Uint32(header), 8)
		if err != nil {
			return Packet{}, err
		}
		switch kind {
		case ngInterface:
			if err := r.describe(start, body); err != nil {
				return Packet{}, err
			}
		case ngEnhanced, ngObsolete:
			return r.enhanced(start, kind, body)
		case ngSimple:
			return r.simple(start, body)
		}
	}
}

// describe reads an interface description.
func (r *Reader) describe(start int64, body []byte) error {
	if len(body) < 8 {
		return r.failAt(start, "interface description of %d bytes is too short", len(body))
	}
	if link := r.order.Uint16(body); link != linkEthernet {
		return r.failAt(start, "interface %d has link type %d: only Ethernet, 1, can be read",
			len(r.interfaces), link)
	}
	d := ngDevice{snap: r.order.Uint32(body[4:]), second: 1_000_000}
	for options := body[8:]; len(options) >= 4; {
		code, size := r.order.Uint16(options), int(r.order.Uint16(options[2:]))
		padded := (size + 3) &^ 3
		if code == ngOptionEnd {
			break
		}
		if padded > len(options)-4 {
			return r.failAt(start, "option %d of an interface description is cut short", code)
		}
		value := options[4 : 4+size]
		switch {
		case code == ngOptionResolution && size == 1:
			second, ok := resolution(value[0])
			if !ok {
				return r.failAt(start, "timestamp resolution %#x is finer than any clock", value[0])
			}
			d.second = second
		case code == ngOptionOffset && size == 8:
			d.offset = int64(r.order.Uint64(value))
		}
		options = options[4+padded:]
	}
	r.interfaces = append(r.interfaces, d)
	return nil
}

// resolution gives the units in a second: 10^v, or 2^v if the top bit is set.
func resolution(v byte) (uint64, bool) {
	if v&0x80 != 0 {
		return 1 << (v & 0x7F), v&0x7F < 64
	}
	units := uint64(1)
	for range min(v, 19) {
		units *= 10
	}
	return units, v <= 19
}

// enhanced reads an enhanced packet block, or an obsolete one, whose layout differs in one field.
func (r *Reader) enhanced(start int64, kind uint32, body []byte) (Packet, error) {
	if len(body) < 20 {
		return Packet{}, r.failAt(start, "packet block of %d bytes is too short", len(body))
	}
	number := r.order.Uint32(body)
	if kind == ngObsolete {
		number = uint32(r.order.Uint16(body))
	}
	if int64(number) >= int64(len(r.interfaces)) {
		return Packet{}, r.failAt(start, "packet of interface %d, but %d are described",
			number, len(r.interfaces))
	}
	d := r.interfaces[number]
	units := uint64(r.order.Uint32(body[4:]))<<32 | uint64(r.order.Uint32(body[8:]))
	p, err := r.captured(start, r.order.Uint32(body[12:]), r.order.Uint32(body[16:]), body[20:])
	if err != nil {
		return Packet{}, err
	}
	p.Time, err = r.time(start, units, d.second, d.offset)
	r.last = p.Time
	return p, err
}

// simple reads a simple packet block, which has no time: it gets that of the packet before.
func (r *Reader) simple(start int64, body []byte) (Packet, error) {
	if len(body) < 4 || len(r.interfaces) == 0 {
		return Packet{}, r.failAt(start, "simple packet block is too short, or before any interface")
	}
	length := r.order.Uint32(body)
	captured := length
	if snap := r.interfaces[0].snap; snap != 0 {
		captured = min(captured, snap)
	}
	p, err := r.captured(start, captured, length, body[4:])
	p.Time = r.last
	return p, err
}

// captured finds the data of a packet in its block.
func (r *Reader) captured(start int64, captured, length uint32, data []byte) (Packet, error) {
	if err := r.possible(start, captured); err != nil {
		return Packet{}, err
	}
	if int(captured) > len(data) {
		return Packet{}, r.failAt(start, "packet of %d bytes in a block with room for %d",
			captured, len(data))
	}
	return Packet{Data: data[:captured:captured], Length: int(max(captured, length))}, nil
}
