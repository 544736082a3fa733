package neighbour

import (
	"vigor/dataplane"
	"vigor/nf"
	"vigor/packet"
)

const (
	askInterval = nf.Second // between requests for one address (RFC 1122, 2.3.2.1)
	maxTries    = 3         // requests without an answer
	penalty     = 10 * nf.Second
	lockTime    = nf.Second // an answer is not replaced by another one so soon after it

	requestCost  = 2 * nf.Millisecond // one request of a kind may be sent per so much time, over all addresses,
	requestBurst = 32                 // and so many at once

	tickInterval = 100 * nf.Millisecond

	announcements    = 2 // RFC 5227, 2.3: ANNOUNCE_NUM
	announceInterval = 2 * nf.Second
	defendInterval   = 10 * nf.Second // RFC 5227, 2.4

	shortestFrame = 60 // without FCS
)

// Kinds of requests. Neither can use up what the other may send: not a scan of many addresses, nor the
// repetitions after it.
const (
	firstTime = iota
	repeated
	kinds
)

// arp handles an ARP packet, which never gets to the network function.
func (l *Layer) arp(in *dataplane.Batch, i int, eth packet.EthernetHeader) {
	d := in.From(i)
	own := &l.devices[d]
	h, ok := packet.ParseARP(eth.Payload())
	if !ok || !wellFormed(h) {
		in.Withhold(i, 0, nf.Malformed)
		return
	}
	if h.SenderMAC() == own.MAC { // our own, come back; or it pretends to be
		in.Withhold(i, 0, nf.LinkControl)
		return
	}
	if h.SenderIP() == own.Address.IP {
		l.contradict(own, h.SenderMAC())
		in.Withhold(i, 0, nf.AddressConflict)
		return
	}
	if own.Address.neighbour(h.SenderIP()) {
		c := claim{hop{address: h.SenderIP(), device: uint32(d)}, h.SenderMAC()}
		if !l.learn(c) {
			l.Stats.Unsolicited++
		}
		l.tell(c)
	}
	if h.Operation() != packet.ARPRequest || h.TargetIP() != own.Address.IP {
		in.Withhold(i, 0, nf.LinkControl)
		return
	}
	l.answer(own, eth, h)
	in.Withhold(i, nf.Devices(0).With(d), nf.NoReason)
}

// wellFormed reports whether an ARP packet asks or answers, on behalf of a station.
func wellFormed(h packet.ARPHeader) bool {
	op := h.Operation()
	return (op == packet.ARPRequest || op == packet.ARPReply) && !h.SenderMAC().IsGroup() && !h.SenderMAC().IsZero()
}

// answer turns a request for the address of a device into the answer, in place. What pads the frame is
// not sent back.
func (l *Layer) answer(own *device, eth packet.EthernetHeader, h packet.ARPHeader) {
	asker, address := h.SenderMAC(), h.SenderIP()
	eth.SetDestination(asker)
	eth.SetSource(own.MAC)
	packet.FillARP(h, packet.ARPReply, own.MAC, own.Address.IP, asker, address)
	clear(eth.Payload()[packet.ARPHeaderLen:])
	l.Stats.Answered++
}

// contradict notes that a station claims the address of a device. A router's address is not given up: it is
// announced again, at most every ten seconds (RFC 5227, 2.4, c).
func (l *Layer) contradict(own *device, by packet.MAC) {
	first := own.rival.IsZero()
	own.rival = by
	if first || l.now-own.defended >= defendInterval {
		own.defended = l.now
		own.announcements = max(own.announcements, 1)
		own.announceAt = l.now
	}
}

// claim says that a station has an address.
type claim struct {
	hop hop
	mac packet.MAC
}

