package bridge_test

import (
	"flag"
	"fmt"
	"testing"

	"vigor/dataplane/config"
	"vigor/dataplane/looptest"
	"vigor/dataplane/pcapfile"
	"vigor/nf"
	"vigor/nfs/bridge"
)

var update = flag.Bool("update", false, "rewrite what testdata expects to be sent")

// TestCapture gives the bridge of bridge.yaml the captures of testdata, and compares what it sends with the
// captures there, byte for byte.
func TestCapture(t *testing.T) {
	var cfg bridge.Config
	if _, err := config.ReadFile("bridge.yaml", &cfg); err != nil {
		t.Fatal(err)
	}
	env := nf.Env{Devices: 3, HashKey: hashKey}
	b, err := bridge.New(env, cfg)
	if err != nil {
		t.Fatal(err)
	}
	var in, out []pcapfile.File
	for d := range nf.Device(3) {
		in = append(in, pcapfile.File{Device: d, Name: fmt.Sprintf("testdata/from-%d.pcap", d)})
		out = append(out, pcapfile.File{Device: d, Name: fmt.Sprintf("testdata/to-%d.pcap", d)})
	}
	loop := looptest.Captures(t, env, b.Process, in, out, *update)
	for _, why := range []nf.Reason{nf.StaticEntry, nf.SameSegment, nf.ReservedAddress} {
		var n uint64
		for d := range 3 {
			n += loop.Counters.Dropped[d][why]
		}
		if n != 1 {
			t.Errorf("%d frames are dropped for %v, want 1", n, why)
		}
	}
}
