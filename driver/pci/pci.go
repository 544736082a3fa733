// Package pci finds the functions on the first bus of a machine and reads their configuration space (PCI
// Local Bus Specification 3.0, chapter 6).
//
// The configuration space of all functions is one [bus.Bus]: the offset of a register is bus<<16 |
// device<<11 | function<<8 | register. On a PC its accesses are those to the ports CF8h and CFCh (3.2.2.3.2).
// [Next] enumerates; a [Function] is one that is there. Buses behind bridges are not looked at.
package pci

import "vigor/driver/bus"

const (
	// Functions is the number of places for a function on a bus: 32 devices of 8 functions.
	Functions = 256
	// BARs is the number of base address registers of a function.
	BARs = 6

	identity      = 0x00 // vendor in the low half, device in the high one (6.2.1)
	command       = 0x04 // and the status in the high half (6.2.2, 6.2.3)
	headerType    = 0x0c // in bits 16 to 23 (6.2.1)
	firstBAR      = 0x10 // 6.2.5
	capabilities  = 0x34 // in bits 0 to 7 (6.7)
	absent        = 0xffff
	multiFunction = 1 << 23 // in the word of the header type
	ordinary      = 0       // header type of what is no bridge
)

// Bits of command and status (6.2.2, 6.2.3).
const (
	memorySpace      = 1 << 1
	busMaster        = 1 << 2
	noInterrupt      = 1 << 10
	capabilitiesList = 1 << 20
)

// Function is one function, by its configuration space.
type Function struct {
	Config bus.Bus
	Place  uint32 // device<<3 | function
}

// Next finds the first function in a place from first on, 0 to [Functions]. The next search begins behind
// the place of what it returns.
func Next(config bus.Bus, first uint32) (Function, bool) {
	for place := first; place < Functions; place++ {
		f := Function{Config: config, Place: place}
		if vendor, _ := f.Identity(); vendor == absent {
			continue
		}
		if place&7 != 0 { // it exists only if function 0 says that there are several (6.2.1)
			zero := Function{Config: config, Place: place &^ 7}
			if vendor, _ := zero.Identity(); vendor == absent || zero.Load(headerType)&multiFunction == 0 {
				continue
			}
		}
		return f, true
	}
	return Function{}, false
}

// Load reads a register of the function's configuration space; its offset is a multiple of 4 below 256.
func (f *Function) Load(register uint32) uint32 { return f.Config.Load32(f.Place<<8 | register) }

// Identity says who made the function, and what it is (6.2.1).
func (f *Function) Identity() (vendor, device uint16) {
	id := f.Load(identity)
	return uint16(id), uint16(id >> 16)
}

// BAR is the address of a range of memory of the function; it fails if there is none, or if it has not
// been given an address below 4 GiB (6.2.5.1).
func (f *Function) BAR(number uint32) (address uint32, ok bool) {
	if number >= BARs || f.Load(headerType)>>16&0x7f != ordinary {
		return 0, false
	}
	low := f.Load(firstBAR + 4*number)
	address = low &^ 0xf
	if low&1 != 0 || address == 0 {
		return 0, false
	}
	switch low >> 1 & 3 {
	case 0:
		return address, true
	case 2: // 64 bits
		return address, number+1 < BARs && f.Load(firstBAR+4*number+4) == 0
	}
	return 0, false
}

// Enable lets the function answer at its addresses and access memory, and forbids it to interrupt.
func (f *Function) Enable() {
	now := f.Load(command) & 0xffff // writing ones would clear bits of the status (6.2.3)
	f.Config.Store32(f.Place<<8|command, now|memorySpace|busMaster|noInterrupt)
}

// Disable forbids the function to access memory.
func (f *Function) Disable() {
	f.Config.Store32(f.Place<<8|command, f.Load(command)&0xffff&^busMaster)
}

// Capability finds the first capability with an identifier behind another one, or from the start if that is
// 0, and returns its offset (6.7). It ends even if the list does not.
func (f *Function) Capability(id uint8, behind uint32) (offset uint32, ok bool) {
	if f.Load(command)&capabilitiesList == 0 {
		return 0, false
	}
	next := behind
	if behind == 0 {
		next = f.Load(capabilities) & 0xfc
	} else {
		next = f.Load(behind) >> 8 & 0xfc
	}
	for range 48 { // that many fit
		if next < 0x40 {
			return 0, false
		}
		head := f.Load(next)
		if uint8(head) == id {
			return next, true
		}
		next = head >> 8 & 0xfc
	}
	return 0, false
}
