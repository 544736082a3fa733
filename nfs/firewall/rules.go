package firewall

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"vigor/libvig"
	"vigor/packet"
)

// Rules are those of a direction, in order: the first that fits decides. In a file each is a line of words, as in
//
//   - deny tcp to any port 25
//   - allow udp from 10.0.0.0/8 port 1024-65535 to 192.0.2.1-192.0.2.9 port 53
//
// A policy, a protocol (tcp, udp, icmp, or any), and for either end, if it matters, an address, a prefix or a range
// of addresses, and a port or a range of ports.
type Rules []libvig.ClassifierRule

// policyOf gives the policy that files call by a name.
func policyOf(name string) (Policy, bool) {
	switch name {
	case "deny":
		return Deny, true
	case "allow":
		return Allow, true
	}
	return Deny, false
}

// protocolOf gives the protocol that files call by a name; 0 is every protocol.
func protocolOf(name string) (packet.Protocol, bool) {
	switch name {
	case "any":
		return 0, true
	case "icmp":
		return packet.ICMP, true
	case "tcp":
		return packet.TCP, true
	case "udp":
		return packet.UDP, true
	}
	return 0, false
}

// UnmarshalText reads deny or allow.
func (p *Policy) UnmarshalText(text []byte) error {
	policy, ok := policyOf(string(text))
	if !ok {
		return fmt.Errorf("there is no policy %q: there are allow and deny", text)
	}
	*p = policy
	return nil
}

// MarshalText gives a form that UnmarshalText reads.
func (p Policy) MarshalText() ([]byte, error) {
	if p == Allow {
		return []byte("allow"), nil
	}
	return []byte("deny"), nil
}

// ElementExample is a rule in a file.
func (Rules) ElementExample() string { return "`deny tcp from 10.0.0.0/8 to any port 25`" }

// UnmarshalElement reads rule i, of which the file has a line.
func (r Rules) UnmarshalElement(i int, text []byte) error {
	rule, err := parseRule(strings.Fields(string(text)))
	if err != nil {
		return err
	}
	r[i] = rule
	return nil
}

// parseRule reads the words of a rule.
func parseRule(words []string) (rule libvig.ClassifierRule, err error) {
	rule = libvig.ClassifierRule{SrcHigh: ^uint32(0), DstHigh: ^uint32(0), SrcPortHigh: ^uint16(0), DstPortHigh: ^uint16(0)}
	if len(words) == 0 {
		return rule, errors.New("a rule begins with allow or deny")
	}
	policy, ok := policyOf(words[0])
	if !ok {
		return rule, fmt.Errorf("a rule begins with allow or deny, not with %q", words[0])
	}
	rule.Value = uint16(policy)
	if len(words) < 2 {
		return rule, fmt.Errorf("%q is not followed by a protocol: write tcp, udp, icmp or any", words[0])
	}
	protocol, ok := protocolOf(words[1])
	if !ok {
		return rule, fmt.Errorf("there is no protocol %q: there are tcp, udp, icmp and any", words[1])
	}
	rule.Protocol = uint8(protocol)
	rest := words[2:]
	if rest, err = parseEnd("from", rest, protocol, &rule.SrcLow, &rule.SrcHigh, &rule.SrcPortLow, &rule.SrcPortHigh); err != nil {
		return rule, err
	}
	if rest, err = parseEnd("to", rest, protocol, &rule.DstLow, &rule.DstHigh, &rule.DstPortLow, &rule.DstPortHigh); err != nil {
		return rule, err
	}
	if len(rest) > 0 {
		return rule, fmt.Errorf("%q is out of place: behind the protocol come `from`, then `to`, each with an address and perhaps `port`", rest[0])
	}
	return rule, nil
}

// parseEnd reads what a rule says of one end, if it begins with the word for that, and gives the words behind.
func parseEnd(side string, words []string, of packet.Protocol, low, high *uint32, portLow, portHigh *uint16) ([]string, error) {
	if len(words) == 0 || words[0] != side {
		return words, nil
	}
	if len(words) < 2 {
		return nil, fmt.Errorf("%q is not followed by an address: write one, a prefix such as 10.0.0.0/8, or any", side)
	}
	if err := parseAddresses(words[1], low, high); err != nil {
		return nil, err
	}
	words = words[2:]
	if len(words) == 0 || words[0] != "port" {
		return words, nil
	}
	if of != packet.TCP && of != packet.UDP {
		return nil, errors.New("only tcp and udp have ports: name one of them as the protocol")
	}
	if len(words) < 2 {
		return nil, errors.New("\"port\" is not followed by a number, or a range such as 80-443")
	}
	return words[2:], parsePorts(words[1], portLow, portHigh)
}

// parseAddresses reads any, an address, a prefix, or two addresses with a hyphen between.
func parseAddresses(text string, low, high *uint32) error {
	if text == "any" {
		return nil
	}
	if strings.Contains(text, "/") {
		var p packet.Prefix
		if err := p.UnmarshalText([]byte(text)); err != nil {
			return err
		}
		*low, *high = uint32(p.First()), uint32(p.Last())
		return nil
	}
	first, last, ok := strings.Cut(text, "-")
	if !ok {
		last = first
	}
	var a, b packet.IPv4
	if err := a.UnmarshalText([]byte(first)); err != nil {
		return err
	}
	if err := b.UnmarshalText([]byte(last)); err != nil {
		return err
	}
	if a > b {
		return fmt.Errorf("the range %s begins above its end", text)
	}
	*low, *high = uint32(a), uint32(b)
	return nil
}

// parsePorts reads a port, or two with a hyphen between.
func parsePorts(text string, low, high *uint16) error {
	first, last, ok := strings.Cut(text, "-")
	if !ok {
		last = first
	}
	a, errA := strconv.ParseUint(first, 10, 16)
	b, errB := strconv.ParseUint(last, 10, 16)
	if errA != nil || errB != nil {
		return fmt.Errorf("%q is no port, nor a range of them: write a number up to 65535, or 80-443", text)
	}
	if a > b {
		return fmt.Errorf("the range of ports %s begins above its end", text)
	}
	*low, *high = uint16(a), uint16(b)
	return nil
}
