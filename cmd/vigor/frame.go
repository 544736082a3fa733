package main

import (
	"fmt"

	"vigor/packet"
)

// describeFrame says in one line what a frame is: protocol, addresses and ports.
func describeFrame(frame []byte) string {
	eth, ok := packet.ParseEthernet(frame)
	if !ok {
		return fmt.Sprintf("%d bytes, no Ethernet header", len(frame))
	}
	switch eth.Type() {
	case packet.TypeIPv4:
		if ip, ok := packet.ParseIPv4(eth.Payload()); ok {
			return describeIPv4(ip)
		}
		return "malformed IPv4"
	case packet.TypeARP:
		if arp, ok := packet.ParseARP(eth.Payload()); ok {
			return fmt.Sprintf("ARP   %v -> %v", arp.SenderIP(), arp.TargetIP())
		}
		return "malformed ARP"
	}
	return fmt.Sprintf("ether type %#04x, %v -> %v", uint16(eth.Type()), eth.Source(), eth.Destination())
}

func describeIPv4(ip packet.IPv4Header) string {
	if ip.IsFragment() {
		return fmt.Sprintf("frag. %v -> %v", ip.Source(), ip.Destination())
	}
	if l4, ok := packet.ParseL4(ip); ok {
		return fmt.Sprintf("%s %v:%d -> %v:%d", protocolName(ip.Protocol()),
			ip.Source(), l4.SourcePort(), ip.Destination(), l4.DestinationPort())
	}
	return fmt.Sprintf("%s %v -> %v", protocolName(ip.Protocol()), ip.Source(), ip.Destination())
}

// protocolName gives the protocol in five columns.
func protocolName(p packet.Protocol) string {
	switch p {
	case packet.ICMP:
		return "ICMP "
	case packet.TCP:
		return "TCP  "
	case packet.UDP:
		return "UDP  "
	}
	return fmt.Sprintf("IP %-2d", uint8(p))
}
