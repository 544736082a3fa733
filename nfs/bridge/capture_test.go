package bridge_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/config"
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
	place := t.TempDir()
	if *update {
		place = "testdata"
	}
	var in, out []pcapfile.File
	for d := range nf.Device(3) {
		in = append(in, pcapfile.File{Device: d, Name: fmt.Sprintf("testdata/from-%d.pcap", d)})
		out = append(out, pcapfile.File{Device: d, Name: filepath.Join(place, fmt.Sprintf("to-%d.pcap", d))})
	}
	files, err := pcapfile.Open(in, out)
	if err != nil {
		t.Fatal(err)
	}
	loop := dataplane.NewLoop(env, func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = b.Process(&packets[i])
		}
	}, files)
	if err := errors.Join(loop.Run(t.Context()), files.Close()); err != nil {
		t.Fatal(err)
	}
	for _, sent := range out {
		got, err := os.ReadFile(sent.Name)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join("testdata", filepath.Base(sent.Name)))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: got % x, want % x, %v", filepath.Base(sent.Name), got, want, err)
		}
	}
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
