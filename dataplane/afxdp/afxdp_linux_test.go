package afxdp

import (
	"strings"
	"testing"
	"time"

	"vigor/dataplane"
	"vigor/dataplane/conformance"
	"vigor/dataplane/netns"
	"vigor/nf"
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
			lab := netns.New(t, conformance.Devices)
			problems := conformance.Check(func([]dataplane.Frame) (conformance.BackEnd, error) {
				hosts := wires(t, lab)
				x := open(t, lab, cfg)
				if mode := x.Mode(); strings.Count(mode, name+", copy") != conformance.Devices {
					t.Errorf("the mode is %s, want %s", mode, name)
				}
				return conformance.BackEnd{
					IO:   x,
					Put:  func(frames []dataplane.Frame) error { return put(hosts, frames) },
					Sent: func() ([]dataplane.Frame, error) { return sent(hosts) },
				}, nil
			}, 1514)
			for _, problem := range problems {
				t.Error(problem)
			}
		})
	}
}

// put has frames arrive.
func put(hosts []*netns.Wire, frames []dataplane.Frame) error {
	for _, f := range frames {
		if err := hosts[f.Device].Send(f.Bytes); err != nil {
			return err
		}
	}
	return nil
}

// sent collects what has left.
func sent(hosts []*netns.Wire) ([]dataplane.Frame, error) {
	var all []dataplane.Frame
	for d, host := range hosts {
		frames, err := host.All(20 * time.Millisecond)
		if err != nil {
			return nil, err
		}
		for _, f := range frames {
			all = append(all, dataplane.Frame{Bytes: f, Device: nf.Device(d)})
		}
	}
	return all, nil
}
