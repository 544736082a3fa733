package packet_test

import (
	"bytes"
	"math/rand/v2"
	"net"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"vigor/packet"
)

// datagram is what a test frame is made of.
type datagram struct {
	src, dst         packet.IPv4
	srcPort, dstPort uint16
	options          []byte // of the IPv4 header, a multiple of four bytes
	payload          []byte
	udp              bool
	noChecksum       bool
}

// address converts to gopacket's form.
func address(a packet.IPv4) net.IP {
	return net.IPv4(byte(a>>24), byte(a>>16), byte(a>>8), byte(a)).To4()
}

// frame builds the frame with gopacket, checksums computed.
func (d datagram) frame() []byte {
	eth := &layers.Ethernet{
		SrcMAC: net.HardwareAddr{2, 0, 0, 0, 0, 1}, DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, 2},
		EthernetType: layers.EthernetTypeIPv4,
	}
	ip := &layers.IPv4{Version: 4, TTL: 64, Id: 7, SrcIP: address(d.src), DstIP: address(d.dst)}
	for rest := d.options; len(rest) > 0; rest = rest[4:] {
		ip.Options = append(ip.Options, layers.IPv4Option{OptionType: 7, OptionLength: 4, OptionData: rest[2:4]})
	}
	var transport gopacket.SerializableLayer
	if d.udp {
		ip.Protocol = layers.IPProtocolUDP
		udp := &layers.UDP{SrcPort: layers.UDPPort(d.srcPort), DstPort: layers.UDPPort(d.dstPort)}
		_ = udp.SetNetworkLayerForChecksum(ip)
		transport = udp
	} else {
		ip.Protocol = layers.IPProtocolTCP
		tcp := &layers.TCP{SrcPort: layers.TCPPort(d.srcPort), DstPort: layers.TCPPort(d.dstPort), Seq: 0x01020304, Ack: 0x05060708, SYN: true, PSH: true, Window: 77}
		_ = tcp.SetNetworkLayerForChecksum(ip)
		transport = tcp
	}
	buffer := gopacket.NewSerializeBuffer()
	err := gopacket.SerializeLayers(buffer, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true},
		eth, ip, transport, gopacket.Payload(d.payload))
	if err != nil {
		panic(err)
	}
	frame := bytes.Clone(buffer.Bytes())
	if d.noChecksum {
		at := packet.EthernetHeaderLen + int(frame[14]&15)*4 + 6
		frame[at], frame[at+1] = 0, 0
	}
	return frame
}

// random returns a datagram that depends on r only.
func random(r *rand.Rand) datagram {
	d := datagram{
		src: packet.IPv4(r.Uint32()), dst: packet.IPv4(r.Uint32()),
		srcPort: uint16(r.Uint32()), dstPort: uint16(r.Uint32()),
		options: make([]byte, 4*r.IntN(11)), payload: make([]byte, r.IntN(200)),
		udp: r.IntN(2) == 0,
	}
	for i := range d.payload {
		d.payload[i] = byte(r.Uint32())
	}
	d.noChecksum = d.udp && r.IntN(4) == 0
	return d
}

// parse returns the views of a frame that must have them all.
func parse(t testing.TB, frame []byte) (packet.EthernetHeader, packet.IPv4Header, packet.L4Header) {
	t.Helper()
	eth, ok := packet.ParseEthernet(frame)
	if !ok {
		t.Fatal("ParseEthernet refuses the frame")
	}
	ip, ok := packet.ParseIPv4(eth.Payload())
	if !ok {
		t.Fatal("ParseIPv4 refuses the datagram")
	}
	l4, ok := packet.ParseL4(ip)
	if !ok {
		t.Fatal("ParseL4 refuses the segment")
	}
	return eth, ip, l4
}

// check fails unless got is want.
func check[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func TestFieldsAgreeWithGopacket(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		frame := random(r).frame()
		frame[15], frame[20], frame[21] = byte(r.Uint32()), byte(r.Uint32()), 0 // DS field, flags
		frame[20] &^= 0x9F                                                      // no offset, reserved bit 0
		compareWithGopacket(t, frame)
	}
}

