package nat

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
	// MinUDPTimeout is the least time that a mapping of UDP must live (N7; RFC 4787 REQ-5).
	MinUDPTimeout = 2 * nf.Minute
	// MinICMPTimeout is that of a query (N14; RFC 5508 REQ-2).
	MinICMPTimeout = nf.Minute
	// MinTCPEstablished is that of an established connection (N17; RFC 5382 REQ-5).
	MinTCPEstablished = 2*nf.Hour + 4*nf.Minute
	// MinTCPTransitory is that of a connection that is opening or closing (N17; RFC 5382 REQ-5).
	MinTCPTransitory = 4 * nf.Minute
	// MaxTimeout is a guard against wrong units.
	MaxTimeout = 7 * 24 * nf.Hour
)

// Config is what an operator decides.
type Config struct {
	WAN        nf.Device   // the outside; all other devices are inside
	ExternalIP packet.IPv4 // the one address that the outside sees
	StartPort  uint16      // first outside port, at least MinStartPort
	Capacity   int         // number of mappings, and of outside ports: StartPort+Capacity <= 65536

	Static Forwards // outside ports that stand for an endpoint always, none of those that mappings have

	// Timers: how long a mapping lives after its last packet from inside, up to MaxTimeout.
	UDPTimeout     nf.Time // at least MinUDPTimeout; RFC 4787 REQ-5c recommends five minutes
	ICMPTimeout    nf.Time // of queries, at least MinICMPTimeout
	TCPOpening     nf.Time // of a connection that the inside has asked for, at least MinTCPTransitory
	TCPEstablished nf.Time // of one that was acknowledged, at least MinTCPEstablished
	TCPClosing     nf.Time // of one that both sides have ended, or one has reset, at least MinTCPTransitory
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
		return fmt.Errorf("capacity is %d: room for one mapping is the least", c.Capacity)
	}
	if c.Capacity > 1<<16-int(c.StartPort) {
		return fmt.Errorf("capacity is %d: from start_port %d on there are %d ports, and each mapping needs one",
			c.Capacity, c.StartPort, 1<<16-int(c.StartPort))
	}
	if err := nf.ValidateEach(c.Static, c.validateForward); err != nil {
		return fmt.Errorf("static: %w", err)
	}
	return c.validateTimers()
}

// validateTimers refuses timers outside the limits.
func (c Config) validateTimers() error {
	if err := validateTimer("udp_timeout", c.UDPTimeout, MinUDPTimeout, "RFC 4787 REQ-5 asks for at least two minutes, 120s"); err != nil {
		return err
	}
	if err := validateTimer("icmp_timeout", c.ICMPTimeout, MinICMPTimeout, "RFC 5508 REQ-2 asks for at least 60s"); err != nil {
		return err
	}
	if err := validateTimer("tcp_opening", c.TCPOpening, MinTCPTransitory, "RFC 5382 REQ-5 asks for at least four minutes, 4m"); err != nil {
		return err
	}
	if err := validateTimer("tcp_established", c.TCPEstablished, MinTCPEstablished, "RFC 5382 REQ-5 asks for at least 2h4m"); err != nil {
		return err
	}
	return validateTimer("tcp_closing", c.TCPClosing, MinTCPTransitory, "RFC 5382 REQ-5 asks for at least four minutes, 4m")
}

// validateTimer refuses a time below least, and why, or above MaxTimeout.
func validateTimer(name string, t, least nf.Time, why string) error {
	if t < least {
		return fmt.Errorf("%s is %d ns: %s", name, t, why)
	}
	if t > MaxTimeout {
		return fmt.Errorf("%s is %d ns: more than seven days, 168h, is surely a mistake", name, t)
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
