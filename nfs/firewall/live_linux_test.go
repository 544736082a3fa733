package firewall_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"vigor/dataplane/afpacket"
	"vigor/dataplane/looptest"
	"vigor/dataplane/netns"
	"vigor/nf"
	"vigor/nfs/firewall"
	"vigor/packet"
)

// walks is the number of flows that TestAgainstLinux makes up.
const walks = 250

// rules say the same as firewall.yaml.
const rules = `table ip f { chain c { type filter hook forward priority 0; policy drop;
ct state invalid drop; ct state established,related accept
iif dev0 tcp dport 25 drop; iif dev0 ct state new accept
iif dev1 ct state new ip daddr 10.0.0.80 tcp dport 443 accept
iif dev1 ip daddr 10.0.0.0/24 icmp type echo-request ct state new accept
}
}`

// step is one frame of a walk.
type step struct {
	from  nf.Device
	frame []byte
	flags packet.TCPFlags // 0 if it is not TCP
	kind  string
}

// excuse says why this firewall and the kernel may differ about the last frame of a walk, "" if they may not.
func excuse(walk []step) string {
	begun, answered, reset, ended, both := false, false, false, false, false
	var opener nf.Device
	for _, s := range walk[:len(walk)-1] {
		syn := s.flags&(packet.SYN|packet.ACK|packet.RST|packet.FIN) == packet.SYN
		switch {
		case syn && (!begun || ended):
			begun, answered, reset, ended, both, opener = true, false, false, false, false, s.from
		case s.flags&packet.RST != 0:
			reset, ended = begun && !answered, true
		case s.flags != 0 && s.from != opener:
			answered = answered || s.flags&packet.ACK != 0 && s.flags&packet.FIN == 0
			both = both || syn && !answered
		}
	}
	switch {
	case reset:
		return "RFC 9293, 3.10.7.3: RST ends an attempt to connect; the kernel forgets it at once, here it has ClosingTimer to go"
	case both:
		return "RFC 9293, 3.5: both sides have sent SYN; the kernel lets only SYN ACK follow, here an ACK may, too"
	}
	return ""
}

// TestAgainstLinux sends the same frames through this firewall and through nftables with rules on the state of
// connections, and compares what gets through. Each walk is a flow of its own; after the first difference the two
// remember different things, so the rest of that walk is not compared.
func TestAgainstLinux(t *testing.T) {
	netns.Need(t, "ip", "nft")
	kernel, ours := startKernel(t, ""), startOurs(t, example(t, 10000))
	r := rand.New(rand.NewPCG(3, 15))
	var all [][]step
	sent, id := uint64(0), uint16(0)
	for i := range walks {
		walk := makeWalk(r, uint16(20000+i))
		for j := range walk {
			id++
			mark(walk[j].frame, id)
			for _, s := range []*side{ours, kernel} {
				if err := s.wires[walk[j].from].Send(walk[j].frame); err != nil {
					t.Fatal(err)
				}
			}
			sent++
			ours.settle(t, sent)
			kernel.settle(t, sent)
		}
		all = append(all, walk)
	}
	compareWalks(t, all, passed(t, ours), passed(t, kernel))
}

// TestTimersAgainstLinux: after some seconds of silence, both know an established connection, and nothing of one that
// was opening or closing, nor of an exchange of datagrams.
func TestTimersAgainstLinux(t *testing.T) {
	netns.Need(t, "ip", "nft")
	const short = 2 * nf.Second
	cfg := example(t, 100)
	cfg.OpeningTimer, cfg.ClosingTimer, cfg.ExchangeTimer = short, short, short
	ours, kernel := startOurs(t, cfg), startKernel(t, `cd netfilter
for state in syn_sent syn_recv fin_wait close_wait last_ack time_wait close; do echo 2 > nf_conntrack_tcp_timeout_$state; done
echo 2 > nf_conntrack_udp_timeout; echo 2 > nf_conntrack_udp_timeout_stream; echo 2 > nf_conntrack_icmp_timeout`)
	before, after := silences()
	sent := uint64(0)
	send := func(list []step) {
		for _, step := range list {
			sent++
			mark(step.frame, uint16(sent))
			for _, s := range []*side{ours, kernel} {
				if err := s.wires[step.from].Send(step.frame); err != nil {
					t.Fatal(err)
				}
			}
			ours.settle(t, sent)
			kernel.settle(t, sent)
		}
	}
	send(before)
	time.Sleep(2 * time.Duration(short))
	send(after)
	got, want := passed(t, ours), passed(t, kernel)
	for i, s := range append(before, after...) {
		id, late := uint16(i+1), i >= len(before)
		if got[id] != want[id] || got[id] != (!late || s.kind == "established") {
			t.Errorf("frame %d, %s, after the silence %v: passes %v, with nftables %v", id, s.kind, late, got[id], want[id])
		}
	}
}

