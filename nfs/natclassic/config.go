package natclassic

import (
	"errors"
	"fmt"

	"vigor/nf"
	"vigor/packet"
)

// Limits of the configuration. Proofs hold for every configuration inside them.
const (
	// MinStartPort keeps the well-known ports out of use (N3; RFC 4787 REQ-3a).
	MinStartPort = 1024
	// MinFlowTimeout is the least time that a mapping must live (N7; RFC 4787 REQ-5).
	MinFlowTimeout = 2 * nf.Minute
	// MaxFlowTimeout is long enough for any timer of RFC 5382, and a guard against wrong units.
	MaxFlowTimeout = 7 * 24 * nf.Hour
)

// Config is what an operator decides.
type Config struct {
	WAN         nf.Device   // the outside; all other devices are inside
	ExternalIP  packet.IPv4 // the one address that the outside sees
	StartPort   uint16      // first outside port, at least MinStartPort
	Capacity    int         // number of flows, and of outside ports: StartPort+Capacity <= 65536
	FlowTimeout nf.Time     // of a mapping after its last packet, MinFlowTimeout to MaxFlowTimeout
}

// Validate refuses what the NAT cannot work with, one reason at a time.
func (c Config) Validate() error {
	if c.ExternalIP == 0 {
		return errors.New("external_ip is missing or 0.0.0.0: give the address that the outside sees")
	}
	if c.StartPort < MinStartPort {
		return fmt.Errorf("start_port is %d: ports below %d are well known, use a higher one",
			c.StartPort, MinStartPort)
	}
	if c.Capacity < 1 {
		return fmt.Errorf("capacity is %d: room for one flow is the least", c.Capacity)
	}
	if c.Capacity > 1<<16-int(c.StartPort) {
		return fmt.Errorf("capacity is %d: from start_port %d on there are %d ports, and each flow needs one",
			c.Capacity, c.StartPort, 1<<16-int(c.StartPort))
	}
	if c.FlowTimeout < MinFlowTimeout {
		return fmt.Errorf("flow_timeout is %d ns: RFC 4787 REQ-5 asks for at least two minutes, 120s",
			c.FlowTimeout)
	}
	if c.FlowTimeout > MaxFlowTimeout {
		return fmt.Errorf("flow_timeout is %d ns: more than seven days, 168h, is surely a mistake",
			c.FlowTimeout)
	}
	return nil
}

// Keeps refuses to take over the mappings that were made under an old configuration if they would be
// of no use: their peers answer to the address and ports that they know.
func (c Config) Keeps(old Config) error {
	const cure = "and the connections that there are would break: restart to change it"
	switch {
	case c.ExternalIP != old.ExternalIP:
		return fmt.Errorf("external_ip would change from %v to %v, %s", old.ExternalIP, c.ExternalIP, cure)
	case c.StartPort != old.StartPort:
		return fmt.Errorf("start_port would change from %d to %d, %s", old.StartPort, c.StartPort, cure)
	case c.WAN != old.WAN:
		return fmt.Errorf("wan would change from device %d to %d, %s", old.WAN, c.WAN, cure)
	}
	return nil
}

// Shard is the configuration of shard k of n: it has a range of the outside ports to itself, and room
// for as many flows. Ports that cannot be divided evenly stay unused.
func (c Config) Shard(k, n int) (Config, error) {
	each := c.Capacity / n
	if each == 0 {
		return Config{}, fmt.Errorf("capacity is %d: each shard needs at least one flow", c.Capacity)
	}
	c.StartPort += uint16(k * each)
	c.Capacity = each
	return c, nil
}

// Steering sends what comes from outside to the shard with the port. What comes from inside may go
// anywhere, as long as all packets of a flow go there: their shard gives them a port of its own.
func (c Config) Steering(d nf.Device) nf.Steering {
	if d == c.WAN {
		return nf.Steering{By: nf.ByDestinationPort, First: int(c.StartPort), Count: c.Capacity}
	}
	return nf.Steering{By: nf.ByFlow}
}
