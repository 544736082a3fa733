// Package nat is a NAT that keeps what RFC 4787, RFC 5382 and RFC 5508 ask for, so that applications behind it can
// reach each other: hosts behind the inside devices share one outside address, and each of their TCP
// and UDP endpoints over IPv4 gets an outside port of its own, and who asks by ICMP an identifier.
//
// A mapping belongs to an inside endpoint: address, port, protocol and device, whoever it speaks with.
// The first packet from inside creates it, every later one from inside refreshes it, and it ends when
// its timer has passed without one: that of UDP, of queries, or of TCP connections as they are opening, established or closing. What comes from outside for the outside address and a port in
// use is let in, from whoever it is; so is what comes from inside, which then carries the outside
// address and port of its sender. Package natclassic is the NAT that lets nobody in but the peer.
//
// Standards followed, by the ids of the project's list of NAT requirements:
//
//   - N1, N10: mapping and filtering are independent of the peer (RFC 4787 REQ-1, REQ-8; RFC 5382
//     REQ-1, REQ-3).
//   - N2, N3: an outside port serves one mapping and is never below 1024 (RFC 4787 REQ-3, REQ-3a).
//   - N5: outside ports are drawn at random (RFC 7857, Port Randomization).
//   - N7, N8: a mapping of UDP lives at least two minutes, configurable; packets from inside refresh it, and
//     no others, so that nobody outside can keep it alive (RFC 4787 REQ-5, REQ-6).
//   - N9: hairpinning, with the outside address and port as source (RFC 4787 REQ-9, 9a; RFC 5382 REQ-8).
//   - N12: no ICMP message ends a mapping, and no error keeps one alive (RFC 4787 REQ-12, RFC 5382 REQ-10, RFC 5508
//     REQ-6).
//   - N13: errors of ICMP, from both sides and between inside hosts, reach who sent what they quote, and quote what that
//     has sent (RFC 5508 REQ-4, REQ-5, REQ-7). What is damaged, they or the header that they quote, is dropped (REQ-3).
//   - N14: queries of ICMP, echo and timestamp, are translated with the identifier as port; nobody outside can ask
//     (RFC 5508 REQ-1, REQ-2).
//   - N17: the timers of TCP follow the connections that share a mapping (RFC 5382 REQ-5; RFC 7857, TCP Session Tracking).
//   - N20: without room a new mapping is refused and counted; no live one is deleted (RFC 5508 REQ-8).
//   - N21: neither RST nor errors of ICMP keep a mapping alive (RFC 7857, Outbound Mapping Refresh and Error Packets).
//   - N22: checksums follow what changed, so damage stays visible, and a UDP datagram without a
//     checksum stays without (RFC 3022, 4.1 and 4.2; RFC 1624).
//   - N24: only what is addressed to the outside address is translated inward.
//   - N25: lengths are checked against each other and the frame before a field is believed
//     (RFC 1812, 5.2.2).
//   - N27: static mappings, in both directions, for packets, between inside hosts, and for errors.
//   - N30: the table's hash has a secret key, so that collisions cannot be computed outside.
//
// Left out is what README.md lists.
//
// Start at [NAT.Process].
package nat

import (
	"fmt"

	"vigor/libvig"
	"vigor/nf"
	"vigor/packet"
)

// Endpoint names the inside end of a mapping. Its index in the table gives its outside port.
type Endpoint struct {
	Address  packet.IPv4
	Port     uint16
	Device   nf.Device
	Protocol uint64 // 1, 6 or 17; so wide since keys have no padding, and those of 16 bytes are the fastest
}

// Valid says what holds for every endpoint in the table: there is a device to reach it by.
func (e Endpoint) Valid(env nf.Env) bool { return int(e.Device) < env.Devices }

// NAT translates between the inside devices and the outside one.
type NAT struct {
	cfg      Config
	mappings *libvig.ClassTable[Endpoint, Conn] `spec:"mappings"` // classes: the timers

	staticPorts     *libvig.Dictionary[Outside, Inside] `spec:"static_ports"` // cfg.Static, in both directions
	staticEndpoints *libvig.Dictionary[Inside, Outside] `spec:"static_endpoints"`
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
	if err := nf.ValidateEach(cfg.Static, func(f Forward) error { return existing(f, env) }); err != nil {
		return nil, fmt.Errorf("static: %w", err)
	}
	return &NAT{
		cfg:             cfg,
		mappings:        libvig.NewRandomClassTable[Endpoint, Conn](cfg.Capacity, timers, env.HashKey),
		staticPorts:     libvig.NewDictionary(cfg.Static, env.HashKey),
		staticEndpoints: libvig.NewReverseDictionary(cfg.Static, env.HashKey),
	}, nil
}

// Process translates one frame, or drops it.
func (n *NAT) Process(p *nf.Packet) nf.Action {
	n.expire(p.Time())
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
		return n.icmp(p, ip)
	}
	l4, ok := packet.ParseL4(ip)
	if !ok {
		return nf.Drop(nf.Malformed)
	}
	if ip.TTL() <= 1 { // RFC 1812, 5.3.1
		return nf.Drop(nf.TTLExceeded)
	}
	if p.Device() == n.cfg.WAN && ip.Destination() != n.cfg.ExternalIP { // N24
		return nf.Drop(nf.NotOurAddress)
	}
	if ip.Destination() == n.cfg.ExternalIP {
		return n.inward(p, ip, l4)
	}
	return n.outward(p, ip, l4)
}

