package packet

// Tuple is what tells the flows of TCP and UDP over IPv4 apart.
type Tuple struct {
	Source, Destination         IPv4
	SourcePort, DestinationPort uint16
	Protocol                    Protocol
}

// GuessTuple reads the tuple of a frame at the places where it stands if the frame is untagged and its
// IPv4 header has no options; false if the frame is too short or says otherwise. No length is checked
// against another, and a fragment has no ports: the answer is for hints, which may be wrong.
func GuessTuple(frame []byte) (t Tuple, ok bool) {
	const ports = EthernetHeaderLen + IPv4MinHeaderLen
	if len(frame) < ports+4 {
		return Tuple{}, false
	}
	b := (*[ports + 4]byte)(frame)
	if b[etherType] != byte(TypeIPv4>>8) || b[etherType+1] != byte(TypeIPv4&0xFF) || b[EthernetHeaderLen] != 0x45 {
		return Tuple{}, false
	}
	return Tuple{
		Source:          IPv4(long(b[:], EthernetHeaderLen+ipSource)),
		Destination:     IPv4(long(b[:], EthernetHeaderLen+ipDestination)),
		SourcePort:      word(b[:], ports+l4SourcePort),
		DestinationPort: word(b[:], ports+l4DestinationPort),
		Protocol:        Protocol(b[EthernetHeaderLen+ipProtocol]),
	}, true
}
