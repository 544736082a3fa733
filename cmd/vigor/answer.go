package main

import (
	"bytes"
	"slices"

	"vigor/packet"
)

// speaker is one end of a conversation over TCP or UDP, and the device of the machine behind which the other side is.
type speaker struct {
	device   int
	protocol packet.Protocol
	address  packet.IPv4
	port     uint16
}

// asked is who was heard by each speaker, the latest last. A network function may show others by addresses and ports
// that no capture can know, such as random outside ports; what is recorded as an answer then goes to who has asked.
type asked map[speaker][]speaker

// ends returns the sender and the receiver of a frame at a device; false if it is not of TCP or UDP.
func ends(device int, frame []byte) (from, to speaker, ok bool) {
	ip, l4, ok := parseL4(frame)
	if !ok {
		return from, to, false
	}
	from = speaker{device, ip.Protocol(), ip.Source(), l4.SourcePort()}
	to = speaker{device, ip.Protocol(), ip.Destination(), l4.DestinationPort()}
	return from, to, true
}

// note keeps who has sent a frame that leaves by a device.
func (a asked) note(device int, frame []byte) {
	if from, to, ok := ends(device, frame); ok {
		a[to] = append(a[to], from)
	}
}

// answer returns a frame that is sent to a device, addressed to who has asked its sender last unless its receiver has.
func (a asked) answer(device int, frame []byte) []byte {
	from, to, ok := ends(device, frame)
	askers := a[from]
	if !ok || len(askers) == 0 || slices.Contains(askers, to) {
		return frame
	}
	last := askers[len(askers)-1]
	frame = bytes.Clone(frame)
	ip, l4, _ := parseL4(frame)
	packet.SetDestination(ip, l4, last.address, last.port)
	return frame
}

// parseL4 returns the headers of a frame that has them.
func parseL4(frame []byte) (ip packet.IPv4Header, l4 packet.L4Header, ok bool) {
	eth, ok := packet.ParseEthernet(frame)
	if !ok || eth.Type() != packet.TypeIPv4 {
		return ip, l4, false
	}
	if ip, ok = packet.ParseIPv4(eth.Payload()); !ok || ip.IsFragment() {
		return ip, l4, false
	}
	l4, ok = packet.ParseL4(ip)
	return ip, l4, ok
}