// compareWithGopacket decodes the frame twice; it must be a whole TCP or UDP datagram.
func compareWithGopacket(t *testing.T, frame []byte) {
	t.Helper()
	decoded := gopacket.NewPacket(frame, layers.LayerTypeEthernet, gopacket.Default)
	eth, ip, l4 := parse(t, frame)
	wantEth := decoded.Layer(layers.LayerTypeEthernet).(*layers.Ethernet)
	check(t, "destination MAC", eth.Destination().String(), wantEth.DstMAC.String())
	check(t, "source MAC", eth.Source().String(), wantEth.SrcMAC.String())
	check(t, "type", uint16(eth.Type()), uint16(wantEth.EthernetType))

	want := decoded.Layer(layers.LayerTypeIPv4).(*layers.IPv4)
	check(t, "IHL", ip.IHL(), want.IHL)
	check(t, "traffic class", ip.DSCP()<<2|ip.ECN(), want.TOS)
	check(t, "total length", ip.TotalLength(), want.Length)
	check(t, "identification", ip.Identification(), want.Id)
	check(t, "don't fragment", ip.DontFragment(), want.Flags&layers.IPv4DontFragment != 0)
	check(t, "more fragments", ip.MoreFragments(), want.Flags&layers.IPv4MoreFragments != 0)
	check(t, "fragment offset", ip.FragmentOffset(), want.FragOffset)
	check(t, "TTL", ip.TTL(), want.TTL)
	check(t, "protocol", uint8(ip.Protocol()), uint8(want.Protocol))
	check(t, "IP checksum", ip.Checksum(), want.Checksum)
	check(t, "source", ip.Source().String(), want.SrcIP.String())
	check(t, "destination", ip.Destination().String(), want.DstIP.String())
	check(t, "payload", string(ip.Payload()), string(want.Payload))

	switch want := decoded.TransportLayer().(type) {
	case *layers.TCP:
		tcp, ok := packet.ParseTCP(ip.Payload())
		check(t, "ParseTCP", ok, true)
		compareTCP(t, tcp, want)
		check(t, "L4 checksum", l4.Checksum(), want.Checksum)
		check(t, "L4 source port", l4.SourcePort(), uint16(want.SrcPort))
	case *layers.UDP:
		udp, ok := packet.ParseUDP(ip.Payload())
		check(t, "ParseUDP", ok, true)
		check(t, "source port", udp.SourcePort(), uint16(want.SrcPort))
		check(t, "destination port", udp.DestinationPort(), uint16(want.DstPort))
		check(t, "length", udp.Length(), want.Length)
		check(t, "checksum", udp.Checksum(), want.Checksum)
		check(t, "L4 checksum", l4.Checksum(), want.Checksum)
		check(t, "L4 destination port", l4.DestinationPort(), uint16(want.DstPort))
	default:
		if ip.MoreFragments() {
			return // gopacket does not decode first fragments
		}
		t.Errorf("gopacket found no transport layer in %x", frame)
	}
}

// compareTCP compares every field of the fixed header.
func compareTCP(t *testing.T, tcp packet.TCPHeader, want *layers.TCP) {
	t.Helper()
	check(t, "source port", tcp.SourcePort(), uint16(want.SrcPort))
	check(t, "destination port", tcp.DestinationPort(), uint16(want.DstPort))
	check(t, "sequence", tcp.Sequence(), want.Seq)
	check(t, "acknowledgment", tcp.Acknowledgment(), want.Ack)
	check(t, "data offset", tcp.DataOffset(), want.DataOffset)
	check(t, "window", tcp.Window(), want.Window)
	check(t, "checksum", tcp.Checksum(), want.Checksum)
	check(t, "urgent", tcp.Urgent(), want.Urgent)
	flags := tcp.Flags()
	for _, f := range []struct {
		flag packet.TCPFlags
		want bool
	}{
		{packet.FIN, want.FIN}, {packet.SYN, want.SYN}, {packet.RST, want.RST}, {packet.PSH, want.PSH},
		{packet.ACK, want.ACK}, {packet.URG, want.URG}, {packet.ECE, want.ECE}, {packet.CWR, want.CWR},
	} {
		check(t, "flag", flags&f.flag != 0, f.want)
	}
}

