package model

// Load32 is an access of the driver.
func (d *Device) Load32(offset uint32) uint32 {
	d.pause()
	r, ok := find(offset)
	switch {
	case !ok:
		d.fail(unknownRegister)
		return 0
	case r.access == writable:
		d.fail(writeOnlyRegister)
		return 0
	case !d.allowed(offset):
		return 0
	}
	value := d.values.at(offset)
	if _, is := queueOf(offset); is || offset == txdctl {
		return d.loadQueue(offset, value)
	}
	switch offset {
	case ctrl:
		if d.wasReset {
			value = d.late(offset, value, value|resetBit)
		}
	case status:
		return d.loadStatus(value)
	case eec:
		if value |= present; d.NoEEPROM {
			value &^= present
		}
		value = d.late(offset, value|automatic, value&^automatic)
		d.readROM = d.readROM || value&automatic != 0
	case rdrxctl:
		value = d.late(offset, value|dmaDone, value&^dmaDone)
		d.readDMA = d.readDMA || value&dmaDone != 0
	case secrxstat:
		if value &^= 1; d.values.at(secrxctrl)&securityOff != 0 {
			value = d.late(offset, value|1, value)
		}
		d.readRDY = value&1 != 0
	}
	return value
}

// loadStatus says whether the device may still access memory (5.2.5.3.2).
func (d *Device) loadStatus(value uint32) uint32 {
	value |= masterStatus
	if d.values.at(ctrl)&masterDisable != 0 {
		value = d.late(status, value&^masterStatus, value)
	}
	d.quiet = value&masterStatus == 0
	return value
}

// loadQueue is what the control register of a queue says: whether it is enabled takes a while to change.
func (d *Device) loadQueue(offset, value uint32) uint32 {
	value = d.late(offset, value, value&^enable|d.confirmed[offset])
	d.confirmed[offset] = value & enable
	return value
}

// late is a value that a register has after it has been read a few times, and what it has before.
func (d *Device) late(offset, ready, before uint32) uint32 {
	if d.Stuck == offset+1 {
		return before
	}
	if d.pending[offset] > 0 {
		d.pending[offset]--
		return before
	}
	return ready
}

// allowed complains of an access before the device is reset, and of one too soon after.
func (d *Device) allowed(offset uint32) bool {
	_, queue := queueOf(offset)
	interrupts := offset == eimc || offset == eimc1 || offset == eimc2
	passed := d.time - d.resetAt
	switch {
	case !d.wasReset && !queue && !interrupts && offset != ctrl && offset != status:
		d.fail(resetFirst)
	case d.wasReset && passed < 1000:
		d.fail(resetMillisecond)
	case d.wasReset && passed < 10_000 && offset != ctrl:
		d.fail(resetPause)
	default:
		return true
	}
	return false
}

// Store32 is an access of the driver.
func (d *Device) Store32(offset, value uint32) {
	r, ok := find(offset)
	switch {
	case !ok:
		d.fail(unknownRegister)
		return
	case r.access == readable:
		d.fail(readOnlyRegister)
		return
	case !d.allowed(offset) || !d.preserved(r, offset, value):
		return
	}
	if broken := d.store(offset, value); broken != rules {
		d.fail(broken)
		return
	}
	d.pause()
}

// store changes a register, and returns the rule that this breaks, or none.
func (d *Device) store(offset, value uint32) rule {
	old := d.values.at(offset)
	switch offset {
	case rdt:
		return d.receive.move(value, d.confirmed[rxdctl] != 0)
	case tdt:
		return d.transmit.move(value, d.confirmed[txdctl] != 0)
	}
	broken := d.check(offset, old, value)
	if broken != rules || offset == ctrl && value&resetBit != 0 {
		return broken
	}
	d.values.set(offset, value)
	d.receive.running = d.values.at(rxdctl)&enable != 0 && d.values.at(rxctrl)&1 != 0 && d.values.at(ctrl)&masterDisable == 0
	d.transmit.running = d.values.at(txdctl)&enable != 0 && d.values.at(dmatxctl)&1 != 0 && d.values.at(ctrl)&masterDisable == 0
	return rules
}

