// Package looptest runs network functions in tests: on capture files, whose outcome is compared with golden ones, or
// on any back end until the test ends.
//
// Start at [Captures] and [Start].
package looptest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"vigor/dataplane"
	"vigor/dataplane/pcapfile"
	"vigor/nf"
)

// Burst makes of a function for one packet one for a burst.
func Burst(process func(*nf.Packet) nf.Action) dataplane.Burst {
	return func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = process(&packets[i])
		}
	}
}

// Start runs a network function on a back end until the test ends, and then closes that.
func Start(t *testing.T, env nf.Env, process func(*nf.Packet) nf.Action, io dataplane.IO) *dataplane.Loop {
	t.Helper()
	loop := dataplane.NewLoop(env, Burst(process), io)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- loop.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-ended
		if err := io.Close(); err != nil {
			t.Error(err)
		}
	})
	return loop
}

// Received waits until a loop has received so many frames in all, and decided about them.
func Received(t *testing.T, loop *dataplane.Loop, frames uint64) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		n := uint64(0)
		err := loop.Do(t.Context(), func() {
			for _, received := range loop.Counters.Received {
				n += received
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if n >= frames {
			return
		}
	}
	t.Fatalf("%d frames have not been received within twenty seconds", frames)
}

// Captures runs a network function on the capture files in, and compares what it sends with the files golden, byte
// for byte; with update it writes them instead. The loop that it returns has ended.
func Captures(t *testing.T, env nf.Env, process func(*nf.Packet) nf.Action, in, golden []pcapfile.File, update bool) *dataplane.Loop {
	t.Helper()
	out := append([]pcapfile.File(nil), golden...)
	if !update {
		place := t.TempDir()
		for i := range out {
			out[i].Name = filepath.Join(place, filepath.Base(out[i].Name))
		}
	}
	files, err := pcapfile.Open(in, out)
	if err != nil {
		t.Fatal(err)
	}
	loop := dataplane.NewLoop(env, Burst(process), files)
	if err := errors.Join(loop.Run(t.Context()), files.Close()); err != nil {
		t.Fatal(err)
	}
	for i := range out {
		got, err := os.ReadFile(out[i].Name)
		want, wrong := os.ReadFile(golden[i].Name)
		if err := errors.Join(err, wrong); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s would change: look at the difference, and run with -update", golden[i].Name)
		}
	}
	return loop
}
