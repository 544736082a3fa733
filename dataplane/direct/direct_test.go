package direct_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/conformance"
	"vigor/dataplane/direct"
	"vigor/driver/bus"
	"vigor/driver/ixgbe"
	intel "vigor/driver/ixgbe/model"
	intelring "vigor/driver/ixgbe/ring"
	"vigor/driver/pci"
	"vigor/driver/virtio"
	"vigor/driver/virtio/model"
	"vigor/driver/virtio/ring"
	"vigor/driver/world"
	"vigor/nf"
)

// network is the world of one device: it does all that it may as soon as the test says.
type network struct {
	t       *testing.T
	device  nf.Device
	waiting [][]byte
	sent    *[]dataplane.Frame
	choice  int // of what a device does in a step: 1 is to receive
}

func (n *network) Choose(of int) int { return min(n.choice, of-1) & 1 }
func (n *network) Fail(r world.Rule) { n.t.Error(r) }

func (n *network) Arrive(buffer []byte) int {
	if len(n.waiting) == 0 {
		return -1
	}
	length := copy(buffer, n.waiting[0])
	n.waiting = n.waiting[1:]
	return length
}

func (n *network) Leave(frame []byte) {
	*n.sent = append(*n.sent, dataplane.Frame{Bytes: bytes.Clone(frame), Device: n.device})
}

// steps is what models of devices do.
type steps interface {
	Step()
	Settle()
}

// machine is three devices, with the back end on their drivers.
type machine struct {
	dataplane.IO
	networks []*network
	devices  []steps
	sent     []dataplane.Frame
	jammed   bool
}

// Exchange lets the devices do all that they can before and after the back end has its turn.
func (m *machine) Exchange(out, in *dataplane.Batch) error {
	m.settle()
	err := m.IO.Exchange(out, in)
	m.settle()
	return err
}

func (m *machine) settle() {
	for i, d := range m.devices {
		if !m.jammed {
			d.Settle()
			continue
		}
		m.networks[i].choice = 1
		for range 2 * dataplane.MaxBurst {
			d.Step()
		}
		m.networks[i].choice = 0
	}
}

// Close lets the devices send what they have.
func (m *machine) Close() error {
	m.settle()
	return m.IO.Close()
}

// build makes a machine of devices of one kind.
func build(t *testing.T, open func(n *network, pool *bus.Pool) (bus.Network, steps)) conformance.Make {
	return func(frames []dataplane.Frame) (conformance.BackEnd, error) {
		pool := &bus.Pool{Buffers: make([]bus.Buffer, 2000), Address: 0x1_2345_0000}
		m := &machine{}
		var drivers []bus.Network
		for d := range nf.Device(conformance.Devices) {
			n := &network{t: t, device: d, sent: &m.sent}
			driver, device := open(n, pool)
			drivers = append(drivers, driver)
			m.networks, m.devices = append(m.networks, n), append(m.devices, device)
		}
		var err error
		m.IO, err = direct.New(drivers, pool)
		return conformance.BackEnd{
			IO: m,
			Put: func(frames []dataplane.Frame) error {
				for _, f := range frames {
					m.networks[f.Device].waiting = append(m.networks[f.Device].waiting, bytes.Clone(f.Bytes))
				}
				return nil
			},
			Sent: func() ([]dataplane.Frame, error) { return m.sent, nil },
			Jam: func() (func() error, error) {
				m.jammed = true
				return func() error { m.jammed = false; m.settle(); return nil }, nil
			},
		}, err
	}
}

func TestVirtio(t *testing.T) {
	const address = 0x7_0000_0010
	for _, problem := range conformance.Check(build(t, func(n *network, pool *bus.Pool) (bus.Network, steps) {
		memory := &ring.Memory{}
		device := model.New(model.Config{World: n, Memory: memory, Address: address, Pool: pool, Features: model.VersionOne, Size: 256})
		driver := &virtio.Device{}
		if fault := driver.Open(&virtio.Resources{Registers: device, Memory: memory, Address: address, Pool: pool}); fault != virtio.None {
			t.Fatal(fault)
		}
		return driver, device
	}), 1514) {
		t.Error(problem)
	}
}

func TestIntel(t *testing.T) {
	const address = 0x7_0000_0010
	for _, problem := range conformance.Check(build(t, func(n *network, pool *bus.Pool) (bus.Network, steps) {
		memory := &intelring.Memory{}
		device := intel.New(intel.Config{World: n, Memory: memory, Address: address, Pool: pool})
		driver := &ixgbe.Device{}
		if fault := driver.Open(&ixgbe.Resources{
			Registers: device, Memory: memory, Address: address, Pool: pool, Timer: device, Size: intelring.Size,
		}); fault != ixgbe.None {
			t.Fatal(fault)
		}
		return driver, device
	}), 1514) {
		t.Error(problem)
	}
}

// gone is a device that does nothing any more.
type gone struct{ virtio.Device }

// TestProblem ends a loop whose device has a problem.
func TestProblem(t *testing.T) {
	pool := &bus.Pool{Buffers: make([]bus.Buffer, 4)}
	if _, err := direct.New(nil, pool); err == nil {
		t.Error("a back end without devices is made")
	}
	if _, err := direct.New([]bus.Network{&gone{}, &gone{}, &gone{}}, pool); err == nil {
		t.Error("a back end without buffers is made")
	}
	d, err := direct.New([]bus.Network{&gone{}}, pool)
	if err != nil {
		t.Fatal(err)
	}
	loop := dataplane.NewLoop(nf.Env{Devices: 1}, func([]nf.Packet, []nf.Action) {}, d)
	if err := loop.Step(); err == nil {
		t.Error("the loop goes on")
	}
}

// TestRegisters accesses memory as registers: by size, and only where there is any.
func TestRegisters(t *testing.T) {
	r := direct.Registers(make([]byte, 8))
	var _ bus.SizedBus = r
	r.Store32(4, 0x04030201)
	r.Store16(6, 0x0605)
	r.Store8(4, 7)
	if got := r.Load32(4); got != 0x06050207 || r.Load16(4) != 0x0207 || r.Load8(7) != 6 {
		t.Errorf("got %#x, %#x, %#x", got, r.Load16(4), r.Load8(7))
	}
	for _, access := range []func(){
		func() { r.Load32(8) }, func() { r.Load32(2) }, func() { r.Store16(1, 0) }, func() { r.Store32(1<<32-4, 0) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("an access outside of the registers is made")
				}
			}()
			access()
		}()
	}
}

// TestConfig reads a file as the configuration space of a function, and enables the function.
func TestConfig(t *testing.T) {
	name := filepath.Join(t.TempDir(), "config")
	space := make([]byte, 64)
	copy(space, []byte{0xf4, 0x1a, 0x41, 0x10})
	if err := os.WriteFile(name, space, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := direct.OpenConfig(name)
	if err != nil {
		t.Fatal(err)
	}
	f, ok := pci.Next(c, 0)
	if vendor, device := f.Identity(); !ok || vendor != 0x1af4 || device != 0x1041 || !virtio.IsNetwork(&f) {
		t.Errorf("got %#x, %#x, %t", vendor, device, ok)
	}
	if _, more := pci.Next(c, 1); more {
		t.Error("there is another function")
	}
	f.Enable()
	if got := f.Load(4); got != 0x406 {
		t.Errorf("the command is %#x, want 0x406", got)
	}
	if c.Load32(64) != 1<<32-1 {
		t.Error("there are registers behind the end")
	}
	if err := c.Close(); err == nil {
		t.Error("the failed access is not reported")
	}
	if _, err := direct.OpenConfig(name + "x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