// check returns the rule that a store breaks, or none; it does what the store does besides.
func (d *Device) check(offset, old, value uint32) rule {
	on := value &^ old
	if _, is := queueOf(offset); is && (old^value)&enable != 0 || offset == txdctl && on&enable != 0 {
		d.pending[offset] = d.World.Choose(3)
	}
	switch {
	case offset == ctrl:
		return d.control(on)
	case offset == eimc && value == 1<<31-1:
		d.masked |= 1
	case (offset == eimc1 || offset == eimc2) && value == 1<<32-1:
		d.masked |= uint8(offset-eimc1)/2 + 2
	case offset == fctrl && d.values.at(rxctrl)&1 != 0:
		return filterRunning
	case d.transmitOnly(offset) && d.values.at(rttdcs)&arbiterBit == 0:
		return arbiterOff
	case offset >= rdbal && offset <= rdlen && d.values.at(rxdctl)&enable != 0,
		offset == srrctl && d.values.at(rxdctl)&enable != 0,
		offset >= tdbal && offset <= tdlen && d.values.at(txdctl)&enable != 0:
		return ringRunning
	case offset == srrctl:
		return checkBuffers(value)
	case offset == secrxctrl && on&securityOff != 0:
		d.pending[secrxstat], d.readRDY = d.World.Choose(3), false
	case offset == rxctrl && on&1 != 0:
		return d.checkReceive()
	case offset == dmatxctl && on&1 != 0:
		return d.checkTransmit()
	case offset == rxdctl && on&enable != 0:
		if value&tags != 0 {
			return tagsStripped
		}
		return d.checkRing(&d.receive, rdbal)
	case offset == txdctl:
		return d.checkSend(on, value)
	}
	return rules
}

// transmitOnly is for registers that are changed while nothing is sent (4.6.8).
func (d *Device) transmitOnly(offset uint32) bool {
	return offset == dtxmxszrq || offset == mtqc || offset >= txpbsize && offset < txpbsize+32 ||
		offset >= txpbthresh && offset < txpbthresh+32
}

// control stops and resets the device (4.2.1.6.1, 5.2.5.3.2).
func (d *Device) control(on uint32) rule {
	if on&masterDisable != 0 {
		d.pending[status] = d.World.Choose(3)
	}
	if on&resetBit == 0 {
		return rules
	}
	if !d.quiet || d.values.at(ctrl)&masterDisable == 0 {
		return masterStopped
	}
	for i := range uint32(64) {
		if d.confirmed[rxdctl+0x40*i]|d.confirmed[0xd028+0x40*i] != 0 {
			return queuesStopped
		}
	}
	d.reset()
	return rules
}

// reset is a software reset.
func (d *Device) reset() {
	d.defaults()
	d.wasReset, d.resetAt = true, d.time
	d.masked, d.quiet, d.readROM, d.readDMA, d.readRDY = 0, false, false, false, false
	clear(d.confirmed)
	clear(d.pending)
	for _, offset := range []uint32{ctrl, eec, rdrxctl} {
		d.pending[offset] = d.World.Choose(3)
	}
	for _, q := range []*queue{&d.receive, &d.transmit} {
		q.running, q.ring, q.seen, q.exposed = false, nil, 0, nil
		q.tail.Store(0)
	}
}

// checkBuffers looks at SRRCTL (8.2.3.8.7).
func checkBuffers(value uint32) rule {
	switch size := value & 0x1f; {
	case size == 0 || size > 16:
		return bufferUnits
	case value>>25&7 != 0:
		return descriptorType
	}
	return rules
}

