// Package firewall is a stateful firewall between an inside and an outside device: its rules decide about the first
// packet of a flow, and what belongs to a flow passes. It knows TCP, UDP and ICMP over IPv4.
//
// A flow is a pair of addresses and ports and a protocol, or an identifier of ICMP echo and the side that asks. The
// first rule of the packet's direction that fits decides, else the default of that direction. Frames stay as they
// are, and ARP passes, unless the firewall is configured to be a hop; then TTLs count down.
//
// Standards followed, by the ids of the project's list of firewall requirements:
//
//   - F1: ordered rules over addresses, ports and protocols, with a default for each direction.
//   - F2: replies pass.
//   - F3: only SYN opens a TCP connection, and segments that do not fit its state are dropped (RFC 9293, 3.3.2 and
//     3.10.7); FIN of both sides, or RST, closes it. A flow is forgotten when it was silent for the timer of its state:
//     a connection that is opening, established or closing, or an exchange of datagrams.
//   - F4: ICMP errors pass if what they quote belongs to a flow (RFC 792); they change nothing of it.
//   - F5: ports are never read in a later fragment (RFC 1858, 3): fragments are dropped and counted.
//   - F7: without room the configuration says whether a new flow is dropped, or its packet passes without state;
//     nothing is evicted, and both are counted.
//   - F9: transparent, or a hop (RFC 1812, 5.3.1).
//   - F11: every drop has a reason, and new flows are counted by rule.
//   - F13: what operators ask for is proved one by one, see the folder properties.
//
// Left out: IPv6, VLAN tags and other protocols, which are dropped (F6); sequence numbers and windows of TCP (F3);
// whether a source address belongs to its side (F8); limits of new flows for a source (F12); reassembly; the ICMP message when the TTL is used up; Ethernet addresses, which stay as they are, in a hop too: on
// live devices the data plane finds next hops by ARP.
//
// Start at [Firewall.Process].
package firewall

import (
	"fmt"

	"vigor/libvig"
	"vigor/nf"
	"vigor/packet"
)

// Flow names a flow, the same for the packets of both directions.
type Flow struct {
	Inside, Outside         packet.IPv4 // addresses of the hosts
	InsidePort, OutsidePort uint16      // of TCP and UDP; of echo both are the identifier
	Protocol                uint16      // 1, 6 or 17; as wide as the others, for keys have no padding
	Asker                   nf.Device   // of echo, where the requests come from; else 0
}

// Conn is what the firewall remembers of a flow.
type Conn struct {
	State  State
	Opener nf.Device // where its first packet came from
}

// Firewall knows the flows that were opened.
type Firewall struct {
	cfg          Config
	flows        *libvig.ClassTable[Flow, Conn] `spec:"flows"` // classes: State.timer
	outbound     *libvig.Classifier             `spec:"outbound_rules"`
	inbound      *libvig.Classifier             `spec:"inbound_rules"`
	outboundHits *libvig.Vector[uint64]         `spec:"outbound_hits"` // new flows by rule; the last element counts the default
	inboundHits  *libvig.Vector[uint64]         `spec:"inbound_hits"`
	untracked    uint64                         `spec:"untracked"` // packets passed without state for want of room
}

// New returns a firewall that knows no flow; an error if the configuration is not valid or names a
// device that is not there.
func New(env nf.Env, cfg Config) (*Firewall, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if int(cfg.Inside) >= env.Devices {
		return nil, fmt.Errorf("inside is device %d, but devices are numbered 0 to %d", cfg.Inside, env.Devices-1)
	}
	if int(cfg.Outside) >= env.Devices {
		return nil, fmt.Errorf("outside is device %d, but devices are numbered 0 to %d", cfg.Outside, env.Devices-1)
	}
	return &Firewall{
		cfg:          cfg,
		flows:        libvig.NewClassTable[Flow, Conn](cfg.Capacity, timers, env.HashKey),
		outbound:     libvig.NewClassifier(cfg.Outbound),
		inbound:      libvig.NewClassifier(cfg.Inbound),
		outboundHits: libvig.NewVector(len(cfg.Outbound)+1, uint64(0)),
		inboundHits:  libvig.NewVector(len(cfg.Inbound)+1, uint64(0)),
	}, nil
}

