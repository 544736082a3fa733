package virtionet

import (
	"vigor/driver/bus"
	"vigor/driver/pci"
	"vigor/driver/virtio"
	"vigor/driver/virtio/ring"
	"vigor/nfos/kernel"
)

// Driver starts virtio network devices, on PCI and where a machine without PCI has them.
var Driver = kernel.Driver{PCI: onPCI, MMIO: inMemory}

// onPCI starts the device of a PCI function.
func onPCI(m *kernel.Machine, f *pci.Function) bus.Network {
	if !virtio.IsNetwork(f) {
		return nil
	}
	registers := new(virtio.PCI)
	if fault := registers.Open(f, m.Registers()); fault != virtio.None {
		return &broken{problem: fault.Error()}
	}
	return start(m, registers)
}

// inMemory starts the device with registers in memory, if there is one.
func inMemory(m *kernel.Machine, registers *bus.Window) bus.Network {
	if !virtio.Present(registers) {
		return nil
	}
	return start(m, registers)
}

// start starts a device with registers in the layout of virtio over MMIO. If it does not start, it says so.
func start(m *kernel.Machine, registers bus.Bus) bus.Network {
	device, memory := new(virtio.Device), new(ring.Memory)
	device.Open(&virtio.Resources{
		Registers: registers, Memory: memory, Address: kernel.Address(memory), Pool: m.Pool(),
	})
	return device
}

// broken is a device whose registers were not found.
type broken struct {
	virtio.Device
	problem string
}

// Problem says why.
func (b *broken) Problem() string { return b.problem }
