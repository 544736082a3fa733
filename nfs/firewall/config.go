package firewall

import (
	"errors"
	"fmt"

	"vigor/libvig"
	"vigor/nf"
)

// Limits of the configuration. Proofs hold for every configuration inside them.
const (
	// MaxCapacity is the largest number of flows.
	MaxCapacity = 1 << 24
	// MinTimeout and MaxTimeout bound every timer, as a guard against wrong units.
	MinTimeout = nf.Second
	MaxTimeout = 7 * 24 * nf.Hour
	// MaxRules is the largest number of rules of a direction.
	MaxRules = 1<<16 - 2
)

// Policy says what happens to the first packet of a flow.
type Policy uint16

// The policies, as rules and files write them.
const (
	Deny  Policy = 0
	Allow Policy = 1
)

// Config is what an operator decides.
type Config struct {
	Inside, Outside nf.Device // the two devices; what another one receives is dropped
	Routed          bool      // the firewall is a hop: TTLs count down, and ARP is not passed on; else frames stay as they are

	Outbound        Rules  // for flows opened from inside; the Value of each is a Policy
	OutboundDefault Policy // if no rule fits
	Inbound         Rules  // the same for flows opened from outside
	InboundDefault  Policy

	Capacity int    // number of flows that can be known at a time, 1 to MaxCapacity
	WhenFull Policy // of a new flow that the rules allow but that there is no room for: Allow passes its packet without state

	// Timers, MinTimeout to MaxTimeout: how long a flow is remembered after its last packet.
	OpeningTimer     nf.Time // of a TCP connection that is being opened
	EstablishedTimer nf.Time // of an open one; RFC 5382 REQ-5 asks translators for 2h4m at least
	ClosingTimer     nf.Time // of one that is being closed; once it is closed, only a new SYN makes it longer
	ExchangeTimer    nf.Time // of UDP and echo; RFC 4787 REQ-5 asks translators for 2m at least
}

// Shard is the configuration of a shard: the same rules, and room for its part of the flows.
func (c Config) Shard(_, n int) (Config, error) {
	if c.Capacity < n {
		return Config{}, fmt.Errorf("capacity is %d: each shard needs at least one flow", c.Capacity)
	}
	c.Capacity /= n
	return c, nil
}

// Steering sends all that concerns one inside host to one shard, ICMP errors included.
func (c Config) Steering(d nf.Device) nf.Steering {
	if d == c.Inside {
		return nf.Steering{By: nf.BySource}
	}
	return nf.Steering{By: nf.ByDestination}
}

// Validate refuses what the firewall cannot work with, one reason at a time.
func (c Config) Validate() error {
	if c.Inside == c.Outside {
		return fmt.Errorf("inside and outside are both device %d: a firewall stands between two", c.Inside)
	}
	if len(c.Outbound) > MaxRules {
		return fmt.Errorf("outbound has %d rules: %d are the most", len(c.Outbound), MaxRules)
	}
	if len(c.Inbound) > MaxRules {
		return fmt.Errorf("inbound has %d rules: %d are the most", len(c.Inbound), MaxRules)
	}
	if err := nf.ValidateEach(c.Outbound, validateRule); err != nil {
		return fmt.Errorf("outbound: %w", err)
	}
	if err := nf.ValidateEach(c.Inbound, validateRule); err != nil {
		return fmt.Errorf("inbound: %w", err)
	}
	if c.OutboundDefault > Allow || c.InboundDefault > Allow || c.WhenFull > Allow {
		return errors.New("outbound_default, inbound_default and when_full are policies: deny or allow")
	}
	if c.Capacity < 1 {
		return fmt.Errorf("capacity is %d: room for one flow is the least", c.Capacity)
	}
	if c.Capacity > MaxCapacity {
		return fmt.Errorf("capacity is %d: %d flows are the most", c.Capacity, MaxCapacity)
	}
	return c.validateTimers()
}

// validateTimers refuses timers outside the limits.
func (c Config) validateTimers() error {
	if err := validateTimer("opening_timer", c.OpeningTimer); err != nil {
		return err
	}
	if err := validateTimer("established_timer", c.EstablishedTimer); err != nil {
		return err
	}
	if err := validateTimer("closing_timer", c.ClosingTimer); err != nil {
		return err
	}
	return validateTimer("exchange_timer", c.ExchangeTimer)
}

// validateTimer refuses times outside the limits.
func validateTimer(name string, t nf.Time) error {
	if t < MinTimeout {
		return fmt.Errorf("%s is %d ns: 1s is the least", name, t)
	}
	if t > MaxTimeout {
		return fmt.Errorf("%s is %d ns: seven days, 168h, are the most", name, t)
	}
	return nil
}

// validateRule refuses rules that cannot be meant: with an unknown policy, or that fit no packet.
func validateRule(r libvig.ClassifierRule) error {
	if Policy(r.Value) > Allow {
		return fmt.Errorf("value is %d: 0 denies, 1 allows", r.Value)
	}
	if r.SrcLow > r.SrcHigh || r.DstLow > r.DstHigh || r.SrcPortLow > r.SrcPortHigh || r.DstPortLow > r.DstPortHigh {
		return errors.New("a range begins above its end, so the rule would fit no packet: exchange low and high")
	}
	return nil
}
