package loadbalancer

import (
	"errors"
	"fmt"

	"vigor/libvig"
	"vigor/nf"
	"vigor/packet"
)

// Limits of the configuration. Proofs hold for every configuration inside them.
const (
	// SlotsPerBackend is the least number of slots of the table for each backend: with fewer, shares differ
	// by more than a hundredth (M1, M2; paper, 3.4).
	SlotsPerBackend = 100
	// MinTimeout is a guard against wrong units, and so is MaxTimeout.
	MinTimeout = 10 * nf.Millisecond
	MaxTimeout = 7 * 24 * nf.Hour
	// MaxCapacity is the largest number of flows.
	MaxCapacity = 1 << 24
)

// Config is what an operator decides. All balancers of a service must have the same VIP, Port, Protocol,
// Backends, in the same order, Slots and SharedKey: then they choose alike.
type Config struct {
	VIP      packet.IPv4     // the address of the service
	Port     uint16          // its port, not 0
	Protocol packet.Protocol // 6 is TCP, 17 is UDP
	Clients  nf.Device       // where clients are, or the router to them

	// RewriteDestination chooses how a packet gets to its backend: by the backend's address in place of
	// VIP, which replies have restored on their way back through the balancer; or else by the backend's
	// Ethernet address alone, and then the backend has VIP, too, and replies to the client directly.
	RewriteDestination bool
	// OwnMAC is the balancer's own Ethernet address, which frames for it have as their destination and
	// those that it sends as their source. It is of no use if RewriteDestination.
	OwnMAC packet.MAC `config:"optional"`

	// Backends are addresses with their weights. Weight 0 drains: the backend keeps its flows and gets no
	// new ones. Of entries with the same address only the last one is ever alive.
	Backends []libvig.Entry[packet.IPv4, uint16]
	// Slots is the size of the table: it is the largest prime up to this.
	Slots int
	// SharedKey selects the hash by which backends are chosen. It is to be random and secret.
	SharedKey [5]uint64

	HeartbeatTo    packet.IPv4 // the address that heartbeats are sent to
	HeartbeatPort  uint16      // and the UDP port
	Networks       []Network   // what may come by each device, from device 0 on; nothing by further ones
	BackendTimeout nf.Time     // a backend is alive for so long after a heartbeat
	Capacity       int         // number of flows that are remembered, 1 to MaxCapacity
	FlowTimeout    nf.Time     // how long after its last packet from the client
}

// Network says which backends are believed on a device.
type Network struct {
	Backends bool          // there are any
	Prefix   packet.Prefix // and their addresses are in this network
}

// Validate refuses a network that is none.
func (n Network) Validate() error { return n.Prefix.Validate() }

// has reports whether a backend with this address is believed.
func (n Network) has(a packet.IPv4) bool { return n.Backends && n.Prefix.Contains(a) }

// Validate refuses what the balancer cannot work with, one reason at a time.
func (c Config) Validate() error {
	if err := c.validateService(); err != nil {
		return err
	}
	if err := c.validateBackends(); err != nil {
		return err
	}
	if c.Capacity < 1 {
		return fmt.Errorf("capacity is %d: room for one flow is the least", c.Capacity)
	}
	if c.Capacity > MaxCapacity {
		return fmt.Errorf("capacity is %d: %d flows are the most", c.Capacity, MaxCapacity)
	}
	if c.FlowTimeout < MinTimeout || c.FlowTimeout > MaxTimeout {
		return fmt.Errorf("flow_timeout is %d ns: give 10ms to 168h, such as 5m", c.FlowTimeout)
	}
	return nil
}

// validateService looks at the service, and at how it is reached.
func (c Config) validateService() error {
	if c.VIP == 0 {
		return errors.New("vip is 0.0.0.0: give the address of the service")
	}
	if c.Port == 0 {
		return errors.New("port is 0: give the port of the service")
	}
	if c.Protocol != packet.TCP && c.Protocol != packet.UDP {
		return fmt.Errorf("protocol is %d: 6 is TCP and 17 is UDP, and there are no others", c.Protocol)
	}
	if !c.RewriteDestination && (c.OwnMAC.IsGroup() || c.OwnMAC.IsZero()) {
		return fmt.Errorf("own_mac is %v: without rewrite_destination, frames need an address of a station as their source", c.OwnMAC)
	}
	return nil
}

// validateBackends looks at the backends, their table and their heartbeats.
func (c Config) validateBackends() error {
	if len(c.Backends) == 0 {
		return errors.New("backends is empty: give one at least")
	}
	if c.Slots < SlotsPerBackend*len(c.Backends) {
		return fmt.Errorf("slots is %d: %d backends need %d for each, such as 65537 in all", c.Slots, len(c.Backends), SlotsPerBackend)
	}
	if c.Slots > libvig.MaxSlots {
		return fmt.Errorf("slots is %d: %d is the most", c.Slots, libvig.MaxSlots)
	}
	if c.SharedKey == [5]uint64{} {
		return errors.New("shared_key is all zero: give five random numbers, the same to all balancers and to nobody else")
	}
	if c.HeartbeatTo == 0 {
		return errors.New("heartbeat_to is 0.0.0.0: give the address that backends send heartbeats to")
	}
	if c.HeartbeatPort == 0 {
		return errors.New("heartbeat_port is 0: give the UDP port that backends send heartbeats to")
	}
	if err := nf.ValidateAll(c.Networks); err != nil {
		return fmt.Errorf("networks: %w", err)
	}
	if c.BackendTimeout < MinTimeout || c.BackendTimeout > MaxTimeout {
		return fmt.Errorf("backend_timeout is %d ns: give 10ms to 168h, such as three times the interval of heartbeats", c.BackendTimeout)
	}
	return nil
}

// Keeps refuses to take over flows of another service. Which backend a flow has is remembered by its address, so
// backends may come and go.
func (c Config) Keeps(old Config) error {
	if c.VIP != old.VIP || c.Port != old.Port || c.Protocol != old.Protocol {
		return fmt.Errorf("the service would change from %v, port %d, protocol %d: restart to change it", old.VIP, old.Port, old.Protocol)
	}
	if c.RewriteDestination != old.RewriteDestination {
		return errors.New("rewrite_destination would change, and replies would no longer be understood: restart to change it")
	}
	return nil
}
