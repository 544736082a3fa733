package packet

// ARPHeaderLen is the length of an ARP packet for IPv4 over Ethernet, in bytes.
const ARPHeaderLen = 28

// The operations of RFC 826.
const (
	ARPRequest uint16 = 1
	ARPReply   uint16 = 2
)

// ARPHeader is a view of an ARP packet for IPv4 over Ethernet (RFC 826):
//
//	 0       2       4     5     6     8        14       18       24       28
//	+-------+-------+-----+-----+-----+--------+--------+--------+--------+
//	| hrd=1 | pro   | hln | pln | op  | sha    | spa    | tha    | tpa    |
//	+-------+-------+-----+-----+-----+--------+--------+--------+--------+
type ARPHeader []byte

const (
	arpHardware       = 0
	arpProtocol       = 2
	arpHardwareLength = 4
	arpProtocolLength = 5
	arpOperation      = 6
	arpSenderMAC      = 8
	arpSenderIP       = 14
	arpTargetMAC      = 18
	arpTargetIP       = 24

	hardwareEthernet = 1
)

// ParseARP views the payload of an Ethernet frame of type [TypeARP]; false if it is too short or
// not about IPv4 over Ethernet.
func ParseARP(b []byte) (ARPHeader, bool) {
	if len(b) < ARPHeaderLen {
		return nil, false
	}
	if word(b, arpHardware) != hardwareEthernet || EtherType(word(b, arpProtocol)) != TypeIPv4 {
		return nil, false
	}
	if b[arpHardwareLength] != 6 || b[arpProtocolLength] != 4 {
		return nil, false
	}
	return ARPHeader(b[:ARPHeaderLen:ARPHeaderLen]), true
}

// FillARP writes an ARP packet for IPv4 over Ethernet into the first [ARPHeaderLen] bytes of b, which
// must be there.
func FillARP(b []byte, op uint16, senderMAC MAC, senderIP IPv4, targetMAC MAC, targetIP IPv4) {
	h := ARPHeader(b[:ARPHeaderLen:ARPHeaderLen])
	setWord(h, arpHardware, hardwareEthernet)
	setWord(h, arpProtocol, uint16(TypeIPv4))
	h[arpHardwareLength], h[arpProtocolLength] = 6, 4
	h.SetOperation(op)
	h.SetSenderMAC(senderMAC)
	h.SetSenderIP(senderIP)
	h.SetTargetMAC(targetMAC)
	h.SetTargetIP(targetIP)
}

// Operation is [ARPRequest], [ARPReply] or another number.
func (h ARPHeader) Operation() uint16 { return word(h, arpOperation) }

// SetOperation changes the operation.
func (h ARPHeader) SetOperation(op uint16) { setWord(h, arpOperation, op) }

// SenderMAC is the link address of the sender.
func (h ARPHeader) SenderMAC() MAC { return mac(h, arpSenderMAC) }

// SetSenderMAC changes the link address of the sender.
func (h ARPHeader) SetSenderMAC(a MAC) { setMAC(h, arpSenderMAC, a) }

// SenderIP is the address of the sender.
func (h ARPHeader) SenderIP() IPv4 { return IPv4(long(h, arpSenderIP)) }

// SetSenderIP changes the address of the sender.
func (h ARPHeader) SetSenderIP(a IPv4) { setLong(h, arpSenderIP, uint32(a)) }

// TargetMAC is the link address of the target; a request leaves it open.
func (h ARPHeader) TargetMAC() MAC { return mac(h, arpTargetMAC) }

// SetTargetMAC changes the link address of the target.
func (h ARPHeader) SetTargetMAC(a MAC) { setMAC(h, arpTargetMAC, a) }

// TargetIP is the address asked for, or answered to.
func (h ARPHeader) TargetIP() IPv4 { return IPv4(long(h, arpTargetIP)) }

// SetTargetIP changes the address asked for, or answered to.
func (h ARPHeader) SetTargetIP(a IPv4) { setLong(h, arpTargetIP, uint32(a)) }