// checkReceive looks at all that must be set up before receive is enabled (4.6.7).
func (d *Device) checkReceive() rule {
	v := func(offset uint32) uint32 { return d.values.at(offset) }
	switch {
	case v(secrxctrl)&securityOff == 0 || !d.readRDY:
		return receiveHalted
	case d.masked != 7:
		return interruptsOff
	case !d.readROM:
		return eepromRead
	case !d.readDMA:
		return dmaReady
	case !d.zero(pfuta, 128, ^uint32(0)) || !d.zero(pfvlvf, 64, ^uint32(0)) || !d.zero(pfvlvfb, 128, ^uint32(0)) ||
		!d.zero(mta, 128, ^uint32(0)) || !d.zero(mpsar, 256, ^uint32(0)) || !d.zero(ftqf, 128, 1<<31):
		return filterTables
	case v(fctrl)&(1<<1) != 0:
		return badFrames
	case v(rdrxctl)&(1<<1) == 0 || v(hlreg0)&(1<<1) == 0:
		return crcAgrees
	case v(rdrxctl)>>17&0x1f != 0:
		return coalescing
	case v(rdrxctl)>>25&3 != 3:
		return receiveControl
	case v(rxpbsize)>>10&0x3ff != 0x200 || !d.zero(rxpbsize+4, 7, ^uint32(0)):
		return receiveBuffers
	case v(fcrth)>>31 != 0 || v(fcrth)&(0x3fff<<5) == 0 || v(fcrth)&(0x3fff<<5) > 0x200<<10-8:
		return highThreshold
	case v(hlreg0)&(1|1<<2|1<<10|1<<15) != 1|1<<10:
		return macBits
	}
	return rules
}

// zero reports whether some bits of registers in a row are 0.
func (d *Device) zero(offset, number, bits uint32) bool {
	for i := range number {
		if d.values.at(offset+4*i)&bits != 0 {
			return false
		}
	}
	return true
}

// checkTransmit looks at all that must be set up before transmit is enabled (4.6.8, 4.6.11.3.4).
func (d *Device) checkTransmit() rule {
	v := func(offset uint32) uint32 { return d.values.at(offset) }
	longest := v(txpbthresh) & 0x3ff
	switch {
	case v(rttdcs)&arbiterBit != 0:
		return arbiterOn
	case v(txpbsize)>>10&0x3ff != 0xa0 || !d.zero(txpbsize+4, 7, 0x3ff<<10) || longest == 0 || longest >= 0xa0 ||
		!d.zero(txpbthresh+4, 7, 0x3ff) || v(dtxmxszrq)&0xfff != 0xfff || v(mtqc)&0xf != 0:
		return transmitBuffers
	}
	return rules
}

// checkSend looks at TXDCTL (4.6.8, 8.2.3.9.10).
func (d *Device) checkSend(on, value uint32) rule {
	switch {
	case value&0x7f != 0 && value&(0x7f<<8) == 0:
		return hostThreshold
	case value&(0x7f<<16) != 0:
		return writeBack
	case on&enable == 0:
		return rules
	case d.values.at(dmatxctl)&1 == 0:
		return transmitFirst
	}
	return d.checkRing(&d.transmit, tdbal)
}

// checkRing looks at address and length of a ring, from the register of its address on, when its queue is
// enabled.
func (d *Device) checkRing(q *queue, base uint32) rule {
	address := uint64(d.values.at(base)) | uint64(d.values.at(base+4))<<32
	length := d.values.at(base + 8)
	switch {
	case address%128 != 0:
		return ringAlignment
	case length == 0 || length%128 != 0 || length > 128*1024:
		return ringLength
	}
	if q.ring = d.place(address, length); q.ring == nil {
		return ringPlace
	}
	return rules
}

// move moves the tail of a queue, which must have been read as enabled (7.1.9, 7.2.3.3).
func (q *queue) move(value uint32, enabled bool) rule {
	switch {
	case q.ring == nil || !enabled:
		return tailEarly
	case value >= uint32(len(q.ring)):
		return tailRange
	}
	q.tail.Store(value)
	return rules
}
