package policer

import (
	"errors"
	"fmt"

	"vigor/libvig"
	"vigor/nf"
	"vigor/packet"
)

// Limits of the configuration. Proofs hold for every configuration inside them (P9).
const (
	// MaxRate is 100 Gbit/s, in bytes per second.
	MaxRate = 12_500_000_000
	// MaxBurst is the largest burst in bytes.
	MaxBurst = 1 << 32
	// MaxCapacity is the largest number of buckets.
	MaxCapacity = 1 << 24
	// MaxIdleLog2 gives a year, a guard against mistakes.
	MaxIdleLog2 = 25
	// MaxDSCP is the largest code point of differentiated services (RFC 2474, 3).
	MaxDSCP = 63
)

// second is a byte in byte-nanoseconds.
const second = int64(nf.Second)

// Config is what an operator decides.
type Config struct {
	Inside, Outside nf.Device
	Inward, Outward bool // which directions are policed: what comes from Outside, what comes from Inside
	ByOutside       bool // a packet is counted for the address of the host outside; else for that of the host inside

	// Prefixes give addresses a class: the value of the longest one. Value 1 is the class of the first limit,
	// and value 0, as no prefix, is no class.
	Prefixes []libvig.Rule
	Limits   []Limit

	Green, Yellow, Red Treatment // what is done to a packet of this colour (RFC 2697, 3); green is not dropped
	ColourAware        bool      // a packet that comes with the code point of Yellow or Red, if they mark, has that colour already

	Capacity     int   // number of buckets, 1 to MaxCapacity
	PassWhenFull bool  // whether packets for which there is no room for a bucket pass, unpoliced
	PassUnlisted bool  // whether packets without a class pass, unpoliced
	PassOther    bool  // whether frames that are not IPv4 pass, unpoliced; ARP is among them
	IdleLog2     uint8 // an unused bucket is forgotten after 2^IdleLog2 seconds, 0 to MaxIdleLog2: not before it is full
}

// Limit is what an address, or a network, may send in one direction.
type Limit struct {
	Rate   uint64      // committed information rate in bytes of IP packets per second, 1 to MaxRate
	Burst  uint64      // committed burst size in bytes, at most MaxBurst
	Excess uint64      // excess burst size in bytes, at most MaxBurst; not both are 0
	Mask   packet.IPv4 // of the part of an address that has a bucket: 255.255.255.255 for one address, 0.0.0.0 for the class
}

// Treatment is what is done to packets of a colour.
type Treatment struct {
	Drop bool
	Mark bool  // those that pass get DSCP
	DSCP uint8 // 0 to MaxDSCP
}

// Validate refuses what the policer cannot work with, one reason at a time.
func (c Config) Validate() error {
	if c.Inside == c.Outside {
		return errors.New("inside and outside are the same device: a policer stands between two")
	}
	if c.Capacity < 1 || c.Capacity > MaxCapacity {
		return fmt.Errorf("capacity is %d: 1 to %d buckets", c.Capacity, MaxCapacity)
	}
	if c.IdleLog2 > MaxIdleLog2 {
		return fmt.Errorf("idle_log2 is %d: buckets are forgotten after 2^%d seconds at most, which is a year", c.IdleLog2, MaxIdleLog2)
	}
	if err := nf.ValidateAllIn(c.Limits, c.IdleLog2); err != nil {
		return fmt.Errorf("limits: %w", err)
	}
	if err := nf.ValidateEach(c.Prefixes, func(r libvig.Rule) error { return validatePrefix(r, len(c.Limits)) }); err != nil {
		return fmt.Errorf("prefixes: %w", err)
	}
	return c.validateColours()
}

// validatePrefix refuses a prefix that is none, and one with a class that there is not.
func validatePrefix(r libvig.Rule, limits int) error {
	if err := (packet.Prefix{Address: packet.IPv4(r.Prefix), Length: r.Length}).Validate(); err != nil {
		return err
	}
	if int(r.Value) > limits {
		return fmt.Errorf("value is %d, but there are %d limits: count from 1, or write 0 for no class", r.Value, limits)
	}
	return nil
}

// validateColours looks at what is done to packets.
func (c Config) validateColours() error {
	if c.Green.DSCP > MaxDSCP || c.Yellow.DSCP > MaxDSCP || c.Red.DSCP > MaxDSCP {
		return fmt.Errorf("dscp is %d for green, %d for yellow and %d for red: code points have 6 bits and go to %d (RFC 2474, 3)",
			c.Green.DSCP, c.Yellow.DSCP, c.Red.DSCP, MaxDSCP)
	}
	if c.Green.Drop {
		return errors.New("green is dropped: what conforms must pass, so drop yellow and red only")
	}
	if !c.Red.Drop && !c.Red.Mark {
		return errors.New("red is neither dropped nor marked: nothing would be limited")
	}
	if c.ColourAware && c.Yellow.DSCP == c.Red.DSCP {
		return fmt.Errorf("colour_aware needs code points that differ, but yellow and red both have %d", c.Red.DSCP)
	}
	return nil
}

// ValidateIn refuses a limit that cannot be kept, or whose bucket would be forgotten while something is missing.
func (l Limit) ValidateIn(idleLog2 uint8) error {
	if host := ^l.Mask; host&(host+1) != 0 {
		return fmt.Errorf("mask is %v: expected ones and then zeros, such as 255.255.255.0 for networks of 24 bits", l.Mask)
	}
	if l.Rate < 1 || l.Rate > MaxRate {
		return fmt.Errorf("rate is %d: bytes per second, 1 to %d", l.Rate, uint64(MaxRate))
	}
	if l.Burst > MaxBurst {
		return fmt.Errorf("burst is %d: %d bytes are the most", l.Burst, uint64(MaxBurst))
	}
	if l.Excess > MaxBurst {
		return fmt.Errorf("excess is %d: %d bytes are the most", l.Excess, uint64(MaxBurst))
	}
	if l.Burst == 0 && l.Excess == 0 {
		return errors.New("burst and excess are 0: RFC 2697, 3 asks for one above, as large as the largest packet")
	}
	if l.Rate<<idleLog2 < l.Burst+l.Excess {
		return fmt.Errorf("idle_log2 is %d: a bucket of %d bytes that earns %d a second is not full after 2^%d seconds, "+
			"and would be when it is forgotten and made anew: choose a longer time or a smaller burst",
			idleLog2, l.Burst+l.Excess, l.Rate, idleLog2)
	}
	return nil
}
