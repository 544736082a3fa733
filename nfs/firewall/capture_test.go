package firewall_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/pcapfile"
	"vigor/nf"
	"vigor/nfs/firewall"
	"vigor/packet"
)

var update = flag.Bool("update", false, "rewrite the captures in testdata")

// examples are what testdata holds, by device: a connection to a server and what does not belong to it, a web server
// that is reached from outside, ping in both directions, an error about a datagram, and ARP.
func examples() (list [2][][]byte) {
	add := func(from nf.Device, frame []byte) {
		list[from] = append(list[from], frame)
		list[1-from] = append(list[1-from], nil)
	}
	const S, A, F, R = packet.SYN, packet.ACK, packet.FIN, packet.RST
	arp := make([]byte, 60)
	arp[12], arp[13] = 8, 6
	add(inside, arp)
	add(outside, tcp(server, 443, host, 5000, S|A))
	add(inside, tcp(host, 5000, server, 443, S))
	add(outside, tcp(server, 443, host, 5000, S|A))
	add(inside, tcp(host, 5000, server, 443, A))
	add(outside, tcp(server, 444, host, 5000, A))
	add(outside, tcp(server, 443, host, 5000, F|A))
	add(inside, tcp(host, 5000, server, 443, F|A))
	add(outside, tcp(server, 443, host, 5000, A))
	add(inside, tcp(host, 5001, server, 25, S))
	add(outside, tcp(server, 7000, web, 443, S))
	add(inside, tcp(web, 443, server, 7000, S|A))
	add(outside, tcp(server, 7000, web, 443, R))
	add(outside, tcp(server, 7000, web, 22, S))
	add(inside, icmp(host, server, 8, 7, nil))
	add(outside, icmp(server, host, 0, 7, nil))
	add(outside, icmp(server, host, 0, 8, nil))
	add(outside, icmp(server, web, 8, 9, nil))
	add(inside, icmp(web, server, 0, 9, nil))
	add(inside, udp(host, 5000, server, 53))
	add(outside, about(udp(host, 5000, server, 53), server, 3))
	add(outside, about(udp(host, 5001, server, 53), server, 3))
	add(outside, later(udp(server, 53, host, 5000)))
	return list
}

// TestCapture runs the firewall of firewall.yaml on the captures; what it sends must be as recorded.
func TestCapture(t *testing.T) {
	names, place := []string{"inside.pcap", "outside.pcap"}, t.TempDir()
	var in, out []pcapfile.File
	for device, frames := range examples() {
		if *update {
			writeCapture(t, filepath.Join("testdata", names[device]), frames)
		}
		in = append(in, pcapfile.File{Device: nf.Device(device), Name: filepath.Join("testdata", names[device])})
		out = append(out, pcapfile.File{Device: nf.Device(device), Name: filepath.Join(place, names[device])})
	}
	files, err := pcapfile.Open(in, out)
	if err != nil {
		t.Fatal(err)
	}
	f, err := firewall.New(nf.Env{Devices: 2, HashKey: hashKey}, example(t, 100))
	if err != nil {
		t.Fatal(err)
	}
	loop := dataplane.NewLoop(nf.Env{Devices: 2}, func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = f.Process(&packets[i])
		}
	}, files)
	if err := errors.Join(loop.Run(t.Context()), files.Close()); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		golden := filepath.Join("testdata", "to-"+name)
		got, err := os.ReadFile(filepath.Join(place, name))
		if *update {
			err = errors.Join(err, os.WriteFile(golden, got, 0o644))
		}
		want, wrong := os.ReadFile(golden)
		if err := errors.Join(err, wrong); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s would change: look at the difference, and run with -update", golden)
		}
	}
	for why, want := range map[nf.Reason]uint64{nf.OutOfState: 2, nf.Denied: 2, nf.NoMapping: 2, nf.Fragment: 1} {
		if got := loop.Counters.Dropped[inside][why] + loop.Counters.Dropped[outside][why]; got != want {
			t.Errorf("%d frames dropped for %v, want %d", got, why, want)
		}
	}
}

// writeCapture writes frames a millisecond apart; nil stands for one of the other device.
func writeCapture(t *testing.T, name string, frames [][]byte) {
	t.Helper()
	var file bytes.Buffer
	w, err := pcapfile.NewWriter(&file)
	for i, frame := range frames {
		if frame != nil {
			err = errors.Join(err, w.Write(nf.Second+nf.Time(i)*nf.Millisecond, frame))
		}
	}
	if err := errors.Join(err, os.WriteFile(name, file.Bytes(), 0o644)); err != nil {
		t.Fatal(err)
	}
}
