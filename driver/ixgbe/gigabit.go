package ixgbe

import "vigor/driver/ixgbe/ring"

// Registers of the 8254x, with the section of its Software Developer's Manual (317453).
const (
	gigabitCtrl  = 0x0000 // 13.4.1
	gigabitFCAL  = 0x0028 // 13.4.8
	gigabitFCAH  = 0x002c // 13.4.9
	gigabitFCT   = 0x0030 // 13.4.10
	gigabitIMC   = 0x00d8 // 13.4.21
	gigabitRctl  = 0x0100 // 13.4.22
	gigabitFCTTV = 0x0170 // 13.4.12
	gigabitTctl  = 0x0400 // 13.4.33
	gigabitTIPG  = 0x0410 // 13.4.34
	gigabitRDBAL = 0x2800 // 13.4.25; RDBAH follows
	gigabitRDLEN = 0x2808 // 13.4.27
	gigabitRDH   = 0x2810 // 13.4.28
	gigabitRDT   = 0x2818 // 13.4.29
	gigabitTDBAL = 0x3800 // 13.4.36; TDBAH follows
	gigabitTDLEN = 0x3808 // 13.4.38
	gigabitTDH   = 0x3810 // 13.4.39
	gigabitTDT   = 0x3818 // 13.4.40
	gigabitMTA   = 0x5200 // 13.5.1, 128 registers
)

// Fields of these registers, by their masks.
const (
	gigabitLinkReset = 1 << 3
	gigabitSpeed     = 1 << 5 // ASDE
	gigabitLinkUp    = 1 << 6 // SLU
	gigabitLossOf    = 1 << 7 // ILOS
	gigabitReset     = 1 << 26
	gigabitTags      = 1 << 30 // VME
	gigabitPHY       = 1 << 31

	rctlEnable    = 1 << 1
	rctlUnicast   = 1 << 3
	rctlMulticast = 1 << 4
	rctlBroadcast = 1 << 15
	rctlStripCRC  = 1 << 26 // and BSIZE 0: buffers of 2048 bytes

	tctlEnable    = 1 << 1
	tctlPad       = 1 << 3
	tctlCollision = 0xf << 4
	tctlDistance  = 0x40 << 12 // full duplex

	gapCopper = 10 | 8<<10 | 6<<20 // for 8254x with copper
)

// OpenGigabit resets an 8254x and starts it (SDM 14.3 to 14.5); it has no buffers yet.
func (d *Device) OpenGigabit(r *Resources) Fault {
	if fault := d.take(r, true); fault != None {
		return fault
	}
	d.registers.Store32(gigabitIMC, 1<<32-1)
	d.stop()
	d.timer.Delay(10_000) // what is under way ends
	d.change(gigabitCtrl, 0, gigabitReset)
	d.timer.Delay(10_000)
	if !d.await(gigabitCtrl, gigabitReset, 0) {
		d.fault = NoReset
		return d.fault
	}
	d.registers.Store32(gigabitIMC, 1<<32-1)
	d.change(gigabitCtrl, gigabitLinkReset|gigabitLossOf|gigabitTags|gigabitPHY, gigabitLinkUp|gigabitSpeed)
	for _, register := range [...]uint32{gigabitFCAL, gigabitFCAH, gigabitFCT, gigabitFCTTV} {
		d.registers.Store32(register, 0) // no flow control
	}
	d.fill(gigabitMTA, 128, 0)
	receive := d.receive.prepare(&r.Memory.Receive, r.Address, r.Size, gigabitRDT)
	d.place(gigabitRDBAL, receive)
	d.registers.Store32(gigabitRctl, rctlEnable|rctlUnicast|rctlMulticast|rctlBroadcast|rctlStripCRC)
	transmit := d.transmit.prepare(&r.Memory.Transmit, r.Address+ring.RingSize, r.Size, gigabitTDT)
	d.place(gigabitTDBAL, transmit)
	d.registers.Store32(gigabitTIPG, gapCopper)
	d.registers.Store32(gigabitTctl, tctlEnable|tctlPad|tctlCollision|tctlDistance)
	d.fault = None
	return None
}

// place tells an 8254x where a ring is, by the registers of the ring from its base address on (SDM 14.4,
// 14.5).
func (d *Device) place(base uint32, address uint64) {
	d.registers.Store32(base, uint32(address))
	d.registers.Store32(base+4, uint32(address>>32))
	d.registers.Store32(base+gigabitRDLEN-gigabitRDBAL, 16*d.receive.size)
	d.registers.Store32(base+gigabitRDH-gigabitRDBAL, 0)
	d.registers.Store32(base+gigabitRDT-gigabitRDBAL, 0)
}
