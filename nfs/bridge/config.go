package bridge

import (
	"fmt"

	"vigor/nf"
)

// Limits of the configuration. Proofs hold for every configuration inside them.
const (
	// MinAgeingTime and MaxAgeingTime are the range that bridges must offer at most (B4; RFC 4188,
	// dot1dTpAgingTime).
	MinAgeingTime = 10 * nf.Second
	MaxAgeingTime = 1_000_000 * nf.Second
	// MaxCapacity is the largest number of stations.
	MaxCapacity = 1 << 24
)

// Config is what an operator decides.
type Config struct {
	Capacity   int     // number of stations that can be known at a time, 1 to MaxCapacity
	AgeingTime nf.Time // how long a silent station is remembered, MinAgeingTime to MaxAgeingTime; the standard's default is 300 s
}

// Validate refuses what the bridge cannot work with, one reason at a time.
func (c Config) Validate() error {
	if c.Capacity < 1 {
		return fmt.Errorf("capacity is %d: room for one station is the least", c.Capacity)
	}
	if c.Capacity > MaxCapacity {
		return fmt.Errorf("capacity is %d: %d stations are the most", c.Capacity, MaxCapacity)
	}
	if c.AgeingTime < MinAgeingTime {
		return fmt.Errorf("ageing_time is %d ns: 10s is the least (RFC 4188, dot1dTpAgingTime); the default of IEEE 802.1Q is 300s",
			c.AgeingTime)
	}
	if c.AgeingTime > MaxAgeingTime {
		return fmt.Errorf("ageing_time is %d ns: 1000000s is the most (RFC 4188, dot1dTpAgingTime)", c.AgeingTime)
	}
	return nil
}
