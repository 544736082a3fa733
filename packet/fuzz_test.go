package packet_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"vigor/packet"
)

// FuzzParse: no bytes make a parsed view's accessor fail, what is accepted is what gopacket decodes
// to the same fields, and rewriting there and back restores the frame.
func FuzzParse(f *testing.F) {
	r := rand.New(rand.NewPCG(7, 1))
	for range 8 {
		f.Add(random(r).frame())
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, frame []byte) {
		eth, ok := packet.ParseEthernet(frame)
		if !ok {
			return
		}
		_, _, _ = eth.Source(), eth.Destination(), eth.Type()
		if arp, ok := packet.ParseARP(eth.Payload()); ok {
			arp.SetTargetIP(arp.TargetIP())
			_ = arp.Operation()
		}
		ip, ok := packet.ParseIPv4(eth.Payload())
		if !ok {
			return
		}
		fuzzIPv4(t, eth, ip)
		if l4, ok := packet.ParseL4(ip); ok {
			fuzzL4(t, frame, ip, l4)
		}
		if icmp, ok := packet.ParseICMP(ip.Payload()); ok {
			_, _ = icmp.Sequence(), icmp.Payload()
		}
	})
}

// fuzzIPv4 compares an accepted header with gopacket's.
func fuzzIPv4(t *testing.T, eth packet.EthernetHeader, ip packet.IPv4Header) {
	t.Helper()
	if cap(ip) != len(ip) || len(ip) != int(ip.TotalLength()) || len(ip) > len(eth.Payload()) {
		t.Fatalf("the view has %d bytes, capacity %d", len(ip), cap(ip))
	}
	_, _, _ = ip.ComputeChecksum(), ip.HeaderChecksumOK(), ip.IsFragment()
	decoded := gopacket.NewPacket(eth.Payload(), layers.LayerTypeIPv4, gopacket.NoCopy)
	want, ok := decoded.Layer(layers.LayerTypeIPv4).(*layers.IPv4)
	if ok && want.DstIP != nil { // gopacket gives up on malformed options
		check(t, "header length", ip.HeaderLength(), int(want.IHL)*4)
		check(t, "destination", ip.Destination().String(), want.DstIP.String())
		check(t, "payload", len(ip.Payload()), len(want.Payload))
		check(t, "fragment offset", ip.FragmentOffset(), want.FragOffset)
	}
}

// fuzzL4 rewrites there and back. A checksum that was ffff or 0 may come back as its equal.
func fuzzL4(t *testing.T, frame []byte, ip packet.IPv4Header, l4 packet.L4Header) {
	t.Helper()
	before := bytes.Clone(frame)
	src, port := ip.Source(), l4.SourcePort()
	ipOK, l4OK := ip.HeaderChecksumOK(), l4.ChecksumOK(ip)
	packet.SetSource(ip, l4, 0xC0A80001, 40000)
	check(t, "IP checksum is right", ip.HeaderChecksumOK(), ipOK)
	check(t, "L4 checksum is right", l4.ChecksumOK(ip), l4OK)
	packet.SetSource(ip, l4, src, port)
	for i := range frame {
		if frame[i] != before[i] && frame[i]^before[i] != 0xff {
			t.Fatalf("byte %d is %02x after rewriting there and back, was %02x", i, frame[i], before[i])
		}
	}
}
