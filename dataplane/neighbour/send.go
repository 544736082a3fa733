package neighbour

import (
	"math/bits"

	"vigor/dataplane"
	"vigor/nf"
	"vigor/packet"
)

// send gives every datagram of a batch its Ethernet addresses, or takes it out of the batch. What
// waited goes first.
func (l *Layer) send(out *dataplane.Batch) {
	n := out.Len()
	l.round++
	l.frames.reclaim()
	l.tick(out)
	l.release(out)
	for i := range n {
		if set := out.To(i) & l.addressed; set != 0 {
			l.route(out, i, set)
		}
	}
}

// route sends packet i by each addressed device in a set.
func (l *Layer) route(out *dataplane.Batch, i int, set nf.Devices) {
	eth, ok := packet.ParseEthernet(out.Frame(i))
	if !ok || eth.Type() != packet.TypeIPv4 {
		return
	}
	ip, ok := packet.ParseIPv4(eth.Payload())
	for ; set != 0; set &= set - 1 {
		d := nf.Device(bits.TrailingZeros64(uint64(set)))
		if !ok {
			out.Refuse(i, d, nf.Malformed) // its destination may be anything
			continue
		}
		l.routeBy(out, i, d, ip.Destination())
	}
}

// routeBy sends packet i by one device.
func (l *Layer) routeBy(out *dataplane.Batch, i int, d nf.Device, to packet.IPv4) {
	own := &l.devices[d]
	switch {
	case !routable(to):
		out.Refuse(i, d, nf.NotRoutable)
	case multicast(to):
		l.emit(out, i, d, multicastMAC(to))
	case own.Address.neighbour(to):
		l.hand(out, i, d, to)
	case own.Address.contains(to): // the device itself, its network, or the broadcast to that (RFC 2644)
		out.Refuse(i, d, nf.NotRoutable)
	case own.Gateway != 0:
		l.hand(out, i, d, own.Gateway)
	default:
		out.Refuse(i, d, nf.NoNeighbour)
	}
}

var broadcastMAC = packet.MAC{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}

// multicastMAC is where an Ethernet has the datagrams of a group (RFC 1112, 6.4).
func multicastMAC(group packet.IPv4) packet.MAC {
	return packet.MAC{0x01, 0x00, 0x5E, byte(group>>16) & 0x7F, byte(group >> 8), byte(group)}
}

// hand sends packet i to a neighbour, or has it wait.
func (l *Layer) hand(out *dataplane.Batch, i int, d nf.Device, to packet.IPv4) {
	n, ok := l.neighbour(out, hop{address: to, device: uint32(d)})
	if !ok {
		out.Refuse(i, d, nf.NoNeighbour)
		return
	}
	e := &l.table.entries[n]
	switch {
	case e.state == failed:
		out.Refuse(i, d, nf.NoNeighbour)
	case e.state == asking || e.waiting > 0:
		l.hold(out, i, d, n)
	case e.released == l.round: // what waited has been added to the batch, and this must leave behind it
		if !l.emitCopy(out, i, d, e.mac) {
			l.hold(out, i, d, n)
		}
	default:
		l.emit(out, i, d, e.mac)
	}
}

// emit sends packet i to an Ethernet address. The packet's own buffer can have one address only, so if
// other devices share it, the device gets a copy.
func (l *Layer) emit(out *dataplane.Batch, i int, d nf.Device, to packet.MAC) {
	switch {
	case out.To(i) == nf.Devices(0).With(d):
		l.address(out.Frame(i), d, to)
	case !l.emitCopy(out, i, d, to):
		out.Refuse(i, d, nf.TransmitFull)
	}
}

// emitCopy sends a copy of packet i behind all else in the batch, if there is room for one.
func (l *Layer) emitCopy(out *dataplane.Batch, i int, d nf.Device, to packet.MAC) bool {
	frame := l.frames.lend(out.Frame(i))
	if frame == nil || !out.Resume(frame, out.From(i), d) {
		return false
	}
	l.address(frame, d, to)
	out.Keep(i, d)
	return true
}

// address writes both addresses of a frame that leaves by a device.
func (l *Layer) address(frame []byte, d nf.Device, to packet.MAC) {
	eth := packet.EthernetHeader(frame)
	eth.SetDestination(to)
	eth.SetSource(l.devices[d].MAC)
}

// hold has packet i wait for neighbour n, or for room if that is known. The latest few wait (RFC 1122,
// 2.3.2.2).
func (l *Layer) hold(out *dataplane.Batch, i int, d nf.Device, n int32) {
	e := &l.table.entries[n]
	if e.state == known && e.waiting == 0 {
		l.table.ready = append(l.table.ready, n)
	}
	if e.waiting > 0 && (e.waiting == maxWaiting || l.frames.full()) {
		l.forget(out, e)
	}
	if !l.frames.hold(e, out.Frame(i), out.From(i)) {
		out.Refuse(i, d, e.why())
		return
	}
	out.Keep(i, d)
}

// forget drops the frame that has waited longest for a neighbour.
func (l *Layer) forget(out *dataplane.Batch, e *entry) {
	_, from := l.frames.next(e)
	out.Drop(from, e.why())
	l.frames.advance(e)
}

// why is the reason for which a frame for a neighbour is dropped.
func (e *entry) why() nf.Reason {
	if e.state == known {
		return nf.TransmitFull // it waited for room only
	}
	return nf.NoNeighbour
}

// release sends what waited for neighbours that have answered, as far as the batch has room.
func (l *Layer) release(out *dataplane.Batch) {
	rest := l.table.ready[:0]
	for _, n := range l.table.ready {
		e := &l.table.entries[n]
		for e.state == known && e.waiting > 0 {
			frame, from := l.frames.next(e)
			l.address(frame, nf.Device(e.key.device), e.mac)
			if !out.Resume(frame, from, nf.Device(e.key.device)) {
				break
			}
			l.frames.advance(e)
			e.released = l.round
		}
		if e.state == known && e.waiting > 0 {
			rest = append(rest, n)
		}
	}
	l.table.ready = rest
}
