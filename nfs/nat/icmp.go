package nat

import (
	"vigor/nf"
	"vigor/packet"
)

// icmp translates what is neither TCP nor UDP: queries of ICMP, with the identifier as port (N14), and its
// errors (N13).
func (n *NAT) icmp(p *nf.Packet, ip packet.IPv4Header) nf.Action {
	if ip.Protocol() != packet.ICMP {
		return nf.Drop(nf.UnsupportedProtocol)
	}
	m, ok := packet.ParseICMP(ip.Payload())
	if !ok {
		return nf.Drop(nf.Malformed)
	}
	if ip.TTL() <= 1 { // RFC 1812, 5.3.1
		return nf.Drop(nf.TTLExceeded)
	}
	switch {
	case m.IsQuery():
		return n.query(p, ip, m)
	case m.IsReply():
		return n.reply(p, ip, m)
	}
	return n.report(p, ip, m)
}

// query gives a query from inside the outside address and an identifier of its sender's own. From outside nobody
// may ask (RFC 5508 REQ-1), and what is for the outside address finds nobody to answer.
func (n *NAT) query(p *nf.Packet, ip packet.IPv4Header, query packet.ICMPHeader) nf.Action {
	if p.Device() == n.cfg.WAN || ip.Destination() == n.cfg.ExternalIP {
		return nf.Drop(nf.NoMapping)
	}
	i, ok := n.mapping(p, ip, query.Identifier(), onICMP)
	if !ok {
		return nf.Drop(nf.TableFull) // N20
	}
	packet.SetQuerySource(ip, query, n.cfg.ExternalIP, uint16(int(n.cfg.StartPort)+i))
	ip.DecrementTTL()
	return nf.Forward(n.cfg.WAN)
}

// reply gives a reply from outside, whoever it is from, the address and identifier of who asked.
func (n *NAT) reply(p *nf.Packet, ip packet.IPv4Header, reply packet.ICMPHeader) nf.Action {
	if p.Device() != n.cfg.WAN { // nobody outside has asked
		return nf.Drop(nf.NoMapping)
	}
	if ip.Destination() != n.cfg.ExternalIP { // N24
		return nf.Drop(nf.NotOurAddress)
	}
	i := int(reply.Identifier()) - int(n.cfg.StartPort)
	if !n.mappings.Allocated(i) {
		return nf.Drop(nf.NoMapping)
	}
	target := n.mappings.Key(i)
	if target.Protocol != uint64(packet.ICMP) {
		return nf.Drop(nf.NoMapping)
	}
	packet.SetQueryDestination(ip, reply, target.Address, target.Port)
	ip.DecrementTTL()
	return nf.Forward(target.Device)
}
