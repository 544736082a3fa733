// Package ixgbe drives Intel Ethernet controllers: the 82599 (datasheet 331520, whose sections are meant
// if nothing else is said), and the 8254x that share its legacy descriptors.
//
// A caller gives an empty [Device] its [Resources] in [Device.Open] or, for an 8254x, in
// [Device.OpenGigabit]: registers, memory for the rings with its bus address, the pool of buffers and a
// timer. Then buffers go round: [Device.Post] gives one to the device to be filled, [Device.Received]
// takes it back with a frame, [Device.Send] gives it away to be sent, and [Device.Sent] takes it back. What
// was posted and sent begins to move at the next [Device.Flush].
//
// Guarantee: a buffer belongs to the device from Post or Send until Received or Sent returns it, in order
// and once; frames are received and sent in order, unchanged, but that the device pads what it sends to 60
// bytes. All frames are received, whoever they are for, of up to 1518 bytes with FCS, or 1522 with a
// VLAN tag. No interrupts, no offloads, one queue each way, one descriptor per frame. Nothing is allocated;
// only Open and Close wait, for a bounded time. One goroutine uses a Device.
//
// Not handled: the PHY and the link, which are set up as the EEPROM says; a device without EEPROM; and one
// that does not stop accessing memory when it is told to (5.2.5.3.2), for which Open fails.
//
// Start at [Device.Open] in start.go, then queue.go.
package ixgbe

import (
	"vigor/driver/bus"
	"vigor/driver/ixgbe/ring"
	"vigor/driver/pci"
)

// PCI identities (9.3.3.1, 9.3.3.2; and 8254x Software Developer's Manual, table 5-1).
const (
	vendor       = 0x8086
	device82599  = 0x10fb // SFI/SFP+
	device8254EM = 0x100e // 82540EM
)

// Is82599 reports whether a function is an 82599; its registers are in BAR 0 (8.2.2).
func Is82599(f *pci.Function) bool { return is(f, device82599) }

// IsGigabit reports whether a function is an 82540EM; its registers are in BAR 0.
func IsGigabit(f *pci.Function) bool { return is(f, device8254EM) }

func is(f *pci.Function, want uint16) bool {
	maker, device := f.Identity()
	return maker == vendor && device == want
}

// Resources are what a device needs. The caller leaves them alone until the device is not used any more.
type Resources struct {
	Registers bus.Bus
	Memory    *ring.Memory // of this device alone
	Address   uint64       // bus address of Memory, a multiple of 16
	Pool      *bus.Pool
	Timer     bus.Timer
	Size      uint32 // descriptors of each ring, a power of two from 8 to ring.Size; one less is used
}

// Device is one controller. The zero value is one that is not open.
type Device struct {
	registers bus.Bus
	timer     bus.Timer
	pool      *bus.Pool
	gigabit   bool
	fault     Fault
	receive   queue
	transmit  queue
}

// Fault says why the device does nothing; None while it works.
func (d *Device) Fault() Fault { return d.fault }

// Problem is the fault in words, or empty while the device works.
func (d *Device) Problem() string {
	if d.fault == None {
		return ""
	}
	return d.fault.Error()
}

// Post gives the device a buffer to receive a frame in. It returns false if the device takes no more,
// and the buffer stays the caller's.
func (d *Device) Post(buffer uint32) bool {
	if d.fault != None || int(buffer) >= len(d.pool.Buffers) {
		return false
	}
	return d.receive.offer(buffer, d.pool.At(buffer), 0)
}

// Received returns a buffer with a frame that has arrived, and the frame's length, if there is one. A frame
// that was not received well is not stored at all, since FCTRL.SBP is 0 (8.2.3.7.1).
func (d *Device) Received() (buffer, length uint32, ok bool) {
	if d.fault != None {
		return 0, 0, false
	}
	buffer, word, ok := d.receive.take()
	if !ok {
		return 0, 0, false
	}
	if length = uint32(word & lengthMask); word&end == 0 || length == 0 || length > bus.MaxFrame {
		d.stop()
		d.fault = BadReceive
		return 0, 0, false
	}
	return buffer, length, true
}

// Send gives the device a buffer with a frame of some length to be sent. It returns false if the device
// takes no more, or the frame is empty or too long; the buffer then stays the caller's. Otherwise nobody
// changes it until it is returned, but other devices may be sending it, too.
func (d *Device) Send(buffer, length uint32) bool {
	if d.fault != None || int(buffer) >= len(d.pool.Buffers) || length == 0 || length > bus.MaxFrame {
		return false
	}
	return d.transmit.offer(buffer, d.pool.At(buffer), uint64(length)|commandEnd|commandCRC|commandState)
}

// Sent returns a buffer whose frame has been sent, if there is one.
func (d *Device) Sent() (buffer uint32, ok bool) {
	if d.fault != None {
		return 0, false
	}
	buffer, _, ok = d.transmit.take()
	return buffer, ok
}

// Flush lets the device see what was posted and sent since the last call.
func (d *Device) Flush() {
	if d.fault != None {
		return
	}
	d.announce(&d.receive)
	d.announce(&d.transmit)
}

// announce moves a tail (7.1.9, 7.2.3.3). The store orders what was written before it.
func (d *Device) announce(q *queue) {
	if q.announced != q.offered {
		q.announced = q.offered
		d.registers.Store32(q.tail, q.offered&(q.size-1))
	}
}

// Close stops the device. Afterwards, if it returns None, all buffers are the caller's; a device that does
// not stop may still access them.
func (d *Device) Close() Fault {
	d.fault = NotOpen
	d.stop()
	if !d.gigabit && !d.await(deviceStat, statMaster, 0) {
		return Busy
	}
	return None
}