// learn takes a claim of an address that was asked for, or that has an entry already (RFC 826). It returns
// false if it does not take it.
func (l *Layer) learn(c claim) bool {
	i, ok := l.table.index.Get(c.hop)
	if !ok {
		return false
	}
	n := int32(i)
	e := &l.table.entries[n]
	switch {
	case e.state != known:
		l.Stats.Learnt++
		l.table.become(n, known, l.now)
		if e.waiting > 0 {
			l.table.ready = append(l.table.ready, n)
		}
	case e.mac != c.mac && l.now-e.since < lockTime:
		return false
	case e.mac != c.mac:
		l.Stats.Changed++
	}
	e.mac, e.tries, e.since = c.mac, 0, l.now
	return true
}

// age polls a neighbour whose answer is getting old, and asks for it anew when that is too old or the polls
// got no answer (RFC 1122, 2.3.2.1, 2).
func (l *Layer) age(out *dataplane.Batch, n int32) {
	e := &l.table.entries[n]
	if e.state != known || l.now-e.since < l.lifetime-l.lifetime/4 {
		return
	}
	due := e.tries == 0 || l.now-e.asked >= askInterval
	if l.now-e.since >= l.lifetime || due && e.tries >= maxTries {
		e.tries = 0
		l.table.become(n, asking, l.now)
		l.try(out, e, broadcastMAC)
		return
	}
	if due {
		l.try(out, e, e.mac)
	}
}

// try asks for a neighbour once more, if that is possible now.
func (l *Layer) try(out *dataplane.Batch, e *entry, to packet.MAC) {
	if l.ask(out, e.key, to, repeated) {
		e.tries++
		e.asked = l.now
	}
}

// ask adds a request to a batch. It does not if there have been too many requests of the kind, or the
// batch is full.
func (l *Layer) ask(out *dataplane.Batch, key hop, to packet.MAC, kind int) bool {
	credit := max(l.credit[kind], l.now-requestBurst*requestCost)
	if credit+requestCost > l.now || !l.request(out, key, to) {
		return false
	}
	l.credit[kind] = credit + requestCost
	l.Stats.Asked++
	return true
}

// request adds a request for an address, which may be the device's own, to a batch.
func (l *Layer) request(out *dataplane.Batch, key hop, to packet.MAC) bool {
	own := &l.devices[key.device]
	var empty [shortestFrame]byte
	frame := l.frames.lend(empty[:])
	if frame == nil {
		return false
	}
	eth := packet.EthernetHeader(frame)
	eth.SetDestination(to)
	eth.SetSource(own.MAC)
	eth.SetType(packet.TypeARP)
	packet.FillARP(eth.Payload(), packet.ARPRequest, own.MAC, own.Address.IP, packet.MAC{}, key.address)
	return out.Inject(frame, nf.Device(key.device))
}

// tick does what is due: announcements, and requests for the neighbours without an answer.
func (l *Layer) tick(out *dataplane.Batch) {
	if l.now < l.nextTick {
		return
	}
	l.nextTick = l.now + tickInterval
	for d := range nf.Device(nf.MaxDevices) {
		if own := &l.devices[d]; own.announcements > 0 && l.now >= own.announceAt {
			l.announce(out, d)
		}
	}
	head := l.table.head(listOpen)
	for n := l.table.entries[head].next; n != head; {
		next := l.table.entries[n].next
		l.pursue(out, n)
		n = next
	}
}

// announce tells all stations the address of a device (RFC 5227, 2.3).
func (l *Layer) announce(out *dataplane.Batch, d nf.Device) {
	own := &l.devices[d]
	if l.request(out, hop{address: own.Address.IP, device: uint32(d)}, broadcastMAC) {
		own.announcements--
		own.announceAt = l.now + announceInterval
	}
}

// pursue asks again for a neighbour that does not answer, gives up, or forgets that it has given up.
func (l *Layer) pursue(out *dataplane.Batch, n int32) {
	e := &l.table.entries[n]
	switch {
	case e.state == failed && l.now-e.since >= penalty:
		l.remove(out, n)
	case e.state == failed || e.tries > 0 && l.now-e.asked < askInterval:
	case e.tries >= maxTries:
		l.Stats.Failed++
		l.abandon(out, n)
		l.table.become(n, failed, l.now)
	default:
		l.try(out, e, broadcastMAC)
	}
}
