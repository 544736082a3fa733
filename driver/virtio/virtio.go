// Package virtio drives virtio network devices (virtio 1.2), by registers in memory or over PCI.
//
// A caller gives an empty [Device] its [Resources] in [Device.Open]: registers, memory for the rings with
// its bus address, and the pool of buffers. Registers have the layout of virtio over MMIO (4.2.2); [PCI]
// gives a PCI function the same layout. Then buffers go round: [Device.Post] gives one to the device to be
// filled, [Device.Received] takes it back with a frame, [Device.Send] gives it away to be sent, and
// [Device.Sent] takes it back. What was posted and sent begins to move at the next [Device.Flush].
//
// Guarantee: a buffer belongs to the device from Post or Send until Received or Sent returns it, and each
// is returned once; frames are received and sent in order, unchanged. Buffers may be returned in another
// order. No interrupts, no offloads, one queue each way, one descriptor per frame; the only feature that
// is accepted is VIRTIO_F_VERSION_1. What the device says about descriptors and lengths is checked: one
// that breaks its contract is reset, and [Device.Fault] says why. Not handled: legacy devices, and those that
// insist on another feature, such as one for an IOMMU (VIRTIO_F_ACCESS_PLATFORM). Nothing is allocated, and no call waits
// but Open, for a bounded time. One goroutine uses a Device.
//
// Start at [Device.Open], then queue.go.
package virtio

import (
	"math/bits"

	"vigor/driver/bus"
	"vigor/driver/virtio/ring"
)

// Registers of virtio over MMIO (4.2.2).
const (
	magicValue        = 0x000
	version           = 0x004
	deviceID          = 0x008
	deviceFeatures    = 0x010
	deviceFeaturesSel = 0x014
	driverFeatures    = 0x020
	driverFeaturesSel = 0x024
	queueSel          = 0x030
	queueSizeMax      = 0x034
	queueSize         = 0x038
	queueReady        = 0x044
	queueNotify       = 0x050
	status            = 0x070
	queueDesc         = 0x080 // low half, the high one follows; also for the next two
	queueDriver       = 0x090
	queueDevice       = 0x0a0
)

const (
	magic         = 0x74726976 // "virt" (4.2.2)
	mmioVersion   = 2          // 4.2.2
	networkDevice = 1          // 5.1.1
	versionOne    = 1          // bit 32 of the features, VIRTIO_F_VERSION_1, is bit 0 of their high half (6)
)

// Bits of the device status (2.1).
const (
	acknowledge = 1
	driver      = 2
	driverOK    = 4
	featuresOK  = 8
	failed      = 128
)

const (
	receiveQueue  = 0 // 5.1.2
	transmitQueue = 1
)

// resetPolls bounds how often the status is read until a reset is complete.
const resetPolls = 100_000

// Resources are what a device needs. The caller leaves them alone until the device is not used any more.
type Resources struct {
	Registers bus.Bus      // in the layout of virtio over MMIO
	Memory    *ring.Memory // of this device alone
	Address   uint64       // bus address of Memory, a multiple of 16
	Pool      *bus.Pool
}

// Device is one network device. The zero value is one that is not open.
type Device struct {
	registers bus.Bus
	pool      *bus.Pool
	fault     Fault
	receive   queue
	transmit  queue
}

// Present reports whether registers are those of a virtio network device (4.2.3.1.1).
func Present(registers bus.Bus) bool {
	return registers.Load32(magicValue) == magic && registers.Load32(version) == mmioVersion &&
		registers.Load32(deviceID) == networkDevice
}

// Open resets a device and starts it (3.1.1); it has no buffers yet. If Open fails, the device does not
// access memory; unless the fault is NoReset, when it goes on with what someone else had it do.
func (d *Device) Open(r *Resources) Fault {
	d.registers, d.pool, d.fault = r.Registers, r.Pool, NotOpen
	if r.Address%16 != 0 {
		return d.give(Misaligned)
	}
	if !Present(d.registers) {
		return d.give(NotPresent)
	}
	if !d.reset() {
		return d.give(NoReset)
	}
	d.registers.Store32(status, acknowledge)
	d.registers.Store32(status, acknowledge|driver)
	if fault := d.negotiate(); fault != None {
		return d.fail(fault)
	}
	d.receive.prepare(&r.Memory.Receive)
	d.transmit.prepare(&r.Memory.Transmit)
	if !d.start(&d.receive, receiveQueue, r.Address) || !d.start(&d.transmit, transmitQueue, r.Address+ring.QueueSize) {
		return d.fail(NoQueue)
	}
	d.registers.Store32(status, acknowledge|driver|featuresOK|driverOK)
	return d.give(None)
}

// give keeps a fault.
func (d *Device) give(fault Fault) Fault {
	d.fault = fault
	return fault
}

