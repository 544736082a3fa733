// Package model is a virtio network device in Go, by which drivers are tested and proved: it does what
// virtio 1.2 lets a device do, and says which clause a driver breaks.
//
// A [Device] is the registers of virtio over MMIO for its driver, and [PCI] puts the same device on a PCI
// bus. [Device.Step] is one thing that the device may do by itself, out of what a world chooses: receive a
// frame into any buffer it has, send one, return a buffer of a frame it has sent, in any order, or nothing.
// It looks at each descriptor when that becomes visible, and keeps a copy of each buffer it has, so that it
// knows whether the driver touches one.
//
// Steps are made at every access to a register. Who can, makes one at every access to a word that both
// sides share, too. A lazy device looks for descriptors only when it is notified. Under Concurrent, nothing
// steps by itself, and another goroutine calls Step, once the driver has opened the device.
//
// Not modelled: interrupts, the configuration space of network devices, the features that no driver here
// accepts, and memory other than what [Config] lists. Accesses to them break a rule.
//
// Start at rules.go, then [Device.Step].
package model

import (
	"vigor/driver/bus"
	"vigor/driver/virtio/ring"
	"vigor/driver/world"
)

// VersionOne is VIRTIO_F_VERSION_1 (6).
const VersionOne = 1 << 32

// Config is what a device is made of, and how it behaves.
type Config struct {
	World   world.World
	Memory  *ring.Memory // that the driver was given, with its bus address
	Address uint64
	Pool    *bus.Pool

	Features   uint64 // that are offered
	Refuse     bool   // the device does not agree to features
	Size       uint32 // QueueSizeMax, a power of two
	UsedFlags  uint32 // of the used ring: 0, or 1 to ask for no notifications (2.7.10)
	Lazy       bool   // descriptors are looked for after a notification only
	Endless    bool   // a reset does not end
	Concurrent bool   // Step is called by another goroutine
}

// Bits of the status (2.1).
const (
	acknowledge = 1
	driver      = 2
	driverOK    = 4
	featuresOK  = 8
	failed      = 128
)

// Device is the model of one device.
type Device struct {
	Config
	identified uint8 // bit i: register 4*i was read
	status     uint32
	wasReset   bool // since it was switched on
	resetting  int  // reads of the status until a reset is complete, or -1
	resetRead  bool // the end of the reset was seen
	reread     bool // FEATURES_OK was seen
	deviceSel  int64
	driverSel  int64 // -1 while not written
	accepted   uint64
	selected   uint32
	queues     [2]queue
	stepping   bool
}

// New returns a device that has just been switched on.
func New(c Config) *Device {
	d := &Device{Config: c}
	d.clear()
	return d
}

// clear is the end of a reset.
func (d *Device) clear() {
	d.status, d.resetting, d.reread, d.accepted, d.selected = 0, -1, false, 0, 0
	d.deviceSel, d.driverSel = -1, -1
	for i := range d.queues {
		d.queues[i] = queue{}
	}
}

// fail reports a broken rule.
func (d *Device) fail(r rule) { d.World.Fail(Rules[r]) }

// pause is where the device may do something while the driver runs.
func (d *Device) pause() {
	if !d.Concurrent {
		d.Step()
	}
}

// Running reports whether the device may access memory.
func (d *Device) Running() bool { return d.status&(driverOK|failed) == driverOK }

// Step does one thing that the device may do now, or nothing.
func (d *Device) Step() {
	if d.stepping || !d.Running() { // the device itself accesses shared words, too
		return
	}
	d.stepping = true
	defer func() { d.stepping = false }()
	d.observe()
	switch d.World.Choose(4) {
	case 1:
		if n := d.queues[0].ready(d.Lazy, false); n > 0 {
			d.fill(d.World.Choose(n))
		}
	case 2:
		d.send()
	case 3:
		if n := d.queues[1].ready(d.Lazy, true); n > 0 {
			d.finish(d.World.Choose(n))
		}
	}
}

// Settle does all that the device can do now, in order.
func (d *Device) Settle() {
	if d.stepping || !d.Running() {
		return
	}
	d.stepping = true
	defer func() { d.stepping = false }()
	for again := true; again; {
		d.observe()
		again = d.send()
		for d.queues[1].ready(d.Lazy, true) > 0 {
			d.finish(0)
		}
		if d.queues[0].ready(d.Lazy, false) > 0 && d.fill(0) {
			again = true
		}
	}
}

// Held is the number of buffers that the device has, as far as it has looked.
func (d *Device) Held() int { return len(d.queues[0].exposed) + len(d.queues[1].exposed) }
