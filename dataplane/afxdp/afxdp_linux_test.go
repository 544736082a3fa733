package afxdp

import (
	"strings"
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/conformance"
	"vigor/dataplane/netns"
)

// modes are those that a veth device has.
var modes = map[string]Config{"native": {}, "generic": {Generic: true}}

// open opens devices of a lab, and closes them at the end of the test.
func open(t testing.TB, lab *netns.Lab, cfg Config) *IO {
	t.Helper()
	var x *IO
	var err error
	lab.Own.Do(t, func() { x, err = Open(lab.Devices(), cfg) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

// wires opens the other ends.
func wires(t testing.TB, lab *netns.Lab) []*netns.Wire {
	var all []*netns.Wire
	for _, host := range lab.Hosts {
		all = append(all, host.Wire(t, netns.HostDevice))
	}
	return all
}

func TestConformance(t *testing.T) {
	for name, cfg := range modes {
		t.Run(name, func(t *testing.T) {
			build := conformance.Veth(t, func(devices []string) (dataplane.IO, error) {
				x, err := Open(devices, cfg)
				if err == nil && strings.Count(x.Mode(), name+", copy") != len(devices) {
					t.Errorf("the mode is %s, want %s", x.Mode(), name)
				}
				return x, err
			})
			for _, problem := range conformance.Check(func(frames []dataplane.Frame) (conformance.BackEnd, error) {
				b, err := build(frames)
				b.Jam = nil // sockets send past the queue that it holds up: TestDeviceDown has another way
				return b, err
			}, 1514) {
				t.Error(problem)
			}
		})
	}
}
