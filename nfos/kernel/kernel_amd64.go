package kernel

import (
	"vigor/driver/bus"
	"vigor/driver/pci"
	"vigor/nf"
	"vigor/nfos/boot"
)

const (
	buffersPerDevice = 256 // half of them wait for frames at most, the others are being sent
	posted           = buffersPerDevice / 2
)

// port is one network device.
type port struct {
	device  bus.Network
	waiting int  // buffers that were posted and have not come back
	stopped bool // its problem was reported
}

// Driver is a driver of network devices, for its kind of places. A function returns nil if the device is
// not one of its kind; a device that does not start has a problem, and [Machine] stops the machine.
type Driver struct {
	PCI  func(m *Machine, f *pci.Function) bus.Network
	MMIO func(m *Machine, registers *bus.Window) bus.Network // nil if there are no such devices
}

// Machine is the machine, once it is started.
type Machine struct {
	ports  []port
	pool   bus.Pool
	free   []uint32 // buffers that belong to nobody
	uses   []uint8  // by buffer, the devices that send it
	clock  Clock
	key    [5]uint64
	at     int    // the port that is being served
	left   int    // frames it may still deliver in this turn
	buffer uint32 // of the packet that the network function has, its length and device
	length uint32
	began  bool // a frame was sent
}

var (
	machine Machine
	config  configSpace
	memory  registers
)

// Start prints the banner, finds the devices, of which there must be so many, and starts them by their
// drivers. The heap is memory for all that is allocated, here and by the network function.
func Start(banner string, devices int, heap []byte, drivers ...*Driver) *Machine {
	m := &machine
	boot.OpenSerial()
	boot.Print("vigor: ")
	boot.Print(banner)
	boot.Print("\n")
	last := uintptr(len(heap)-8) + boot.Address(heap)
	boot.Store64(last&^7, 0x5a5aa5a5c3c33c3c)
	if boot.Load64(last&^7) != 0x5a5aa5a5c3c33c3c {
		boot.Fail("the machine has too little memory for the image's heap")
	}
	boot.Store64(last&^7, 0)
	boot.SetHeap(heap)
	m.clock.open()
	random := false
	if m.key, random = secret(); !random {
		boot.Print("vigor: the processor has no random numbers: the hash key can be guessed\n")
	}
	m.ports = make([]port, devices)
	m.reserve(devices)
	found := m.find(drivers)
	boot.Print("vigor: devices ")
	boot.PrintNumber(uint64(found))
	boot.Print("\n")
	if found != devices {
		boot.Fail("the image is made for another number of devices")
	}
	return m
}

// reserve allocates the buffers.
func (m *Machine) reserve(devices int) {
	buffers := make([]bus.Buffer, devices*buffersPerDevice)
	m.pool = bus.Pool{Buffers: buffers, Address: uint64(boot.Address(buffers[0][:]))}
	m.uses = make([]uint8, len(buffers))
	m.free = make([]uint32, 0, len(buffers))
	for i := range buffers {
		m.release(uint32(i))
	}
}

// find starts all devices in the order of their places, and returns their number.
func (m *Machine) find(drivers []*Driver) int {
	found := 0
	if !hasPCI() {
		for _, d := range drivers {
			if d.MMIO != nil {
				found = m.findMMIO(d, found)
			}
		}
		return found
	}
	for place := uint32(0); ; {
		f, ok := pci.Next(config, place)
		if !ok {
			return found
		}
		place = f.Place + 1
		for _, d := range drivers {
			if device := d.PCI(m, &f); device != nil {
				m.add(found, device)
				found++
				break
			}
		}
	}
}

// Where QEMU's microvm has its virtio devices.
const (
	mmioStart = 0xfeb00000
	mmioSize  = 0x200
	mmioMost  = 24
)

// findMMIO looks for devices where a machine without PCI has them.
func (m *Machine) findMMIO(d *Driver, found int) int {
	for i := range uint32(mmioMost) {
		window := &bus.Window{Of: memory, Base: mmioStart + i*mmioSize}
		if device := d.MMIO(m, window); device != nil {
			m.add(found, device)
			found++
		}
	}
	return found
}

// add makes a device that was started the one with a number, and gives it buffers.
func (m *Machine) add(number int, device bus.Network) {
	if problem := device.Problem(); problem != "" {
		report(number, problem)
		boot.Fail("a device does not start")
	}
	if number < len(m.ports) {
		m.ports[number].device = device
		m.refill(&m.ports[number])
	}
}

// report says what is wrong with a device.
func report(number int, problem string) {
	boot.Print("vigor: device ")
	boot.PrintNumber(uint64(number))
	boot.Print(": ")
	boot.Print(problem)
	boot.Print("\n")
}

// Env is what the network function is given.
func (m *Machine) Env() nf.Env { return nf.Env{Devices: len(m.ports), HashKey: m.key} }

// Pool is the memory for frames.
func (m *Machine) Pool() *bus.Pool { return &m.pool }

// Timer waits.
func (m *Machine) Timer() *Clock { return &m.clock }

// Registers are those of all devices in memory: an offset is an address.
func (m *Machine) Registers() bus.SizedBus { return memory }
