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
	inside, outside, insidePort, outsidePort := f.sides(from, q.Destination(), q.Source(), srcPort, dstPort)
	return Flow{inside, outside, insidePort, outsidePort, uint16(q.Protocol()), asker}
}

// sides tells what belongs to the inside and what to the outside of what a device sends: addresses, then ports.
func (f *Firewall) sides(from nf.Device, src, dst packet.IPv4, srcPort, dstPort uint16) (packet.IPv4, packet.IPv4, uint16, uint16) {
	if from == f.cfg.Inside {
		return src, dst, srcPort, dstPort
	}
	return dst, src, dstPort, srcPort
}
