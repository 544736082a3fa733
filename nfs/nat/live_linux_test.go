package nat_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	"vigor/dataplane/afpacket"
	"vigor/dataplane/looptest"
	"vigor/dataplane/netns"
	"vigor/nf"
	"vigor/nfs/nat"
	"vigor/packet"
)

// masquerade is the kernel's NAT.
const masquerade = `table ip n { chain c { type nat hook postrouting priority srcnat; oifname "dev1" masquerade
}
}`

// routerMAC is the address of both devices of the kernel's NAT.
var routerMAC = packet.MAC{2, 0, 0, 0, 9, 9}

// exchange is a datagram from inside, and what comes back for it, by the side that it passed: 0 is this NAT's, 1 the kernel's.
type exchange struct {
	frame []byte
	sent  [2][]byte // as it left
	kind  string    // of what comes back
	back  [2][]byte
}

// excuses are the kinds of packets that the two may treat differently: this NAT sends on, the kernel does not.
var excuses = map[string]string{
	"from a stranger": "RFC 4787 REQ-8: filtering is independent of the peer; the kernel lets in the peer of a flow only",
}

// TestAgainstLinux sends the same frames through this NAT and through nftables with masquerade, and compares what leaves:
// outward but for the ports and identifiers, which each chooses as it likes, inward byte by byte from the IP header on.
func TestAgainstLinux(t *testing.T) {
	netns.Need(t, "ip", "nft")
	sides := [2]*side{startOurs(t), startKernel(t)}
	r := rand.New(rand.NewPCG(4, 17))
	all := make([]*exchange, 400)
	for i := range all {
		all[i] = &exchange{frame: outward(r, i)}
		for _, s := range sides {
			s.send(t, 0, all[i].frame, i)
		}
	}
	for k, s := range sides {
		left := s.passed(t, 1)
		for i, e := range all {
			if e.sent[k] = left[uint16(i)]; e.sent[k] == nil {
				t.Fatalf("side %d has not sent frame %d: % x", k, i, e.frame)
			}
		}
	}
	for i, e := range all {
		if got, want := anonymous(e.sent[0]), anonymous(e.sent[1]); !bytes.Equal(got, want) {
			t.Fatalf("frame %d leaves as\n% x, with nftables as\n% x", i, got, want)
		}
		e.kind = [...]string{"answer", "answer", "error", "from a stranger", "unasked"}[r.IntN(5)]
		for k, s := range sides {
			s.send(t, 1, inward(e, e.sent[k]), i)
		}
	}
	count, excused := map[string]int{}, map[string]int{}
	in := [2]map[uint16][]byte{sides[0].passed(t, 0), sides[1].passed(t, 0)}
	for i, e := range all {
		got, want := in[0][uint16(i)], in[1][uint16(i)]
		if bytes.Equal(got, want) {
			if got != nil {
				count[e.kind]++
			}
			continue
		}
		excused[excuses[e.kind]]++
		if excuses[e.kind] == "" || got == nil || want != nil {
			t.Fatalf("%s to frame %d arrives as\n% x, with nftables as\n% x; it was about\n% x", e.kind, i, got, want, e.frame)
		}
	}
	t.Logf("passed by both: %v; by this NAT alone: %v", count, excused)
	if count["answer"] < 100 || count["error"] < 50 || count["unasked"] > 0 || count["from a stranger"] > 0 {
		t.Errorf("of %d frames these have passed both: %v; the test shows little", len(all), count)
	}
}

// outward makes a datagram of an inside endpoint that no other one shares: TCP, UDP or an echo request.
func outward(r *rand.Rand, i int) []byte {
	e := endpoints{
		src: host + packet.IPv4(r.IntN(3)), srcPort: 20000 + uint16(i), dst: server + packet.IPv4(r.IntN(3)), dstPort: 80 + uint16(r.IntN(3)),
		protocol: packet.UDP, payload: r.IntN(200),
	}
	switch r.IntN(3) {
	case 0:
		return queryFrame(e.src, e.dst, packet.ICMPEchoRequest, e.srcPort)
	case 1:
		e.protocol = packet.TCP
		return flagged(e.frame(), packet.SYN)
	}
	frame := e.frame()
	if r.IntN(3) == 0 {
		frame[40], frame[41] = 0, 0
	}
	return frame
}

// flagged is a TCP segment with other flags.
func flagged(frame []byte, flags packet.TCPFlags) []byte {
	frame[14+20+13] = byte(flags)
	ip, _ := packet.ParseIPv4(frame[14:])
	l4, _ := packet.ParseL4(ip)
	binary.BigEndian.PutUint16(frame[14+20+16:], l4.ComputeChecksum(ip))
	return frame
}

// inward makes what comes back for a datagram as it has left.
func inward(e *exchange, sent []byte) []byte {
	ip, _ := packet.ParseIPv4(sent[14:])
	query := ip.Protocol() == packet.ICMP
	peer := ip.Destination()
	switch e.kind {
	case "error":
		return errorAbout(sent, peer+0x100, ip.Source(), []uint8{3, 11, 12}[int(sent[18])%3], 8)
	case "from a stranger":
		peer += 9
	}
	if query {
		identifier := packet.ICMPHeader(ip.Payload()).Identifier()
		if e.kind == "unasked" {
			identifier ^= 0x8000
		}
		return queryFrame(peer, ip.Source(), packet.ICMPEchoReply, identifier)
	}
	l4, _ := packet.ParseL4(ip)
	back := endpoints{peer, l4.DestinationPort(), ip.Source(), l4.SourcePort(), ip.Protocol(), 0, 30}
	if e.kind == "unasked" {
		back.dstPort ^= 0x8000
	}
	if ip.Protocol() == packet.TCP {
		return flagged(back.frame(), packet.SYN|packet.ACK)
	}
	return back.frame()
}

