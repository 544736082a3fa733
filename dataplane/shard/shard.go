// Package shard runs one network function on several cores: the function is split into shards, each a
// copy with its own state, its own part of the configuration and its own back end, that share nothing.
//
// A configuration says how it is split and how packets find their shard, by the methods that
// nf.Steering describes. [Configs] splits it; [Program] gives the kernel the rule for packets that are
// steered by port or address; [Guard] drops what reaches a wrong shard all the same, so that no two shards ever
// own one outside port or host, whatever the steering in front of them does.
//
// Each shard is proved like the whole, since its configuration is a valid one. That the parts do not
// overlap is what [Steering.Owner] stands for; tests run it against the configurations of all shards.
package shard

import (
	"encoding/binary"
	"fmt"
	"slices"

	"vigor/dataplane"
	"vigor/nf"
)

// MaxShards is the largest number of shards.
const MaxShards = 64

// divisible is a configuration that can be split.
type divisible[Config any] interface {
	Shard(k, n int) (Config, error)
	Steering(d nf.Device) nf.Steering
}

// Configs returns the configurations of n shards. One shard has the configuration as it is.
func Configs[Config any](cfg Config, n int) ([]Config, error) {
	if n == 1 {
		return []Config{cfg}, nil
	}
	if n < 1 || n > MaxShards {
		return nil, fmt.Errorf("%d shards: the number must be 1 to %d", n, MaxShards)
	}
	whole, ok := any(cfg).(divisible[Config])
	if !ok {
		return nil, fmt.Errorf("%d shards: this network function cannot be split, so it runs as one", n)
	}
	parts := make([]Config, n)
	for k := range parts {
		var err error
		if parts[k], err = whole.Shard(k, n); err != nil {
			return nil, fmt.Errorf("%d shards: %w", n, err)
		}
		if v, ok := any(parts[k]).(interface{ Validate() error }); ok {
			if err := v.Validate(); err != nil {
				return nil, fmt.Errorf("shard %d of %d: %w", k, n, err)
			}
		}
	}
	return parts, nil
}

// Steerings returns how each of a number of devices is steered; nil for a configuration that cannot be
// split.
func Steerings[Config any](cfg Config, devices int) []nf.Steering {
	whole, ok := any(cfg).(divisible[Config])
	if !ok {
		return nil
	}
	list := make([]nf.Steering, devices)
	for d := range list {
		list[d] = whole.Steering(nf.Device(d))
	}
	return list
}

// NoOwner is what [Owner] returns for a packet that every shard may have: none has an entry for it.
const NoOwner = -1

// Owner returns the shard of n that a frame belongs to, when it is steered by destination port or by address. It does
// not judge frames that have none.
func Owner(s nf.Steering, frame []byte, n int) int {
	switch s.By {
	case nf.ByDestinationPort:
		return portOwner(s, frame, n)
	case nf.BySource, nf.ByDestination:
		if host, ok := hostOf(s.By, frame); ok {
			return int(spread(host)) % n
		}
	}
	return NoOwner
}

// portOwner is Owner by destination port.
func portOwner(s nf.Steering, frame []byte, n int) int {
	port, ok := destinationPort(frame)
	if !ok {
		return NoOwner
	}
	each := s.Count / n
	if port < s.First || each == 0 || (port-s.First)/each >= n {
		return NoOwner
	}
	return (port - s.First) / each
}

// factor is 2^32 divided by the golden ratio: products with it differ in their high bits where neighbours differ (Knuth, The
// Art of Computer Programming, volume 3, 6.4).
const factor, highBits = 0x9E3779B1, 16

// spread gives addresses numbers that, modulo the number of shards, are about equally frequent.
func spread(address uint32) uint32 { return address * factor >> highBits }

// Lengths and offsets in bytes of what steering reads (RFC 791, RFC 792).
const (
	ethernetLength = 14
	minHeader      = 20 // of an IP header
	fragmentAt     = 6
	protocolAt     = 9
	sourceAt       = 12
	destinationAt  = 16
	quoteAt        = 8 // in an ICMP error
)

// quoting are the types of ICMP errors, which quote a datagram (RFC 792; RFC 6633 withdrew source quench).
var quoting = [...]uint32{3, 11, 12}

// hostOf finds the address that decides for BySource or ByDestination.
func hostOf(by nf.SteeringField, frame []byte) (uint32, bool) {
	ip, header, ok := headerOf(frame)
	if !ok {
		return 0, false
	}
	if by == nf.ByDestination {
		return binary.BigEndian.Uint32(ip[destinationAt:]), true
	}
	if ip[protocolAt] != 1 || isLaterFragment(ip) {
		return binary.BigEndian.Uint32(ip[sourceAt:]), true
	}
	if len(ip) == header {
		return 0, false
	}
	if !slices.Contains(quoting[:], uint32(ip[header])) {
		return binary.BigEndian.Uint32(ip[sourceAt:]), true
	}
	if len(ip) < header+quoteAt+minHeader {
		return 0, false
	}
	return binary.BigEndian.Uint32(ip[header+quoteAt+destinationAt:]), true
}

// headerOf finds the IPv4 header of a frame, and its length.
func headerOf(frame []byte) (ip []byte, header int, ok bool) {
	if len(frame) < ethernetLength+minHeader || binary.BigEndian.Uint16(frame[12:]) != 0x0800 {
		return nil, 0, false
	}
	ip = frame[ethernetLength:]
	header = int(ip[0]&15) * 4
	return ip, header, ip[0]>>4 == 4 && minHeader <= header && header <= len(ip)
}

// isLaterFragment reports whether a datagram has no header of its payload.
func isLaterFragment(ip []byte) bool { return binary.BigEndian.Uint16(ip[fragmentAt:])&0x1FFF != 0 }

// destinationPort finds the destination port of a first fragment or whole datagram, TCP or UDP over
// IPv4.
func destinationPort(frame []byte) (int, bool) {
	ip, header, ok := headerOf(frame)
	if !ok || len(ip) < header+4 || isLaterFragment(ip) || ip[protocolAt] != 6 && ip[protocolAt] != 17 {
		return 0, false
	}
	return int(binary.BigEndian.Uint16(ip[header+2:])), true
}

// guard is a layer in front of one shard.
type guard struct {
	dataplane.IO
	steerings []nf.Steering
	k, n      int
}

// Guard returns the back end of shard k of n with a guard in front of it: frames that belong to another
// shard are dropped and counted as wrong_shard.
func Guard(io dataplane.IO, steerings []nf.Steering, k, n int) dataplane.IO {
	return &guard{io, steerings, k, n}
}

// Exchange passes on what is the shard's.
func (g *guard) Exchange(out, in *dataplane.Batch) error {
	err := g.IO.Exchange(out, in)
	for i := range in.Len() {
		owner := Owner(g.steerings[in.From(i)], in.Frame(i), g.n)
		if owner != NoOwner && owner != g.k {
			in.Withhold(i, 0, nf.WrongShard)
		}
	}
	return err
}
