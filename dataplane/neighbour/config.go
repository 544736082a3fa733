package neighbour

import (
	"errors"
	"fmt"
	"strconv"

	"vigor/nf"
	"vigor/packet"
)

// Address is the IPv4 address of a device with the length of its network's prefix in bits.
type Address struct {
	IP   packet.IPv4
	Bits int
}

// String gives the form 10.0.0.1/24.
func (a Address) String() string { return a.IP.String() + "/" + strconv.Itoa(a.Bits) }

// validate refuses an address that no device can have.
func (a Address) validate() error {
	switch {
	case a.Bits < 1 || a.Bits > 31:
		return fmt.Errorf("%v: the prefix length must be 1 to 31 bits", a)
	case !routable(a.IP) || multicast(a.IP):
		return fmt.Errorf("%v: no device has such an address", a)
	case a.IP == a.network() || a.IP == a.broadcast():
		return fmt.Errorf("%v is the network or its broadcast address: give that of the device", a)
	}
	return nil
}

// mask has ones where the network's part of an address is.
func (a Address) mask() packet.IPv4 { return ^packet.IPv4(0) << (32 - a.Bits) }

// network is the address of the network itself, or 0 if the network has none (RFC 3021).
func (a Address) network() packet.IPv4 {
	if a.Bits > 30 {
		return 0
	}
	return a.IP & a.mask()
}

// broadcast is the address of all stations of the network, or 0 if the network has none (RFC 3021).
func (a Address) broadcast() packet.IPv4 {
	if a.Bits > 30 {
		return 0
	}
	return a.IP | ^a.mask()
}

// contains reports whether an address belongs to the network.
func (a Address) contains(ip packet.IPv4) bool { return (a.IP^ip)&a.mask() == 0 }

// neighbour reports whether another station of the network can have an address.
func (a Address) neighbour(ip packet.IPv4) bool {
	return a.contains(ip) && ip != a.IP && ip != a.network() && ip != a.broadcast()
}

// routable reports whether routers pass on datagrams for an address, on any network: not for this network,
// loopback, what is reserved, and everybody (RFC 1812, 5.3.7 and 5.3.5.1), nor for groups of one link
// (RFC 5771, 4).
func routable(ip packet.IPv4) bool {
	return ip>>24 != 0 && ip>>24 != 127 && ip>>28 != 0xF && ip>>8 != 0xE00000
}

// multicast reports whether an address is that of a group.
func multicast(ip packet.IPv4) bool { return ip>>28 == 0xE }

const limitedBroadcast packet.IPv4 = 0xFFFFFFFF

// Device configures one device. The zero value leaves it alone: all frames pass, in both directions,
// as they are.
type Device struct {
	MAC     packet.MAC  // its own, one station's
	Address Address     // its own; every neighbour is in this network
	Gateway packet.IPv4 // the next hop to other networks, or 0 if there is none
}

// validate refuses what cannot work; the zero value can.
func (d Device) validate() error {
	switch {
	case d.Address == Address{} && d.Gateway != 0:
		return fmt.Errorf("there is a gateway, %v, but no address: give the device's own", d.Gateway)
	case d.Address == Address{}:
		return nil
	case d.MAC.IsZero() || d.MAC.IsGroup():
		return fmt.Errorf("%v is not the Ethernet address of a station", d.MAC)
	}
	if err := d.Address.validate(); err != nil {
		return err
	}
	if d.Gateway != 0 && !d.Address.neighbour(d.Gateway) {
		return fmt.Errorf("the gateway %v is not another station of %v", d.Gateway, d.Address)
	}
	return nil
}

// Config configures a layer.
type Config struct {
	// Devices are by number; those beyond the end are left alone.
	Devices []Device
	// Capacity is the largest number of neighbours, DefaultCapacity if 0.
	Capacity int
	// Lifetime is how long an answer is believed, DefaultLifetime if 0, else MinLifetime to MaxLifetime.
	Lifetime nf.Time
	// Clock gives the time, from any origin; it is not negative and never decreases. Nil is the
	// system's monotonic clock.
	Clock func() nf.Time
}

// Limits and defaults of a [Config].
const (
	DefaultCapacity = 4096
	MaxCapacity     = 1 << 20
	DefaultLifetime = 20 * nf.Minute // as RFC 826 and hosts since have it
	MinLifetime     = 10 * nf.Second // polls of a second each must fit into its last quarter
	MaxLifetime     = 24 * nf.Hour
)

// validate refuses what cannot work.
func (c Config) validate(env nf.Env) error {
	if len(c.Devices) > env.Devices {
		return fmt.Errorf("%d devices are configured, but there are %d", len(c.Devices), env.Devices)
	}
	var problems []error
	for i, d := range c.Devices {
		if err := d.validate(); err != nil {
			problems = append(problems, fmt.Errorf("device %d: %w", i, err))
		}
	}
	if c.Capacity < 0 || c.Capacity > MaxCapacity {
		problems = append(problems, fmt.Errorf("capacity is %d neighbours, want 1 to %d", c.Capacity, MaxCapacity))
	}
	if c.Lifetime != 0 && (c.Lifetime < MinLifetime || c.Lifetime > MaxLifetime) {
		problems = append(problems, fmt.Errorf("the lifetime of a neighbour is %d ns, want 10s to 24h", c.Lifetime))
	}
	return errors.Join(problems...)
}
