package nat

import "vigor/packet"

// The timers, as classes of the table of mappings.
const (
	onUDP         uint8  = iota // RFC 4787 REQ-5
	onICMP                      // RFC 5508 REQ-2
	onOpening                   // RFC 5382 REQ-5, transitory
	onEstablished               // RFC 5382 REQ-5
	onClosing                   // RFC 5382 REQ-5, transitory; RFC 7857, TCP Transitory Connection Idle-Timeout
	timers        = iota        // their number
)

// Conn is what the NAT knows of the TCP connections that share a mapping: one while a single peer is spoken with, and
// of several only that they are several.
type Conn struct {
	Peer     packet.IPv4 // of the one connection, else 0
	PeerPort uint16
	State    State
}

// State is how far the connections of a mapping have come.
type State uint16

// The states. RFC 5382, section 5, calls a connection established from the first acknowledgements until both ends have
// sent FIN.
const (
	None        State = iota // of mappings that are not TCP's
	Opening                  // the inside has sent SYN
	Established              // the inside has acknowledged something
	InsideDone               // and has sent FIN; the peer may go on
	OutsideDone              // the reverse
	Closed                   // both have sent FIN
	Reset                    // the inside has sent RST
	Shared                   // several peers: of none is it known whether it is done
)

// timer is the one of a mapping in state s.
func (s State) timer() uint8 {
	switch s {
	case Opening:
		return onOpening
	case Closed, Reset:
		return onClosing
	}
	return onEstablished
}

// over reports whether a mapping in state s waits for no more than the end of its timer.
func (s State) over() bool { return s == None || s == Closed || s == Reset }

// established reports whether a connection in state s is established.
func (s State) established() bool { return s == Established || s == InsideDone || s == OutsideDone }

// event is what a segment means for its connection, by the flags that matter.
type event uint8

const (
	ack event = iota
	syn
	synACK
	fin
	rst
)

// segmentOf is what a segment with some flags means.
func segmentOf(flags packet.TCPFlags) event {
	switch {
	case flags&packet.RST != 0:
		return rst
	case flags&(packet.SYN|packet.ACK) == packet.SYN:
		return syn
	case flags&packet.SYN != 0:
		return synACK
	case flags&packet.FIN != 0:
		return fin
	}
	return ack
}

// first is what is known of a mapping that a segment to a peer creates.
func first(e event, peer packet.IPv4, port uint16) Conn {
	if e == rst {
		return Conn{peer, port, Reset}
	}
	return Conn{peer, port, None.after(e)}
}

// sent is what is known after a segment from inside to a peer, and whether it keeps the mapping alive.
//
// RST does not (RFC 7857, Outbound Mapping Refresh and Error Packets), but that of the one connection begins its last
// minutes (TCP RST). A second peer makes the mapping shared unless the first connection is over.
func (c Conn) sent(e event, peer packet.IPv4, port uint16) (next Conn, lives bool) {
	same := c.Peer == peer && c.PeerPort == port
	if e == rst {
		if same && c.State.established() {
			return Conn{peer, port, Reset}, true
		}
		return c, false
	}
	if same && c.State != Shared {
		return Conn{peer, port, c.State.after(e)}, true
	}
	if c.State.over() {
		return Conn{peer, port, None.after(e)}, true
	}
	return Conn{State: Shared}, true
}

// after is the state of the one connection after an event of the inside that is no RST.
// What may be an old SYN closes nothing, and SYN with ACK may be all that the inside sends before the connection
// is established (RFC 9293, 3.5).
func (s State) after(e event) State {
	switch {
	case e == syn && (s == Opening || s.over()):
		return Opening
	case e == syn || e == synACK || e == ack && (s == None || s == Opening || s == Reset):
		return Established
	case e == fin && (s == OutsideDone || s == Closed):
		return Closed
	case e == fin:
		return InsideDone
	}
	return s
}

// heard is what is known after FIN from a peer; false if that is nothing new. It moves no timer: that is for the
// inside's answer (N8).
func (c Conn) heard(peer packet.IPv4, port uint16) (next Conn, news bool) {
	if c.Peer != peer || c.PeerPort != port {
		return c, false
	}
	switch c.State {
	case Established:
		return Conn{peer, port, OutsideDone}, true
	case InsideDone:
		return Conn{peer, port, Closed}, true
	}
	return c, false
}
