package standalone_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/pcapfile"
	"vigor/dataplane/standalone"
	"vigor/nf"
)

// wire is the network function of these tests.
type wire struct{ Left, Right nf.Device }

var identity = standalone.Identity{NF: "vigor/nfs/wire", Hash: "sha256:00", Outcome: "proved"}

// start sends what comes from the left to the right, and drops the rest.
func start(env nf.Env, cfg wire) (any, dataplane.Burst, error) {
	if int(cfg.Right) >= env.Devices {
		return nil, nil, fmt.Errorf("right is %d of %d", cfg.Right, env.Devices)
	}
	if cfg.Left == cfg.Right {
		return nil, nil, errors.New("left is right")
	}
	return &cfg, func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = nf.Drop(nf.Unconnected)
			if packets[i].Device() == cfg.Left {
				actions[i] = nf.Forward(cfg.Right)
			}
		}
	}, nil
}

const live = "left: 0\nright: 1\ndataplane:\n  driver: afxdp\n  devices: [{interface: none0}, {interface: none1}]\n"

// folder makes a folder with a configuration and a capture of 40 frames, and enters it.
func folder(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	var file bytes.Buffer
	w, err := pcapfile.NewWriter(&file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 40 {
		if err := w.Write(nf.Time(i), bytes.Repeat([]byte{byte(i)}, 60)); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{
		"in.pcap": file.String(), "nf.yaml": "left: 0\nright: 1\n", "same.yaml": "left: 1\nright: 1\n",
		"wrong.yaml": "left: 0\n",
		"live.yaml":  live, "user.yaml": live + "  user: vigor-nobody\n", "split.yaml": live + "  shards: 2\n",
		"text.pcap": "no capture",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRun(t *testing.T) {
	folder(t)
	var out bytes.Buffer
	args := strings.Fields("--config nf.yaml --in 0=in.pcap --in 2=in.pcap --out 1=out.pcap")
	if err := standalone.Run(context.Background(), start, identity, args, &out, &out); err != nil {
		t.Fatal(err)
	}
	const want = `device  received  sent  dropped
0       40        0     0
1       0         40    0
2       40        0     40

device  dropped  reason
2       40       unconnected: The network function connects the device the packet came from to no other.
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
	in, _ := os.ReadFile("in.pcap")
	sent, _ := os.ReadFile("out.pcap")
	if !bytes.Equal(in, sent) {
		t.Error("what was sent is not what was received")
	}
}

func TestRunRefuses(t *testing.T) {
	folder(t)
	for _, test := range []struct{ args, want string }{
		{"", "no configuration: give --config FILE"},
		{"--config nf.yaml", "nf.yaml: nothing to receive: add a section dataplane with driver and devices, or give --in DEVICE=FILE"},
		{"--config live.yaml --out 1=out.pcap", "--out without --in: only what comes from captures is recorded"},
		{"--config live.yaml --devices 2", "--devices without --in: live.yaml names the devices"},
		{"--config live.yaml --check --devices 1", "live.yaml: right is 1 of 1"},
		{"--config user.yaml --check", "user.yaml: user vigor-nobody: /etc/passwd has no such user"},
		{"--config split.yaml --check", "split.yaml: 2 shards: this network function cannot be split"},
		{"--config wrong.yaml --check", "wrong.yaml:1:1: right is missing"},
		{"--check", "no configuration: give --config FILE"},
		{"--version more", `unexpected argument "more"`},
		{"--config nf.yaml --in 0=in.pcap more", `unexpected argument "more"`},
		{"--config nf.yaml --in in.pcap", "want DEVICE=FILE"},
		{"--config nf.yaml --in 64=in.pcap", "a device from 0 to 63"},
		{"--config nf.yaml --in -1=in.pcap", "a device from 0 to 63"},
		{"--config nf.yaml --in 0=", "want DEVICE=FILE"},
		{"--config nf.yaml --in 1=in.pcap --devices 1", "--devices is 1, but device 1 is used"},
		{"--config nf.yaml --in 0=in.pcap --devices -3", "--devices is -3: the number is 1 to 64"},
		{"--nonsense", "flag provided but not defined: -nonsense (--help lists the flags)"},
		{"--config nf.yaml --in 0=in.pcap --devices 65", "65 devices: the number must be 1 to 64"},
		{"--config none.yaml --in 0=in.pcap", "reading the configuration: open none.yaml"},
		{"--config wrong.yaml --in 0=in.pcap", "wrong.yaml:1:1: right is missing: a number from 0 to 65535"},
		{"--config same.yaml --in 0=in.pcap", "same.yaml: left is right"},
		{"--config nf.yaml --in 0=none.pcap", "opening a capture: open none.pcap"},
		{"--config nf.yaml --in 0=text.pcap", "text.pcap: offset 0: starts with"},
		{"--config nf.yaml --in 0=in.pcap --out 1=" + filepath.Join("none", "out.pcap"), "creating a capture: "},
		{"--config nf.yaml --in 0=in.pcap --out 1=in.pcap", "in.pcap: is an input, and would be overwritten"},
	} {
		var out bytes.Buffer
		err := standalone.Run(context.Background(), start, identity, strings.Fields(test.args), &out, &out)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", test.args, err, test.want)
		}
		if out.Len() > 0 {
			t.Errorf("%s: prints %q besides the error", test.args, out.String())
		}
	}
}

// TestQuestions: what is asked is answered, and nothing is run.
func TestQuestions(t *testing.T) {
	folder(t)
	for args, want := range map[string]string{
		"--config nf.yaml --check":                "nf.yaml: accepted\n",
		"--config live.yaml --check":              "live.yaml: accepted\n",
		"--config nf.yaml --check --in 0=in.pcap": "nf.yaml: accepted\n",
		"--version": "function  vigor/nfs/wire\noutcome   proved\nidentity  sha256:00\nbuilt     go",
	} {
		var out bytes.Buffer
		err := standalone.Run(context.Background(), start, identity, strings.Fields(args), &out, &out)
		if err != nil || !strings.HasPrefix(out.String(), want) {
			t.Errorf("%s: got %q, %v; want %q", args, out.String(), err, want)
		}
	}
}
