package loadbalancer_test

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"vigor/dataplane/looptest"
	"vigor/dataplane/pcapfile"
	"vigor/nf"
	"vigor/packet"
)

var update = flag.Bool("update", false, "rewrite the captures in testdata")

// example writes what testdata/clients.pcap and testdata/backends.pcap hold: three backends send heartbeats for eight
// seconds, but the second stops after four. Forty clients send a packet each second, and what is not for the service.
func example(t *testing.T) (clients, fromBackends []byte) {
	var files [2]bytes.Buffer
	var writers [2]*pcapfile.Writer
	var err error
	for i := range files {
		w, wrong := pcapfile.NewWriter(&files[i])
		writers[i], err = w, errors.Join(err, wrong)
	}
	for second := range nf.Time(8) {
		at := second * nf.Second
		for i, backend := range backends {
			if i != 1 || second < 4 {
				err = errors.Join(err, writers[1].Write(at, heartbeat(backend)))
			}
		}
		for n := range nf.Time(40) {
			f := request(ip(192, 0, 2, byte(n)), uint16(1024+n*97))
			err = errors.Join(err, writers[0].Write(at+(n+1)*nf.Millisecond, f))
		}
		other := request(ip(192, 0, 2, 1), 5000)
		other[21] = byte(second) // from the second one on a later fragment
		other[36] = 1            // for another port
		err = errors.Join(err, writers[0].Write(at+100*nf.Millisecond, other))
	}
	if err != nil {
		t.Fatal(err)
	}
	return files[0].Bytes(), files[1].Bytes()
}

// TestCapture runs the balancer of loadbalancer.yaml on captures. What it sends is as recorded: nothing to clients, and to
// backends what clients sent, each flow to one backend that is alive.
func TestCapture(t *testing.T) {
	name := func(s string) string { return filepath.Join("testdata", s+".pcap") }
	golden := name("to-backends")
	if *update {
		clients, heartbeats := example(t)
		if err := errors.Join(os.WriteFile(name("clients"), clients, 0o644), os.WriteFile(name("backends"), heartbeats, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	b := newBalancer(t, 1, nil)
	in := []pcapfile.File{{Device: 0, Name: name("clients")}, {Device: 1, Name: name("backends")}}
	loop := looptest.Captures(t, nf.Env{Devices: 4}, b.Process, in, []pcapfile.File{{Device: 1, Name: golden}}, *update)
	dropped := loop.Counters.Dropped
	if dropped[0][nf.NotOurAddress] != 1 || dropped[0][nf.Fragment] != 7 || dropped[1][nf.Heartbeat] != 20 {
		t.Errorf("dropped: %v, %v", dropped[0], dropped[1])
	}
	sent, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	judge(t, sent)
}

// judge looks at what has left: every flow went to one backend, but those of the dead one, which moved once.
func judge(t *testing.T, capture []byte) {
	t.Helper()
	r, err := pcapfile.NewReader("sent", bytes.NewReader(capture))
	if err != nil {
		t.Fatal(err)
	}
	served := map[packet.IPv4][]packet.MAC{}
	total := 0
	for {
		p, err := r.Next(nil)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		eth, _ := packet.ParseEthernet(p.Data)
		h, _ := packet.ParseIPv4(eth.Payload())
		if list := served[h.Source()]; !slices.Contains(list, eth.Destination()) {
			served[h.Source()] = append(list, eth.Destination())
		}
		if total++; eth.Destination() == station(backends[1]) && p.Time > 6*nf.Second {
			t.Errorf("at %d ns a packet was sent to the backend that has been silent for three seconds", p.Time)
		}
	}
	moved := 0
	for client, list := range served {
		if len(list) > 1 {
			moved++
		}
		if len(list) > 2 || len(list) == 2 && list[0] != station(backends[1]) {
			t.Errorf("%v was served by %v", client, list)
		}
	}
	if total != 320 || len(served) != 40 || moved < 3 {
		t.Errorf("%d packets of %d clients, of which %d have moved, the capture shows little", total, len(served), moved)
	}
}
