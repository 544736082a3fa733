package firewall

import (
	"vigor/nf"
	"vigor/packet"
)

// judgeICMP: echo is followed by its identifier, an error passes if it is about a flow, nothing else does.
func (f *Firewall) judgeICMP(p *nf.Packet, ip packet.IPv4Header) nf.Reason {
	icmp, ok := packet.ParseICMP(ip.Payload())
	if !ok {
		return nf.Malformed
	}
	switch icmp.Type() {
	case packet.ICMPEchoRequest:
		flow := f.echo(p.Device(), ip, icmp, p.Device())
		if i, known := f.flows.Lookup(flow); known {
			f.flows.Refresh(i, p.Time())
			return nf.NoReason
		}
		return f.open(p, ip, flow, 0, 0)
	case packet.ICMPEchoReply:
		i, known := f.flows.Lookup(f.echo(p.Device(), ip, icmp, f.across(p.Device())))
		if !known {
			return nf.NoMapping
		}
		f.flows.Refresh(i, p.Time())
		return nf.NoReason
	case packet.ICMPUnreachable, packet.ICMPTimeExceeded, packet.ICMPParameterProblem:
		return f.judgeError(p, ip, icmp)
	}
	return nf.UnsupportedProtocol
}

// echo names the flow of an echo message from a device.
func (f *Firewall) echo(from nf.Device, ip packet.IPv4Header, icmp packet.ICMPHeader, asker nf.Device) Flow {
	flow := f.flow(from, ip, icmp.Identifier(), icmp.Identifier())
	flow.Asker = asker
	return flow
}

// judgeError: an error must go to the sender of what it quotes, and that must belong to a flow. It changes nothing
// of it: whoever sends errors ends no connection.
func (f *Firewall) judgeError(p *nf.Packet, ip packet.IPv4Header, icmp packet.ICMPHeader) nf.Reason {
	q, ok := packet.ParseQuote(icmp)
	if !ok {
		return nf.Malformed
	}
	if q.FragmentOffset() != 0 {
		return nf.Fragment
	}
	flow, ok := f.quoted(f.across(p.Device()), q)
	if !ok {
		return nf.UnsupportedProtocol
	}
	if _, known := f.flows.Lookup(flow); !known || ip.Destination() != q.Source() {
		return nf.NoMapping
	}
	return nf.NoReason
}

// quoted names the flow of a datagram from a device that an error quotes; false if it can have none.
func (f *Firewall) quoted(from nf.Device, q packet.Quote) (Flow, bool) {
	flow := Flow{Inside: q.Source(), Outside: q.Destination(), Protocol: uint16(q.Protocol())}
	switch q.Protocol() {
	case packet.TCP, packet.UDP:
		flow.InsidePort, flow.OutsidePort = q.SourcePort(), q.DestinationPort()
	case packet.ICMP:
		if q.ICMPType() != packet.ICMPEchoRequest && q.ICMPType() != packet.ICMPEchoReply {
			return Flow{}, false
		}
		flow.InsidePort, flow.OutsidePort = q.Identifier(), q.Identifier()
		flow.Asker = from
		if q.ICMPType() == packet.ICMPEchoReply {
			flow.Asker = f.across(from)
		}
	default:
		return Flow{}, false
	}
	if from != f.cfg.Inside {
		return flow.turned(), true
	}
	return flow, true
}