// silences are frames of flows in several states, and one more of each for after a silence.
func silences() (before, after []step) {
	const S, SA, A, FA, R = packet.SYN, packet.SYN | packet.ACK, packet.ACK, packet.FIN | packet.ACK, packet.RST | packet.ACK
	const peer packet.IPv4 = 0xC6336401 // 198.51.100.1
	for i, segments := range [][]packet.TCPFlags{{S, SA}, {S, SA, A, A}, {S, SA, A, FA, A}, {S, SA, A, R, A}} {
		kind := []string{"opening", "established", "half closed", "reset"}[i]
		for j, flags := range segments {
			s := step{inside, tcp(host, uint16(5000+i), peer, 443, flags), flags, kind}
			if j%2 == 1 {
				s = step{outside, tcp(peer, 443, host, uint16(5000+i), flags), flags, kind}
			}
			if j == len(segments)-1 {
				after = append(after, s)
			} else {
				before = append(before, s)
			}
		}
	}
	before = append(before, step{inside, udp(host, 5000, peer, 53), 0, "udp"}, step{inside, icmp(host, peer, 8, 7, nil), 0, "echo"})
	after = append(after, step{outside, udp(peer, 53, host, 5000), 0, "udp"}, step{outside, icmp(peer, host, 0, 7, nil), 0, "echo"})
	return before, after
}

// compareWalks fails for each difference that has no excuse, and if one of the two lets too little through.
func compareWalks(t *testing.T, all [][]step, ours, kernel map[uint16]bool) {
	id, compared, through, differences := uint16(0), 0, 0, map[string]int{}
	for _, walk := range all {
		differed := false
		for j, s := range walk {
			id++
			if differed {
				continue
			}
			compared++
			if ours[id] == kernel[id] {
				if ours[id] {
					through++
				}
				continue
			}
			differed = true
			if why := excuse(walk[:j+1]); why != "" {
				differences[why]++
				continue
			}
			t.Errorf("frame %d of its walk, %s with flags %06b from device %d: passes %v, with nftables %v; the walk:\n%v",
				j, s.kind, s.flags, s.from, ours[id], kernel[id], describe(walk[:j+1]))
		}
	}
	for why, n := range differences {
		t.Logf("%d differences: %s", n, why)
	}
	t.Logf("%d frames compared, %d of them passed by both", compared, through)
	if through < int(id)/5 || compared < int(id)/2 {
		t.Errorf("of %d frames %d were compared and %d passed: the test shows little", id, compared, through)
	}
}

// describe is a walk in short.
func describe(walk []step) (text string) {
	for _, s := range walk {
		text += fmt.Sprintf(" %d:%s/%06b", s.from, s.kind, s.flags)
	}
	return text
}

// makeWalk makes up a flow with a port of its own: mostly what a connection does, and at random what it does not.
func makeWalk(r *rand.Rand, port uint16) (walk []step) {
	in, out := []packet.IPv4{host, web}[r.IntN(2)], []packet.IPv4{0xC6336401, 0xC6336402}[r.IntN(2)] // 198.51.100.1, .2
	opener := nf.Device(r.IntN(2))
	service := []uint16{443, 80, 25}[r.IntN(3)]
	a, b, aPort, bPort := in, out, port, service
	if opener == outside {
		a, b = out, in
	}
	protocol := r.IntN(4)
	for j := range 4 + r.IntN(8) {
		side, flags := opener, usual(r, j)
		if j == 1 || j > 2 && r.IntN(2) == 0 || r.IntN(12) == 0 {
			side = 1 - opener
		}
		src, dst, srcPort, dstPort := a, b, aPort, bPort
		if side != opener {
			src, dst, srcPort, dstPort = b, a, bPort, aPort
		}
		s := step{from: side, kind: "udp", frame: udp(src, srcPort, dst, dstPort)}
		switch protocol {
		case 0, 1:
			s = step{from: side, kind: "tcp", flags: flags, frame: tcp(src, srcPort, dst, dstPort, flags)}
		case 2:
			kind := uint8(8)
			if side != opener {
				kind = 0
			}
			s = step{from: side, kind: "echo", frame: icmp(src, dst, kind, port, nil)}
		}
		switch {
		case len(walk) > 0 && r.IntN(10) == 0:
			quoted := walk[r.IntN(len(walk))]
			s = step{from: 1 - quoted.from, kind: "error", frame: about(quoted.frame, dst, []uint8{3, 11, 12}[r.IntN(3)])}
		case r.IntN(40) == 0:
			s = step{from: side, kind: "fragment", frame: resum(later(s.frame))}
		}
		walk = append(walk, s)
	}
	return walk
}

