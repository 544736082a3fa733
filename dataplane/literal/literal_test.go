package literal

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigor/dataplane"
	"vigor/nf"
	"vigor/packet"
)

type route struct {
	Net    packet.IPv4
	Device nf.Device
}

// TestSource: every kind of value is written as Go that means the same.
func TestSource(t *testing.T) {
	type Outer struct {
		On      bool
		Name    string
		Address packet.IPv4
		MAC     packet.MAC
		Timeout nf.Time
		Ports   [2]uint16
		Names   []string
		None    []int
		Low     int8
	}
	text, err := source(Outer{
		On: true, Name: "a\"b\n\x00", Address: 0xffffffff, MAC: packet.MAC{1, 2, 3, 4, 5, 255}, Timeout: 1 << 62,
		Ports: [2]uint16{1, 65535}, Names: []string{"", "ü"}, Low: -128,
	}, 77)
	if err != nil {
		t.Fatal(err)
	}
	want := `package main

import (
	p0 "vigor/dataplane/literal"
	p1 "vigor/packet"
)

const memory = 77 // bytes that the network function allocates

var config = p0.Outer{On: true, Name: "a\"b\n\x00", Address: 4294967295, MAC: p1.MAC{1, 2, 3, 4, 5, 255}, Timeout: 4611686018427387904, Ports: [2]uint16{1, 65535}, Names: []string{"", "ü"}, None: nil, Low: -128}
`
	if string(text) != want {
		t.Errorf("got %s\nwant %s", text, want)
	}
}

type pair[K, V any] struct {
	Key   K
	Value V
}

// TestGenericTypes: arguments are types of any package, and generic ones themselves.
func TestGenericTypes(t *testing.T) {
	text, err := source([]pair[packet.MAC, uint16]{{packet.MAC{1}, 2}}, 0)
	if want := "[]p0.pair[p1.MAC, uint16]{p0.pair[p1.MAC, uint16]{Key: p1.MAC{1, 0, 0, 0, 0, 0}, Value: 2}}"; err != nil || !strings.Contains(string(text), want) {
		t.Errorf("%v: %s", err, text)
	}
	text, err = source(pair[nf.Device, pair[packet.IPv4, bool]]{3, pair[packet.IPv4, bool]{4, true}}, 0)
	if want := "p0.pair[p1.Device, p0.pair[p2.IPv4, bool]]{Key: 3, Value: p0.pair[p2.IPv4, bool]{Key: 4, Value: true}}"; err != nil || !strings.Contains(string(text), want) {
		t.Errorf("%v: %s", err, text)
	}
	if text, err = source(pair[[]int, struct{}]{}, 0); !errors.Is(err, errForm) {
		t.Errorf("%v: %s", err, text)
	}
}

// TestSourceRefuses: what cannot be written as a constant is refused, not left out.
func TestSourceRefuses(t *testing.T) {
	type hidden struct{ n int }
	type Anonymous struct{ Inner struct{ N int } }
	n := 1
	for _, value := range []any{
		struct{ P *int }{&n}, Anonymous{}, hidden{1}, struct{ M map[int]int }{}, struct{ F float64 }{1.5},
		struct{ F func() }{}, struct{ I any }{1}, struct{ C chan int }{},
	} {
		if text, err := source(value, 0); !errors.Is(err, errForm) {
			t.Errorf("%T: %v, %s", value, err, text)
		}
	}
}

// TestRun: the configuration is validated, and the function is made with it.
func TestRun(t *testing.T) {
	file := filepath.Join(t.TempDir(), "nf.yaml")
	if err := os.WriteFile(file, []byte("net: 10.0.0.0\ndevice: 3\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var kept []byte
	start := func(env nf.Env, r route) (any, dataplane.Burst, error) {
		if int(r.Device) >= env.Devices {
			return nil, nil, errors.New("no such device")
		}
		kept = make([]byte, 1<<20)
		return nil, nil, nil
	}
	var out bytes.Buffer
	if err := run(start, []string{"--config", file, "--devices", "4"}, &out); err != nil || len(kept) == 0 ||
		!strings.Contains(out.String(), "const memory = 1048576 ") || !strings.Contains(out.String(), "Net: 167772160, Device: 3}") {
		t.Errorf("%v: %s", err, out.String())
	}
	for _, test := range []struct{ config, devices, want string }{
		{file, "3", "nf.yaml: no such device"}, {file, "0", "0 devices"}, {file, "x", "invalid value"},
		{file + "x", "4", "no such file"}, {"", "4", "no configuration: give --config FILE"},
	} {
		out.Reset()
		if err := run(start, []string{"--config", test.config, "--devices", test.devices}, &out); err == nil || !strings.Contains(err.Error(), test.want) || out.Len() > 0 {
			t.Errorf("%v: %v, %s", test, err, out.String())
		}
	}
}
