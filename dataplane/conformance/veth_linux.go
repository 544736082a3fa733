package conformance

import (
	"testing"
	"time"

	"vigor/dataplane"
	"vigor/dataplane/netns"
	"vigor/nf"
)

// Veth returns a Make for a back end on devices of the kernel. Its devices are ends of veth pairs in a
// namespace of the test, and open is called inside; the other ends send and capture. Frames may be
// 1514 bytes long. The jam is a shaper in front of each device's queue: a back end whose frames do not
// pass there takes Jam out of what is made.
func Veth(t testing.TB, open func(devices []string) (dataplane.IO, error)) Make {
	t.Helper()
	lab := netns.New(t, Devices)
	far := make(wires, Devices)
	for d, host := range lab.Hosts {
		far[d] = host.Wire(t, netns.HostDevice)
	}
	shape := func(verb, rate string) error {
		for _, device := range lab.Devices() {
			lab.Own.Run(t, "tc", "qdisc", verb, "dev", device, "root", "tbf", "rate", rate, "burst", "20000", "limit", "200000")
		}
		return nil
	}
	return func([]dataplane.Frame) (BackEnd, error) {
		if _, err := far.captured(0); err != nil { // of the check before
			return BackEnd{}, err
		}
		b := BackEnd{Put: far.put, Sent: far.sent, Jam: func() (func() error, error) {
			free := func() error { return shape("change", "10gbit") }
			return free, shape("replace", "80kbit")
		}}
		var err error
		lab.Own.Do(t, func() { b.IO, err = open(lab.Devices()) })
		return b, err
	}
}

// wires are the far ends, by device.
type wires []*netns.Wire

// put sends frames to the devices.
func (w wires) put(frames []dataplane.Frame) error {
	for _, f := range frames {
		if err := w[f.Device].Send(f.Bytes); err != nil {
			return err
		}
	}
	return nil
}

// sent waits until no more frames leave, and returns all.
func (w wires) sent() ([]dataplane.Frame, error) { return w.captured(50 * time.Millisecond) }

// captured returns what each far end has captured until none has come for some time.
func (w wires) captured(wait time.Duration) ([]dataplane.Frame, error) {
	var all []dataplane.Frame
	for d, wire := range w {
		frames, err := wire.All(wait)
		if err != nil {
			return nil, err
		}
		for _, frame := range frames {
			all = append(all, dataplane.Frame{Bytes: frame, Device: nf.Device(d)})
		}
	}
	return all, nil
}
