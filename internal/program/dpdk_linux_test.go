package program_test

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"vigor/internal/program"
)

// TestDPDKInside: the driver is in a program that asks for it, which gives up its privileges like others,
// and drains; it is in no other program.
func TestDPDKInside(t *testing.T) {
	if err := exec.Command("pkg-config", "--exists", "libdpdk").Run(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("libdpdk-dev is not installed; .ci/tools installs it")
		}
		t.Skip("libdpdk-dev is not installed")
	}
	config := filepath.Join(t.TempDir(), "nf.yaml")
	text := "left: 0\nright: 1\ndataplane:\n  driver: dpdk\n  devices: [{interface: net_ring0}, {interface: net_ring1}]\n"
	if os.Geteuid() == 0 {
		text += "  user: nobody\n"
	}
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	with, _, err := install(t, program.Install{Tags: []string{"dpdk"}})
	if err != nil {
		t.Fatal(err)
	}
	log, table, err := runUntilReady(t, with, config)
	if err != nil || !strings.Contains(log, "confined=true") || !strings.Contains(log, "msg=drained") || !strings.HasPrefix(table, "device  received") {
		t.Errorf("%v, %s\n%s", err, log, table)
	}
	without, _, err := install(t, program.Install{})
	if err != nil {
		t.Fatal(err)
	}
	if log, _, err := runUntilReady(t, without, config); err == nil || !strings.Contains(log, "dpdk is not built in") {
		t.Errorf("without the tag: %v, %s", err, log)
	}
}

// runUntilReady starts a program and tells it to end as soon as it says that it runs.
func runUntilReady(t *testing.T, binary, config string) (log, table string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "--config", config)
	var out bytes.Buffer
	cmd.Stdout = &out
	stderr, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		log += lines.Text() + "\n"
		if strings.Contains(lines.Text(), "msg=running") {
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Error(err)
			}
		}
	}
	err = cmd.Wait()
	return log, out.String(), err
}
