package nat

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"vigor/libvig"
	"vigor/nf"
	"vigor/packet"
)

// Outside names the outside end of a mapping: a port of the outside address.
type Outside struct {
	Port     uint16
	Protocol uint16 // 6 or 17; as wide as the port, for keys have no padding
}

// Forwards are the static mappings (N27). In a file each is a line of words, as in
//
//   - tcp 443 to 10.0.0.80 port 8443 device 0
//
// A protocol, tcp or udp, the outside port, and the endpoint that it stands for: address, port and device.
type Forwards []Forward

// Forward is a static mapping: what is for the port in Key goes to the endpoint in Value, and leaves from there by the port.
type Forward = libvig.Entry[Outside, Inside]

// Inside names the endpoint of a static mapping.
type Inside Endpoint

// ElementExample is a static mapping in a file.
func (Forwards) ElementExample() string { return "`tcp 443 to 10.0.0.80 port 8443 device 0`" }

// UnmarshalElement reads static mapping i, of which the file has a line, and refuses one that an earlier one contradicts.
func (f Forwards) UnmarshalElement(i int, text []byte) error {
	entry, err := parseForward(strings.Fields(string(text)))
	if err != nil {
		return err
	}
	for k, e := range f[:i] {
		if e.Key == entry.Key {
			return fmt.Errorf("outside port %d is that of static mapping %d already: leave one out", e.Key.Port, k)
		}
		if e.Value == entry.Value {
			return fmt.Errorf("the endpoint is that of static mapping %d already, and has one outside port: leave one out", k)
		}
	}
	f[i] = entry
	return nil
}

// parseForward reads the words of a static mapping.
func parseForward(words []string) (entry Forward, err error) {
	if len(words) != 8 || words[2] != "to" || words[4] != "port" || words[6] != "device" {
		return entry, fmt.Errorf("a static mapping is a line such as %s", Forwards{}.ElementExample())
	}
	protocols := map[string]packet.Protocol{"tcp": packet.TCP, "udp": packet.UDP}
	protocol, ok := protocols[words[0]]
	if !ok {
		return entry, fmt.Errorf("there is no protocol %q: there are tcp and udp", words[0])
	}
	outer, err := number(words[1], "port")
	if err != nil {
		return entry, err
	}
	var address packet.IPv4
	if err := address.UnmarshalText([]byte(words[3])); err != nil {
		return entry, err
	}
	inner, err := number(words[5], "port")
	if err != nil {
		return entry, err
	}
	device, err := number(words[7], "device")
	if err != nil {
		return entry, err
	}
	entry.Key = Outside{outer, uint16(protocol)}
	entry.Value = Inside{address, inner, nf.Device(device), uint64(protocol)}
	return entry, nil
}

// number reads a number of 16 bits.
func number(text, what string) (uint16, error) {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("%q is no %s: write a number up to 65535", text, what)
	}
	return uint16(n), nil
}

// validateForward refuses a static mapping that cannot be meant, or that could meet others (N2).
func (c Config) validateForward(f Forward) error {
	outer, inner := f.Key, f.Value
	if outer.Protocol != uint16(packet.TCP) && outer.Protocol != uint16(packet.UDP) {
		return fmt.Errorf("the protocol is %d: tcp is 6, udp 17, and no other one has static mappings", outer.Protocol)
	}
	if inner.Protocol != uint64(outer.Protocol) {
		return fmt.Errorf("the protocol is %d outside and %d inside: it cannot change", outer.Protocol, inner.Protocol)
	}
	if outer.Port == 0 || inner.Port == 0 {
		return errors.New("port 0 is no port that anybody can send to")
	}
	if at := int(outer.Port) - int(c.StartPort); 0 <= at && at < c.Capacity {
		return fmt.Errorf("outside port %d is one of those from start_port on, which others get: take one outside %d to %d",
			outer.Port, c.StartPort, int(c.StartPort)+c.Capacity-1)
	}
	if inner.Address == 0 || inner.Address == c.ExternalIP {
		return fmt.Errorf("the address is %v: name a host inside", inner.Address)
	}
	if inner.Device == c.WAN {
		return fmt.Errorf("device %d is the outside: name the one that the host is behind", inner.Device)
	}
	return nil
}

// existing refuses a static mapping with a device that is not there.
func existing(f Forward, env nf.Env) error {
	if int(f.Value.Device) >= env.Devices {
		return fmt.Errorf("device is %d, but devices are numbered 0 to %d", f.Value.Device, env.Devices-1)
	}
	return nil
}

// target gives the endpoint that an outside port stands for, and the index of its mapping, or -1 if that is static.
// Static ports lie outside those of the table. A static mapping counts unless a later one has its port or its endpoint.
func (n *NAT) target(port uint16, protocol packet.Protocol) (target Endpoint, at int, ok bool) {
	at = int(port) - int(n.cfg.StartPort)
	if n.mappings.Allocated(at) {
		target = n.mappings.Key(at)
		return target, at, target.Protocol == uint64(protocol)
	}
	i, ok := n.staticPorts.Lookup(Outside{port, uint16(protocol)})
	if !ok {
		return Endpoint{}, -1, false
	}
	own := n.staticEndpoints.Key(i)
	j, _ := n.staticEndpoints.Lookup(own)
	return Endpoint(own), -1, i == j
}

// static gives the outside port of a static mapping's endpoint; listed tells whether it is one, and ok whether that counts.
func (n *NAT) static(sender Endpoint) (port uint16, listed, ok bool) {
	i, listed := n.staticEndpoints.Lookup(Inside(sender))
	if !listed {
		return 0, false, false
	}
	outer := n.staticPorts.Key(i)
	j, _ := n.staticPorts.Lookup(outer)
	return outer.Port, true, i == j
}