// usual are the flags of segment j of a connection, or any.
func usual(r *rand.Rand, j int) packet.TCPFlags {
	if r.IntN(9) == 0 {
		return packet.TCPFlags(r.IntN(32)) &^ packet.PSH
	}
	switch j {
	case 0:
		return packet.SYN
	case 1:
		return packet.SYN | packet.ACK
	case 2, 3, 4:
		return packet.ACK
	}
	return []packet.TCPFlags{packet.ACK, packet.FIN | packet.ACK, packet.RST, packet.FIN | packet.ACK, packet.RST | packet.ACK}[r.IntN(5)]
}

// mark numbers a frame in its Identification, and sends it to the kernel's devices.
func mark(frame []byte, id uint16) {
	copy(frame, routerMAC[:])
	frame[18], frame[19] = byte(id>>8), byte(id)
	resum(frame)
}

// resum makes the header's checksum right.
func resum(frame []byte) []byte {
	ip, _ := packet.ParseIPv4(frame[14:])
	ip.SetChecksum(ip.ComputeChecksum())
	return frame
}

// routerMAC is the address of both devices of the kernel's firewall.
var routerMAC = packet.MAC{2, 0, 0, 0, 9, 9}

// side is a firewall with a wire to each of its devices.
type side struct {
	wires  [2]*netns.Wire
	settle func(t *testing.T, frames uint64) // waits until so many frames have been dealt with
}

// passed are the numbers of the frames that have left, each on the other side and one hop older.
func passed(t *testing.T, s *side) map[uint16]bool {
	t.Helper()
	ids := map[uint16]bool{}
	for _, w := range s.wires {
		frames, err := w.All(100 * time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range frames {
			eth, ok := packet.ParseEthernet(f)
			if !ok || eth.Type() != packet.TypeIPv4 {
				continue
			}
			if ip, ok := packet.ParseIPv4(eth.Payload()); ok && ip.TTL() == 63 {
				if id := ip.Identification(); ids[id] {
					t.Errorf("frame %d leaves twice", id)
				} else {
					ids[id] = true
				}
			}
		}
	}
	return ids
}

// startOurs runs a firewall on packet sockets, as a hop.
func startOurs(t *testing.T, cfg firewall.Config) *side {
	lab := netns.New(t, 2)
	var io *afpacket.IO
	lab.Own.Do(t, func() {
		var err error
		if io, err = afpacket.Open(lab.Devices(), afpacket.Config{}); err != nil {
			t.Fatal(err)
		}
	})
	cfg.Routed = true
	env := nf.Env{Devices: 2, HashKey: hashKey}
	f, err := firewall.New(env, cfg)
	if err != nil {
		t.Fatal(err)
	}
	loop := looptest.Start(t, env, f.Process, io)
	s := &side{settle: func(t *testing.T, frames uint64) { looptest.Received(t, loop, frames) }}
	for i, host := range lab.Hosts {
		s.wires[i] = host.Wire(t, netns.HostDevice)
	}
	return s
}

// startKernel makes a router with the rules in nftables. Windows and sequence numbers are not judged, and no
// connection begins but with SYN, as with ours; a script may set more.
func startKernel(t *testing.T, script string) *side {
	lab := netns.New(t, 2)
	for i, device := range lab.Devices() {
		lab.Own.Run(t, "ip", "link", "set", device, "address", routerMAC.String())
		lab.Own.Address(t, device, []string{"10.0.0.1/24", "198.51.100.254/24"}[i])
	}
	for address, device := range map[string]string{"10.0.0.7": "dev0", "10.0.0.80": "dev0", "198.51.100.1": "dev1", "198.51.100.2": "dev1"} {
		lab.Own.Run(t, "ip", "neigh", "add", address, "lladdr", "02:00:00:00:00:07", "dev", device, "nud", "permanent")
	}
	lab.Own.Run(t, "nft", rules)
	lab.Own.Run(t, "sh", "-ec", `cd /proc/sys/net; echo 1 > ipv4/ip_forward; echo 0 > ipv4/conf/all/rp_filter
echo 1 > netfilter/nf_conntrack_tcp_be_liberal; echo 0 > netfilter/nf_conntrack_tcp_loose
`+script)
	s := &side{settle: func(*testing.T, uint64) { time.Sleep(200 * time.Microsecond) }}
	for i, host := range lab.Hosts {
		s.wires[i] = host.Wire(t, netns.HostDevice)
	}
	for _, device := range lab.Devices() {
		lab.Own.Ready(t, device)
	}
	return s
}