func TestARPAgreesWithGopacket(t *testing.T) {
	want := &layers.ARP{
		AddrType: layers.LinkTypeEthernet, Protocol: layers.EthernetTypeIPv4, HwAddressSize: 6,
		ProtAddressSize: 4, Operation: 2,
		SourceHwAddress: []byte{2, 0, 0, 0, 0, 9}, SourceProtAddress: []byte{10, 0, 0, 9},
		DstHwAddress: []byte{2, 0, 0, 0, 0, 8}, DstProtAddress: []byte{10, 0, 0, 8},
	}
	buffer := gopacket.NewSerializeBuffer()
	if err := want.SerializeTo(buffer, gopacket.SerializeOptions{}); err != nil {
		t.Fatal(err)
	}
	padded := append(bytes.Clone(buffer.Bytes()), make([]byte, 18)...)
	arp, ok := packet.ParseARP(padded)
	if !ok || len(arp) != packet.ARPHeaderLen || cap(arp) != packet.ARPHeaderLen {
		t.Fatalf("ParseARP gives %d bytes, %v; want %d, true", len(arp), ok, packet.ARPHeaderLen)
	}
	check(t, "operation", arp.Operation(), packet.ARPReply)
	check(t, "sender MAC", arp.SenderMAC(), packet.MAC{2, 0, 0, 0, 0, 9})
	check(t, "sender IP", arp.SenderIP(), 0x0A000009)
	check(t, "target MAC", arp.TargetMAC(), packet.MAC{2, 0, 0, 0, 0, 8})
	check(t, "target IP", arp.TargetIP(), 0x0A000008)

	again := make([]byte, packet.ARPHeaderLen)
	copy(again, padded[:8])
	view := packet.ARPHeader(again)
	view.SetOperation(arp.Operation())
	view.SetSenderMAC(arp.SenderMAC())
	view.SetSenderIP(arp.SenderIP())
	view.SetTargetMAC(arp.TargetMAC())
	view.SetTargetIP(arp.TargetIP())
	check(t, "rewritten ARP", string(again), string(padded[:packet.ARPHeaderLen]))
}

func TestICMPAgreesWithGopacket(t *testing.T) {
	want := &layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(8, 1), Id: 0x1234, Seq: 0x5678}
	buffer := gopacket.NewSerializeBuffer()
	err := gopacket.SerializeLayers(buffer, gopacket.SerializeOptions{ComputeChecksums: true}, want,
		gopacket.Payload("ping"))
	if err != nil {
		t.Fatal(err)
	}
	icmp, ok := packet.ParseICMP(buffer.Bytes())
	check(t, "ParseICMP", ok, true)
	check(t, "type", icmp.Type(), 8)
	check(t, "code", icmp.Code(), 1)
	check(t, "identifier", icmp.Identifier(), 0x1234)
	check(t, "sequence", icmp.Sequence(), 0x5678)
	check(t, "payload", string(icmp.Payload()), "ping")
	check(t, "checksum over all", packet.Checksum(icmp, 0), 0)
	if icmp.Checksum() == 0 {
		t.Error("the checksum field was not read")
	}
}

func TestMalformedIsRefused(t *testing.T) {
	good := func() []byte {
		return datagram{src: 1, dst: 2, options: make([]byte, 8), payload: make([]byte, 30)}.frame()[14:]
	}
	change := func(at int, to byte) []byte { b := good(); b[at] = to; return b }
	ipv4 := map[string][]byte{
		"nothing":                     nil,
		"19 bytes":                    good()[:19],
		"version 6":                   change(0, 0x67),
		"IHL 4":                       change(0, 0x44),
		"IHL 0":                       change(0, 0x40),
		"header beyond total length":  change(3, 27),
		"total length 0":              change(3, 0),
		"total length beyond frame":   change(2, 1),
		"one byte less than it says":  good()[:len(good())-1],
		"header cut in the options":   good()[:27],
		"total length inside options": change(3, 20),
	}
	for name, b := range ipv4 {
		if h, ok := packet.ParseIPv4(b); ok || h != nil {
			t.Errorf("ParseIPv4 accepts %s", name)
		}
	}
	if _, ok := packet.ParseIPv4(good()); !ok {
		t.Error("ParseIPv4 refuses the unchanged datagram")
	}
	if _, ok := packet.ParseEthernet(make([]byte, 13)); ok {
		t.Error("ParseEthernet accepts 13 bytes")
	}
	if _, ok := packet.ParseTCP(make([]byte, 19)); ok {
		t.Error("ParseTCP accepts 19 bytes")
	}
	if _, ok := packet.ParseUDP(make([]byte, 7)); ok {
		t.Error("ParseUDP accepts 7 bytes")
	}
	if _, ok := packet.ParseICMP(make([]byte, 7)); ok {
		t.Error("ParseICMP accepts 7 bytes")
	}
	refuseARP(t)
}

