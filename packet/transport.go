package packet

// Lengths of the transport headers without options, in bytes.
const (
	TCPMinHeaderLen = 20
	UDPHeaderLen    = 8
	ICMPHeaderLen   = 8
)

// Fields that TCP and UDP have at the same place, the checksum, which they have not, and those of ICMP.
const (
	l4SourcePort      = 0
	l4DestinationPort = 2
	tcpChecksum       = 16
	udpChecksum       = 6
	icmpChecksum      = 2
	icmpIdentifier    = 4
)

// TCPHeader is a view of a TCP segment (RFC 9293, 3.1):
//
//	 0                   1                   2                   3
//	+-------------------------------+-------------------------------+
//	|          Source Port          |       Destination Port        |   0
//	+-------------------------------+-------------------------------+
//	|                        Sequence Number                        |   4
//	+---------------------------------------------------------------+
//	|                    Acknowledgment Number                      |   8
//	+-------+-------+-+-+-+-+-+-+-+-+-------------------------------+
//	| DOff  | Rsrvd |C|E|U|A|P|R|S|F|            Window             |  12
//	+-------+-------+-+-+-+-+-+-+-+-+-------------------------------+
//	|           Checksum            |         Urgent Pointer        |  16
//	+-------------------------------+-------------------------------+
type TCPHeader []byte

// TCPFlags are the control bits of a segment.
type TCPFlags uint8

// The control bits (RFC 9293, 3.1).
const (
	FIN TCPFlags = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
)

// ParseTCP views the payload of a datagram of protocol [TCP] that is no later fragment; false if it
// is shorter than the header. Where the options end (the data offset) is not looked at.
func ParseTCP(b []byte) (TCPHeader, bool) {
	if len(b) < TCPMinHeaderLen {
		return nil, false
	}
	return TCPHeader(b), true
}

// SourcePort is the port of the sender.
func (h TCPHeader) SourcePort() uint16 { return word(h, l4SourcePort) }

// DestinationPort is the port of the receiver.
func (h TCPHeader) DestinationPort() uint16 { return word(h, l4DestinationPort) }

// Sequence is the sequence number of the first byte of data, or of SYN.
func (h TCPHeader) Sequence() uint32 { return long(h, 4) }

// Acknowledgment is the next sequence number that the sender expects, if ACK is set.
func (h TCPHeader) Acknowledgment() uint32 { return long(h, 8) }

// DataOffset is the length of the header in words of four bytes, as it claims.
func (h TCPHeader) DataOffset() uint8 { return h[12] >> 4 }

// Flags are the control bits.
func (h TCPHeader) Flags() TCPFlags { return TCPFlags(h[13]) }

// Window is the number of bytes that the sender is ready to receive, before scaling.
func (h TCPHeader) Window() uint16 { return word(h, 14) }

// Checksum is the checksum as it stands in the segment.
func (h TCPHeader) Checksum() uint16 { return word(h, tcpChecksum) }

// Urgent is the urgent pointer.
func (h TCPHeader) Urgent() uint16 { return word(h, 18) }

// UDPHeader is a view of a UDP datagram (RFC 768):
//
//	 0                   1                   2                   3
//	+-------------------------------+-------------------------------+
//	|          Source Port          |       Destination Port        |   0
//	+-------------------------------+-------------------------------+
//	|            Length             |           Checksum            |   4
//	+-------------------------------+-------------------------------+
type UDPHeader []byte

// ParseUDP views the payload of a datagram of protocol [UDP] that is no later fragment; false if it
// is shorter than the header. The length field is not looked at.
func ParseUDP(b []byte) (UDPHeader, bool) {
	if len(b) < UDPHeaderLen {
		return nil, false
	}
	return UDPHeader(b), true
}

// SourcePort is the port of the sender.
func (h UDPHeader) SourcePort() uint16 { return word(h, l4SourcePort) }

// DestinationPort is the port of the receiver.
func (h UDPHeader) DestinationPort() uint16 { return word(h, l4DestinationPort) }

// Length is the length of header and data, as the header claims.
func (h UDPHeader) Length() uint16 { return word(h, 4) }

// Checksum is the checksum as it stands in the datagram; 0 means that there is none.
func (h UDPHeader) Checksum() uint16 { return word(h, udpChecksum) }

// ICMPHeader is a view of an ICMP message (RFC 792):
//
//	 0                   1                   2                   3
//	+---------------+---------------+-------------------------------+
//	|     Type      |     Code      |           Checksum            |   0
//	+---------------+---------------+-------------------------------+
//	|    Identifier (of queries)    |  Sequence Number (of queries) |   4
//	+-------------------------------+-------------------------------+
type ICMPHeader []byte

// ParseICMP views the payload of a datagram of protocol [ICMP] that is no later fragment; false if
// it is shorter than the header.
func ParseICMP(b []byte) (ICMPHeader, bool) {
	if len(b) < ICMPHeaderLen {
		return nil, false
	}
	return ICMPHeader(b), true
}

// Type is the kind of message.
func (h ICMPHeader) Type() uint8 { return h[0] }

// Code says more about the type.
func (h ICMPHeader) Code() uint8 { return h[1] }

// Checksum is the checksum as it stands in the message.
func (h ICMPHeader) Checksum() uint16 { return word(h, icmpChecksum) }

// ChecksumOK reports whether the checksum is right: it covers the message up to the end of the datagram (RFC 792).
func (h ICMPHeader) ChecksumOK() bool { return Checksum(h, 0) == 0 }

// Identifier matches a query with its reply.
func (h ICMPHeader) Identifier() uint16 { return word(h, icmpIdentifier) }

// Sequence numbers the queries of one identifier.
func (h ICMPHeader) Sequence() uint16 { return word(h, 6) }

// Payload is what follows the header; for an error message, the datagram that caused it.
func (h ICMPHeader) Payload() []byte { return h[ICMPHeaderLen:] }
