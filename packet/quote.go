package packet

// The ICMP errors that routers and hosts still send (RFC 792; RFC 6633 withdrew source quench). Each quotes the
// beginning of the datagram that caused it.
const (
	ICMPUnreachable      = 3
	ICMPTimeExceeded     = 11
	ICMPParameterProblem = 12
)

// The ICMP queries that network functions follow, and their answers (RFC 792).
const (
	ICMPEchoReply      = 0
	ICMPEchoRequest    = 8
	ICMPTimestamp      = 13
	ICMPTimestampReply = 14
)

// quotedBytes are quoted of the payload at least (RFC 792).
const quotedBytes = 8

// Quote is a view of what an ICMP error quotes: an IPv4 header with its options, and at least eight bytes of what
// was behind it (RFC 792; RFC 1812, 4.3.2.3). The datagram itself was longer, or so it says, and what stands here
// is the word of whoever sent the error.
type Quote []byte

// ParseQuote views the datagram that an ICMP error quotes; false if the message is no error, or the quotation is
// no IPv4 header, or shorter than it must be.
func ParseQuote(h ICMPHeader) (Quote, bool) {
	if t := h.Type(); t != ICMPUnreachable && t != ICMPTimeExceeded && t != ICMPParameterProblem {
		return nil, false
	}
	b := h.Payload()
	if len(b) < IPv4MinHeaderLen+quotedBytes {
		return nil, false
	}
	ip := IPv4Header(b)
	if ip.Version() != 4 || ip.HeaderLength() < IPv4MinHeaderLen {
		return nil, false
	}
	if int(ip.TotalLength()) < ip.HeaderLength() || len(b) < ip.HeaderLength()+quotedBytes {
		return nil, false
	}
	return Quote(b), true
}

// Source is the address that sent the quoted datagram, to which the error goes.
func (q Quote) Source() IPv4 { return IPv4Header(q).Source() }

// Destination is the address that the quoted datagram was for.
func (q Quote) Destination() IPv4 { return IPv4Header(q).Destination() }

// Protocol says what the payload of the quoted datagram is.
func (q Quote) Protocol() Protocol { return IPv4Header(q).Protocol() }

// FragmentOffset is that of the quoted datagram. If it is not 0 there are no ports and no identifier behind the header.
func (q Quote) FragmentOffset() uint16 { return IPv4Header(q).FragmentOffset() }

// HeaderChecksumOK reports whether the checksum of the quoted header is right.
func (q Quote) HeaderChecksumOK() bool { return IPv4Header(q).HeaderChecksumOK() }

// SourcePort is the port of TCP or UDP that sent the quoted datagram.
func (q Quote) SourcePort() uint16 { return word(IPv4Header(q).Payload(), l4SourcePort) }

// DestinationPort is the port of TCP or UDP that the quoted datagram was for.
func (q Quote) DestinationPort() uint16 { return word(IPv4Header(q).Payload(), l4DestinationPort) }

// ICMPType is the type of the quoted ICMP message.
func (q Quote) ICMPType() uint8 { return IPv4Header(q).Payload()[0] }

// QuotesQuery reports whether a quoted ICMP message is a query, as [ICMPHeader.IsQuery] has it.
func (q Quote) QuotesQuery() bool { return ICMPHeader(IPv4Header(q).Payload()).IsQuery() }

// QuotesReply reports whether a quoted ICMP message answers a query, as [ICMPHeader.IsReply] has it.
func (q Quote) QuotesReply() bool { return ICMPHeader(IPv4Header(q).Payload()).IsReply() }

// Identifier is that of the quoted ICMP query.
func (q Quote) Identifier() uint16 { return word(IPv4Header(q).Payload(), icmpIdentifier) }
