package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"vigor/dataplane/pcapfile"
	"vigor/internal/testmodule"
	"vigor/nf"
)

var update = flag.Bool("update", false, "rewrite the expected outputs in the scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"vigor": main})
}

// TestScripts runs the command as its users do. A script finds the project in $ROOT, and its own
// folder is a module that may import it.
func TestScripts(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		UpdateScripts:       *update,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "capture": capture, "frames": frames,
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("ROOT", root)
			if err := testmodule.Write(env.WorkDir, nil); err != nil {
				return err
			}
			for _, name := range []string{"HOME", "GOCACHE", "GOMODCACHE", "GOFLAGS", "GOPROXY", "XDG_CACHE_HOME"} {
				if value, ok := os.LookupEnv(name); ok {
					env.Setenv(name, value)
				}
			}
			return nil
		},
	})
}

// TestStatus checks the exit statuses of command lines that end before anything is verified.
func TestStatus(t *testing.T) {
	tests := []struct {
		args []string
		want int
	}{
		{nil, 0},
		{[]string{"--help"}, 0},
		{[]string{"explain", "VIG9001"}, 0},
		{[]string{"explain"}, 2},
		{[]string{"nothing"}, 2},
		{[]string{"verify"}, 2},
		{[]string{"verify", "a", "b"}, 2},
		{[]string{"verify", "--frob", "a"}, 2},
	}
	for _, tt := range tests {
		if got := run(context.Background(), tt.args, discard{}, discard{}); got != tt.want {
			t.Errorf("vigor %q: exit status %d, want %d", tt.args, got, tt.want)
		}
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// exits runs `exits STATUS command args...` and demands that exit status; stdout and stderr are the
// command's.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS command args...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%q ends with exit status %d, want %d", args[1:], got, want)
	}
}

// capture runs `capture TEXT PCAP`: each line of TEXT becomes a frame, given in hexadecimal, one
// second after the one before.
func capture(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: capture TEXT PCAP")
	}
	var out bytes.Buffer
	w, err := pcapfile.NewWriter(&out)
	ts.Check(err)
	for i, line := range strings.Fields(ts.ReadFile(args[0])) {
		frame, err := hex.DecodeString(line)
		ts.Check(err)
		ts.Check(w.Write(nf.Time(i)*nf.Second, frame))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), out.Bytes(), 0o644))
}

// frames runs `frames PCAP TEXT`, the reverse of capture.
func frames(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: frames PCAP TEXT")
	}
	r, err := pcapfile.NewReader(args[0], strings.NewReader(ts.ReadFile(args[0])))
	var text strings.Builder
	for err == nil {
		var p pcapfile.Packet
		if p, err = r.Next(nil); err == nil {
			fmt.Fprintf(&text, "%x\n", p.Data)
		}
	}
	if !errors.Is(err, io.EOF) {
		ts.Fatalf("%v", err)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text.String()), 0o644))
}

// TestMemoryIsNotProfiled: no package that the tool uses has all allocations noted, with which proofs take twenty times as long.
func TestMemoryIsNotProfiled(t *testing.T) {
	const byDefault = 512 << 10
	if runtime.MemProfileRate != byDefault {
		t.Errorf("one byte of %d is noted, want one of %d", runtime.MemProfileRate, byDefault)
	}
}
