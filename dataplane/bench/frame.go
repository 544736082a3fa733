package bench

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"vigor/nf"
	"vigor/packet"
)

// Field is a field of a frame that can differ between flows.
type Field int

// The fields.
const (
	SourceMAC Field = iota
	DestinationMAC
	Source
	Destination
	SourcePort
	DestinationPort
)

var fieldNames = [...]string{
	"source_mac", "destination_mac", "source", "destination", "source_port", "destination_port",
}

// String is the field's name in descriptions.
func (f Field) String() string { return fieldNames[f] }

// UnmarshalText reads a field's name.
func (f *Field) UnmarshalText(text []byte) error {
	for i, name := range fieldNames {
		if name == string(text) {
			*f = Field(i)
			return nil
		}
	}
	return fmt.Errorf("%q does not vary: one of %v does", text, fieldNames)
}

// width is the number of bits that vary: the low ones. A MAC address keeps its first byte, and so its
// group bit; an IPv4 address keeps its first byte, and so its kind.
func (f Field) width() int {
	return [...]int{40, 40, 24, 24, 16, 16}[f]
}

// Offsets in a frame without VLAN tag and IPv4 options: IEEE 802.3, 3.1.1; RFC 791, 3.1; RFC 768;
// RFC 9293, 3.1.
const (
	atDestinationMAC  = 0
	atSourceMAC       = 6
	atEtherType       = 12
	atIP              = 14
	atIPLength        = atIP + 2
	atTTL             = atIP + 8
	atProtocol        = atIP + 9
	atIPChecksum      = atIP + 10
	atSource          = atIP + 12
	atDestination     = atIP + 16
	atL4              = atIP + 20
	atSourcePort      = atL4
	atDestinationPort = atL4 + 2
	atUDPLength       = atL4 + 4
	atUDPChecksum     = atL4 + 6
	atTCPOffset       = atL4 + 12
	atTCPChecksum     = atL4 + 16
)

// checksumLength is the number of bytes of a frame that are sent, but not given to a program: the FCS.
const checksumLength = 4

// Lengths of frames on the wire in bytes, FCS included.
const (
	MinFrame = 64
	MaxFrame = 1518
)

// shape makes the frames of flows that differ in some fields. Everything but these is made once.
type shape struct {
	device   nf.Device
	frame    []byte // of the latest flow
	checksum int    // offset of the segment's
}

// newShape makes a frame of a length on the wire; its payload is zeros.
func newShape(p Packet, wire int) *shape {
	frame := make([]byte, wire-checksumLength)
	s := &shape{device: p.Device, frame: frame, checksum: atUDPChecksum}
	copy(frame[atDestinationMAC:], p.DestinationMAC[:])
	copy(frame[atSourceMAC:], p.SourceMAC[:])
	put := binary.BigEndian.PutUint16
	put(frame[atEtherType:], uint16(packet.TypeIPv4))
	frame[atIP] = 4<<4 | 5 // version, header length in words
	put(frame[atIPLength:], uint16(len(frame)-atIP))
	frame[atTTL], frame[atProtocol] = 64, byte(p.Protocol)
	binary.BigEndian.PutUint32(frame[atSource:], uint32(p.Source))
	binary.BigEndian.PutUint32(frame[atDestination:], uint32(p.Destination))
	put(frame[atSourcePort:], p.SourcePort)
	put(frame[atDestinationPort:], p.DestinationPort)
	if p.Protocol == Protocol(packet.TCP) {
		s.checksum = atTCPChecksum
		put(frame[atTCPOffset:], 5<<12|1<<4) // header length in words, ACK
	} else {
		put(frame[atUDPLength:], uint16(len(frame)-atL4))
	}
	s.sum()
	return s
}

// sum computes both checksums.
func (s *shape) sum() {
	put := binary.BigEndian.PutUint16
	ip := packet.IPv4Header(s.frame[atIP:])
	put(s.frame[atIPChecksum:], 0)
	put(s.frame[atIPChecksum:], packet.Checksum(s.frame[atIP:atL4], 0))
	put(s.frame[s.checksum:], 0)
	if l4, ok := packet.ParseL4(ip); ok {
		put(s.frame[s.checksum:], l4.ComputeChecksum(ip))
	}
}

// set gives a field the low bits of a value, above which the field keeps what it had. Checksums follow.
func (s *shape) set(f Field, value uint64) {
	switch f {
	case SourceMAC:
		putLow(s.frame[atSourceMAC+1:atSourceMAC+6], value)
	case DestinationMAC:
		putLow(s.frame[atDestinationMAC+1:atDestinationMAC+6], value)
	case Source:
		s.setAddress(atSource, value)
	case Destination:
		s.setAddress(atDestination, value)
	case SourcePort:
		s.setWord(atSourcePort, uint16(value), s.checksum)
	case DestinationPort:
		s.setWord(atDestinationPort, uint16(value), s.checksum)
	}
}

// setAddress replaces the low 24 bits of an IPv4 address.
func (s *shape) setAddress(at int, value uint64) {
	high := uint16(s.frame[at])<<8 | uint16(value>>16)&0xff
	for _, sum := range [2]int{atIPChecksum, s.checksum} {
		s.adjust(at, high, sum)
		s.adjust(at+2, uint16(value), sum)
	}
	binary.BigEndian.PutUint16(s.frame[at:], high)
	binary.BigEndian.PutUint16(s.frame[at+2:], uint16(value))
}

// setWord replaces two bytes that a checksum covers.
func (s *shape) setWord(at int, value uint16, sum int) {
	s.adjust(at, value, sum)
	binary.BigEndian.PutUint16(s.frame[at:], value)
}

// adjust updates a checksum for two bytes that are about to change. Zero as a UDP checksum would say
// that there is none (RFC 768); a frame of ours always has one.
func (s *shape) adjust(at int, value uint16, sum int) {
	old := binary.BigEndian.Uint16(s.frame[at:])
	next := packet.UpdateChecksum(binary.BigEndian.Uint16(s.frame[sum:]), old, value)
	if next == 0 && sum == atUDPChecksum {
		next = 0xffff
	}
	binary.BigEndian.PutUint16(s.frame[sum:], next)
}

// putLow writes the low bits of a value to all of b, big endian.
func putLow(b []byte, value uint64) {
	for i := range b {
		b[len(b)-1-i] = byte(value >> (8 * i))
	}
}

// answer turns a frame around: both addresses and the ports change places. No checksum changes, as
// sums do not depend on the order.
func answer(frame []byte) {
	swap(frame[atDestinationMAC:atSourceMAC], frame[atSourceMAC:atEtherType])
	swap(frame[atSource:atDestination], frame[atDestination:atL4])
	swap(frame[atSourcePort:atDestinationPort], frame[atDestinationPort:atUDPLength])
}

func swap(a, b []byte) {
	for i := range a {
		a[i], b[i] = b[i], a[i]
	}
}

// reversed is the low bits of a number in reverse order.
func reversed(n uint64, width int) uint64 { return bits.Reverse64(n) >> (64 - width) }
