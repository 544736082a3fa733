package model

// Where the function of [PCI] is, and where its structures are in memory.
const (
	pciPlace      = 3 << 3 // device 3, function 0
	barAddress    = 0xfe400000
	commonOffset  = 0x1000
	commonLength  = 0x1000
	notifyOffset  = 0x3000
	notifyLength  = 0x1000
	commandMask   = 1<<1 | 1<<2 | 1<<10 // Memory Space, Bus Master, Interrupt Disable (PCI 3.0 6.2.2)
	memorySpace   = 1 << 1
	busMaster     = 1 << 2
	capabilityBit = 1 << 20
)

// PCI is a device on a PCI bus, alone. Its memory is at absolute addresses.
//
// Of the common configuration structure it has the fields that a driver without MSI-X needs; those that
// only select something are not read.
type PCI struct {
	*Device
	// Multiplier is notify_off_multiplier (4.1.4.4): 0, or a power of two.
	Multiplier uint32
	command    uint32
}

// NewPCI puts a device that has just been switched on on a bus.
func NewPCI(d *Device, multiplier uint32) *PCI {
	d.identified = 7 // by the configuration space
	return &PCI{Device: d, Multiplier: multiplier}
}

// Space is the configuration space of all functions on the bus.
type Space struct{ p *PCI }

// Space returns the configuration space of the bus.
func (p *PCI) Space() Space { return Space{p} }

// Load32 is an access of the driver.
func (c Space) Load32(offset uint32) uint32 {
	if offset%4 != 0 || offset>>16 != 0 {
		c.p.fail(configReadOnly)
	}
	if offset>>8 != pciPlace {
		return 0xffffffff // nobody answers (PCI 3.0 6.1)
	}
	switch offset & 0xff {
	case 0x00:
		return 0x1041<<16 | 0x1af4
	case 0x04:
		return c.p.command | capabilityBit
	case 0x08:
		return 0x02000001
	case 0x10 + 4*1: // a BAR for interrupts, which nobody needs
		return 0xfe300000
	case 0x10 + 4*4:
		return barAddress | 0xc // 64 bits, prefetchable
	case 0x34:
		return 0x98
	case 0x70: // behind the capability at 0x60
		return c.p.Multiplier
	}
	return capabilityList[offset&0xff]
}

// capabilityList is the list of capabilities, in no order: MSI-X, an unknown structure, one in a reserved
// BAR, the notification structure, the common one, and a second of those that does not count.
var capabilityList = map[uint32]uint32{
	0x98: 0x00_01_40_11,
	0x40: 200<<24 | 0x14_50_09, 0x44: 4, 0x48: 0, 0x4c: 4,
	0x50: 1<<24 | 0x10_60_09, 0x54: 6, 0x58: 0, 0x5c: 0x1000,
	0x60: 2<<24 | 0x14_74_09, 0x64: 4, 0x68: notifyOffset, 0x6c: notifyLength,
	0x74: 1<<24 | 0x10_84_09, 0x78: 4, 0x7c: commonOffset, 0x80: commonLength,
	0x84: 1<<24 | 0x10_00_09, 0x88: 1, 0x8c: 0, 0x90: 0x1000,
}

// Store32 is an access of the driver.
func (c Space) Store32(offset, value uint32) {
	p := c.p
	switch changed := value ^ p.command; {
	case offset != pciPlace<<8|4:
		p.fail(configReadOnly)
	case changed&^commandMask != 0:
		p.fail(commandBits)
	case p.Running() && value&busMaster == 0:
		p.fail(masterOff)
	default:
		p.command = value
	}
}

// field is one field of the common configuration structure.
type field struct {
	bits     int
	register uint32 // of virtio over MMIO
	access   uint8
}

// fields are those of 4.1.4.3, by their offset.
var fields = map[uint32]field{
	0: {32, 0x014, writable}, 4: {32, 0x010, readable}, 8: {32, 0x024, writable}, 12: {32, 0x020, writable},
	18: {16, 0, readable}, 20: {8, 0x070, readable | writable}, 21: {8, 0x0fc, readable},
	22: {16, 0x030, writable}, 24: {16, 0x038, readable | writable}, 28: {16, 0x044, readable | writable},
	30: {16, 0, readable},
	32: {32, 0x080, writable}, 36: {32, 0x084, writable}, 40: {32, 0x090, writable},
	44: {32, 0x094, writable}, 48: {32, 0x0a0, writable}, 52: {32, 0x0a4, writable},
}

// common finds a field by its address in memory.
func (p *PCI) common(address uint32, bits int, access uint8) (field, uint32, bool) {
	if p.command&memorySpace == 0 {
		p.fail(memoryOff)
		return field{}, 0, false
	}
	offset := address - barAddress - commonOffset
	f, ok := fields[offset]
	switch {
	case !ok:
		p.fail(commonUnknown)
	case f.bits != bits:
		p.fail(accessSize)
	case access == writable && f.access&writable == 0:
		p.fail(commonReadOnly)
	case f.access&access == 0:
		p.fail(commonUnknown)
	default:
		return f, offset, true
	}
	return field{}, 0, false
}

// load is an access of the driver.
func (p *PCI) load(address uint32, bits int) uint32 {
	f, offset, ok := p.common(address, bits, readable)
	switch {
	case !ok:
		return 0
	case offset == 18:
		return 2
	case offset == 30:
		return p.doorbell(p.selected)
	case offset == 24:
		return p.Device.Load32(0x034)
	}
	return p.Device.Load32(f.register)
}

// doorbell is queue_notify_off of a queue.
func (p *PCI) doorbell(queue uint32) uint32 { return 3 - 2*(queue&1) }

// store is an access of the driver.
func (p *PCI) store(address, value uint32, bits int) {
	if offset := address - barAddress - notifyOffset; offset < notifyLength {
		p.ring(offset, value, bits)
		return
	}
	f, offset, ok := p.common(address, bits, writable)
	if !ok {
		return
	}
	if offset == 20 && value&driverOK != 0 && p.command&busMaster == 0 {
		p.fail(masterOff)
		return
	}
	if offset == 28 && value == 0 {
		p.fail(enableZero)
		return
	}
	p.Device.Store32(f.register, value)
}

// ring is a notification (4.1.5.2).
func (p *PCI) ring(offset, value uint32, bits int) {
	switch {
	case p.command&memorySpace == 0:
		p.fail(memoryOff)
	case bits != 16:
		p.fail(accessSize)
	case value > 1:
		p.fail(notifyQueue)
	case offset != p.doorbell(value)*p.Multiplier:
		p.fail(doorbellPlace)
	default:
		p.Device.Store32(0x050, value)
	}
}

// Load8 is an access of the driver, as are those that follow.
func (p *PCI) Load8(address uint32) uint8 { return uint8(p.load(address, 8)) }

// Load16 loads 16 bits.
func (p *PCI) Load16(address uint32) uint16 { return uint16(p.load(address, 16)) }

// Load32 loads 32 bits.
func (p *PCI) Load32(address uint32) uint32 { return p.load(address, 32) }

// Store8 stores 8 bits.
func (p *PCI) Store8(address uint32, value uint8) { p.store(address, uint32(value), 8) }

// Store16 stores 16 bits.
func (p *PCI) Store16(address uint32, value uint16) { p.store(address, uint32(value), 16) }

// Store32 stores 32 bits.
func (p *PCI) Store32(address, value uint32) { p.store(address, value, 32) }
