package policer_test

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"vigor/dataplane/config"
	"vigor/dataplane/looptest"
	"vigor/dataplane/pcapfile"
	"vigor/nf"
	"vigor/nfs/policer"
	"vigor/packet"
)

var update = flag.Bool("update", false, "rewrite the captures in testdata")

// example is what testdata/outside.pcap holds: a burst for a station that is larger than that of
// policer.yaml, later 40 datagrams for each of two at twice the rate, and ARP.
func example(t *testing.T) []byte {
	var file bytes.Buffer
	w, err := pcapfile.NewWriter(&file)
	arp := make([]byte, 60)
	arp[12], arp[13] = 8, 6
	err = errors.Join(err, w.Write(nf.Second, arp))
	for i := range 17 {
		err = errors.Join(err, w.Write(nf.Second+nf.Time(i), datagram(0xC6336401, 0x0A000001, 1000, 0)))
	}
	for i := range 40 {
		at := 2*nf.Second + nf.Time(i)*nf.Millisecond/2
		for station := range packet.IPv4(2) {
			err = errors.Join(err, w.Write(at, datagram(0xC6336401, 0x0A000001+station, 1000, 0)))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// TestCapture runs the policer of policer.yaml on a capture. What it sends is as recorded, and for each
// station no more than rate and burst allow.
func TestCapture(t *testing.T) {
	input, golden := filepath.Join("testdata", "outside.pcap"), filepath.Join("testdata", "to-inside.pcap")
	if *update {
		if err := os.WriteFile(input, example(t), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var cfg policer.Config
	if _, err := config.ReadFile("policer.yaml", &cfg); err != nil {
		t.Fatal(err)
	}
	p := newPolicer(t, cfg)
	loop := looptest.Captures(t, nf.Env{Devices: 2}, p.Process, []pcapfile.File{{Device: outside, Name: input}},
		[]pcapfile.File{{Device: inside, Name: golden}}, *update)
	if n, want := loop.Counters.Dropped[outside][nf.RateExceeded], modelDrops(t, cfg, input); n != want || n < 10 {
		t.Errorf("%d packets were dropped as more than the rate, the model drops %d", n, want)
	}
}

// modelDrops counts what the model drops of a capture.
func modelDrops(t *testing.T, cfg policer.Config, name string) (n uint64) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := pcapfile.NewReader(name, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	buckets := map[packet.IPv4]*bucket{}
	for {
		p, err := r.Next(nil)
		if errors.Is(err, io.EOF) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		ip, ok := packet.ParseIPv4(p.Data[14:])
		if !ok {
			continue
		}
		to := ip.Destination()
		if buckets[to] == nil {
			buckets[to] = &bucket{}
		}
		if !buckets[to].model(cfg.Limits[0], int(ip.TotalLength()), p.Time) {
			n++
		}
	}
}
