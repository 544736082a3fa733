package packet

// SetErrorReceiver has an ICMP error reach another host, as if that had sent what is quoted: the destination of ip and the
// source of the quotation become address, and its source port or identifier becomes port (RFC 5508 REQ-4). m is the
// message of ip, and q what it quotes, which is no later fragment. Checksums stay as right or wrong as they were; for
// that of a quoted TCP segment see [ICMPHeader.requote].
func SetErrorReceiver(ip IPv4Header, m ICMPHeader, q Quote, address IPv4, port uint16) {
	outer := ip.Destination()
	setLong(ip, ipDestination, uint32(address))
	ip.SetChecksum(updateAddress(ip.Checksum(), outer, address))
	quoted := IPv4Header(q)
	before := quoted.Source()
	setLong(quoted, ipSource, uint32(address))
	m.requote(quoted, before, address, l4SourcePort, port)
}

// SetErrorSender has an ICMP error come from another host, as if what is quoted had been sent to that: the source of ip and
// the destination of the quotation become address, and its destination port or identifier becomes port (RFC 5508
// REQ-5). All else is as with [SetErrorReceiver].
func SetErrorSender(ip IPv4Header, m ICMPHeader, q Quote, address IPv4, port uint16) {
	outer := ip.Source()
	setLong(ip, ipSource, uint32(address))
	ip.SetChecksum(updateAddress(ip.Checksum(), outer, address))
	quoted := IPv4Header(q)
	before := quoted.Destination()
	setLong(quoted, ipDestination, uint32(address))
	m.requote(quoted, before, address, l4DestinationPort, port)
}

// requote writes a port at its place, or an identifier at its own, behind a quoted header in which an address has
// changed, and has the checksums follow: of the quoted header, of UDP and ICMP behind it, and of m. That of m does not
// see the header: with its own checksum it adds up to what it did. The checksum of TCP stays: it is beyond the eight
// bytes that are always quoted, and nobody may ask for it (RFC 5508 REQ-3c).
func (m ICMPHeader) requote(quoted IPv4Header, from, to IPv4, at int, port uint16) {
	quoted.SetChecksum(updateAddress(quoted.Checksum(), from, to))
	segment := quoted.Payload()
	switch quoted.Protocol() {
	case ICMP:
		m := ICMPHeader(segment)
		setWord(m, icmpChecksum, UpdateChecksum(m.Checksum(), m.Identifier(), port))
		setWord(m, icmpIdentifier, port) // both together change no sum
		return
	case UDP:
		m.requoteUDP(segment, from, to, word(segment, at), port)
	}
	setWord(m, icmpChecksum, UpdateChecksum(m.Checksum(), word(segment, at), port))
	setWord(segment, at, port)
}

// requoteUDP has the checksum of a quoted UDP datagram follow the change of an address and a port, unless there is
// none, and that of m follow it.
func (m ICMPHeader) requoteUDP(datagram []byte, from, to IPv4, portFrom, portTo uint16) {
	before := word(datagram, udpChecksum)
	if before == 0 {
		return
	}
	after := UpdateChecksum(updateAddress(before, from, to), portFrom, portTo)
	if after == 0 {
		after = 0xFFFF
	}
	setWord(datagram, udpChecksum, after)
	setWord(m, icmpChecksum, UpdateChecksum(m.Checksum(), before, after))
}
