// Package loadbalancer spreads the connections to one service over its backends, after Eisenbud et al., "Maglev: A
// Fast and Reliable Software Network Load Balancer", NSDI 2016 ("paper").
//
// The service is an address, a port and a protocol. Its backends are configured, with weights; whether one is
// alive is known from its heartbeats, UDP datagrams to a configured address and port. They count if they come by
// a device, and from a network, that backends are configured on. A new connection goes to the backend that a
// keyed hash of the client's address, port and protocol chooses among those alive, and stays there as long as
// it lives, whatever becomes of other backends. When there is no room to remember it, the hash alone
// decides. All balancers with one configuration choose alike, whatever they have heard in which order, once
// they agree on who is alive.
//
// A packet gets to its backend in one of two ways. Direct server return: the frame is given the backend's Ethernet
// address, nothing else changes; the backend has the service's address on an interface that does not answer ARP,
// and replies past the balancer. Or the backend's address replaces the service's, and replies, for which
// the balancer is the backend's router, are given the service's address again; Ethernet addresses are
// then left to the data plane, as by any router.
//
// Requirements, by the ids of the project's list of load balancer requirements:
//
//   - M1, M2: a table of prime size, 100 slots for each backend or more, and almost equal shares (paper, 3.4).
//   - M3: when backends come or go few connections move (measured by tests), and none that is remembered and
//     whose backend is alive (proved).
//   - M4, M19: the table depends on the configuration alone; its hash has a secret key that all balancers share.
//   - M5: nothing but the service is balanced; other traffic is dropped.
//   - M6: a connection table of fixed size, never evicting (paper, 3.3).
//   - M7: weights; weight 0 keeps the connections there are and gets no new ones.
//   - M8, in part: heartbeats, from configured networks only; a backend that moves is followed.
//   - M9: a connection is remembered with its backend's address, so no other backend can inherit it.
//   - M14: fragments are dropped and counted (paper, 4.3, has a way to keep them together).
//
// One balancer has one service. A service needs a table and stations made of its own list of backends, and a network
// function has a fixed number of structures: run a balancer for each service.
//
// Left out: encapsulation (M11); MTU (M12: nothing grows); ICMP errors, which are dropped (M13); QUIC
// connection ids (M15); IPv6 (M16); announcing the service to routers (M17); limits on draining (M10);
// active health checks, and signatures on heartbeats (M8: keep strangers off the backends' networks).
// Each balancer is one shard, for heartbeats would reach one of several only (C7). ARP for the service's address
// is the data plane's where destinations are rewritten; else the router needs a static entry (C1).
//
// Start at [Balancer.Process].
package loadbalancer

import (
	"fmt"

	"vigor/libvig"
	"vigor/nf"
	"vigor/packet"
)

// Flow names a connection to the service.
type Flow struct {
	Client   packet.IPv4
	Port     uint16 // the client's
	Protocol uint16 // the service's; as wide as the port, for keys have no padding
}

// Choice is what is remembered about a connection.
type Choice struct {
	Backend packet.IPv4
}

// Station is where a backend was heard last.
type Station struct {
	MAC    packet.MAC
	Device nf.Device
}

// Valid says what holds for every station: its device exists.
func (s Station) Valid(env nf.Env) bool { return int(s.Device) < env.Devices }

// Balancer spreads connections. All structures but flows have one element for each configured backend, in
// the configured order.
type Balancer struct {
	cfg      Config
	flows    *libvig.Table[Flow, Choice]             `spec:"flows"`
	places   *libvig.Dictionary[packet.IPv4, uint16] `spec:"places"`
	spread   *libvig.Maglev[Flow]                    `spec:"spread"`
	stations *libvig.Vector[Station]                 `spec:"stations"`
}

// New returns a balancer that has heard of no backend yet; an error if the configuration is not valid or names a
// device that is not there.
func New(env nf.Env, cfg Config) (*Balancer, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if int(cfg.Clients) >= env.Devices {
		return nil, fmt.Errorf("clients is device %d, but devices are numbered 0 to %d", cfg.Clients, env.Devices-1)
	}
	return &Balancer{
		cfg:      cfg,
		flows:    libvig.NewTable[Flow, Choice](cfg.Capacity, env.HashKey),
		places:   libvig.NewDictionary(cfg.Backends, env.HashKey),
		spread:   libvig.NewMaglev[Flow](cfg.Slots, cfg.Backends, cfg.SharedKey),
		stations: libvig.NewVector(len(cfg.Backends), Station{}),
	}, nil
}

