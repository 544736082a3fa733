package nat_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/config"
	"vigor/dataplane/pcapfile"
	"vigor/nf"
	"vigor/nfs/nat"
	"vigor/packet"
)

// TestRecordedCaptures lets the NAT translate what real clients and servers sent (testdata/record).
// What it sends must be what the kernel's NAT sent for the same frames, byte for byte from the IP
// header on: the router also rewrites the Ethernet header.
func TestRecordedCaptures(t *testing.T) {
	toInside, toOutside := translateCaptures(t)
	for ours, kernels := range map[string]string{
		toInside: "testdata/to-inside.pcap", toOutside: "testdata/to-outside.pcap",
	} {
		got, want := datagrams(t, ours), datagrams(t, kernels)
		if len(got) != len(want) || len(got) < 15 {
			t.Errorf("%s: the NAT sends %d datagrams, the kernel %d", kernels, len(got), len(want))
			continue
		}
		for i := range got {
			if !bytes.Equal(got[i], want[i]) {
				t.Errorf("%s: datagram %d is\n% x, want\n% x", kernels, i, got[i], want[i])
			}
		}
	}
}

// TestChecksumsInTshark asks Wireshark's dissectors about every checksum that the NAT wrote.
func TestChecksumsInTshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("tshark is not installed")
	}
	toInside, toOutside := translateCaptures(t)
	for _, file := range []string{toInside, toOutside} {
		out, err := exec.Command(tshark, "-r", file, "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE",
			"-o", "udp.check_checksum:TRUE", "-T", "fields", "-E", "separator=/s",
			"-e", "ip.checksum.status", "-e", "tcp.checksum.status", "-e", "udp.checksum.status").Output()
		if err != nil {
			t.Fatalf("tshark: %v", err)
		}
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		if len(lines) < 15 {
			t.Errorf("%s has %d frames", file, len(lines))
		}
		for i, line := range lines {
			if got := strings.Join(strings.Fields(line), " "); got != "1 1" { // 1 is "good"
				t.Errorf("%s: frame %d: the statuses of IP and transport checksums are %q, want both good", file, i+1, got)
			}
		}
	}
}

// translateCaptures runs the NAT on the recorded captures, with nat.yaml, and returns what it sends.
func translateCaptures(t *testing.T) (toInside, toOutside string) {
	t.Helper()
	var cfg nat.Config
	if err := config.ReadFile("nat.yaml", &cfg); err != nil {
		t.Fatal(err)
	}
	env, err := dataplane.NewEnv(2)
	if err != nil {
		t.Fatal(err)
	}
	n, err := nat.New(env, cfg)
	if err != nil {
		t.Fatal(err)
	}
	toInside, toOutside = filepath.Join(t.TempDir(), "inside.pcap"), filepath.Join(t.TempDir(), "outside.pcap")
	files, err := pcapfile.Open(
		[]pcapfile.File{{Device: 0, Name: "testdata/inside.pcap"}, {Device: 1, Name: "testdata/outside.pcap"}},
		[]pcapfile.File{{Device: 0, Name: toInside}, {Device: 1, Name: toOutside}})
	if err != nil {
		t.Fatal(err)
	}
	loop := dataplane.NewLoop(env, func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = n.Process(&packets[i])
		}
	}, files)
	if err := errors.Join(loop.Run(t.Context()), files.Close()); err != nil {
		t.Fatal(err)
	}
	// Both sides ask for addresses by ARP and ping once; the outside tries one port that is closed.
	dropped := fmt.Sprint(loop.Counters.Dropped[0][nf.UnsupportedProtocol], loop.Counters.Dropped[1][nf.UnsupportedProtocol],
		loop.Counters.Dropped[1][nf.NoMapping])
	if dropped != "1 1 1" {
		t.Errorf("pings from inside, from outside, and unasked packets dropped: %s, want one each", dropped)
	}
	return toInside, toOutside
}

// datagrams returns the IP datagrams with TCP or UDP of a capture, but for those of the router itself:
// its answer to the packet that nobody asked for.
func datagrams(t *testing.T, file string) [][]byte {
	t.Helper()
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	reader, err := pcapfile.NewReader(file, in)
	var list [][]byte
	for err == nil {
		var p pcapfile.Packet
		if p, err = reader.Next(nil); err != nil {
			break
		}
		eth, _ := packet.ParseEthernet(p.Data)
		if eth.Type() != packet.TypeIPv4 {
			continue
		}
		ip, _ := packet.ParseIPv4(eth.Payload())
		if l4, ok := packet.ParseL4(ip); ok && l4.SourcePort() != 2000 {
			list = append(list, eth.Payload())
		}
	}
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return list
}
