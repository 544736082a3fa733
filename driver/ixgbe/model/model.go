// Package model is an 82599 in Go, by which its driver is tested and proved: it does what the datasheet lets
// the device do, and says which section a driver breaks.
//
// A [Device] is the registers for its driver, and the timer, so that it knows how long the driver waits.
// [Device.Step] is one thing that the device may do by itself, out of what a world chooses: receive a
// frame, send one, write back a descriptor that was sent, or nothing. It keeps a copy of each descriptor
// and buffer that it has, so that it knows whether the driver touches one. Registers are the few that a
// driver for one queue each way needs; an access to another breaks a rule, and so does a change of a
// reserved bit. Bits that hardware sets later are set after a number of reads.
//
// Steps are made at every access to a register, and at every wait. Who can, makes one at every access to a
// word that both sides share, too. Under Concurrent, nothing steps by itself, and another goroutine calls
// Step, once the driver has opened the device.
//
// Not modelled: interrupts, link and PHY, statistics, offloads, more than one queue, RSC, DCB and
// virtualization, descriptors other than legacy ones, padding, and PCI configuration space.
//
// Start at rules.go and the table in registers.go, then start.go for what the order of initialization must be.
package model

import (
	"sync/atomic"

	"vigor/driver/bus"
	"vigor/driver/ixgbe/ring"
	"vigor/driver/world"
)

// Config is what a device is made of, and how it behaves.
type Config struct {
	World   world.World
	Memory  *ring.Memory // that the driver was given, with its bus address
	Address uint64
	Pool    *bus.Pool

	Stuck      uint32 // one more than the offset of a register of which a bit never gets ready
	NoEEPROM   bool
	Concurrent bool // Step is called by another goroutine
}

// Device is the model of one device. It is also the timer of its driver.
type Device struct {
	Config
	values values
	time   uint64 // microseconds

	wasReset  bool
	resetAt   uint64
	quiet     bool // PCIe Master Enable Status was read as 0
	masked    uint8
	readROM   bool
	readDMA   bool
	readRDY   bool
	pending   map[uint32]int    // reads until a bit of a register is ready
	confirmed map[uint32]uint32 // by control register of a queue: ENABLE, as it was last read
	receive   queue
	transmit  queue
	stepping  bool
}

// queue is the device's side of a ring.
type queue struct {
	running bool
	ring    []ring.Descriptor
	tail    atomic.Uint32
	seen    uint32
	exposed []*exposure
}

// New returns a device that has just been switched on, by someone who left some queues enabled.
func New(c Config) *Device {
	d := &Device{Config: c, pending: make(map[uint32]int), confirmed: make(map[uint32]uint32)}
	d.defaults()
	for _, queue := range []uint32{rxdctl + 0x40*5, 0xd028 + 0x40*63} {
		d.values.set(queue, d.values.at(queue)|enable)
		d.confirmed[queue] = enable
	}
	return d
}

// fail reports a broken rule.
func (d *Device) fail(r rule) { d.World.Fail(Rules[r]) }

// pause is where the device may do something while the driver runs.
func (d *Device) pause() {
	if !d.Concurrent {
		d.Step()
	}
}

// Delay is the driver's timer.
func (d *Device) Delay(microseconds uint32) {
	d.time += uint64(microseconds)
	d.pause()
}

// Running reports whether the device may access memory.
func (d *Device) Running() bool { return d.receive.running || d.transmit.running }

// Step does one thing that the device may do now, or nothing.
func (d *Device) Step() {
	if d.stepping || !d.Running() {
		return
	}
	d.stepping = true
	defer func() { d.stepping = false }()
	d.observe()
	switch d.World.Choose(4) {
	case 1:
		d.fill()
	case 2:
		d.send()
	case 3:
		d.finish()
	}
}

// Settle does all that the device can do now.
func (d *Device) Settle() {
	if d.stepping || !d.Running() {
		return
	}
	d.stepping = true
	defer func() { d.stepping = false }()
	for again := true; again; {
		d.observe()
		again = d.send()
		again = d.finish() || again
		again = d.fill() || again
	}
}
