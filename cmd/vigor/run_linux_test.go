package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"vigor/dataplane/netns"
)

// TestRunLive runs the wire on devices by `vigor run`, as root, in two shards: signals reach the program, which drains,
// and its status and table are the command's.
func TestRunLive(t *testing.T) {
	lab := netns.New(t, 2)
	left, right := lab.Hosts[0].Wire(t, netns.HostDevice), lab.Hosts[1].Wire(t, netns.HostDevice)
	dir := t.TempDir()
	vigor, config := filepath.Join(dir, "vigor"), filepath.Join(dir, "nf.yaml")
	const text = "left: 0\nright: 1\ndataplane: {driver: afpacket, devices: [{interface: dev0}, {interface: dev1}], shards: 2}\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(os.Args[0], vigor); err != nil { // by this name the test's binary is the command
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := lab.Own.Command(ctx, vigor, "run", "vigor/nfs/nop", "--config", config)
	var table bytes.Buffer
	cmd.Stdout = &table
	stderr, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	log := bufio.NewReader(stderr)
	var seen strings.Builder
	wait := func(want string) {
		t.Helper()
		for {
			line, err := log.ReadString('\n')
			seen.WriteString(line)
			if strings.Contains(line, want) {
				return
			}
			if err != nil {
				t.Fatalf("the log ends before %q:\n%s", want, seen.String())
			}
		}
	}
	wait("uid=0 confined=true")
	if !strings.Contains(seen.String(), "running as root: set user") {
		t.Errorf("nothing is said about root:\n%s", seen.String())
	}
	frame := bytes.Repeat([]byte{2}, 60)
	if err := left.Send(frame); err != nil {
		t.Fatal(err)
	}
	if got, err := right.Next(5 * time.Second); err != nil || !bytes.Equal(got, frame) {
		t.Errorf("got %x, %v", got, err)
	}
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	wait("msg=reloaded")
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(log)
	if err := cmd.Wait(); err != nil || !strings.Contains(string(rest), "msg=drained") {
		t.Errorf("%v; %s%s", err, seen.String(), rest)
	}
	const want = "device  received  sent  dropped\n0       1         0     0\n1       0         1     0\n"
	if table.String() != want {
		t.Errorf("got\n%swant\n%s", table.String(), want)
	}
}
