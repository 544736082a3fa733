//go:build linux && dpdk && cgo

package dpdk

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"testing"

	"vigor/dataplane"
	"vigor/nf"
)

// hugePages says which memory a test process uses: DPDK can be started once in a process. See
// TestHugePages.
const hugePages = "VIGOR_DPDK_HUGEPAGES"

// config is a configuration for this process.
func config(devices ...string) Config {
	return Config{Devices: devices, HugePages: os.Getenv(hugePages) != ""}
}

// far are devices on the other side of pairs, with a loop that puts frames in and keeps what arrives.
type far struct {
	near    *Devices
	io      *Devices
	loop    *dataplane.Loop
	pairs   []*Pair
	jammed  bool // nothing is taken out of the rings
	waiting []dataplane.Frame
	got     []dataplane.Frame
	look    func(p *nf.Packet) // called with each packet that arrives, if set
}

var pairs int // that have been made so far; no two have the same name

// connect makes pairs and opens both sides. The caller closes near, and far with shut.
func connect(devices, depth int) (*far, error) {
	f := &far{}
	var a, b []string
	for range devices {
		pairs++
		p, err := NewPair(config(), fmt.Sprintf("t%d", pairs), depth)
		if err != nil {
			return nil, errors.Join(err, f.shut())
		}
		f.pairs, a, b = append(f.pairs, p), append(a, p.A), append(b, p.B)
	}
	var err, other error
	f.near, err = Open(config(a...))
	f.io, other = Open(config(b...))
	if err = errors.Join(err, other); err != nil {
		return nil, err
	}
	f.loop = dataplane.NewLoop(nf.Env{Devices: devices}, f.keep, f)
	return f, nil
}

// connected is connect for a test, which ends with all buffers back in their pools.
func connected(t testing.TB, devices, depth int) *far {
	t.Helper()
	f, err := connect(devices, depth)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(f.near.Close(), f.shut()); err != nil {
			t.Error(err)
		}
	})
	return f
}

// jam leaves what is sent in the rings, until the result is called.
func (f *far) jam() (free func() error, err error) {
	f.jammed = true
	return func() error { f.jammed = false; return nil }, nil
}

// shut closes far and the pairs. Nothing may be left of any pool. A second call does nothing.
func (f *far) shut() error {
	var err error
	if f.io != nil {
		err = errors.Join(f.loop.Flush(), f.io.Close())
		f.io = nil
	}
	for _, p := range f.pairs {
		err = errors.Join(err, p.Close())
	}
	f.pairs = nil
	if n := len(process.retired); n > 0 {
		err = errors.Join(err, fmt.Errorf("buffers of %d pools are lost", n))
	}
	return err
}

// Exchange puts waiting frames in, as far as they fit.
func (f *far) Exchange(out, in *dataplane.Batch) error {
	for len(f.waiting) > 0 && out.Inject(f.waiting[0].Bytes, f.waiting[0].Device) {
		f.waiting = f.waiting[1:]
	}
	return f.io.Exchange(out, in)
}

func (f *far) Close() error { return nil }

// keep is the network function of the far side.
func (f *far) keep(packets []nf.Packet, actions []nf.Action) {
	for i := range packets {
		p := &packets[i]
		f.got = append(f.got, dataplane.Frame{Bytes: bytes.Clone(p.Bytes()), Device: p.Device()})
		if f.look != nil {
			f.look(p)
		}
		actions[i] = nf.Drop(nf.NoReason)
	}
}

// put has frames arrive. Before that, it takes what was sent out of the rings, so that there is room.
func (f *far) put(frames []dataplane.Frame) error {
	f.waiting = frames
	step := f.loop.Step
	if f.jammed {
		step = f.loop.Flush
	}
	for n := -1; n < len(f.got) || len(f.waiting) > 0; {
		n = len(f.got)
		if err := step(); err != nil {
			return err
		}
	}
	return f.loop.Flush()
}

// take returns all that has been sent.
func (f *far) take() ([]dataplane.Frame, error) {
	for n := -1; n < len(f.got); {
		n = len(f.got)
		if err := errors.Join(f.loop.Step(), f.loop.Step(), f.loop.Flush()); err != nil {
			return nil, err
		}
	}
	got := f.got
	f.got = nil
	return got, nil
}

// full complains of buffers that are not in their pool.
func full(t *testing.T, name string, d *Devices) {
	t.Helper()
	if free, all := d.Buffers(); free != all || all == 0 {
		t.Errorf("%s: %d of %d buffers are in the pool", name, free, all)
	}
}
