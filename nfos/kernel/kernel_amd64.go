package kernel

import (
	"vigor/driver/bus"
	"vigor/driver/pci"
	"vigor/driver/virtio"
	"vigor/driver/virtio/ring"
	"vigor/nf"
	"vigor/nfos/boot"
)

const (
	buffersPerDevice = 256 // half of them wait for frames at most, the others are being sent
	posted           = buffersPerDevice / 2
)

// port is one network device.
type port struct {
	device  virtio.Device
	pci     virtio.PCI
	window  bus.Window
	waiting int  // buffers that were posted and have not come back
	stopped bool // its fault was reported
}

// Machine is the machine, once it is started.
type Machine struct {
	ports  []port
	pool   bus.Pool
	free   []uint32 // buffers that belong to nobody
	uses   []uint8  // by buffer, the devices that send it
	clock  clock
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

// Start prints the banner, finds the devices, of which there must be so many, and starts them. The heap is memory for all that
// is allocated, here and by the network function.
func Start(banner string, devices int, heap []byte) *Machine {
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
	found := m.find()
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

// find opens all devices in the order of their places, and returns their number.
func (m *Machine) find() int {
	if !hasPCI() {
		return m.findMMIO()
	}
	found, place := 0, uint32(0)
	for {
		f, ok := pci.Next(config, place)
		if !ok {
			return found
		}
		place = f.Place + 1
		if virtio.IsNetwork(&f) {
			if found < len(m.ports) {
				p := &m.ports[found]
				m.check(found, p.pci.Open(&f, memory))
				m.open(found, &p.pci)
			}
			found++
		}
	}
}

// Where QEMU's microvm has its virtio devices.
const (
	mmioStart = 0xfeb00000
	mmioSize  = 0x200
	mmioMost  = 24
)

// findMMIO looks for virtio devices where a machine without PCI has them.
func (m *Machine) findMMIO() int {
	found := 0
	for i := range uint32(mmioMost) {
		window := bus.Window{Of: memory, Base: mmioStart + i*mmioSize}
		if !virtio.Present(&window) {
			continue
		}
		if found < len(m.ports) {
			p := &m.ports[found]
			p.window = window
			m.open(found, &p.window)
		}
		found++
	}
	return found
}

// open starts a device and gives it buffers.
func (m *Machine) open(number int, registers bus.Bus) {
	rings := new(ring.Memory)
	m.check(number, m.ports[number].device.Open(&virtio.Resources{
		Registers: registers, Memory: rings, Address: uint64(address(rings)), Pool: &m.pool,
	}))
	m.refill(&m.ports[number])
}

// check stops the machine if a device does not start.
func (m *Machine) check(number int, fault virtio.Fault) {
	if fault != virtio.None {
		report(number, fault)
		boot.Fail("a device does not start")
	}
}

// report says what is wrong with a device.
func report(number int, fault virtio.Fault) {
	boot.Print("vigor: device ")
	boot.PrintNumber(uint64(number))
	boot.Print(": ")
	boot.Print(fault.Error())
	boot.Print("\n")
}

// Env is what the network function is given.
func (m *Machine) Env() nf.Env { return nf.Env{Devices: len(m.ports), HashKey: m.key} }
