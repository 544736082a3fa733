package firewall

import (
	"vigor/nf"
	"vigor/packet"
)

// event is what a datagram means for the state of its flow.
type event uint8

// The events. All but the first two are segments of TCP, by the flags that matter.
const (
	query  event = iota // UDP, or a request for echo
	answer              // echo
	syn
	synACK
	ack
	fin
	rst
)

// State is how far a flow has come.
type State uint16

// The states: Exchange for UDP and echo, the others for TCP in the order in which a connection goes through them.
const (
	Exchange     State = iota
	Opening            // the opener has sent SYN
	Answered           // the other side has sent SYN, too
	Established        // the opener has acknowledged it
	OpenerDone         // the opener has sent FIN, the other side may go on
	AnswererDone       // the reverse
	Closed             // both have sent FIN, or one has sent RST
)

// The timers, as classes of the table of flows.
const (
	opening     uint8 = iota
	established       // RFC 5382 REQ-5
	closing
	exchange
	timers = iota // their number
)

// timer is the one of a flow in state s.
func (s State) timer() uint8 {
	switch s {
	case Exchange:
		return exchange
	case Opening, Answered:
		return opening
	case Established:
		return established
	}
	return closing
}

// segmentOf is what a segment with some flags means; false if they make no sense together: SYN, RST and FIN exclude
// each other, and all but SYN and RST acknowledge something (RFC 9293, 3.10.7.4).
func segmentOf(flags packet.TCPFlags) (event, bool) {
	acknowledges := flags&packet.ACK != 0
	switch flags & (packet.SYN | packet.RST | packet.FIN) {
	case packet.SYN:
		if acknowledges {
			return synACK, true
		}
		return syn, true
	case packet.RST:
		return rst, true
	case packet.FIN:
		return fin, acknowledges
	case 0:
		return ack, acknowledges
	}
	return ack, false
}

// opens reports whether an event may be the first of a flow (F3: of TCP only SYN).
func (e event) opens() bool { return e == query || e == syn }

// first is the state of a flow that an event opens.
func (e event) first() State {
	if e == syn {
		return Opening
	}
	return Exchange
}

// stray is the reason for dropping what belongs to no flow and opens none.
func (e event) stray() nf.Reason {
	if e <= answer {
		return nf.NoMapping
	}
	return nf.OutOfState
}

// What an event does to a flow.
const (
	advance uint8 = iota // the flow has a new state and lives longer
	pass                 // nothing: it comes after the end
	reopen               // the ports are used again: as if there were no flow
	refuse               // it does not fit the state
)

// step is what an event does to a flow, and the state after that.
type step struct {
	does uint8
	next State
}

// after is the step of a flow in state s (RFC 9293, 3.3.2 and 3.10.7); byOpener tells which side sent the event.
func (s State) after(e event, byOpener bool) step {
	switch {
	case s == Closed && e != syn:
		return step{pass, s}
	case s == Closed:
		return step{reopen, Opening}
	case s == Exchange, e == query, e == answer:
		return step{advance, s}
	case e == rst:
		return step{advance, Closed}
	case s == Opening:
		return openingAfter(e, byOpener)
	case e == syn, e == synACK: // again; in Answered also of a simultaneous open
		if s != Answered && byOpener != (e == syn) {
			return step{refuse, s}
		}
		return step{advance, s}
	case e == fin:
		return step{advance, s.finished(byOpener)}
	case s == Answered && byOpener:
		return step{advance, Established}
	}
	return step{advance, s}
}

// openingAfter is the step of a connection whose opener has sent SYN, which it may repeat.
func openingAfter(e event, byOpener bool) step {
	switch {
	case byOpener && e != syn, e == fin:
		return step{refuse, Opening}
	case !byOpener && (e == syn || e == synACK):
		return step{advance, Answered}
	}
	return step{advance, Opening}
}

// finished is the state after FIN.
func (s State) finished(byOpener bool) State {
	switch {
	case byOpener && s == AnswererDone, !byOpener && s == OpenerDone:
		return Closed
	case byOpener:
		return OpenerDone
	}
	return AnswererDone
}
