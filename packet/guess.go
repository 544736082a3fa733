package packet

// FlowGuess is the beginning of a frame, read as an untagged frame with an IPv4 header without options
// and the ports of TCP or UDP behind it. What is there may be something else: no length is checked
// against another, a fragment has no ports, and the protocol may have none. It is for hints, which may
// be wrong and must be quick.
type FlowGuess [EthernetHeaderLen + IPv4MinHeaderLen + 4]byte

// Offsets of the headers in a FlowGuess.
const (
	guessIP = EthernetHeaderLen
	guessL4 = EthernetHeaderLen + IPv4MinHeaderLen
)

// GuessFlow views the beginning of a frame; false if the frame is shorter, or says itself that it is
// something else.
func GuessFlow(frame []byte) (g *FlowGuess, ok bool) {
	if len(frame) < len(FlowGuess{}) {
		return nil, false
	}
	g = (*FlowGuess)(frame)
	return g, EtherType(word(g[:], etherType)) == TypeIPv4 && g[guessIP] == 0x45
}

// Source is the address of the sender.
func (g *FlowGuess) Source() IPv4 { return IPv4(long(g[:], guessIP+ipSource)) }

// Destination is the address of the receiver.
func (g *FlowGuess) Destination() IPv4 { return IPv4(long(g[:], guessIP+ipDestination)) }

// Protocol says what the payload is.
func (g *FlowGuess) Protocol() Protocol { return Protocol(g[guessIP+ipProtocol]) }

// SourcePort is the port of the sender.
func (g *FlowGuess) SourcePort() uint16 { return word(g[:], guessL4+l4SourcePort) }

// DestinationPort is the port of the receiver.
func (g *FlowGuess) DestinationPort() uint16 { return word(g[:], guessL4+l4DestinationPort) }