// refuseARP changes each byte that says what kind of ARP packet it is.
func refuseARP(t *testing.T) {
	t.Helper()
	good := append([]byte{0, 1, 8, 0, 6, 4}, make([]byte, 22)...)
	if _, ok := packet.ParseARP(good); !ok {
		t.Error("ParseARP refuses Ethernet and IPv4")
	}
	for i := range 6 {
		bad := bytes.Clone(good)
		bad[i] ^= 1
		if _, ok := packet.ParseARP(bad); ok {
			t.Errorf("ParseARP accepts a wrong byte %d", i)
		}
	}
	if _, ok := packet.ParseARP(good[:27]); ok {
		t.Error("ParseARP accepts 27 bytes")
	}
}

func TestTransportMustLieInsideTheDatagram(t *testing.T) {
	for _, test := range []struct {
		name     string
		protocol byte
		fragment byte // low byte of the fragment field
		length   int  // of the transport
		want     bool
	}{
		{"tcp", 6, 0, 20, true}, {"tcp short", 6, 0, 19, false}, {"tcp empty", 6, 0, 0, false},
		{"udp", 17, 0, 8, true}, {"udp short", 17, 0, 7, false},
		{"icmp", 1, 0, 60, false}, {"unknown protocol", 99, 0, 60, false},
		{"later fragment", 17, 1, 40, false},
	} {
		b := make([]byte, 100) // the frame is long enough in every case
		b[0], b[3], b[7], b[9] = 0x46, byte(24+test.length), test.fragment, test.protocol
		ip, ok := packet.ParseIPv4(b)
		if !ok {
			t.Fatalf("%s: ParseIPv4 refuses", test.name)
		}
		if _, got := packet.ParseL4(ip); got != test.want {
			t.Errorf("%s: ParseL4 gives %v, want %v", test.name, got, test.want)
		}
	}
}

func TestFirstFragmentHasPorts(t *testing.T) {
	frame := datagram{src: 1, dst: 2, srcPort: 3, dstPort: 4, udp: true}.frame()
	frame[20] = 0x20 // more fragments
	_, ip, l4 := parse(t, frame)
	if !ip.IsFragment() || l4.SourcePort() != 3 {
		t.Errorf("got fragment %v, source port %d; want true, 3", ip.IsFragment(), l4.SourcePort())
	}
}

func TestViewsEndWithTheDatagram(t *testing.T) {
	frame := append(datagram{src: 1, dst: 2, payload: []byte("abc")}.frame(), 1, 2, 3, 4)
	_, ip, _ := parse(t, frame)
	if len(ip) != 43 || cap(ip) != 43 || string(ip.Payload()[20:]) != "abc" {
		t.Errorf("got %d bytes with capacity %d, want 43 and 43", len(ip), cap(ip))
	}
}

func TestEthernetSetters(t *testing.T) {
	frame := make([]byte, 15)
	eth, _ := packet.ParseEthernet(frame)
	eth.SetDestination(packet.MAC{1, 2, 3, 4, 5, 6})
	eth.SetSource(packet.MAC{7, 8, 9, 10, 11, 12})
	eth.SetType(packet.TypeARP)
	want := []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 8, 6, 0}
	if !bytes.Equal(frame, want) {
		t.Errorf("got % x, want % x", frame, want)
	}
}
