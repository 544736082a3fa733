package firewall

import (
	"vigor/nf"
	"vigor/packet"
)

// sight is what a datagram shows of the flow that it belongs to, or would open. It is small, for then it is passed in
// registers: through memory it would be written field by field and read at once, for which a processor waits.
type sight struct {
	event    event
	protocol packet.Protocol
	src, dst uint16 // ports of TCP and UDP; of echo both are the identifier
}

// seeUDP is false for a datagram that is malformed (RFC 768).
func seeUDP(ip packet.IPv4Header) (sight, bool) {
	udp, ok := packet.ParseUDP(ip.Payload())
	if !ok || int(udp.Length()) < packet.UDPHeaderLen || int(udp.Length()) > len(ip.Payload()) {
		return sight{}, false
	}
	return sight{query, packet.UDP, udp.SourcePort(), udp.DestinationPort()}, true
}

// seeTCP is false for a segment that is malformed (RFC 9293, 3.1), or whose flags exclude each other.
func seeTCP(ip packet.IPv4Header) (sight, bool) {
	tcp, ok := packet.ParseTCP(ip.Payload())
	if !ok || int(tcp.DataOffset())*4 < packet.TCPMinHeaderLen || int(tcp.DataOffset())*4 > len(ip.Payload()) {
		return sight{}, false
	}
	segment, sane := segmentOf(tcp.Flags())
	return sight{segment, packet.TCP, tcp.SourcePort(), tcp.DestinationPort()}, sane
}

// seeEcho: echo is followed by its identifier.
func seeEcho(icmp packet.ICMPHeader, e event) sight {
	return sight{e, packet.ICMP, icmp.Identifier(), icmp.Identifier()}
}

// flowOf names the flow of a datagram from a device. That of echo has who asks in it.
func (f *Firewall) flowOf(from nf.Device, ip packet.IPv4Header, s sight) Flow {
	return f.flow(from, ip.Source(), ip.Destination(), s.src, s.dst, s.protocol, f.asker(from, s))
}

// asker is the device where the requests of echo come from; 0 where nobody is asked.
func (f *Firewall) asker(from nf.Device, s sight) nf.Device {
	switch {
	case s.protocol != packet.ICMP:
		return 0
	case s.event == query:
		return from
	}
	return f.across(from)
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
