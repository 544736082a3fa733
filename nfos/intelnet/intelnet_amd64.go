package intelnet

import (
	"vigor/driver/bus"
	"vigor/driver/ixgbe"
	"vigor/driver/ixgbe/ring"
	"vigor/driver/pci"
	"vigor/nfos/kernel"
)

// Driver starts 82599 and 82540EM controllers.
var Driver = kernel.Driver{PCI: onPCI}

// onPCI starts the device of a PCI function.
func onPCI(m *kernel.Machine, f *pci.Function) bus.Network {
	gigabit := ixgbe.IsGigabit(f)
	if !gigabit && !ixgbe.Is82599(f) {
		return nil
	}
	device, memory := new(ixgbe.Device), new(ring.Memory)
	base, ok := f.BAR(0)
	if !ok {
		return device // which is not open, and says so
	}
	f.Enable()
	resources := &ixgbe.Resources{
		Registers: &bus.Window{Of: m.Registers(), Base: base}, Memory: memory, Address: kernel.Address(memory),
		Pool: m.Pool(), Timer: m.Timer(), Size: ring.Size,
	}
	if gigabit {
		device.OpenGigabit(resources)
	} else {
		device.Open(resources)
	}
	return device
}
