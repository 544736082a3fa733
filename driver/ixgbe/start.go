package ixgbe

import (
	"vigor/driver/bus"
	"vigor/driver/ixgbe/ring"
)

const (
	waits = 10_000 // waits for a bit of a register
	pause = 100    // microseconds of one of them
)

// Open resets an 82599 and starts it (4.6.3); it has no buffers yet. If Open fails, the device does not
// access memory, or the fault is Busy.
func (d *Device) Open(r *Resources) Fault {
	if fault := d.take(r, false); fault != None {
		return fault
	}
	fault := d.reset()
	if fault == None {
		fault = d.start(r)
	}
	if fault != None && fault != Busy {
		d.stop()
	}
	d.fault = fault
	return fault
}

// take keeps what the device was given.
func (d *Device) take(r *Resources, gigabit bool) Fault {
	d.registers, d.timer, d.pool, d.gigabit, d.fault = r.Registers, r.Timer, r.Pool, gigabit, NotOpen
	switch {
	case r.Address%16 != 0:
		d.fault = Misaligned
	case r.Size < 8 || r.Size > ring.Size || r.Size&(r.Size-1) != 0:
		d.fault = BadSize
	default:
		return None
	}
	return d.fault
}

// change clears some bits of a register and sets others; those that it does not name stay.
func (d *Device) change(register, clear, set uint32) {
	d.registers.Store32(register, d.registers.Load32(register)&^clear|set)
}

// fill stores one value to registers in a row.
func (d *Device) fill(register, number, value uint32) {
	for i := range number {
		d.registers.Store32(register+4*i, value)
	}
}

// await waits until some bits of a register have a value, a second at most.
func (d *Device) await(register, mask, value uint32) bool {
	for range waits {
		if d.registers.Load32(register)&mask == value {
			return true
		}
		d.timer.Delay(pause)
	}
	return false
}

// stop has the device access memory no more, which may take a while.
func (d *Device) stop() {
	if d.gigabit {
		d.registers.Store32(gigabitRctl, 0)
		d.registers.Store32(gigabitTctl, 0)
		return
	}
	d.change(ctrl, ctrlReset, ctrlMasterDisable) // 5.2.5.3.2
}

// noInterrupts disables all interrupts (4.6.3.1).
func (d *Device) noInterrupts() {
	d.registers.Store32(eimc, eimcAll)
	d.fill(eimcMore, 2, 1<<32-1)
}

// reset disables the device's accesses to memory (5.2.5.3.2), and resets it (4.2.1.6.1, 4.6.3.2).
func (d *Device) reset() Fault {
	d.noInterrupts()
	for i := range uint32(64) {
		if !d.disable(rxdctl+0x40*i) || !d.disable(rxdctlMore+0x40*i) {
			return Busy
		}
	}
	d.change(ctrl, 0, ctrlMasterDisable)
	if !d.await(deviceStat, statMaster, 0) {
		return Busy
	}
	d.change(ctrl, 0, ctrlReset)
	d.timer.Delay(10_000) // 1 ms before any access (8.2.3.1.1), and 10 ms in all (4.6.3.2)
	if !d.await(ctrl, ctrlReset, 0) {
		return NoReset
	}
	d.noInterrupts()
	if !d.await(eec, eepromRead, eepromRead) || d.registers.Load32(eec)&eepromPresent == 0 {
		return NoEEPROM
	}
	if !d.await(rdrxctl, rdrxReady, rdrxReady) {
		return NoReset
	}
	return None
}

// disable disables a receive queue, if it is enabled (4.6.7.1.2).
func (d *Device) disable(control uint32) bool {
	if d.registers.Load32(control)&queueEnable == 0 {
		return true
	}
	d.change(control, queueEnable, 0)
	if !d.await(control, queueEnable, 0) {
		return false
	}
	d.timer.Delay(100)
	return true
}

