package nf

// Reason says why a packet was dropped. There is one enumeration for all network functions and for
// the run loop, so that code, counters, metrics and documentation use the same names.
type Reason uint8

// The reasons for dropping a packet. What each means is in [Reason.Doc].
const (
	NoReason Reason = iota
	Malformed
	UnsupportedEtherType
	UnsupportedProtocol
	Fragment
	TTLExceeded
	NotOurAddress
	NoMapping
	WrongPeer
	TableFull
	ReservedAddress
	SameSegment
	Unconnected
	Truncated
	Oversize
	NoSuchDevice
	NoOtherDevice
	TransmitFull
	NoNeighbour
	NotOurStation
	LinkControl
	WrongShard
	ReceiveFull
	AddressConflict
	NotRoutable
	RateExceeded
	NotABackend
	NoBackend
	Heartbeat
	Denied
	OutOfState
	StaticEntry
	Unlisted
	BadChecksum

	reasons // their number
)

// Reasons is the number of reasons; they are 0 to Reasons-1.
const Reasons = int(reasons)

// DropMetric is the name of the counter of dropped packets. Among its labels are device, the
// number of the device the packet came from, and reason, a [Reason.String].
const DropMetric = "vigor_dropped_packets_total"

// String is the name of the reason in metrics, traces and tables.
func (r Reason) String() string {
	name, _ := r.describe()
	return name
}

// Doc says in one sentence what the reason means.
func (r Reason) Doc() string {
	_, doc := r.describe()
	return doc
}

// describe is the one table of reasons.
func (r Reason) describe() (name, doc string) {
	switch r {
	case NoReason:
		return "none", "The network function gave no reason."
	case Malformed:
		return "malformed", "A header is cut short, or its lengths contradict each other or the frame."
	case UnsupportedEtherType:
		return "unsupported_ether_type", "The frame carries something that the network function does not handle."
	case UnsupportedProtocol:
		return "unsupported_protocol", "The datagram's protocol is one that the network function does not handle."
	case Fragment:
		return "fragment", "The datagram is a fragment, and the network function needs whole ones."
	case TTLExceeded:
		return "ttl_exceeded", "The datagram has used up its hops."
	case NotOurAddress:
		return "not_our_address", "The datagram is for an address that is not the network function's."
	case NoMapping:
		return "no_mapping", "Nobody inside has asked for what came from outside."
	case WrongPeer:
		return "wrong_peer", "The port is in use, but for another peer than the sender."
	case TableFull:
		return "table_full", "There is no room for a new flow; live ones are never evicted."
	case ReservedAddress:
		return "reserved_address", "The frame is for an address that bridges never relay."
	case SameSegment:
		return "same_segment", "The receiver is on the segment that the frame came from, and has it already."
	case Unconnected:
		return "unconnected", "The network function connects the device the packet came from to no other."
	case Truncated:
		return "truncated", "The run loop did not receive the whole frame."
	case Oversize:
		return "oversize", "The frame is longer than any that the proofs cover, or than a wire takes."
	case NoSuchDevice:
		return "no_such_device", "The network function sends to a device that does not exist."
	case NoOtherDevice:
		return "no_other_device", "The packet was to go to other devices than its own, and there is none."
	case TransmitFull:
		return "transmit_full", "The device to send by cannot take more packets at present."
	case NoNeighbour:
		return "no_neighbour", "The Ethernet address of the next hop is not known yet, or nobody answers for it."
	case NotOurStation:
		return "not_our_station", "The frame is for the Ethernet address of another station."
	case LinkControl:
		return "link_control", "The frame was for the data plane itself, such as an answer to an ARP request."
	case WrongShard:
		return "wrong_shard", "The packet reached a shard that does not own its port: steering and shards disagree."
	case ReceiveFull:
		return "receive_full", "The device received more than the data plane could take."
	case AddressConflict:
		return "address_conflict", "The frame claims the device's own IPv4 address for another station."
	case NotRoutable:
		return "not_routable", "The datagram's destination is one that routers do not pass on, such as a broadcast."
	case RateExceeded:
		return "rate_exceeded", "The packet is more than the rate and burst that are agreed on allow."
	case NotABackend:
		return "not_a_backend", "The datagram says that it is from a backend, and none is configured that has the sender's address."
	case NoBackend:
		return "no_backend", "The datagram is for a service none of whose backends is alive."
	case Heartbeat:
		return "heartbeat", "The datagram told that a backend is alive, and ends here; it is no sign of trouble."
	case Denied:
		return "denied", "The rules do not let the first packet of such a flow through."
	case OutOfState:
		return "out_of_state", "The TCP segment opens no connection, and does not fit the state of any."
	case StaticEntry:
		return "static_entry", "The configuration has an entry for the receiver, and no other device is in it."
	case Unlisted:
		return "unlisted", "The configuration has no limit for the datagram's address, and passes no others."
	case BadChecksum:
		return "bad_checksum", "A checksum is wrong: something was damaged on the way."
	}
	return "unknown", "The reason has no name."
}
