// Package policer limits the rate at which stations receive or send, each with a token bucket of its
// own: a single-rate three-colour marker (RFC 2697), colour-blind, that drops what is red.
//
// It stands between two devices. Frames from Inside pass freely. A datagram from Outside is counted
// against the bucket of its destination, or of its source, or of the network that Mask makes of the
// address. A bucket is full at first and earns Rate bytes a second. What fits the committed burst is green
// and passes, what fits the excess burst is yellow and passes unless DropYellow says otherwise, and the
// rest is red and dropped. Without an excess burst this is a plain token bucket.
//
// Buckets are exact. They count byte-nanoseconds, 10^9 for a byte, in which a rate times a time is a
// whole number: nothing is rounded, and in no interval of t nanoseconds pass more than
// Rate*t/10^9 + Burst + Excess bytes of one bucket. A bucket keeps what it lacks, not what it holds, so
// that a new one is zero and a smaller burst in a reloaded configuration needs no care.
//
// Standards followed, by the ids of the project's list of policer requirements:
//
//   - P1: no remainder is lost (RFC 2697, 3).
//   - P2: the single-rate marker, colour-blind (RFC 2697, 3).
//   - P5: the bytes of the IP packet are counted, without link header and padding (RFC 2697, 2).
//   - P6: one bucket for each address or network, by source or by destination.
//   - P7: a packet that fits exactly conforms (RFC 2697, 3).
//   - P8: a new bucket is full, and none is forgotten before it is full again; without room for a new
//     one, PassWhenFull decides.
//   - P9: rates up to 100 Gbit/s and bursts up to 2^32 bytes, and any idle time, without overflow.
//
// Left out: two rates and colour-aware marking (RFC 2698; P2), RFC 4115 (P3), marking of
// what passes (P4), rates that differ by prefix, IPv6, which passes or not with all that is not IPv4
// (P10), and buckets that several cores share (P12).
//
// Start at [Policer.Process].
package policer

import (
	"fmt"
	"math/bits"

	"vigor/libvig"
	"vigor/nf"
	"vigor/packet"
)

// Bucket says what is missing until the two buckets of a key are full, in byte-nanoseconds.
type Bucket struct {
	Committed, Excess int64
	Time              nf.Time // when that was so
}

// Valid says what holds for every bucket in the table.
func (b Bucket) Valid(nf.Env) bool {
	return b.Time >= 0 && 0 <= b.Committed && b.Committed <= most && 0 <= b.Excess && b.Excess <= most
}

// most is the largest burst in byte-nanoseconds.
const most = MaxBurst * second

// Policer limits what passes from the outside to the inside.
type Policer struct {
	cfg Config
	// buckets are by address, masked.
	buckets *libvig.Table[uint32, Bucket] `spec:"buckets"`
}

// New returns a policer whose buckets are full; an error if the configuration is not valid or names a
// device that is not there.
func New(env nf.Env, cfg Config) (*Policer, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if int(cfg.Inside) >= env.Devices || int(cfg.Outside) >= env.Devices {
		return nil, fmt.Errorf("inside is device %d and outside %d, but devices are numbered 0 to %d",
			cfg.Inside, cfg.Outside, env.Devices-1)
	}
	return &Policer{cfg: cfg, buckets: libvig.NewTable[uint32, Bucket](cfg.Capacity, env.HashKey)}, nil
}

// Process passes or drops one frame.
func (p *Policer) Process(pkt *nf.Packet) nf.Action {
	p.buckets.ExpireBefore(pkt.Time() - p.cfg.IdleTimeout)
	if pkt.Device() == p.cfg.Inside {
		return nf.Forward(p.cfg.Outside)
	}
	if pkt.Device() != p.cfg.Outside {
		return nf.Drop(nf.Unconnected)
	}
	eth, ok := packet.ParseEthernet(pkt.Bytes())
	if !ok {
		return nf.Drop(nf.Malformed)
	}
	if eth.Type() != packet.TypeIPv4 {
		if p.cfg.PassOther {
			return nf.Forward(p.cfg.Inside)
		}
		return nf.Drop(nf.UnsupportedEtherType)
	}
	ip, ok := packet.ParseIPv4(eth.Payload())
	if !ok {
		return nf.Drop(nf.Malformed)
	}
	return p.police(ip, pkt.Time())
}

// police counts a datagram against its bucket.
func (p *Policer) police(ip packet.IPv4Header, now nf.Time) nf.Action {
	key := p.key(ip)
	i, known := p.buckets.Lookup(key)
	if known {
		p.refill(i, now)
		p.buckets.Refresh(i, now)
	} else if i, known = p.buckets.Insert(key, Bucket{Time: now}, now); !known { // P8: full at first
		if p.cfg.PassWhenFull {
			return nf.Forward(p.cfg.Inside)
		}
		return nf.Drop(nf.TableFull)
	}
	b := p.buckets.At(i)
	cost := int64(ip.TotalLength()) * second           // P5
	if b.Committed+cost <= int64(p.cfg.Burst)*second { // P7: green
		p.buckets.Set(i, Bucket{b.Committed + cost, b.Excess, now})
		return nf.Forward(p.cfg.Inside)
	}
	if b.Excess+cost <= int64(p.cfg.Excess)*second { // yellow
		p.buckets.Set(i, Bucket{b.Committed, b.Excess + cost, now})
		if p.cfg.DropYellow {
			return nf.Drop(nf.RateExceeded)
		}
		return nf.Forward(p.cfg.Inside)
	}
	return nf.Drop(nf.RateExceeded) // red
}

// key is the address or network that a datagram is counted for.
func (p *Policer) key(ip packet.IPv4Header) uint32 {
	address := ip.Destination()
	if p.cfg.BySource {
		address = ip.Source()
	}
	return uint32(address & p.cfg.Mask)
}

// refill gives bucket i what it has earned: the committed burst first, the excess burst what is left
// (RFC 2697, 3). No packet is later than the next; if one were, it would earn nothing.
func (p *Policer) refill(i int, now nf.Time) {
	b := p.buckets.At(i)
	high, low := bits.Mul64(2*p.cfg.Rate, uint64(max(now-b.Time, 0)))
	if high > 0 { // 2^63 or more, which fills every bucket
		p.buckets.Set(i, Bucket{Time: now})
		return
	}
	earned := int64(low / 2)
	p.buckets.Set(i, Bucket{
		Committed: max(b.Committed-earned, 0),
		Excess:    max(b.Excess-max(earned-b.Committed, 0), 0),
		Time:      now,
	})
}
