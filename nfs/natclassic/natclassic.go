// Package natclassic is a traditional NAT of the kind NAPT (RFC 3022, 2.2): hosts behind the inside
// devices share one outside address, and each of their TCP and UDP flows over IPv4 gets an outside
// port of its own.
//
// A flow is a mapping of source, destination, both ports, protocol and inside device. The first
// packet from inside creates it, every later packet of the flow, in either direction, refreshes it,
// and it ends when FlowTimeout has passed without one. What comes from outside gets in only if it
// is for the outside address, for a port in use, and from the very peer of that flow.
//
// Standards followed, by the ids of the project's list of NAT requirements:
//
//   - N2, N3: an outside port serves one flow and is never below 1024 (RFC 4787 REQ-3, REQ-3a).
//   - N7, N8: a mapping lives at least two minutes, configurable; outbound packets refresh it
//     (RFC 4787 REQ-5, REQ-6), inbound ones do once they have passed the filter (REQ-6a).
//   - N12: no ICMP message ends a mapping (RFC 4787 REQ-12, RFC 5382 REQ-10).
//   - N20: without room a new flow is dropped and counted; no live mapping is deleted (RFC 5508
//     REQ-8).
//   - N22: checksums follow what changed, so damage stays visible, and a UDP datagram without a
//     checksum stays without (RFC 3022, 4.1 and 4.2; RFC 1624).
//   - N24: only what is addressed to the outside address is translated inward.
//   - N25: lengths are checked against each other and the frame before a field is believed
//     (RFC 1812, 5.2.2).
//   - N30: the table's hash has a secret key, so that collisions cannot be computed outside.
//
// Left out: ICMP, which is dropped, errors included (RFC 5508); fragments, first and later, which
// are dropped (N15); endpoint-independent mapping and filtering (RFC 4787 REQ-1, REQ-8);
// hairpinning (REQ-9); timers that follow the state of a TCP connection (RFC 5382 REQ-5: choose a
// FlowTimeout of 2h4m to meet it); the ICMP message when the TTL is used up; next hops: the
// Ethernet addresses stay as they are.
//
// Start at [NAT.Process].
package natclassic

import (
	"fmt"

	"vigor/libvig"
	"vigor/nf"
	"vigor/packet"
)

// Flow names a flow as the inside sees it. Its index in the table gives its outside port.
type Flow struct {
	Src, Dst         packet.IPv4
	SrcPort, DstPort uint16
	Protocol         uint16    // 6 or 17; as wide as the others, for keys have no padding
	Device           nf.Device // of the inside host
}

// Valid says what holds for every flow in the table: there is a device to send replies by.
func (f Flow) Valid(env nf.Env) bool { return int(f.Device) < env.Devices }

// NAT translates between the inside devices and the outside one.
type NAT struct {
	cfg   Config
	flows *libvig.Table[Flow, struct{}] `spec:"flows"`
}

// New returns a NAT without mappings; an error if the configuration is not valid or names a device
// that is not there.
func New(env nf.Env, cfg Config) (*NAT, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if int(cfg.WAN) >= env.Devices {
		return nil, fmt.Errorf("wan is device %d, but devices are numbered 0 to %d", cfg.WAN, env.Devices-1)
	}
	return &NAT{cfg: cfg, flows: libvig.NewTable[Flow, struct{}](cfg.Capacity, env.HashKey)}, nil
}

// Process translates one frame, or drops it.
func (n *NAT) Process(p *nf.Packet) nf.Action {
	n.flows.ExpireBefore(p.Time() - n.cfg.FlowTimeout)
	eth, ok := packet.ParseEthernet(p.Bytes())
	if !ok {
		return nf.Drop(nf.Malformed)
	}
	if eth.Type() != packet.TypeIPv4 {
		return nf.Drop(nf.UnsupportedEtherType)
	}
	ip, ok := packet.ParseIPv4(eth.Payload())
	if !ok {
		return nf.Drop(nf.Malformed)
	}
	if ip.IsFragment() { // a later one has no ports: what stands there is data (N15)
		return nf.Drop(nf.Fragment)
	}
	if ip.Protocol() != packet.TCP && ip.Protocol() != packet.UDP {
		return nf.Drop(nf.UnsupportedProtocol)
	}
	l4, ok := packet.ParseL4(ip)
	if !ok {
		return nf.Drop(nf.Malformed)
	}
	if ip.TTL() <= 1 { // RFC 1812, 5.3.1
		return nf.Drop(nf.TTLExceeded)
	}
	if p.Device() == n.cfg.WAN {
		return n.inbound(p, ip, l4)
	}
	return n.outbound(p, ip, l4)
}

// outbound gives the packet the outside address and the port of its flow, which it creates if need
// be.
func (n *NAT) outbound(p *nf.Packet, ip packet.IPv4Header, l4 packet.L4Header) nf.Action {
	flow := Flow{
		Src: ip.Source(), Dst: ip.Destination(),
		SrcPort: l4.SourcePort(), DstPort: l4.DestinationPort(),
		Protocol: uint16(ip.Protocol()), Device: p.Device(),
	}
	i, ok := n.flows.Lookup(flow)
	if ok {
		n.flows.Refresh(i, p.Time())
	} else if i, ok = n.flows.Insert(flow, struct{}{}, p.Time()); !ok {
		return nf.Drop(nf.TableFull) // N20
	}
	packet.SetSource(ip, l4, n.cfg.ExternalIP, uint16(int(n.cfg.StartPort)+i))
	ip.DecrementTTL()
	return nf.Forward(n.cfg.WAN)
}

// inbound gives the packet the address and port of the inside host that it is an answer to.
func (n *NAT) inbound(p *nf.Packet, ip packet.IPv4Header, l4 packet.L4Header) nf.Action {
	if ip.Destination() != n.cfg.ExternalIP { // N24
		return nf.Drop(nf.NotOurAddress)
	}
	i := int(l4.DestinationPort()) - int(n.cfg.StartPort)
	if !n.flows.Allocated(i) {
		return nf.Drop(nf.NoMapping)
	}
	flow := n.flows.Key(i)
	if flow.Dst != ip.Source() || flow.DstPort != l4.SourcePort() || flow.Protocol != uint16(ip.Protocol()) {
		return nf.Drop(nf.WrongPeer)
	}
	n.flows.Refresh(i, p.Time()) // only now: a stranger keeps no mapping alive (N8)
	packet.SetDestination(ip, l4, flow.Src, flow.SrcPort)
	ip.DecrementTTL()
	return nf.Forward(flow.Device)
}
