package nat

import (
	"vigor/nf"
	"vigor/packet"
)

// report translates an ICMP error (N13). It goes to the sender of what it quotes, and comes from where that was going: each
// of the two ends that is inside has a mapping, which tells how the other side knows it. No mapping is made or
// refreshed (N12; RFC 5508 REQ-6), and without one the error is dropped. So it is if its checksum is wrong, or that of the
// quoted header; what is behind that is its receiver's to judge (REQ-3).
func (n *NAT) report(p *nf.Packet, ip packet.IPv4Header, m packet.ICMPHeader) nf.Action {
	q, ok := packet.ParseQuote(m)
	if !ok {
		return nf.Drop(nf.UnsupportedProtocol)
	}
	if !m.ChecksumOK() || !q.HeaderChecksumOK() { // RFC 5508 REQ-3, 3a
		return nf.Drop(nf.BadChecksum)
	}
	if q.FragmentOffset() != 0 { // there are no ports behind its header
		return nf.Drop(nf.Fragment)
	}
	ours := ip.Destination() == n.cfg.ExternalIP
	if p.Device() == n.cfg.WAN && !ours { // N24
		return nf.Drop(nf.NotOurAddress)
	}
	if q.Source() != ip.Destination() {
		return nf.Drop(nf.NoMapping)
	}
	receiver, sender, ok := n.ends(p, q, ours)
	if !ok {
		return nf.Drop(nf.UnsupportedProtocol)
	}
	return n.send(p, ip, m, q, ours, receiver, sender)
}

// ends are the ports, or identifiers, of sender and receiver of what is quoted, the receiver of the error first. Queries
// go outward and replies inward, so that only the end inside has an identifier of its own.
func (n *NAT) ends(p *nf.Packet, q packet.Quote, ours bool) (receiver, sender uint16, ok bool) {
	switch q.Protocol() {
	case packet.TCP, packet.UDP:
		return q.SourcePort(), q.DestinationPort(), true
	case packet.ICMP:
		if p.Device() == n.cfg.WAN {
			return q.Identifier(), 0, q.QuotesQuery()
		}
		return 0, q.Identifier(), q.QuotesReply() && !ours
	}
	return 0, 0, false
}

// send translates the ends that are inside, and sends the error to its receiver.
func (n *NAT) send(p *nf.Packet, ip packet.IPv4Header, m packet.ICMPHeader, q packet.Quote, ours bool, receiver, sender uint16) nf.Action {
	to := n.cfg.WAN
	var target Endpoint
	if ours {
		var ok bool
		if target, _, ok = n.target(receiver, q.Protocol()); !ok {
			return nf.Drop(nf.NoMapping)
		}
		to = target.Device
	}
	if p.Device() != n.cfg.WAN {
		shown, ok := n.known(Endpoint{q.Destination(), sender, p.Device(), uint64(q.Protocol())})
		if !ok {
			return nf.Drop(nf.NoMapping)
		}
		packet.SetErrorSender(ip, m, q, n.cfg.ExternalIP, shown)
	}
	if ours {
		packet.SetErrorReceiver(ip, m, q, target.Address, target.Port)
	}
	ip.DecrementTTL()
	return nf.Forward(to)
}

// known gives the outside port of an endpoint that has one.
func (n *NAT) known(e Endpoint) (port uint16, ok bool) {
	port, listed, ok := n.static(e)
	if listed {
		return port, ok
	}
	i, ok := n.mappings.Lookup(e)
	return uint16(int(n.cfg.StartPort) + i), ok
}
