// Package neighbour finds the Ethernet addresses of next hops, for network functions that route
// datagrams and leave Ethernet headers as they are.
//
// A [Layer] stands between the run loop and a back end, and is itself a [dataplane.IO]. Of a device
// that has an address it takes over all of ARP (RFC 826, RFC 1122 2.3.2, RFC 5227): the network function
// sees no ARP of such a device. It gets what is for the device's own station, or for a group, but no
// datagram that came to a group and is for one host. An IPv4 datagram that it sends gets the device's
// Ethernet address as source and the next hop's as destination; other frames that it sends, tagged ones
// among them, leave with the header that it gave them. Devices without an address are left alone.
//
// A next hop is the destination itself, if it is in the device's network, else the gateway. While it
// is unknown, the latest few frames for it wait; it is asked for once a second, three times, and then
// nothing is sent to it for ten seconds. An answer is believed for a lifetime, in whose last quarter its
// station is polled if frames are sent to it. Groups have Ethernet addresses by rule. What no router passes
// on, such as broadcasts, is dropped.
//
// Guarantees: a datagram leaves only with an Ethernet address that the rule gives, or that a station of
// the device's own network has claimed for the next hop. An address that was never asked for is never
// learnt, so neither gratuitous traffic nor a scan fills the table with strangers; new ones push out
// those without an answer first. Memory is bounded, nothing is allocated per packet, and what is dropped is
// counted. It does not defend against a station that claims its neighbour's address: ARP cannot.
//
// Start at [Layer.Exchange], then send.go for the way out and arp.go for what is asked and answered.
package neighbour

import (
	"fmt"
	"time"

	"vigor/dataplane"
	"vigor/nf"
	"vigor/packet"
)

// Layer adds neighbours to a back end.
type Layer struct {
	Stats Stats // read between steps of the loop

	inner     dataplane.IO
	clock     func() nf.Time
	lifetime  nf.Time
	addressed nf.Devices
	devices   [nf.MaxDevices]device

	now      nf.Time // read once per exchange
	nextTick nf.Time
	round    uint64         // number of the exchange
	credit   [kinds]nf.Time // up to which moment requests have been paid for
	table    table
	frames   frames

	inbox chan claim   // of the other shards' claims; nil if there are none
	peers []chan claim // the inboxes of the other shards
}

// device is a configured device with what is due on it.
type device struct {
	Device
	announcements int // still to be sent
	announceAt    nf.Time
	rival         packet.MAC // who last claimed the device's address, if anybody (RFC 5227, 2.4)
	defended      nf.Time    // when that was contradicted
}

// Stats counts what the layer did. A frame that it drops or consumes is counted by the loop, too.
type Stats struct {
	Answered    uint64 // requests for our addresses
	Asked       uint64 // requests that were sent, polls included
	Learnt      uint64 // answers to what was asked
	Changed     uint64 // neighbours that have got another Ethernet address
	Unsolicited uint64 // claims of addresses that nobody asked for, or that change too fast
	Failed      uint64 // neighbours that did not answer
}

// New returns a layer over the devices of a back end, whose number env gives.
func New(inner dataplane.IO, env nf.Env, cfg Config) (*Layer, error) {
	if err := cfg.validate(env); err != nil {
		return nil, fmt.Errorf("configuring neighbours: %w", err)
	}
	if cfg.Capacity == 0 {
		cfg.Capacity = DefaultCapacity
	}
	if cfg.Lifetime == 0 {
		cfg.Lifetime = DefaultLifetime
	}
	if cfg.Clock == nil {
		cfg.Clock = monotonic()
	}
	l := &Layer{inner: inner, clock: cfg.Clock, lifetime: cfg.Lifetime}
	for kind := range l.credit {
		l.credit[kind] = -requestBurst * requestCost
	}
	for i, d := range cfg.Devices {
		l.devices[i].Device = d
		if d.Address != (Address{}) {
			l.addressed = l.addressed.With(nf.Device(i))
			l.devices[i].announcements = announcements
		}
	}
	if l.addressed != 0 {
		l.table = newTable(cfg.Capacity, env.HashKey)
		l.frames = newFrames()
	}
	return l, nil
}

// monotonic returns a clock that starts now.
func monotonic() func() nf.Time {
	start := time.Now()
	return func() nf.Time { return time.Since(start).Nanoseconds() }
}

// Exchange resolves next hops for what is sent, has the back end send and receive, and takes its own
// out of what was received.
func (l *Layer) Exchange(out, in *dataplane.Batch) error {
	if l.addressed == 0 {
		return l.inner.Exchange(out, in)
	}
	l.now = l.clock()
	l.hear()
	l.send(out)
	err := l.inner.Exchange(out, in)
	l.receive(in)
	return err
}

// Rival is the station that last claimed the address of a device for itself, zero if none did. Its frames
// are dropped as address_conflict.
func (l *Layer) Rival(d nf.Device) packet.MAC { return l.devices[d].rival }

// Close closes the back end. Frames that still wait for an answer are lost; [Layer.GiveUp] tells which.
func (l *Layer) Close() error { return l.inner.Close() }

// receive keeps from the network function what is not for it.
func (l *Layer) receive(in *dataplane.Batch) {
	for i := range in.Len() {
		d := in.From(i)
		if !l.addressed.Has(d) {
			continue
		}
		eth, ok := packet.ParseEthernet(in.Frame(i))
		if !ok {
			continue // the network function finds the reason
		}
		to := eth.Destination()
		switch {
		case !to.IsGroup() && to != l.devices[d].MAC:
			in.Withhold(i, 0, nf.NotOurStation)
		case eth.Type() == packet.TypeARP:
			l.arp(in, i, eth)
		case to.IsGroup() && !l.forGroup(d, eth):
			in.Withhold(i, 0, nf.NotOurStation)
		}
	}
}

// forGroup reports whether a frame to a group may be so. An IPv4 datagram may only if its own
// destination is a group: everybody on the link would pass on any other (RFC 1812, 5.3.4).
func (l *Layer) forGroup(d nf.Device, eth packet.EthernetHeader) bool {
	if eth.Type() != packet.TypeIPv4 {
		return true
	}
	ip, ok := packet.ParseIPv4(eth.Payload())
	if !ok {
		return true // the network function finds the reason
	}
	to := ip.Destination()
	return multicast(to) || to == limitedBroadcast || to == l.devices[d].Address.broadcast()
}
