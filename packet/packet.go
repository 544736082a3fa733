// Package packet reads and rewrites the headers of a frame in place: Ethernet, ARP, IPv4, TCP, UDP
// and ICMP, and keeps their checksums.
//
// A view is a named byte slice over the frame itself: what a setter writes is what is sent. A view
// comes from its Parse function, which checks every length that an accessor later relies on, so
// that no accessor of a parsed view can go out of range; converting arbitrary bytes to a view type
// skips those checks. Fields are read and written as their RFC means them: numbers in host sense,
// whatever the byte order on the wire.
//
// Nothing here allocates, and the accessors and rewriting functions contain no loop: network
// functions call them per packet. The types that configuration files mention ([MAC], [IPv4]) have
// text forms.
//
// Start at [ParseEthernet], [ParseIPv4] and [ParseL4]; [SetSource] and [SetDestination] rewrite.
package packet

// Protocol is the number of an IP payload's protocol (IANA, Assigned Internet Protocol Numbers).
type Protocol uint8

// The protocols that have a view here.
const (
	ICMP Protocol = 1
	TCP  Protocol = 6
	UDP  Protocol = 17
)

// EtherType says what an Ethernet frame carries (IEEE 802 Numbers).
type EtherType uint16

// The types that network functions tell apart.
const (
	TypeIPv4 EtherType = 0x0800
	TypeARP  EtherType = 0x0806
	TypeVLAN EtherType = 0x8100
	TypeIPv6 EtherType = 0x86DD
)

// word reads the 16-bit number at b[i] and b[i+1], most significant byte first.
func word(b []byte, i int) uint16 {
	return uint16(b[i+1]) | uint16(b[i])<<8
}

// setWord writes v to b[i] and b[i+1], most significant byte first.
func setWord(b []byte, i int, v uint16) {
	b[i+1] = byte(v)
	b[i] = byte(v >> 8)
}

// long reads the 32-bit number at b[i] to b[i+3], most significant byte first.
func long(b []byte, i int) uint32 {
	return uint32(b[i+3]) | uint32(b[i+2])<<8 | uint32(b[i+1])<<16 | uint32(b[i])<<24
}

// setLong writes v to b[i] to b[i+3], most significant byte first.
func setLong(b []byte, i int, v uint32) {
	b[i+3] = byte(v)
	b[i+2] = byte(v >> 8)
	b[i+1] = byte(v >> 16)
	b[i] = byte(v >> 24)
}
