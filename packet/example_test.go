package packet_test

import (
	"fmt"

	"vigor/packet"
)

// A frame is parsed layer by layer, and rewritten in place with its checksums kept.
func Example() {
	frame := datagram{src: 0x0A000001, dst: 0x08080808, srcPort: 5000, dstPort: 53, udp: true}.frame()

	eth, _ := packet.ParseEthernet(frame)
	ip, _ := packet.ParseIPv4(eth.Payload())
	l4, _ := packet.ParseL4(ip)
	packet.SetSource(ip, l4, 0xCB007101, 1024)

	fmt.Println(ip.Source(), l4.SourcePort(), ip.HeaderChecksumOK(), l4.ChecksumOK(ip))
	// Output: 203.0.113.1 1024 true true
}
