package bridge

import (
	"fmt"

	"vigor/libvig"
	"vigor/nf"
	"vigor/packet"
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
	Capacity   int      // number of stations that can be known at a time, 1 to MaxCapacity
	AgeingTime nf.Time  // how long a silent station is remembered, MinAgeingTime to MaxAgeingTime; the standard's default is 300 s
	Static     []Static // what is known without learning
}

// Static is a static entry (B9; IEEE 802.1Q-2014, 8.8.1): frames for the station or group with the address
// Key leave by the devices in Value, but never by the one that they came from; with an empty set they
// are filtered. Of entries with the same address the last one counts.
type Static = libvig.Entry[packet.MAC, nf.Devices]

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
	if err := nf.ValidateEach(c.Static, relayed); err != nil {
		return fmt.Errorf("static: %w", err)
	}
	return nil
}

// relayed refuses an entry for an address that is filtered whatever entries say (B8).
func relayed(e Static) error {
	if reserved(e.Key) {
		return fmt.Errorf("%v is reserved, and frames for it are never relayed (IEEE 802.1Q-2014, 8.6.3): leave it out", e.Key)
	}
	return nil
}

// existing refuses an entry with a device that is not there.
func existing(e Static, env nf.Env) error {
	if e.Value>>env.Devices != 0 {
		return fmt.Errorf("%v is forwarded to devices %v, but devices are numbered 0 to %d", e.Key, e.Value, env.Devices-1)
	}
	return nil
}
