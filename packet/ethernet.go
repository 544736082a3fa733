package packet

// EthernetHeaderLen is the length of an untagged Ethernet header, in bytes.
const EthernetHeaderLen = 14

// EthernetHeader is a view of a whole Ethernet frame (IEEE 802.3, 3.1.1), without preamble and FCS:
//
//	 0         6         12     14
//	+---------+---------+------+---------
//	| dst     | src     | type | payload
//	+---------+---------+------+---------
type EthernetHeader []byte

const (
	etherDestination = 0
	etherSource      = 6
	etherType        = 12
)

// ParseEthernet views a frame; false if it is shorter than the header.
func ParseEthernet(frame []byte) (EthernetHeader, bool) {
	if len(frame) < EthernetHeaderLen {
		return nil, false
	}
	return EthernetHeader(frame), true
}

// Destination is the address the frame is sent to.
func (h EthernetHeader) Destination() MAC { return mac(h, etherDestination) }

// SetDestination changes the address the frame is sent to.
func (h EthernetHeader) SetDestination(a MAC) { setMAC(h, etherDestination, a) }

// Source is the address of the sending station.
func (h EthernetHeader) Source() MAC { return mac(h, etherSource) }

// SetSource changes the address of the sending station.
func (h EthernetHeader) SetSource(a MAC) { setMAC(h, etherSource, a) }

// Type says what the payload is; below 0x0600 it is a length (IEEE 802.3, 3.2.6).
func (h EthernetHeader) Type() EtherType { return EtherType(word(h, etherType)) }

// SetType changes what the payload is said to be.
func (h EthernetHeader) SetType(t EtherType) { setWord(h, etherType, uint16(t)) }

// Payload is what follows the header, padding included. A VLAN tag is part of it.
func (h EthernetHeader) Payload() []byte { return h[EthernetHeaderLen:] }

// mac reads the address at b[i] to b[i+5].
func mac(b []byte, i int) MAC {
	return MAC(b[i : i+6])
}

// setMAC writes a to b[i] to b[i+5].
func setMAC(b []byte, i int, a MAC) {
	b[i], b[i+1], b[i+2] = a[0], a[1], a[2]
	b[i+3], b[i+4], b[i+5] = a[3], a[4], a[5]
}