// Process deals with one frame: a heartbeat, a packet for the service, or a reply. Inlined into the loop around it, it would call
// what is inlined here.
//
//go:noinline
func (b *Balancer) Process(p *nf.Packet) nf.Action {
	b.flows.ExpireBefore(p.Time() - b.cfg.FlowTimeout)
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
	if ip.IsFragment() { // a later one has no ports: what stands there is data (M14)
		return nf.Drop(nf.Fragment)
	}
	if ip.Protocol() != packet.TCP && ip.Protocol() != packet.UDP {
		return nf.Drop(nf.UnsupportedProtocol)
	}
	l4, ok := packet.ParseL4(ip)
	if !ok {
		return nf.Drop(nf.Malformed)
	}
	if b.believes(p.Device(), ip.Source()) && b.isHeartbeat(ip, l4) {
		return b.heartbeat(p, eth, ip)
	}
	if p.Device() == b.cfg.Clients && b.isRequest(ip, l4) {
		return b.request(p, eth, ip, l4)
	}
	if b.believes(p.Device(), ip.Source()) && b.cfg.RewriteDestination {
		return b.reply(ip, l4)
	}
	return nf.Drop(nf.NotOurAddress)
}

// believes reports whether a device is one that a backend with this address may be behind.
func (b *Balancer) believes(d nf.Device, a packet.IPv4) bool {
	return int(d) < len(b.cfg.Networks) && b.cfg.Networks[d].has(a)
}

// isHeartbeat reports whether a datagram is sent as heartbeats are.
func (b *Balancer) isHeartbeat(ip packet.IPv4Header, l4 packet.L4Header) bool {
	return ip.Protocol() == packet.UDP && ip.Destination() == b.cfg.HeartbeatTo &&
		l4.DestinationPort() == b.cfg.HeartbeatPort
}

// isRequest reports whether a datagram is for the service (M5).
func (b *Balancer) isRequest(ip packet.IPv4Header, l4 packet.L4Header) bool {
	return ip.Destination() == b.cfg.VIP && ip.Protocol() == b.cfg.Protocol && l4.DestinationPort() == b.cfg.Port
}

// heartbeat notes that a backend is alive, and where, if it is one.
func (b *Balancer) heartbeat(p *nf.Packet, eth packet.EthernetHeader, ip packet.IPv4Header) nf.Action {
	i, ok := b.places.Lookup(ip.Source())
	if !ok {
		return nf.Drop(nf.NotABackend)
	}
	b.spread.Beat(i, p.Time())
	b.stations.Set(i, Station{MAC: eth.Source(), Device: p.Device()})
	return nf.Drop(nf.Heartbeat)
}

// request sends a packet to the backend of its connection.
func (b *Balancer) request(p *nf.Packet, eth packet.EthernetHeader, ip packet.IPv4Header, l4 packet.L4Header) nf.Action {
	if b.cfg.RewriteDestination {
		if ip.TTL() <= 1 { // RFC 1812, 5.3.1
			return nf.Drop(nf.TTLExceeded)
		}
	} else if eth.Destination() != b.cfg.OwnMAC {
		return nf.Drop(nf.NotOurStation)
	}
	i, ok := b.choose(Flow{ip.Source(), l4.SourcePort(), uint16(ip.Protocol())}, p.Time())
	if !ok {
		return nf.Drop(nf.NoBackend)
	}
	station := b.stations.Get(i)
	if b.cfg.RewriteDestination {
		packet.SetDestination(ip, l4, b.cfg.Backends[i].Key, l4.DestinationPort())
		ip.DecrementTTL()
		return nf.Forward(station.Device)
	}
	eth.SetDestination(station.MAC)
	eth.SetSource(b.cfg.OwnMAC)
	return nf.Forward(station.Device)
}

// choose returns the place of the backend of a connection: the one that it has had, if that is alive (M9), or
// the one that the hash chooses, which is remembered if there is room (M6).
func (b *Balancer) choose(flow Flow, now nf.Time) (place int, ok bool) {
	since := now - b.cfg.BackendTimeout
	f, known := b.flows.Lookup(flow)
	if known {
		i, ok := b.places.Lookup(b.flows.At(f).Backend)
		if ok && b.spread.Alive(i, since) {
			b.flows.Refresh(f, now)
			return i, true
		}
	}
	i, _, ok := b.spread.Choose(flow, since)
	if !ok {
		return 0, false
	}
	choice := Choice{b.cfg.Backends[i].Key}
	if known {
		b.flows.Set(f, choice)
		b.flows.Refresh(f, now)
	} else {
		b.flows.Insert(flow, choice, now)
	}
	return i, true
}

// reply gives what a backend sends to a client the service's address.
func (b *Balancer) reply(ip packet.IPv4Header, l4 packet.L4Header) nf.Action {
	if ip.Protocol() != b.cfg.Protocol || l4.SourcePort() != b.cfg.Port {
		return nf.Drop(nf.NoMapping)
	}
	if _, ok := b.places.Lookup(ip.Source()); !ok {
		return nf.Drop(nf.NotABackend)
	}
	if ip.TTL() <= 1 {
		return nf.Drop(nf.TTLExceeded)
	}
	packet.SetSource(ip, l4, b.cfg.VIP, l4.SourcePort())
	ip.DecrementTTL()
	return nf.Forward(b.cfg.Clients)
}
