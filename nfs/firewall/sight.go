package firewall

import (
	"vigor/nf"
	"vigor/packet"
)

// sight is what a datagram is to the flow that it belongs to, or would open.
type sight struct {
	flow                        Flow
	event                       event
	sourcePort, destinationPort uint16    // that the rules are asked about: of TCP and UDP, else 0
	fault                       nf.Reason // why it can belong to no flow; the rest has no meaning then
}

func (f *Firewall) seeUDP(from nf.Device, ip packet.IPv4Header) sight {
	udp, ok := packet.ParseUDP(ip.Payload())
	if !ok || int(udp.Length()) < packet.UDPHeaderLen || int(udp.Length()) > len(ip.Payload()) {
		return sight{fault: nf.Malformed} // RFC 768
	}
	src, dst := udp.SourcePort(), udp.DestinationPort()
	return sight{f.flow(from, ip.Source(), ip.Destination(), src, dst, packet.UDP, 0), query, src, dst, nf.NoReason}
}

func (f *Firewall) seeTCP(from nf.Device, ip packet.IPv4Header) sight {
	tcp, ok := packet.ParseTCP(ip.Payload())
	if !ok || int(tcp.DataOffset())*4 < packet.TCPMinHeaderLen || int(tcp.DataOffset())*4 > len(ip.Payload()) {
		return sight{fault: nf.Malformed} // RFC 9293, 3.1
	}
	segment, sane := segmentOf(tcp.Flags())
	if !sane {
		return sight{fault: nf.Malformed}
	}
	src, dst := tcp.SourcePort(), tcp.DestinationPort()
	return sight{f.flow(from, ip.Source(), ip.Destination(), src, dst, packet.TCP, 0), segment, src, dst, nf.NoReason}
}

// seeEcho: echo is followed by its identifier, and by who asks.
func (f *Firewall) seeEcho(from nf.Device, ip packet.IPv4Header, icmp packet.ICMPHeader, e event, asker nf.Device) sight {
	id := icmp.Identifier()
	return sight{f.flow(from, ip.Source(), ip.Destination(), id, id, packet.ICMP, asker), e, 0, 0, nf.NoReason}
}

// quoted names the flow of what an error from a device quotes, which went the other way.
func (f *Firewall) quoted(from nf.Device, q packet.Quote, srcPort, dstPort uint16, asker nf.Device) Flow {
	return f.flow(from, q.Destination(), q.Source(), srcPort, dstPort, q.Protocol(), asker)
}

// flow names the flow of what a device sends, the same for both directions.
func (f *Firewall) flow(from nf.Device, src, dst packet.IPv4, srcPort, dstPort uint16, of packet.Protocol, asker nf.Device) Flow {
	if from == f.cfg.Inside {
		return Flow{src, dst, srcPort, dstPort, uint16(of), asker}
	}
	return Flow{dst, src, dstPort, srcPort, uint16(of), asker}
}
