package model

import "math/bits"

// Registers of virtio over MMIO, from the table of 4.2.2: offset, and whether they are read and written.
const (
	readable = 1
	writable = 2
)

var registers = map[uint32]uint8{
	0x000: readable, 0x004: readable, 0x008: readable, 0x00c: readable, // identity
	0x010: readable, 0x014: writable, 0x020: writable, 0x024: writable, // features
	0x030: writable, 0x034: readable, 0x038: writable, 0x044: readable | writable, // queue
	0x050: writable, 0x060: readable, 0x064: writable, 0x070: readable | writable, // notification, status
	0x080: writable, 0x084: writable, 0x090: writable, 0x094: writable, 0x0a0: writable, 0x0a4: writable,
	0x0fc: readable,
}

// Load32 is an access of the driver.
func (d *Device) Load32(register uint32) uint32 {
	d.pause()
	switch access := registers[register]; {
	case access == 0:
		d.fail(unknownRegister)
		return 0
	case access&readable == 0:
		d.fail(writeOnlyRegister)
		return 0
	}
	if register <= 0x008 {
		return d.identify(register)
	}
	if d.identified != 7 {
		d.fail(identityFirst)
	}
	if register == 0x070 {
		return d.loadStatus()
	}
	if !d.settled() {
		return 0
	}
	switch register {
	case 0x010:
		if d.deviceSel < 0 {
			d.fail(selectDeviceFeatures)
			return 0
		}
		return half(d.Features, uint32(d.deviceSel))
	case 0x034:
		if d.selected < 2 {
			return d.Size
		}
	case 0x044:
		if d.selected < 2 && d.queues[d.selected].enabled {
			return 1
		}
	}
	return 0
}

// identify returns one of the registers that say what the device is.
func (d *Device) identify(register uint32) uint32 {
	if register > 0 && d.identified&(1<<(register/4-1)) == 0 {
		d.fail(identityFirst)
	}
	d.identified |= 1 << (register / 4)
	return [...]uint32{0x74726976, 2, 1}[register/4]
}

// half returns 32 bits of the features.
func half(features uint64, which uint32) uint32 {
	if which > 1 {
		return 0
	}
	return uint32(features >> (32 * which))
}

// loadStatus returns the status, which is 0 when a reset is complete.
func (d *Device) loadStatus() uint32 {
	if d.resetting > 0 {
		if !d.Endless {
			d.resetting--
		}
		return d.status | acknowledge
	}
	if d.resetting == 0 {
		d.clear()
	}
	d.resetRead = d.resetRead || d.status == 0
	d.reread = d.reread || d.status&featuresOK != 0
	return d.status
}

// settled complains of an access while a reset is not known to be complete.
func (d *Device) settled() bool {
	switch {
	case !d.wasReset:
		d.fail(resetFirst)
	case !d.resetRead:
		d.fail(resetComplete)
	default:
		return true
	}
	return false
}

// Store32 is an access of the driver.
func (d *Device) Store32(register, value uint32) {
	switch access := registers[register]; {
	case access == 0:
		d.fail(unknownRegister)
		return
	case access&writable == 0:
		d.fail(readOnlyRegister)
		return
	}
	if d.identified != 7 {
		d.fail(identityFirst)
	}
	if register == 0x070 && value == 0 {
		d.wasReset, d.resetRead, d.resetting = true, false, d.World.Choose(3)
		if d.Endless {
			d.resetting = 1
		}
	} else if d.settled() {
		d.store(register, value)
	}
	d.pause()
}

// store changes a register that is written.
func (d *Device) store(register, value uint32) {
	switch register {
	case 0x014:
		d.deviceSel = int64(value)
	case 0x020:
		d.acceptFeatures(value)
	case 0x024:
		d.driverSel = int64(value)
	case 0x030:
		d.selected = value
	case 0x050:
		d.notify(value)
	case 0x064: // acknowledges an interrupt; there are none
	case 0x070:
		d.storeStatus(value)
	default:
		d.configure(register, value)
	}
}

// storeStatus is a step of the initialization (3.1.1).
func (d *Device) storeStatus(value uint32) {
	switch added := value &^ d.status; {
	case value&^(acknowledge|driver|driverOK|featuresOK|failed) != 0:
		d.fail(statusBits)
	case d.status&^value != 0:
		d.fail(statusCleared)
	case added == 0:
	case d.status&failed != 0:
		d.fail(givenUp)
	case added == failed:
		d.status = value
	case bits.OnesCount32(added) != 1 || added != next(d.status):
		d.fail(statusOrder)
	case added == featuresOK && d.accepted&VersionOne == 0:
		d.fail(featureNeeded)
	case added == featuresOK && d.Refuse: // the bit does not stay (2.2.2)
	case added == driverOK && !d.reread:
		d.fail(featuresReread)
	case added == driverOK && !(d.queues[0].enabled && d.queues[1].enabled):
		d.fail(queuesReady)
	default:
		d.status = value
	}
}

// next is the bit of the status that is set after others.
func next(status uint32) uint32 {
	for _, bit := range []uint32{acknowledge, driver, featuresOK, driverOK} {
		if status&bit == 0 {
			return bit
		}
	}
	return 0
}

// acceptFeatures takes 32 bits of features.
func (d *Device) acceptFeatures(value uint32) {
	if d.driverSel < 0 {
		d.fail(selectDriverFeatures)
		return
	}
	if d.status&driver == 0 || d.status&featuresOK != 0 {
		d.fail(featuresPhase)
		return
	}
	if value&^half(d.Features, uint32(d.driverSel)) != 0 {
		d.fail(featureNotOffered)
		return
	}
	if value&^half(VersionOne, uint32(d.driverSel)) != 0 {
		d.fail(featureUnknown)
		return
	}
	if d.driverSel == 1 {
		d.accepted = uint64(value) << 32
	}
}

// notify is the doorbell (4.2.3.3).
func (d *Device) notify(queue uint32) {
	switch {
	case d.status&driverOK == 0:
		d.fail(notifyPhase)
	case queue > 1:
		d.fail(notifyQueue)
	case d.Concurrent: // it looks all the time
	default:
		d.observe()
		for i := range d.queues[queue].exposed {
			d.queues[queue].exposed[i].announced = true
		}
	}
}
