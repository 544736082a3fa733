//go:build unix

package pcapfile_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"vigor/dataplane"
	"vigor/dataplane/pcapfile"
	"vigor/nf"
)

// TestPipe reads from a pipe with a name, as from a shell's <(...) or /dev/stdin.
func TestPipe(t *testing.T) {
	dir := t.TempDir()
	text := capture(t, filepath.Join(dir, "in.pcap"), 3000, 300)
	pipe := filepath.Join(dir, "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Skipf("no pipes here: %v", err)
	}
	written := make(chan error, 1)
	go func() {
		out, err := os.OpenFile(pipe, os.O_WRONLY, 0)
		if err == nil {
			_, err = out.Write(text)
			out.Close()
		}
		written <- err
	}()
	files, err := pcapfile.Open([]pcapfile.File{{Name: pipe}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	wrong := 0
	loop := dataplane.NewLoop(nf.Env{Devices: 1}, scribble(&wrong), files)
	if err := loop.Run(context.Background()); err != nil || <-written != nil {
		t.Fatal(err)
	}
	if wrong != 0 || loop.Counters.Received[0] != 3000 {
		t.Errorf("%d of %d frames were wrong", wrong, loop.Counters.Received[0])
	}
}
