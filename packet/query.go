package packet

// IsQuery reports whether the message is a query that hosts still answer, told apart by its identifier: echo or
// timestamp (RFC 792; RFC 6918 withdrew the others).
func (h ICMPHeader) IsQuery() bool { return h.Type() == ICMPEchoRequest || h.Type() == ICMPTimestamp }

// IsReply reports whether the message answers such a query, with its identifier.
func (h ICMPHeader) IsReply() bool {
	return h.Type() == ICMPEchoReply || h.Type() == ICMPTimestampReply
}

// SetQuerySource gives an ICMP query another source, of address and identifier, and keeps the checksums of both
// headers as right or wrong as they were (RFC 3022, 4.1). query is the message of ip.
func SetQuerySource(ip IPv4Header, query ICMPHeader, address IPv4, identifier uint16) {
	before := ip.Source()
	setLong(ip, ipSource, uint32(address))
	ip.SetChecksum(updateAddress(ip.Checksum(), before, address))
	query.setIdentifier(identifier)
}

// SetQueryDestination gives the answer to an ICMP query another destination, of address and identifier, and keeps
// the checksums of both headers as right or wrong as they were (RFC 3022, 4.1). reply is the message of ip.
func SetQueryDestination(ip IPv4Header, reply ICMPHeader, address IPv4, identifier uint16) {
	before := ip.Destination()
	setLong(ip, ipDestination, uint32(address))
	ip.SetChecksum(updateAddress(ip.Checksum(), before, address))
	reply.setIdentifier(identifier)
}

// setIdentifier changes the identifier, and has the checksum follow. An echo reply may be nothing but zeros then,
// whose checksum is 0xFFFF, where the update gives 0 (RFC 1624, 3: no word is left that is not 0). In all other
// messages either will do.
func (h ICMPHeader) setIdentifier(identifier uint16) {
	sum := UpdateChecksum(h.Checksum(), h.Identifier(), identifier)
	if sum == 0 {
		sum = 0xFFFF
	}
	setWord(h, icmpIdentifier, identifier)
	setWord(h, icmpChecksum, sum)
}
