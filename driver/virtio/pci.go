package virtio

import (
	"vigor/driver/bus"
	"vigor/driver/pci"
)

// PCI identities of network devices (4.1.2).
const (
	pciVendor       = 0x1af4
	pciDevice       = 0x1040 + networkDevice
	pciTransitional = 0x1000
)

// Structures that capabilities point to (4.1.4).
const (
	vendorSpecific  = 9 // capability identifier
	commonStructure = 1
	notifyStructure = 2
	commonLength    = 56 // of what is used
)

// Offsets in the common configuration structure, with their sizes in bits (4.1.4.3).
const (
	commonDeviceFeatureSelect = 0  // 32
	commonDeviceFeature       = 4  // 32
	commonDriverFeatureSelect = 8  // 32
	commonDriverFeature       = 12 // 32
	commonDeviceStatus        = 20 // 8
	commonQueueSelect         = 22 // 16
	commonQueueSize           = 24 // 16
	commonQueueEnable         = 28 // 16
	commonQueueNotifyOff      = 30 // 16
	commonQueueDesc           = 32 // twice 32, as the next two
	commonQueueDriver         = 40
	commonQueueDevice         = 48
)

// PCI gives a virtio function on PCI, which must not be a legacy one, the registers of virtio over MMIO.
// The zero value is one that is not open.
type PCI struct {
	common     bus.Window
	notify     bus.Window
	length     uint32 // of the notify structure
	multiplier uint32 // notify_off_multiplier (4.1.4.4)
	selected   uint32
	doorbell   [2]uint32 // offset of each queue's in the notify structure
}

// IsNetwork reports whether a function is a virtio network device.
func IsNetwork(f *pci.Function) bool {
	vendor, device := f.Identity()
	return vendor == pciVendor && (device == pciDevice || device == pciTransitional)
}

// Open finds the structures of a function, whose BARs are ranges of memory, and enables it.
func (p *PCI) Open(f *pci.Function, memory bus.SizedBus) Fault {
	*p = PCI{common: bus.Window{Of: memory}, notify: bus.Window{Of: memory}}
	at, _, ok := locate(f, commonStructure, commonLength, &p.common.Base)
	if !ok {
		return NoStructure
	}
	if at, p.length, ok = locate(f, notifyStructure, 2, &p.notify.Base); !ok {
		return NoStructure
	}
	p.multiplier = f.Load(at + 16)
	f.Enable()
	return None
}

// locate finds the first structure of a kind (4.1.4), which must have some length, and stores its address.
func locate(f *pci.Function, kind, least uint32, base *uint32) (capability, length uint32, ok bool) {
	at, ok := f.Capability(vendorSpecific, 0)
	for range 48 {
		if !ok {
			return 0, 0, false
		}
		if number := f.Load(at+4) & 0xff; f.Load(at)>>24 == kind && number < pci.BARs {
			address, mapped := f.BAR(number)
			offset, length := f.Load(at+8), f.Load(at+12)
			end := uint64(address) + uint64(offset) + uint64(length)
			*base = address + offset
			return at, length, mapped && length >= least && end <= 1<<32
		}
		at, ok = f.Capability(vendorSpecific, at)
	}
	return 0, 0, false
}

// Load32 loads a register of virtio over MMIO.
func (p *PCI) Load32(register uint32) uint32 {
	switch register {
	case magicValue:
		return magic
	case version:
		return mmioVersion
	case deviceID:
		return networkDevice
	case deviceFeatures:
		return p.common.Load32(commonDeviceFeature)
	case queueSizeMax:
		return p.queueSize()
	case queueReady:
		return uint32(p.common.Load16(commonQueueEnable))
	case status:
		return uint32(p.common.Load8(commonDeviceStatus))
	}
	return 0
}

// queueSize is the largest size of the selected queue, or 0 if its doorbell lies outside the structure.
func (p *PCI) queueSize() uint32 {
	offset := uint64(p.common.Load16(commonQueueNotifyOff)) * uint64(p.multiplier)
	if offset+2 > uint64(p.length) || p.selected >= uint32(len(p.doorbell)) {
		return 0
	}
	p.doorbell[p.selected] = uint32(offset)
	return uint32(p.common.Load16(commonQueueSize))
}

// Store32 stores to a register of virtio over MMIO.
func (p *PCI) Store32(register, value uint32) {
	switch register {
	case deviceFeaturesSel:
		p.common.Store32(commonDeviceFeatureSelect, value)
	case driverFeaturesSel:
		p.common.Store32(commonDriverFeatureSelect, value)
	case driverFeatures:
		p.common.Store32(commonDriverFeature, value)
	case queueSel:
		p.selected = value
		p.common.Store16(commonQueueSelect, uint16(value))
	case queueSize:
		p.common.Store16(commonQueueSize, uint16(value))
	case queueReady:
		p.common.Store16(commonQueueEnable, uint16(value))
	case queueNotify:
		if value < uint32(len(p.doorbell)) {
			p.notify.Store16(p.doorbell[value], uint16(value))
		}
	case status:
		p.common.Store8(commonDeviceStatus, uint8(value))
	case queueDesc, queueDesc + 4:
		p.common.Store32(commonQueueDesc+register-queueDesc, value)
	case queueDriver, queueDriver + 4:
		p.common.Store32(commonQueueDriver+register-queueDriver, value)
	case queueDevice, queueDevice + 4:
		p.common.Store32(commonQueueDevice+register-queueDevice, value)
	}
}