// Process passes one frame to the other side, or drops it.
func (f *Firewall) Process(p *nf.Packet) nf.Action {
	f.expire(p.Time())
	eth, ok := packet.ParseEthernet(p.Bytes())
	if !ok {
		return nf.Drop(nf.Malformed)
	}
	if p.Device() != f.cfg.Inside && p.Device() != f.cfg.Outside {
		return nf.Drop(nf.Unconnected)
	}
	if eth.Type() == packet.TypeARP && !f.cfg.Routed {
		return nf.Forward(f.across(p.Device()))
	}
	if eth.Type() != packet.TypeIPv4 {
		return nf.Drop(nf.UnsupportedEtherType)
	}
	ip, ok := packet.ParseIPv4(eth.Payload())
	if !ok {
		return nf.Drop(nf.Malformed)
	}
	if ip.IsFragment() { // a later one has no ports: what stands there is data (F5)
		return nf.Drop(nf.Fragment)
	}
	if f.cfg.Routed && ip.TTL() <= 1 { // RFC 1812, 5.3.1
		return nf.Drop(nf.TTLExceeded)
	}
	if why := f.judge(p, ip); why != nf.NoReason {
		return nf.Drop(why)
	}
	if f.cfg.Routed {
		ip.DecrementTTL()
	}
	return nf.Forward(f.across(p.Device()))
}

// expire forgets the flows that have been silent for longer than their timer. It is a function of its own also for the
// compiler, which inlines the calls in it only then.
//
//go:noinline
func (f *Firewall) expire(now nf.Time) {
	f.flows.ExpireBefore(opening, now-f.cfg.OpeningTimer)
	f.flows.ExpireBefore(established, now-f.cfg.EstablishedTimer)
	f.flows.ExpireBefore(closing, now-f.cfg.ClosingTimer)
	f.flows.ExpireBefore(exchange, now-f.cfg.ExchangeTimer)
}

// across is the device on the other side of d.
func (f *Firewall) across(d nf.Device) nf.Device {
	if d == f.cfg.Inside {
		return f.cfg.Outside
	}
	return f.cfg.Inside
}

// judge gives the reason for dropping a datagram, or none.
func (f *Firewall) judge(p *nf.Packet, ip packet.IPv4Header) nf.Reason {
	switch ip.Protocol() {
	case packet.TCP:
		s, ok := seeTCP(ip)
		if !ok {
			return nf.Malformed
		}
		return f.follow(p, ip, s)
	case packet.UDP:
		s, ok := seeUDP(ip)
		if !ok {
			return nf.Malformed
		}
		return f.follow(p, ip, s)
	case packet.ICMP:
		return f.judgeICMP(p, ip)
	}
	return nf.UnsupportedProtocol
}

// judgeICMP: echo belongs to a flow, an error is about one, and nothing else passes.
func (f *Firewall) judgeICMP(p *nf.Packet, ip packet.IPv4Header) nf.Reason {
	icmp, ok := packet.ParseICMP(ip.Payload())
	if !ok {
		return nf.Malformed
	}
	switch icmp.Type() {
	case packet.ICMPEchoRequest:
		return f.follow(p, ip, seeEcho(icmp, query))
	case packet.ICMPEchoReply:
		return f.follow(p, ip, seeEcho(icmp, answer))
	case packet.ICMPUnreachable, packet.ICMPTimeExceeded, packet.ICMPParameterProblem:
		return f.judgeError(p, ip, icmp)
	}
	return nf.UnsupportedProtocol
}