// start initializes what receives and what sends, and starts both (4.6.7, 4.6.8).
func (d *Device) start(r *Resources) Fault {
	d.filters()
	d.packetBuffers()
	receive := d.receive.prepare(&r.Memory.Receive, r.Address, r.Size, rdt)
	transmit := d.transmit.prepare(&r.Memory.Transmit, r.Address+ring.RingSize, r.Size, tdt)
	if !d.startReceive(receive) || !d.startTransmit(transmit) {
		return NoQueue
	}
	return None
}

// filters has all frames pass that are without error (4.6.7, 7.1.1.1), and sets up how they are stored.
func (d *Device) filters() {
	d.fill(pfuta, 128, 0)
	d.fill(pfvlvf, 64, 0)
	d.fill(pfvlvfb, 128, 0)
	d.fill(mpsar, 256, 0)
	d.fill(mta, 128, 0)
	for i := range uint32(128) {
		d.change(ftqf+4*i, fiveTuple, 0)
	}
	d.change(fctrl, filterBad, filterMulticast|filterUnicast|filterBroadcast)
	d.change(rdrxctl, rdrxCoalesced, rdrxStripCRC|rdrxCoalesceAck|rdrxWriteFix) // 8.2.3.8.8
	d.change(hlreg0, hlJumbo|hlLoopback, hlStripCRC|hlTransmitCRC|hlPad)
}

// packetBuffers divides the device's own memory, and sets up flow control (4.6.3.2, 4.6.11.3.4).
func (d *Device) packetBuffers() {
	const kilobytes = 10 // position of sizes
	d.change(rxpbsize, bufferSize, 0x200<<kilobytes)
	d.fill(rxpbsize+4, 7, 0)
	d.change(fcrth, thresholdHigh|flowControl, 0x200<<10-0x6000)
	d.change(mflcn, 0, mflcnReceive)
	d.change(rttdcs, 0, arbiterDisable) // 4.6.8: while the following are set
	d.change(dtxmxszrq, requests, 0xfff)
	d.change(txpbsize, bufferSize, 0xa0<<kilobytes)
	d.fill(txpbsize+4, 7, 0)
	d.change(txpbthresh, threshold, 0xa0-2) // room for the longest frame, in KB
	d.fill(txpbthresh+4, 7, 0)
	d.change(mtqc, multiQueue, 0)
	d.change(rttdcs, arbiterDisable, 0)
}

// startReceive starts receive queue 0 at a bus address (4.6.7).
func (d *Device) startReceive(address uint64) bool {
	d.registers.Store32(rdbal, uint32(address))
	d.registers.Store32(rdbal+4, uint32(address>>32))
	d.registers.Store32(rdlen, 16*d.receive.size)
	d.change(srrctl, srrSize|srrType, bus.MaxFrame/1024|srrDrop)
	d.change(rxdctl, queueTags, queueEnable)
	if !d.await(rxdctl, queueEnable, queueEnable) {
		return false
	}
	d.change(secrxctrl, 0, securityDisable)
	if !d.await(secrxstat, securityReady, securityReady) {
		return false
	}
	d.change(rxctrl, 0, rxEnable)
	d.change(secrxctrl, securityDisable, 0)
	d.change(ctrlExt, 0, extNoSnoopDisable)
	d.change(dcaRxctrl, rxNoSnoop, 0)
	return true
}

// startTransmit starts transmit queue 0 at a bus address (4.6.8).
func (d *Device) startTransmit(address uint64) bool {
	d.registers.Store32(tdbal, uint32(address))
	d.registers.Store32(tdbal+4, uint32(address>>32))
	d.registers.Store32(tdlen, 16*d.transmit.size)
	d.change(txdctl, prefetch|hostThreshold|writeBack, 32|4<<8) // each descriptor is written back by itself
	d.change(dmatxctl, 0, txEnable)
	d.change(txdctl, 0, queueEnable)
	return d.await(txdctl, queueEnable, queueEnable)
}