// fail tells the device that it is given up (3.1.1).
func (d *Device) fail(fault Fault) Fault {
	d.registers.Store32(status, failed|d.registers.Load32(status))
	return d.give(fault)
}

// reset stops all that the device does, and waits until it has (2.4, 4.1.4.3.2).
func (d *Device) reset() bool {
	d.registers.Store32(status, 0)
	for range resetPolls {
		if d.registers.Load32(status) == 0 {
			return true
		}
	}
	return false
}

// negotiate accepts VIRTIO_F_VERSION_1 and nothing else (2.2, 6.1).
func (d *Device) negotiate() Fault {
	d.registers.Store32(deviceFeaturesSel, 1)
	if d.registers.Load32(deviceFeatures)&versionOne == 0 {
		return Legacy
	}
	d.registers.Store32(driverFeaturesSel, 0)
	d.registers.Store32(driverFeatures, 0)
	d.registers.Store32(driverFeaturesSel, 1)
	d.registers.Store32(driverFeatures, versionOne)
	d.registers.Store32(status, acknowledge|driver|featuresOK)
	if d.registers.Load32(status)&featuresOK == 0 {
		return FeaturesRefused
	}
	return None
}

// start tells the device where a queue is (4.2.3.2).
func (d *Device) start(q *queue, index uint32, address uint64) bool {
	d.registers.Store32(queueSel, index)
	if d.registers.Load32(queueReady) != 0 {
		return false
	}
	most := min(d.registers.Load32(queueSizeMax), ring.Size)
	if most == 0 {
		return false
	}
	q.index, q.size = index, 1<<(bits.Len32(most)-1) // the size is a power of two (2.7)
	q.empty()
	d.registers.Store32(queueSize, q.size)
	d.storeAddress(queueDesc, address)
	d.storeAddress(queueDriver, address+ring.AvailableAt)
	d.storeAddress(queueDevice, address+ring.UsedAt)
	d.registers.Store32(queueReady, 1)
	return true
}

// storeAddress stores both halves of a bus address.
func (d *Device) storeAddress(register uint32, address uint64) {
	d.registers.Store32(register, uint32(address))
	d.registers.Store32(register+4, uint32(address>>32))
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
	return d.receive.offer(buffer, ring.Descriptor{
		Address: d.pool.At(buffer) - headerSize, Length: headerSize + bus.MaxFrame, Flags: ring.Write,
	})
}

// Received returns a buffer with a frame that has arrived, and the frame's length, if there is one.
func (d *Device) Received() (buffer, length uint32, ok bool) {
	if d.fault != None {
		return 0, 0, false
	}
	buffer, length, answer := d.receive.take()
	if answer == returned && (length < headerSize || length > headerSize+bus.MaxFrame) {
		answer = broken
	}
	if answer == broken {
		d.breach(BadReceive)
	}
	return buffer, length - headerSize, answer == returned
}

// Send gives the device a buffer with a frame of some length to be sent. It returns false if the device
// takes no more, or the frame is too long; the buffer then stays the caller's. Otherwise nobody changes
// it until it is returned, but other devices may be sending it, too.
func (d *Device) Send(buffer, length uint32) bool {
	if d.fault != None || int(buffer) >= len(d.pool.Buffers) || length > bus.MaxFrame {
		return false
	}
	if d.transmit.free == 0 {
		return false
	}
	header := d.pool.Buffers[buffer][bus.Headroom-headerSize : bus.Headroom]
	for i := range header { // all zero: no offload, num_buffers 0 (5.1.6.2.1)
		if header[i] != 0 {
			header[i] = 0
		}
	}
	return d.transmit.offer(buffer, ring.Descriptor{
		Address: d.pool.At(buffer) - headerSize, Length: headerSize + length,
	})
}

// Sent returns a buffer whose frame has been sent, if there is one.
func (d *Device) Sent() (buffer uint32, ok bool) {
	if d.fault != None {
		return 0, false
	}
	buffer, _, answer := d.transmit.take()
	if answer == broken {
		d.breach(BadSend)
	}
	return buffer, answer == returned
}

// Flush lets the device see what was posted and sent since the last call.
func (d *Device) Flush() {
	if d.fault != None {
		return
	}
	if d.receive.publish() {
		d.registers.Store32(queueNotify, receiveQueue)
	}
	if d.transmit.publish() {
		d.registers.Store32(queueNotify, transmitQueue)
	}
}

// Close stops the device. Afterwards, if it returns None, all buffers are the caller's; a device that
// does not stop may still access them.
func (d *Device) Close() Fault {
	d.fault = NotOpen
	if !d.reset() {
		return NoReset
	}
	return None
}

// breach stops a device that has broken its contract.
func (d *Device) breach(fault Fault) {
	d.registers.Store32(status, 0)
	d.fault = fault
}
