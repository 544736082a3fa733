package program_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"vigor/internal/image"
	"vigor/internal/program"
	"vigor/internal/qemu"
)

// needQEMU skips, with the reason, where images cannot be tried.
func needQEMU(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath(qemu.Program); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("qemu-system-x86 is not installed; .ci/tools installs it")
		}
		t.Skip("qemu-system-x86 is not installed")
	}
}

// makeImage makes the image of a network function of the tree.
func makeImage(t *testing.T, name string) (file string, made *image.Image) {
	t.Helper()
	file = filepath.Join(t.TempDir(), name+".img")
	made, _, err := program.Image{
		Dir: "../..", Package: "./nfs/" + name, Config: "nfs/" + name + "/" + name + ".yaml", Devices: 2, File: file,
	}.Install(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return file, made
}

// start boots an image and waits until it is ready for packets.
func start(t *testing.T, c qemu.Config) *qemu.Machine {
	t.Helper()
	m, err := qemu.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	if _, err := m.Wait("vigor: ready", 20*time.Second); err != nil {
		t.Fatal(err)
	}
	return m
}

// frames is how many are sent through each machine, at 1,000 a second.
const frames = 3000

// forward sends frames to one device and compares what leaves by the other.
func forward(t *testing.T, m *qemu.Machine, from, to int, frame func(i int) (in, want []byte)) {
	t.Helper()
	go func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for i := range frames {
			<-tick.C
			in, _ := frame(i)
			if err := m.Send(from, in); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	for i := range frames {
		got, err := m.Receive(to, 5*time.Second)
		if err != nil {
			t.Fatalf("frame %d of %d has not come: %v", i, frames, err)
		}
		if i == 0 {
			t.Logf("first frame forwarded %v after the start of QEMU", m.Age().Round(time.Millisecond))
		}
		if _, want := frame(i); !bytes.Equal(got, want) {
			t.Fatalf("frame %d:\ngot  %x\nwant %x", i, got, want)
		}
	}
}

// TestWireBoots: the smallest function forwards frames of all lengths, unchanged, on each kind of machine.
func TestWireBoots(t *testing.T) {
	needQEMU(t)
	file, _ := makeImage(t, "nop")
	for _, kind := range []string{"microvm", "pc", "q35"} {
		t.Run(kind, func(t *testing.T) {
			m := start(t, qemu.Config{Kind: kind, Image: file, Devices: 2})
			forward(t, m, 0, 1, func(i int) (in, want []byte) {
				in = make([]byte, 14+i%1501)
				for k := range in {
					in[k] = byte(i*7 + k*(i|1))
				}
				return in, in
			})
		})
	}
}
