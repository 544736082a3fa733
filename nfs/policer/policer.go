// Package policer limits the rate at which stations receive or send, each with a token bucket of its
// own: a single-rate three-colour marker (RFC 2697), colour-blind or colour-aware.
//
// It stands between two devices, and polices what goes inward, outward, or both. A datagram is counted for the
// host inside, or for the one outside: that is its destination in one direction and its source in the other. The
// longest of the configured Prefixes gives the host's address a class, and that a limit: a rate, a burst
// and an excess burst, and a mask that says which part of the address has a bucket of its own. Each class
// and direction has buckets of its own.
//
// A bucket is full at first and earns Rate bytes a second. What fits the committed burst is green, what fits the
// excess burst is yellow, and the rest is red. Red packets are dropped or marked, as are yellow ones if
// that is asked for: a mark is a code point of differentiated services. Without an excess burst this is a
// plain token bucket.
//
// Buckets are exact. They count byte-nanoseconds, 10^9 for a byte, in which a rate times a time is a
// whole number: nothing is rounded, and in no interval of t nanoseconds are more than
// Rate*t/10^9 + Burst + Excess bytes of one bucket green or yellow. A bucket keeps what it lacks, not what it holds, so
// that a new one is zero and a smaller burst in a reloaded configuration needs no care.
//
// Standards followed, by the ids of the project's list of policer requirements:
//
//   - P1: no remainder is lost (RFC 2697, 3).
//   - P2, in part: the single-rate marker, colour-blind and colour-aware (RFC 2697, 3).
//   - P4: yellow and red packets pass, are dropped or get a code point; green ones may get one (RFC 2697, 4).
//   - P5: the bytes of the IP packet are counted, without link header and padding (RFC 2697, 2).
//   - P6: a limit by the longest prefix, a bucket for each address or network, by source or destination, per direction.
//   - P7: a packet that fits exactly conforms (RFC 2697, 3).
//   - P8: a new bucket is full, and none is forgotten before it is full again; without room for a new
//     one, PassWhenFull decides.
//   - P9: rates up to 100 Gbit/s and bursts up to 2^32 bytes, and any idle time, without overflow.
//
// Left out: two rates (RFC 2698; P2), RFC 4115 (P3), IPv6, which passes or not with all that is not
// IPv4 (P10), counters of each bucket (P11), and buckets that several cores share (P12). Idle buckets are forgotten
// after a power of two of seconds: so that they are full by then is a comparison without a product, which
// keeps the proof quick.
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

// Key names a bucket: each class and direction has its own.
type Key struct {
	Network uint32 // the address, masked
	Class   uint16
	From    nf.Device // where its packets come from
}

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

// Policer limits what passes between two devices.
type Policer struct {
	cfg      Config
	prefixes *libvig.LPM                `spec:"classes"`
	buckets  *libvig.Table[Key, Bucket] `spec:"buckets"`
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
	return &Policer{
		cfg:      cfg,
		prefixes: libvig.NewLPM(cfg.Prefixes),
		buckets:  libvig.NewTable[Key, Bucket](cfg.Capacity, env.HashKey),
	}, nil
}

// Process passes or drops one frame.
func (p *Policer) Process(pkt *nf.Packet) nf.Action {
	p.buckets.ExpireBefore(pkt.Time() - nf.Second<<p.cfg.IdleLog2)
	from := pkt.Device()
	if from != p.cfg.Inside && from != p.cfg.Outside {
		return nf.Drop(nf.Unconnected)
	}
	to, policed := p.across(from), p.cfg.Inward
	if from == p.cfg.Inside {
		policed = p.cfg.Outward
	}
	if !policed {
		return nf.Forward(to)
	}
	eth, ok := packet.ParseEthernet(pkt.Bytes())
	if !ok {
		return nf.Drop(nf.Malformed)
	}
	if eth.Type() != packet.TypeIPv4 {
		return pass(p.cfg.PassOther, to, nf.UnsupportedEtherType)
	}
	ip, ok := packet.ParseIPv4(eth.Payload())
	if !ok {
		return nf.Drop(nf.Malformed)
	}
	address := p.address(ip, from)
	class := p.prefixes.Lookup(uint32(address))
	if class == 0 || int(class) > len(p.cfg.Limits) { // P6
		return pass(p.cfg.PassUnlisted, to, nf.Unlisted)
	}
	limit := p.cfg.Limits[int(class)-1]
	key := Key{uint32(address & limit.Mask), class, from}
	return p.police(ip, key, limit, pkt.Time())
}

// across is the device on the other side.
func (p *Policer) across(from nf.Device) nf.Device {
	if from == p.cfg.Inside {
		return p.cfg.Outside
	}
	return p.cfg.Inside
}

// pass sends or drops what no bucket is for.
func pass(policy bool, to nf.Device, why nf.Reason) nf.Action {
	if policy {
		return nf.Forward(to)
	}
	return nf.Drop(why)
}

// address is that of the host that a datagram is counted for: its destination if that host is on the
// other side, else its source.
func (p *Policer) address(ip packet.IPv4Header, from nf.Device) packet.IPv4 {
	if p.cfg.ByOutside == (from == p.cfg.Inside) {
		return ip.Destination()
	}
	return ip.Source()
}

// police counts a datagram against its bucket.
func (p *Policer) police(ip packet.IPv4Header, key Key, l Limit, now nf.Time) nf.Action {
	to := p.across(key.From)
	i, known := p.buckets.Lookup(key)
	if known {
		p.refill(i, l.Rate, now)
		p.buckets.Refresh(i, now)
	} else if i, known = p.buckets.Insert(key, Bucket{Time: now}, now); !known { // P8: full at first
		return pass(p.cfg.PassWhenFull, to, nf.TableFull)
	}
	b := p.buckets.At(i)
	cost := int64(ip.TotalLength()) * second // P5
	isYellow, isRed := p.cameAs(p.cfg.Yellow, ip.DSCP()), p.cameAs(p.cfg.Red, ip.DSCP())
	if !isYellow && !isRed && b.Committed+cost <= int64(l.Burst)*second { // P7
		p.buckets.Set(i, Bucket{b.Committed + cost, b.Excess, now})
		return treat(ip, p.cfg.Green, to)
	}
	if !isRed && b.Excess+cost <= int64(l.Excess)*second {
		p.buckets.Set(i, Bucket{b.Committed, b.Excess + cost, now})
		return treat(ip, p.cfg.Yellow, to)
	}
	return treat(ip, p.cfg.Red, to)
}

// cameAs reports whether a datagram has the code point with which others of a colour leave (RFC 2697, 3).
func (p *Policer) cameAs(t Treatment, dscp uint8) bool {
	return p.cfg.ColourAware && t.Mark && t.DSCP == dscp
}

// refill gives bucket i what it has earned: the committed burst first, the excess burst what is left
// (RFC 2697, 3). No packet is later than the next; if one were, it would earn nothing.
func (p *Policer) refill(i int, rate uint64, now nf.Time) {
	b := p.buckets.At(i)
	high, low := bits.Mul64(2*rate, uint64(max(now-b.Time, 0)))
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

// treat does to a datagram what is asked for its colour.
func treat(ip packet.IPv4Header, t Treatment, to nf.Device) nf.Action {
	if t.Drop {
		return nf.Drop(nf.RateExceeded)
	}
	if t.Mark { // P4: RFC 2697, 4
		ip.SetDSCP(t.DSCP)
	}
	return nf.Forward(to)
}
