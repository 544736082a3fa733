package packet

// L4Header is a view of what TCP and UDP have in common: the ports and a checksum over the segment
// and the addresses. Use [ParseTCP] or [ParseUDP] for the rest of the header.
type L4Header struct {
	segment  []byte
	protocol Protocol
}

// ParseL4 views the transport header of ip; false unless ip is TCP with 20 or UDP with 8 bytes of
// header inside the total length, and no later fragment, which has no transport header: what stands
// at its place there is data (RFC 1858, 2).
func ParseL4(ip IPv4Header) (L4Header, bool) {
	segment := ip.Payload()
	if ip.FragmentOffset() != 0 || len(segment) < l4HeaderLen(ip.Protocol()) {
		return L4Header{}, false
	}
	return L4Header{segment, ip.Protocol()}, true
}

// l4HeaderLen is the least length of a header of protocol p, and more than any datagram has where p
// is neither TCP nor UDP.
func l4HeaderLen(p Protocol) int {
	switch p {
	case TCP:
		return TCPMinHeaderLen
	case UDP:
		return UDPHeaderLen
	}
	return 1 << 16
}

// SourcePort is the port of the sender.
func (h L4Header) SourcePort() uint16 { return word(h.segment, l4SourcePort) }

// DestinationPort is the port of the receiver.
func (h L4Header) DestinationPort() uint16 { return word(h.segment, l4DestinationPort) }

// Flags are the control bits of a TCP segment; a UDP datagram has none.
func (h L4Header) Flags() TCPFlags {
	if h.protocol != TCP {
		return 0
	}
	return TCPHeader(h.segment).Flags()
}

// Checksum is the checksum as it stands in the segment; 0 in UDP means that there is none.
func (h L4Header) Checksum() uint16 { return word(h.segment, h.checksumOffset()) }

// checksumOffset is the place of the checksum in the segment.
func (h L4Header) checksumOffset() int {
	if h.protocol == UDP {
		return udpChecksum
	}
	return tcpChecksum
}

// SetSource gives the datagram another source, and keeps the checksums of both headers as right or
// wrong as they were (RFC 3022, 4.1). l4 is the transport header of ip.
func SetSource(ip IPv4Header, l4 L4Header, address IPv4, port uint16) {
	before, portBefore := ip.Source(), l4.SourcePort()
	setLong(ip, ipSource, uint32(address))
	setWord(l4.segment, l4SourcePort, port)
	ip.SetChecksum(updateAddress(ip.Checksum(), before, address))
	l4.adjust(before, address, portBefore, port)
}

// SetDestination gives the datagram another destination, and keeps the checksums of both headers as
// right or wrong as they were (RFC 3022, 4.1). l4 is the transport header of ip.
func SetDestination(ip IPv4Header, l4 L4Header, address IPv4, port uint16) {
	before, portBefore := ip.Destination(), l4.DestinationPort()
	setLong(ip, ipDestination, uint32(address))
	setWord(l4.segment, l4DestinationPort, port)
	ip.SetChecksum(updateAddress(ip.Checksum(), before, address))
	l4.adjust(before, address, portBefore, port)
}

// SetEndpoints is SetSource and SetDestination in one: the checksums follow once.
func SetEndpoints(ip IPv4Header, l4 L4Header, source IPv4, sourcePort uint16, destination IPv4, destinationPort uint16) {
	oldSource, oldDestination := ip.Source(), ip.Destination()
	oldSourcePort, oldDestinationPort := l4.SourcePort(), l4.DestinationPort()
	setLong(ip, ipSource, uint32(source))
	setLong(ip, ipDestination, uint32(destination))
	setWord(l4.segment, l4SourcePort, sourcePort)
	setWord(l4.segment, l4DestinationPort, destinationPort)
	ip.SetChecksum(updateAddress(updateAddress(ip.Checksum(), oldSource, source), oldDestination, destination))
	before := l4.Checksum()
	after := updateAddress(updateAddress(before, oldSource, source), oldDestination, destination)
	after = UpdateChecksumOfTwo(after, oldSourcePort, sourcePort, oldDestinationPort, destinationPort)
	setWord(l4.segment, l4.checksumOffset(), l4.transmitted(before, after))
}

// adjust makes the checksum follow a change of one address and one port.
func (h L4Header) adjust(from, to IPv4, portFrom, portTo uint16) {
	before := h.Checksum()
	after := UpdateChecksumOfThree(before, uint16(from>>16), uint16(to>>16), uint16(from), uint16(to), portFrom, portTo)
	setWord(h.segment, h.checksumOffset(), h.transmitted(before, after))
}

// transmitted is what to send for a checksum that was before and should become after. In UDP 0 says
// that the sender computed none, which stays so, and a computed 0 is sent as its equal 0xFFFF
// (RFC 768; RFC 3022, 4.1).
func (h L4Header) transmitted(before, after uint16) uint16 {
	if h.protocol != UDP {
		return after
	}
	if before == 0 {
		return 0
	}
	if after == 0 {
		return 0xFFFF
	}
	return after
}

// ChecksumOK reports whether the checksum is right; ip is the header before h. A UDP checksum of 0
// is. Of a fragment only the first part is there to be summed, so the answer is of no use.
func (h L4Header) ChecksumOK(ip IPv4Header) bool {
	if h.protocol == UDP && h.Checksum() == 0 {
		return true
	}
	return Checksum(h.segment, ip.pseudoHeader()) == 0
}

// ComputeChecksum is the checksum that the segment should carry; ip is the header before h.
func (h L4Header) ComputeChecksum(ip IPv4Header) uint16 {
	sum := Checksum(h.segment, ip.pseudoHeader()+uint32(^h.Checksum()))
	if h.protocol == UDP && sum == 0 {
		return 0xFFFF
	}
	return sum
}
