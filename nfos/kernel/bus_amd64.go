package kernel

import "vigor/nfos/boot"

// Ports of the PCI configuration space (PCI Local Bus Specification 3.0, 3.2.2.3.2).
const (
	configAddress = 0xcf8
	configData    = 0xcfc
	configEnable  = 1 << 31
)

// configSpace is the configuration space of all functions.
type configSpace struct{}

// Load32 loads a register of a function.
func (configSpace) Load32(offset uint32) uint32 {
	boot.Out32(configAddress, configEnable|offset)
	return boot.In32(configData)
}

// Store32 stores a register of a function.
func (configSpace) Store32(offset, value uint32) {
	boot.Out32(configAddress, configEnable|offset)
	boot.Out32(configData, value)
}

// hasPCI reports whether the machine has that mechanism: its address register can be read back.
func hasPCI() bool {
	boot.Out32(configAddress, configEnable)
	return boot.In32(configAddress) == configEnable
}

// registers are those of all devices in memory; an offset is an address. What is below firstRegister is
// not mapped or is memory of the image, and is left alone.
type registers struct{}

// firstRegister is the lowest address that the page tables map uncached.
const firstRegister = 3 << 30

func (registers) check(offset uint32) uintptr {
	if offset < firstRegister {
		boot.Fail("a device has registers below 3 GiB")
	}
	return uintptr(offset)
}

// Load8 is one access, as are those that follow.
func (r registers) Load8(offset uint32) uint8 { return boot.Load8(r.check(offset)) }

// Load16 loads 16 bits.
func (r registers) Load16(offset uint32) uint16 { return boot.Load16(r.check(offset)) }

// Load32 loads 32 bits.
func (r registers) Load32(offset uint32) uint32 { return boot.Load32(r.check(offset)) }

// Store8 stores 8 bits.
func (r registers) Store8(offset uint32, value uint8) { boot.Store8(r.check(offset), value) }

// Store16 stores 16 bits.
func (r registers) Store16(offset uint32, value uint16) { boot.Store16(r.check(offset), value) }

// Store32 stores 32 bits.
func (r registers) Store32(offset, value uint32) { boot.Store32(r.check(offset), value) }