// expire ends the mappings that have been silent for longer than their timer. It is a function of its own also for the
// compiler, which inlines the calls in it only then.
//
//go:noinline
func (n *NAT) expire(now nf.Time) {
	n.mappings.ExpireBefore(onUDP, now-n.cfg.UDPTimeout)
	n.mappings.ExpireBefore(onICMP, now-n.cfg.ICMPTimeout)
	n.mappings.ExpireBefore(onOpening, now-n.cfg.TCPOpening)
	n.mappings.ExpireBefore(onEstablished, now-n.cfg.TCPEstablished)
	n.mappings.ExpireBefore(onClosing, now-n.cfg.TCPClosing)
}

// outward gives a packet from inside the outside address and the port of its sender.
func (n *NAT) outward(p *nf.Packet, ip packet.IPv4Header, l4 packet.L4Header) nf.Action {
	shown, why := n.shown(p, ip, l4)
	if why != nf.NoReason {
		return nf.Drop(why)
	}
	packet.SetSource(ip, l4, n.cfg.ExternalIP, shown)
	ip.DecrementTTL()
	return nf.Forward(n.cfg.WAN)
}

// inward gives a packet for the outside address the address and port of the endpoint that it is for.
// Its sender may be anybody (N10), inside hosts included: those are shown as the outside sees them (N9).
func (n *NAT) inward(p *nf.Packet, ip packet.IPv4Header, l4 packet.L4Header) nf.Action {
	target, at, ok := n.target(l4.DestinationPort(), ip.Protocol())
	if !ok {
		return nf.Drop(nf.NoMapping)
	}
	if p.Device() == n.cfg.WAN {
		n.hear(at, ip.Source(), l4.SourcePort(), l4.Flags())
		packet.SetDestination(ip, l4, target.Address, target.Port)
	} else {
		shown, why := n.shown(p, ip, l4)
		if why != nf.NoReason {
			return nf.Drop(why)
		}
		packet.SetEndpoints(ip, l4, n.cfg.ExternalIP, shown, target.Address, target.Port)
	}
	ip.DecrementTTL()
	return nf.Forward(target.Device)
}

// shown gives the outside port of a packet's sender, or the reason why there is none.
func (n *NAT) shown(p *nf.Packet, ip packet.IPv4Header, l4 packet.L4Header) (uint16, nf.Reason) {
	port, listed, ok := n.static(endpoint(p, ip, l4.SourcePort()))
	if listed && !ok {
		return 0, nf.NoMapping
	}
	if listed {
		return port, nf.NoReason
	}
	i, ok := n.sender(p, ip, l4)
	if !ok {
		return 0, nf.TableFull // N20
	}
	return uint16(int(n.cfg.StartPort) + i), nf.NoReason
}

// sender returns the index of the mapping of a packet's sender, as mapping does.
func (n *NAT) sender(p *nf.Packet, ip packet.IPv4Header, l4 packet.L4Header) (int, bool) {
	if ip.Protocol() == packet.UDP {
		return n.mapping(p, ip, l4.SourcePort(), onUDP)
	}
	sender := endpoint(p, ip, l4.SourcePort())
	segment, peer, port := segmentOf(l4.Flags()), ip.Destination(), l4.DestinationPort()
	i, ok := n.mappings.Lookup(sender)
	if !ok {
		conn := first(segment, peer, port)
		return n.mappings.Insert(sender, conn, p.Time(), conn.State.timer())
	}
	conn, lives := n.mappings.At(i).sent(segment, peer, port)
	if lives { // N17, N21
		n.mappings.Set(i, conn)
		n.mappings.Refresh(i, p.Time(), conn.State.timer())
	}
	return i, true
}

// endpoint names the sender of a packet. The port is its own, or its identifier.
func endpoint(p *nf.Packet, ip packet.IPv4Header, port uint16) Endpoint {
	return Endpoint{ip.Source(), port, p.Device(), uint64(ip.Protocol())}
}

// hear notes that the peer of a connection has sent FIN, if these flags say so. It makes, keeps and ends no mapping (N8). A
// static mapping, whose index is -1, has nothing to note.
func (n *NAT) hear(i int, peer packet.IPv4, port uint16, flags packet.TCPFlags) {
	if i < 0 || flags&packet.FIN == 0 || segmentOf(flags) != fin {
		return
	}
	if conn, news := n.mappings.At(i).heard(peer, port); news {
		n.mappings.Set(i, conn)
	}
}

// mapping returns the index of the mapping of the sender of a datagram or query, refreshed, and created if need be;
// false if there is no room for it.
func (n *NAT) mapping(p *nf.Packet, ip packet.IPv4Header, port uint16, timer uint8) (int, bool) {
	sender := endpoint(p, ip, port)
	i, ok := n.mappings.Lookup(sender)
	if !ok {
		return n.mappings.Insert(sender, Conn{}, p.Time(), timer)
	}
	n.mappings.Refresh(i, p.Time(), timer) // N8
	return i, true
}