// anonymous is a datagram without its source port or identifier and the checksum that covers it, which must be right.
func anonymous(frame []byte) []byte {
	ip, _ := packet.ParseIPv4(bytes.Clone(frame[14:]))
	segment := ip.Payload()
	at, sum := 0, map[packet.Protocol]int{packet.TCP: 16, packet.UDP: 6, packet.ICMP: 2}[ip.Protocol()]
	right := true
	if ip.Protocol() == packet.ICMP {
		at, right = 4, packet.Checksum(segment, 0) == 0
	} else {
		l4, _ := packet.ParseL4(ip)
		right = l4.ChecksumOK(ip)
	}
	none := segment[sum] == 0 && segment[sum+1] == 0
	copy(segment[at:], []byte{0, 0})
	if copy(segment[sum:], []byte{1, 1}); none {
		copy(segment[sum:], []byte{0, 0})
	}
	if !right {
		copy(segment[sum:], []byte{2, 2})
	}
	return ip
}

// side is a NAT with a wire to each of its devices.
type side struct {
	wires  [2]*netns.Wire
	settle func(t *testing.T, frames uint64) // waits until so many frames have been dealt with
	frames uint64
}

// send sends a frame to a device, numbered in its Identification.
func (s *side) send(t *testing.T, device nf.Device, frame []byte, number int) {
	t.Helper()
	frame = bytes.Clone(frame)
	copy(frame, routerMAC[:])
	binary.BigEndian.PutUint16(frame[18:], uint16(number))
	ip, _ := packet.ParseIPv4(frame[14:])
	ip.SetChecksum(ip.ComputeChecksum())
	if err := s.wires[device].Send(frame); err != nil {
		t.Fatal(err)
	}
	s.frames++
	s.settle(t, s.frames)
}

// passed are the frames that have left by a device one hop older, without their Ethernet header but for its room, by
// number. What the kernel itself has to say has all its hops.
func (s *side) passed(t *testing.T, device nf.Device) map[uint16][]byte {
	t.Helper()
	frames, err := s.wires[device].All(200 * time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	found := map[uint16][]byte{}
	for _, f := range frames {
		eth, _ := packet.ParseEthernet(f)
		if ip, ok := packet.ParseIPv4(eth.Payload()); ok && eth.Type() == packet.TypeIPv4 && ip.TTL() == 63 {
			found[ip.Identification()] = append(make([]byte, 12), append([]byte{8, 0}, ip...)...)
		}
	}
	return found
}

// startOurs runs the NAT on packet sockets.
func startOurs(t *testing.T) *side {
	lab := netns.New(t, 2)
	var io *afpacket.IO
	lab.Own.Do(t, func() {
		var err error
		if io, err = afpacket.Open(lab.Devices(), afpacket.Config{}); err != nil {
			t.Fatal(err)
		}
	})
	env := nf.Env{Devices: 2, HashKey: hashKey}
	n, err := nat.New(env, configOf(1000))
	if err != nil {
		t.Fatal(err)
	}
	loop := looptest.Start(t, env, n.Process, io)
	s := &side{settle: func(t *testing.T, frames uint64) { looptest.Received(t, loop, frames) }}
	for i, host := range lab.Hosts {
		s.wires[i] = host.Wire(t, netns.HostDevice)
	}
	return s
}

// startKernel makes a router with masquerade in nftables.
func startKernel(t *testing.T) *side {
	lab := netns.New(t, 2)
	for i, device := range lab.Devices() {
		lab.Own.Run(t, "ip", "link", "set", device, "address", routerMAC.String())
		lab.Own.Address(t, device, []string{"10.0.0.1/24", our.String() + "/24"}[i])
	}
	for _, address := range []packet.IPv4{host, host + 1, host + 2} {
		lab.Own.Run(t, "ip", "neigh", "add", address.String(), "lladdr", "02:00:00:00:00:07", "dev", "dev0", "nud", "permanent")
	}
	lab.Own.Run(t, "ip", "neigh", "add", "203.0.113.254", "lladdr", "02:00:00:00:00:08", "dev", "dev1", "nud", "permanent")
	lab.Own.Route(t, "default", "203.0.113.254")
	lab.Own.Run(t, "nft", masquerade)
	lab.Own.Run(t, "sh", "-ec", `cd /proc/sys/net/ipv4; echo 1 > ip_forward; echo 0 > conf/all/rp_filter`)
	s := &side{settle: func(*testing.T, uint64) { time.Sleep(200 * time.Microsecond) }}
	for i, host := range lab.Hosts {
		s.wires[i] = host.Wire(t, netns.HostDevice)
	}
	for _, device := range lab.Devices() {
		lab.Own.Ready(t, device)
	}
	return s
}