// judgeError: an error must go to the sender of what it quotes, and that must belong to a flow.
func (f *Firewall) judgeError(p *nf.Packet, ip packet.IPv4Header, icmp packet.ICMPHeader) nf.Reason {
	q, ok := packet.ParseQuote(icmp)
	if !ok {
		return nf.Malformed
	}
	if q.FragmentOffset() != 0 {
		return nf.Fragment
	}
	if ip.Destination() != q.Source() {
		return nf.NoMapping
	}
	switch q.Protocol() {
	case packet.TCP, packet.UDP:
		return f.about(f.quoted(p.Device(), q, q.DestinationPort(), q.SourcePort(), 0))
	case packet.ICMP:
		switch q.ICMPType() {
		case packet.ICMPEchoRequest:
			return f.about(f.quoted(p.Device(), q, q.Identifier(), q.Identifier(), f.across(p.Device())))
		case packet.ICMPEchoReply:
			return f.about(f.quoted(p.Device(), q, q.Identifier(), q.Identifier(), p.Device()))
		}
	}
	return nf.UnsupportedProtocol
}

// follow is judge for what is sent in a flow: the rules decide whether it opens one, the state of its flow whether it
// belongs to that.
func (f *Firewall) follow(p *nf.Packet, ip packet.IPv4Header, s sight) nf.Reason {
	inside, outside, insidePort, outsidePort := f.sides(p.Device(), ip.Source(), ip.Destination(), s.src, s.dst)
	flow := Flow{inside, outside, insidePort, outsidePort, uint16(s.protocol), f.asker(p.Device(), s)}
	i, known := f.flows.Lookup(flow)
	if !known {
		if !s.event.opens() {
			return s.event.stray()
		}
		return f.open(p, ip, s, flow)
	}
	conn := f.flows.At(i)
	step := conn.State.after(s.event, p.Device() == conn.Opener)
	switch step.does {
	case refuse:
		return nf.OutOfState
	case reopen:
		if f.ask(p.Device(), ip, s) != Allow {
			return nf.Denied
		}
		conn.Opener = p.Device()
	case pass:
		return nf.NoReason
	}
	f.flows.Set(i, Conn{step.next, conn.Opener})
	f.flows.Refresh(i, p.Time(), step.next.timer())
	return nf.NoReason
}

// about passes an error if there is the flow that it is about. It changes nothing of it: whoever sends errors ends no
// connection.
func (f *Firewall) about(flow Flow) nf.Reason {
	if _, known := f.flows.Lookup(flow); !known {
		return nf.NoMapping
	}
	return nf.NoReason
}

// open asks the rules about a packet that belongs to no flow, and remembers its flow.
func (f *Firewall) open(p *nf.Packet, ip packet.IPv4Header, s sight, flow Flow) nf.Reason {
	if f.ask(p.Device(), ip, s) != Allow {
		return nf.Denied
	}
	first := s.event.first()
	if _, ok := f.flows.Insert(flow, Conn{first, p.Device()}, p.Time(), first.timer()); ok {
		return nf.NoReason
	}
	if f.cfg.WhenFull != Allow {
		return nf.TableFull
	}
	f.untracked++
	return nf.NoReason
}

// ask gives the policy of the first rule that fits a packet, or the default, and counts it.
func (f *Firewall) ask(from nf.Device, ip packet.IPv4Header, s sight) Policy {
	rules, hits, policy := f.inbound, f.inboundHits, f.cfg.InboundDefault
	if from == f.cfg.Inside {
		rules, hits, policy = f.outbound, f.outboundHits, f.cfg.OutboundDefault
	}
	src, dst := s.src, s.dst
	if s.protocol == packet.ICMP { // an identifier is no port
		src, dst = 0, 0
	}
	i := rules.Match(uint32(ip.Source()), uint32(ip.Destination()), src, dst, uint8(s.protocol))
	hits.Set(i, hits.Get(i)+1)
	if i < rules.Len() {
		policy = Policy(rules.Value(i))
	}
	return policy
}
