package packet

// IPv4MinHeaderLen is the length of an IPv4 header without options, in bytes.
const IPv4MinHeaderLen = 20

// IPv4Header is a view of an IPv4 datagram: header, options and payload up to its total length;
// what pads the frame is outside (RFC 791, 3.1):
//
//	 0                   1                   2                   3
//	+-------+-------+---------------+-------------------------------+
//	|Version|  IHL  |    DS   |ECN  |          Total Length         |   0
//	+-------+-------+---------------+-----+-------------------------+
//	|         Identification        |0|D|M|     Fragment Offset     |   4
//	+---------------+---------------+-----+-------------------------+
//	|  Time to Live |    Protocol   |        Header Checksum        |   8
//	+---------------+---------------+-------------------------------+
//	|                        Source Address                         |  12
//	+---------------------------------------------------------------+
//	|                      Destination Address                      |  16
//	+---------------------------------------------------------------+
//	|                        Options, if IHL > 5                    |  20
type IPv4Header []byte

const (
	ipVersionLength  = 0
	ipTrafficClass   = 1
	ipTotalLength    = 2
	ipIdentification = 4
	ipFragment       = 6
	ipTTL            = 8
	ipProtocol       = 9
	ipChecksum       = 10
	ipSource         = 12
	ipDestination    = 16

	ipDontFragment   = 0x4000
	ipMoreFragments  = 0x2000
	ipFragmentOffset = 0x1FFF
)

// ParseIPv4 views the datagram at the start of b, the payload of an Ethernet frame of type
// [TypeIPv4]. It is false unless the version is 4, the header has at least five words and lies
// inside the total length, and that inside b (RFC 1812, 5.2.2; RFC 1122, 3.2.1.1). The checksum is
// not looked at.
func ParseIPv4(b []byte) (IPv4Header, bool) {
	if len(b) < IPv4MinHeaderLen {
		return nil, false
	}
	h := IPv4Header(b)
	total := int(h.TotalLength())
	if h.Version() != 4 || h.HeaderLength() < IPv4MinHeaderLen {
		return nil, false
	}
	if total < h.HeaderLength() || total > len(b) {
		return nil, false
	}
	return h[:total:total], true
}

// Version is 4 in a parsed header.
func (h IPv4Header) Version() uint8 { return h[ipVersionLength] >> 4 }

// IHL is the length of the header in words of four bytes, 5 to 15 in a parsed header.
func (h IPv4Header) IHL() uint8 { return h[ipVersionLength] & 15 }

// HeaderLength is the length of the header in bytes, options included.
func (h IPv4Header) HeaderLength() int { return int(h[ipVersionLength]&15) * 4 }

// DSCP is the code point of the differentiated service, 6 bits (RFC 2474, 3).
func (h IPv4Header) DSCP() uint8 { return h[ipTrafficClass] >> 2 }

// SetDSCP changes the code point, which has 6 bits, and keeps the checksum and the ECN bits.
func (h IPv4Header) SetDSCP(d uint8) {
	before := word(h, ipVersionLength)
	h[ipTrafficClass] = d<<2 | h[ipTrafficClass]&3
	h.SetChecksum(UpdateChecksum(h.Checksum(), before, word(h, ipVersionLength)))
}

// ECN is the congestion notification, 2 bits (RFC 3168, 5).
func (h IPv4Header) ECN() uint8 { return h[ipTrafficClass] & 3 }

// TotalLength is the length of header and payload in bytes.
func (h IPv4Header) TotalLength() uint16 { return word(h, ipTotalLength) }

// Identification joins the fragments of one datagram.
func (h IPv4Header) Identification() uint16 { return word(h, ipIdentification) }

// DontFragment reports whether the datagram may not be fragmented.
func (h IPv4Header) DontFragment() bool { return word(h, ipFragment)&ipDontFragment != 0 }

// MoreFragments reports whether a later fragment follows.
func (h IPv4Header) MoreFragments() bool { return word(h, ipFragment)&ipMoreFragments != 0 }

// FragmentOffset is the place of this fragment in its datagram, in units of eight bytes.
func (h IPv4Header) FragmentOffset() uint16 { return word(h, ipFragment) & ipFragmentOffset }

// IsFragment reports whether this is any fragment, first or later, and not a whole datagram.
func (h IPv4Header) IsFragment() bool {
	return word(h, ipFragment)&(ipMoreFragments|ipFragmentOffset) != 0
}

// TTL is the number of hops left.
func (h IPv4Header) TTL() uint8 { return h[ipTTL] }

// DecrementTTL takes one hop off and keeps the checksum. The TTL must not be 0.
func (h IPv4Header) DecrementTTL() {
	before := word(h, ipTTL)
	after := before - 0x100
	setWord(h, ipTTL, after)
	h.SetChecksum(UpdateChecksum(h.Checksum(), before, after))
}

// Protocol says what the payload is.
func (h IPv4Header) Protocol() Protocol { return Protocol(h[ipProtocol]) }

// Checksum is the header checksum as it stands in the datagram.
func (h IPv4Header) Checksum() uint16 { return word(h, ipChecksum) }

// SetChecksum writes the header checksum.
func (h IPv4Header) SetChecksum(sum uint16) { setWord(h, ipChecksum, sum) }

// Source is the address of the sender.
func (h IPv4Header) Source() IPv4 { return IPv4(long(h, ipSource)) }

// Destination is the address of the receiver.
func (h IPv4Header) Destination() IPv4 { return IPv4(long(h, ipDestination)) }

// Payload is what follows the header and its options, up to the total length.
func (h IPv4Header) Payload() []byte { return h[h.HeaderLength():] }
