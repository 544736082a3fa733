package firewall

import (
	"vigor/nf"
	"vigor/packet"
)

// State is how far a TCP connection has come. Flows of other protocols stay in Opening.
type State uint16

// The states, in the order in which a connection goes through them.
const (
	Opening      State = iota // the opener has sent SYN
	Answered                  // the other side has sent SYN, too
	Established               // the opener has acknowledged it
	OpenerDone                // the opener has sent FIN, the other side may go on
	AnswererDone              // the reverse
	Closed                    // both have sent FIN, or one has sent RST
)

// judgeTCP: SYN is for the rules, every other segment must fit the state of its connection.
func (f *Firewall) judgeTCP(p *nf.Packet, ip packet.IPv4Header) nf.Reason {
	tcp, ok := packet.ParseTCP(ip.Payload())
	if !ok || int(tcp.DataOffset())*4 < packet.TCPMinHeaderLen || int(tcp.DataOffset())*4 > len(ip.Payload()) || !sane(tcp.Flags()) {
		return nf.Malformed
	}
	flow := f.flow(p.Device(), ip, tcp.SourcePort(), tcp.DestinationPort())
	i, known := f.flows.Lookup(flow)
	opens := tcp.Flags()&(packet.SYN|packet.ACK) == packet.SYN
	if !known {
		if !opens {
			return nf.OutOfState // F3: only SYN opens
		}
		return f.open(p, ip, flow, tcp.SourcePort(), tcp.DestinationPort())
	}
	conn := f.flows.At(i)
	if conn.State == Closed {
		if opens {
			return f.reopen(p, ip, i)
		}
		return nf.NoReason // and the end comes no later for it
	}
	next, fits := conn.next(tcp.Flags(), p.Device() == conn.Opener)
	if !fits {
		return nf.OutOfState
	}
	f.flows.Set(i, Conn{next, conn.Opener})
	f.flows.Refresh(i, p.Time())
	return nf.NoReason
}

// reopen asks the rules about a SYN with the ports of a connection that has ended.
func (f *Firewall) reopen(p *nf.Packet, ip packet.IPv4Header, i int) nf.Reason {
	tcp := packet.TCPHeader(ip.Payload())
	if f.ask(p.Device(), ip, tcp.SourcePort(), tcp.DestinationPort()) != Allow {
		return nf.Denied
	}
	f.flows.Set(i, Conn{Opening, p.Device()})
	f.flows.Refresh(i, p.Time())
	return nf.NoReason
}

// sane reports whether a segment's flags make sense together: SYN, RST and FIN exclude each other, and all but SYN and
// RST acknowledge something (RFC 9293, 3.10.7.4).
func sane(flags packet.TCPFlags) bool {
	switch flags & (packet.SYN | packet.RST | packet.FIN) {
	case packet.SYN, packet.RST:
		return true
	case packet.FIN, 0:
		return flags&packet.ACK != 0
	}
	return false
}

// next is the state after a segment with sane flags, and whether the segment fits the state.
func (c Conn) next(flags packet.TCPFlags, fromOpener bool) (State, bool) {
	syn, ack, fin := flags&packet.SYN != 0, flags&packet.ACK != 0, flags&packet.FIN != 0
	switch {
	case flags&packet.RST != 0:
		return Closed, true
	case c.State == Opening && fromOpener:
		return Opening, syn && !ack
	case c.State == Opening && syn:
		return Answered, true
	case c.State == Opening:
		return Opening, !fin
	case syn:
		return c.State, c.State == Answered || fromOpener != ack
	case fin:
		return c.finished(fromOpener), true
	case c.State == Answered && fromOpener:
		return Established, true
	}
	return c.State, true
}

// finished is the state after FIN.
func (c Conn) finished(fromOpener bool) State {
	switch {
	case fromOpener && c.State == AnswererDone, !fromOpener && c.State == OpenerDone:
		return Closed
	case fromOpener:
		return OpenerDone
	}
	return AnswererDone
}
