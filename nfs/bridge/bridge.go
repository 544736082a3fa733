// Package bridge is a MAC bridge (IEEE 802.1Q-2014): it learns from each frame which device its
// station is behind, and sends frames for a known station by that device alone.
//
// A frame for a station that is not known, or for a group, leaves by every other device. A station
// that moves is followed with its first frame. A static entry of the configuration says once and for all
// by which devices frames for an address leave, be it a station's or a group's. An entry ends when AgeingTime has passed without a
// frame of its station. When the table is full, new stations are not learned, and frames for them
// are flooded: nothing is dropped for want of room. Frames are never changed.
//
// Standards followed, by the ids of the project's list of bridge requirements; clauses are those of
// IEEE 802.1Q-2014 unless noted:
//
//   - B1: every frame teaches; a station that moves is moved at once (8.7).
//   - B2: group and zero source addresses are never learned (8.7: a specific end station).
//   - B3: an address with a static entry is never learned, and static entries never age (8.7, 8.8.1).
//   - B4: the ageing time is 10 s to 1,000,000 s (8.8.3; RFC 4188, dot1dTpAgingTime).
//   - B5: without room the frame is still relayed (8.7).
//   - B6: unknown, broadcast and multicast destinations go to all devices but the ingress (8.6).
//   - B7: a frame for a station on its own segment is filtered (8.6).
//   - B8: 01-80-C2-00-00-00 to -0F are never relayed (8.6.3).
//   - B9: a static entry forwards to a set of devices or, with an empty one, filters (8.8.1).
//   - B14: no frame leaves by the device that it came from.
//
// Left out: static entries that tell apart where a frame comes from (B9; RFC 4188,
// dot1dStaticReceivePort), which 8.8.1 does not have; VLANs: a tag is payload, and there is one filtering database for
// all (B10); spanning tree: whoever builds loops must break them (B13); limits of learning for each
// device, and flushing when a device goes down (B12: ageing does it).
//
// Start at [Bridge.Process].
package bridge

import (
	"fmt"

	"vigor/libvig"
	"vigor/nf"
	"vigor/packet"
)

// Station is what the bridge knows about an address.
type Station struct {
	Device nf.Device // where its latest frame came from
}

// Valid says what holds for every station in the table: its device exists.
func (s Station) Valid(env nf.Env) bool { return int(s.Device) < env.Devices }

// Bridge relays frames between all its devices.
type Bridge struct {
	cfg Config
	// static says for an address by which devices frames for it leave.
	static   *libvig.Dictionary[packet.MAC, nf.Devices] `spec:"static"`
	stations *libvig.Table[packet.MAC, Station]         `spec:"stations"`
}

// New returns a bridge that has learned no station; an error if the configuration is not valid, or a static
// entry names a device that is not there.
func New(env nf.Env, cfg Config) (*Bridge, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := nf.ValidateEach(cfg.Static, func(e Static) error { return existing(e, env) }); err != nil {
		return nil, fmt.Errorf("static: %w", err)
	}
	return &Bridge{
		cfg:      cfg,
		static:   libvig.NewDictionary(cfg.Static, env.HashKey),
		stations: libvig.NewTable[packet.MAC, Station](cfg.Capacity, env.HashKey),
	}, nil
}

// Process relays or filters one frame.
func (b *Bridge) Process(p *nf.Packet) nf.Action {
	b.stations.ExpireBefore(p.Time() - b.cfg.AgeingTime)
	eth, ok := packet.ParseEthernet(p.Bytes())
	if !ok {
		return nf.Drop(nf.Malformed)
	}
	b.learn(eth.Source(), p)
	to := eth.Destination()
	if reserved(to) {
		return nf.Drop(nf.ReservedAddress)
	}
	if i, ok := b.static.Lookup(to); ok { // B9
		return relay(b.static.At(i), p.Device())
	}
	if to.IsGroup() {
		return nf.Flood()
	}
	i, ok := b.stations.Lookup(to)
	if !ok {
		return nf.Flood()
	}
	station := b.stations.At(i)
	if station.Device == p.Device() {
		return nf.Drop(nf.SameSegment)
	}
	return nf.Forward(station.Device)
}

// relay sends by the devices of a static entry, but never back.
func relay(devices nf.Devices, ingress nf.Device) nf.Action {
	others := devices &^ nf.Devices(0).With(ingress)
	if others == 0 {
		return nf.Drop(nf.StaticEntry)
	}
	return nf.ForwardAll(others)
}

// learn remembers where a station is, if the address is one of a station, no static entry says it, and there
// is room (B1, B2, B3, B5).
func (b *Bridge) learn(from packet.MAC, p *nf.Packet) {
	if from.IsGroup() || from.IsZero() {
		return
	}
	if _, static := b.static.Lookup(from); static {
		return
	}
	i, ok := b.stations.Lookup(from)
	if !ok {
		b.stations.Insert(from, Station{p.Device()}, p.Time())
		return
	}
	b.stations.Set(i, Station{p.Device()})
	b.stations.Refresh(i, p.Time())
}

// reserved reports whether an address is one of those that bridges keep for themselves (8.6.3, table
// 8-1).
func reserved(a packet.MAC) bool {
	return a[0] == 0x01 && a[1] == 0x80 && a[2] == 0xC2 && a[3] == 0 && a[4] == 0 && a[5] < 0x10
}
