// Package shard runs one network function on several cores: the function is split into shards, each a
// copy with its own state, its own part of the configuration and its own back end, that share nothing.
//
// A configuration says how it is split and how packets find their shard, by the methods that
// nf.Steering describes. [Configs] splits it; [Program] gives the kernel the rule for packets that are
// steered by port; [Guard] drops what reaches a wrong shard all the same, so that no two shards ever
// own one outside port, whatever the steering in front of them does.
//
// Each shard is proved like the whole, since its configuration is a valid one. That the parts do not
// overlap is what [Steering.Owner] stands for; tests run it against the configurations of all shards.
package shard

import (
	"encoding/binary"
	"fmt"

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

// Owner returns the shard of n that a frame belongs to, when it is steered by destination port. It does
// not judge frames that have no such port.
func Owner(s nf.Steering, frame []byte, n int) int {
	port, ok := destinationPort(frame)
	if s.By != nf.ByDestinationPort || !ok {
		return NoOwner
	}
	each := s.Count / n
	if port < s.First || each == 0 || (port-s.First)/each >= n {
		return NoOwner
	}
	return (port - s.First) / each
}

// destinationPort finds the destination port of a first fragment or whole datagram, TCP or UDP over
// IPv4.
func destinationPort(frame []byte) (int, bool) {
	const ethernet, minimum = 14, 20
	if len(frame) < ethernet+minimum || binary.BigEndian.Uint16(frame[12:]) != 0x0800 {
		return 0, false
	}
	ip := frame[ethernet:]
	header := int(ip[0]&15) * 4
	switch {
	case ip[0]>>4 != 4 || header < minimum || len(ip) < header+4:
		return 0, false
	case binary.BigEndian.Uint16(ip[6:])&0x1FFF != 0: // a later fragment
		return 0, false
	case ip[9] != 6 && ip[9] != 17:
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
