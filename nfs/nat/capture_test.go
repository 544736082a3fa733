package nat_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/config"
	"vigor/dataplane/pcapfile"
	"vigor/nf"
	"vigor/nfs/nat"
	"vigor/packet"
)

// TestTranslatesAsTheKernel gives the NAT what a router of real clients and servers received
// (testdata/record). It must send what the Linux kernel's NAT sent there, byte for byte from the IP
// header on, but for what [known] leaves out: a router also rewrites the Ethernet header. It lets in what somebody else than the peer sends
// to a mapped port (RFC 4787 REQ-8), which the kernel does not.
func TestTranslatesAsTheKernel(t *testing.T) {
	for _, test := range []struct {
		folder  string
		dropped [2][]nf.Reason // by device, beside ARP
		guests  [2]int         // that only this NAT sends on, to device
	}{
		{"testdata", [2][]nf.Reason{{}, {nf.NoMapping}}, [2]int{}},
		{"testdata/odd", [2][]nf.Reason{{nf.Fragment, nf.TTLExceeded}, {nf.Fragment}}, [2]int{1, 0}},
		{"testdata/icmp", [2][]nf.Reason{{}, {nf.NoMapping}}, [2]int{}},
	} {
		t.Run(test.folder, func(t *testing.T) {
			sent, counters := translate(t, test.folder)
			for device, file := range []string{"to-inside.pcap", "to-outside.pcap"} {
				want := ofClients(readCapture(t, filepath.Join(test.folder, file)))
				kept := slices.DeleteFunc(slices.Clone(sent[device]), func(p pcapfile.Packet) bool {
					return !slices.ContainsFunc(want, func(w []byte) bool { return bytes.Equal(known(w), known(p.Data[packet.EthernetHeaderLen:])) })
				})
				if got := len(sent[device]) - len(kept); got != test.guests[device] {
					t.Errorf("%s: %d packets differ from all of the kernel's, want %d", file, got, test.guests[device])
				}
				compare(t, file, kept, want)
				checkWithTshark(t, file, sent[device])
			}
			for device, reasons := range test.dropped {
				for r, n := range counters.Dropped[device] {
					why := nf.Reason(r)
					if (n > 0) != (why == nf.UnsupportedEtherType || slices.Contains(reasons, why)) {
						t.Errorf("device %d: %d packets dropped for %v", device, n, why)
					}
				}
			}
		})
	}
}

// translate runs the NAT of nat.yaml on the captures of a folder and returns what it sends.
func translate(t *testing.T, folder string) (sent [2][]pcapfile.Packet, counters dataplane.Counters) {
	t.Helper()
	var cfg nat.Config
	if _, err := config.ReadFile("nat.yaml", &cfg); err != nil {
		t.Fatal(err)
	}
	env, err := dataplane.NewRepeatableEnv(2)
	if err != nil {
		t.Fatal(err)
	}
	n, err := nat.New(env, cfg)
	if err != nil {
		t.Fatal(err)
	}
	place := t.TempDir()
	var in, out []pcapfile.File
	for device, name := range []string{"inside.pcap", "outside.pcap"} {
		in = append(in, pcapfile.File{Device: nf.Device(device), Name: filepath.Join(folder, name)})
		out = append(out, pcapfile.File{Device: nf.Device(device), Name: filepath.Join(place, name)})
	}
	files, err := pcapfile.Open(in, out)
	if err != nil {
		t.Fatal(err)
	}
	loop := dataplane.NewLoop(env, burst(n), files)
	if err := errors.Join(loop.Run(t.Context()), files.Close()); err != nil {
		t.Fatal(err)
	}
	for device := range sent {
		sent[device] = readCapture(t, out[device].Name)
	}
	return sent, loop.Counters
}

