package natclassic_test

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
	"vigor/nfs/natclassic"
	"vigor/packet"
)

// TestTranslatesAsTheKernel gives the NAT what a router of real clients and servers received
// (../nat/testdata/record). It must send what the Linux kernel's NAT sent there, byte for byte from the IP
// header on: a router also rewrites the Ethernet header.
func TestTranslatesAsTheKernel(t *testing.T) {
	for _, test := range []struct {
		folder  string
		dropped [2][]nf.Reason // by device, beside ARP
	}{
		{"../nat/testdata", [2][]nf.Reason{{nf.UnsupportedProtocol}, {nf.UnsupportedProtocol, nf.NoMapping}}},
		{"../nat/testdata/odd", [2][]nf.Reason{{nf.Fragment, nf.TTLExceeded}, {nf.Fragment, nf.WrongPeer}}},
	} {
		t.Run(test.folder, func(t *testing.T) {
			sent, counters := translate(t, test.folder)
			for device, file := range []string{"to-inside.pcap", "to-outside.pcap"} {
				want := ofClients(readCapture(t, filepath.Join(test.folder, file)))
				compare(t, file, sent[device], want)
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

// translate runs the NAT of natclassic.yaml on the captures of a folder and returns what it sends.
func translate(t *testing.T, folder string) (sent [2][]pcapfile.Packet, counters dataplane.Counters) {
	t.Helper()
	var cfg natclassic.Config
	if _, err := config.ReadFile("natclassic.yaml", &cfg); err != nil {
		t.Fatal(err)
	}
	env, err := dataplane.NewRepeatableEnv(2)
	if err != nil {
		t.Fatal(err)
	}
	n, err := natclassic.New(env, cfg)
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

// ofClients are the datagrams of a router's output that a NAT of TCP and UDP makes. Left out are
// its ARP and ICMP, fragments, and its answer to the packet that nobody asked for, from port 2000.
func ofClients(packets []pcapfile.Packet) [][]byte {
	var list [][]byte
	for _, p := range packets {
		if ip, l4, ok := whole(p.Data); ok && l4.SourcePort() != 2000 {
			list = append(list, ip)
		}
	}
	return list
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
	if len(got) != len(want) || len(got) < 15 {
		t.Fatalf("%s: the NAT sends %d packets, the kernel %d; want the same, and many", name, len(got), len(want))
	}
	for i := range want {
		if !bytes.Equal(got[i].Data[packet.EthernetHeaderLen:], want[i]) {
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
		"-T", "fields", "-E", "separator=,", "-e", "ip.checksum.status",
		"-e", "tcp.checksum.status", "-e", "udp.checksum.status").Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	lines := strings.Fields(string(out))
	for i, line := range lines { // 1 is good, 3 says that a UDP datagram has none
		if !slices.Contains([]string{"1,1,", "1,,1", "1,,3"}, line) {
			t.Errorf("%s, packet %d: tshark finds the checksums of IP, TCP, UDP to be %s, want 1", name, i, line)
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
	n := newNAT(t, natclassic.Config{WAN: outside, ExternalIP: our, StartPort: 1024, Capacity: 100, FlowTimeout: 5 * nf.Minute})
	ports := map[endpoints]uint16{} // outside port by inside flow
	var sent []pcapfile.Packet
	answers := 0
	for i, p := range readCapture(t, "../nat/testdata/pcap-ng-parser/myfile.pcapng") {
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
