package policer

import (
	"errors"
	"fmt"
	"math/bits"

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
	// MaxIdleTimeout is a guard against wrong units.
	MaxIdleTimeout = 365 * 24 * nf.Hour
)

// second is a byte in byte-nanoseconds.
const second = int64(nf.Second)

// Config is what an operator decides.
type Config struct {
	Inside, Outside nf.Device   // what comes from Outside is policed, what comes from Inside is not
	BySource        bool        // a bucket for each source; else for each destination
	Mask            packet.IPv4 // of the part of the address that has a bucket: 255.255.255.255 for one address
	Rate            uint64      // committed information rate in bytes of IP packets per second, 1 to MaxRate
	Burst           uint64      // committed burst size in bytes, at most MaxBurst
	Excess          uint64      // excess burst size in bytes, at most MaxBurst; not both are 0
	DropYellow      bool        // whether what only fits the excess burst is counted there, and dropped
	Capacity        int         // number of buckets, 1 to MaxCapacity
	PassWhenFull    bool        // whether packets for which there is no room for a bucket pass, unpoliced
	PassOther       bool        // whether frames that are not IPv4 pass, unpoliced; ARP is among them
	IdleTimeout     nf.Time     // when an unused bucket is forgotten: not before it is full
}

// Validate refuses what the policer cannot work with, one reason at a time.
func (c Config) Validate() error {
	if c.Inside == c.Outside {
		return errors.New("inside and outside are the same device: a policer stands between two")
	}
	if host := ^c.Mask; host&(host+1) != 0 {
		return fmt.Errorf("mask is %v: expected ones and then zeros, such as 255.255.255.0 for networks of 24 bits", c.Mask)
	}
	if c.Rate < 1 || c.Rate > MaxRate {
		return fmt.Errorf("rate is %d: bytes per second, 1 to %d", c.Rate, uint64(MaxRate))
	}
	if c.Burst > MaxBurst {
		return fmt.Errorf("burst is %d: %d bytes are the most", c.Burst, uint64(MaxBurst))
	}
	if c.Excess > MaxBurst {
		return fmt.Errorf("excess is %d: %d bytes are the most", c.Excess, uint64(MaxBurst))
	}
	if c.Burst == 0 && c.Excess == 0 {
		return errors.New("burst and excess are 0: RFC 2697, 3 asks for one above, as large as the largest packet")
	}
	if c.Capacity < 1 || c.Capacity > MaxCapacity {
		return fmt.Errorf("capacity is %d: 1 to %d buckets", c.Capacity, MaxCapacity)
	}
	if c.IdleTimeout < 1 || c.IdleTimeout > MaxIdleTimeout {
		return fmt.Errorf("idle_timeout is %d ns: 1ns is the least and a year, 8760h, the most", c.IdleTimeout)
	}
	if high, low := bits.Mul64(c.Rate, uint64(c.IdleTimeout)); high == 0 && low < (c.Burst+c.Excess)*uint64(second) {
		return fmt.Errorf("idle_timeout is %d ns: a bucket of %d bytes that earns %d a second is not full by then, "+
			"and would be when it is forgotten and made anew: choose a longer time or a smaller burst",
			c.IdleTimeout, c.Burst+c.Excess, c.Rate)
	}
	return nil
}