// readCapture returns the packets of a file.
func readCapture(t *testing.T, name string) []pcapfile.Packet {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := pcapfile.NewReader(name, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var all []pcapfile.Packet
	for {
		p, err := r.Next(nil)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// ofClients are the datagrams of a router's output that a NAT makes. Left out are its ARP and its own ICMP, fragments,
// and its answer to the packet that nobody asked for, from port 2000.
func ofClients(packets []pcapfile.Packet) [][]byte {
	var list [][]byte
	for _, p := range packets {
		if ip, l4, ok := whole(p.Data); ok && l4.SourcePort() != 2000 {
			list = append(list, ip)
		} else if ip, ok := message(p.Data); ok {
			list = append(list, ip)
		}
	}
	return list
}

// message returns a datagram of ICMP that is not the router's own.
func message(frame []byte) (packet.IPv4Header, bool) {
	eth, _ := packet.ParseEthernet(frame)
	ip, ok := packet.ParseIPv4(eth.Payload())
	if !ok || eth.Type() != packet.TypeIPv4 || ip.IsFragment() || ip.Protocol() != packet.ICMP {
		return nil, false
	}
	return ip, ip.TTL() != 64 // one hop from the client, or one that has passed the router
}

// known returns a datagram without what may differ from the kernel's: that adjusts the checksum of a TCP segment that an
// error quotes, if it is long enough, which nobody may ask for (RFC 5508 REQ-3c). Here it stays.
func known(datagram []byte) []byte {
	ip, ok := packet.ParseIPv4(bytes.Clone(datagram))
	if !ok || ip.Protocol() != packet.ICMP {
		return datagram
	}
	m, _ := packet.ParseICMP(ip.Payload())
	if q, ok := packet.ParseQuote(m); ok && q.Protocol() == packet.TCP {
		if segment := packet.IPv4Header(q).Payload(); len(segment) >= 18 {
			copy(m[2:4], []byte{0, 0})
			copy(segment[16:18], []byte{0, 0})
		}
	}
	return ip
}

// whole returns the headers of a frame that a NAT translates, if it is one.
func whole(frame []byte) (packet.IPv4Header, packet.L4Header, bool) {
	eth, _ := packet.ParseEthernet(frame)
	ip, ok := packet.ParseIPv4(eth.Payload())
	if !ok || eth.Type() != packet.TypeIPv4 || ip.IsFragment() || ip.TTL() <= 1 {
		return nil, packet.L4Header{}, false
	}
	l4, ok := packet.ParseL4(ip)
	return ip, l4, ok
}

// compare fails unless the frames hold the datagrams.
func compare(t *testing.T, name string, got []pcapfile.Packet, want [][]byte) {
	t.Helper()
	if len(got) != len(want) || len(got) < 12 {
		t.Fatalf("%s: the NAT sends %d packets, the kernel %d; want the same, and many", name, len(got), len(want))
	}
	for i := range want {
		if !bytes.Equal(known(got[i].Data[packet.EthernetHeaderLen:]), known(want[i])) {
			t.Errorf("%s, packet %d:\ngot  % x\nwant % x", name, i, got[i].Data[packet.EthernetHeaderLen:], want[i])
		}
	}
}

// checkWithTshark has Wireshark's dissectors look at every checksum of the packets.
func checkWithTshark(t *testing.T, name string, packets []pcapfile.Packet) {
	t.Helper()
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Log("tshark is not installed: its opinion on the checksums is not asked")
		return
	}
	var file bytes.Buffer
	w, err := pcapfile.NewWriter(&file)
	for _, p := range packets {
		err = errors.Join(err, w.Write(p.Time, p.Data))
	}
	path := filepath.Join(t.TempDir(), name)
	if err := errors.Join(err, os.WriteFile(path, file.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tshark, "-r", path, "-o", "ip.check_checksum:TRUE",
		"-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
		"-T", "fields", "-E", "separator=,", "-E", "occurrence=f", "-e", "ip.checksum.status",
		"-e", "tcp.checksum.status", "-e", "udp.checksum.status", "-e", "icmp.checksum.status").Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	lines := strings.Fields(string(out))
	for i, line := range lines { // 1 is good, 3 says that a UDP datagram has none, 2 that its end is not quoted
		if !slices.Contains([]string{"1,1,,", "1,,1,", "1,,3,", "1,,,1", "1,,1,1", "1,,2,1", "1,,3,1", "1,0,,1"}, line) {
			t.Errorf("%s, packet %d: tshark finds the checksums of IP, TCP, UDP, ICMP to be %s, want 1", name, i, line)
		}
	}
	if len(lines) != len(packets) {
		t.Errorf("%s: tshark sees %d packets of %d", name, len(lines), len(packets))
	}
}

// TestForeignCapture translates a capture of one host outward, and back: what was for the host is
// given to the outside device as its peer would send it to the outside address, and must arrive as
// it was, one hop older.
func TestForeignCapture(t *testing.T) {
	const network, mask = packet.IPv4(0x0A010A00), packet.IPv4(0xFFFFFF00) // 10.1.10.0/24
	n := newNAT(t, configOf(100))
	ports := map[endpoints]uint16{} // outside port by inside flow
	var sent []pcapfile.Packet
	answers := 0
	for i, p := range readCapture(t, "testdata/pcap-ng-parser/myfile.pcapng") {
		frame := bytes.Clone(p.Data)
		ip, l4, ok := whole(frame)
		if !ok {
			if got := process(n, frame, inside, p.Time); got.Kind != nf.Dropped {
				t.Errorf("packet %d: %v, want a drop", i, got.Kind)
			}
			continue
		}
		if ip.Source()&mask == network {
			flow := read(t, frame)
			expect(t, fmt.Sprint("packet ", i), process(n, frame, inside, p.Time), nf.Forward(outside))
			ports[flow] = read(t, frame).srcPort
		} else {
			port, known := ports[read(t, frame).reply()]
			if !known {
				t.Fatalf("packet %d belongs to no flow", i)
			}
			packet.SetDestination(ip, l4, our, port)
			expect(t, fmt.Sprint("packet ", i), process(n, frame, outside, p.Time), nf.Forward(inside))
			want, _ := packet.ParseIPv4(bytes.Clone(p.Data)[14:])
			want.DecrementTTL()
			if !bytes.Equal(ip, want) {
				t.Errorf("packet %d:\ngot  % x\nwant % x", i, ip, want)
			}
			answers++
		}
		sent = append(sent, pcapfile.Packet{Data: frame, Time: p.Time})
	}
	if len(ports) < 5 || answers < 10 {
		t.Errorf("%d flows and %d answers, the test shows little", len(ports), answers)
	}
	checkWithTshark(t, "foreign.pcap", sent)
}
