package virtio

import (
	"vigor/driver/bus"
	"vigor/driver/check"
	"vigor/driver/pci"
	"vigor/driver/virtio/model"
	"vigor/driver/virtio/ring"
	"vigor/driver/world"
)

// Bus addresses in tests are no addresses that Go knows, and have bits in both halves.
const (
	ringAddress = 0x7_1234_5670
	poolAddress = 0x9_8765_4321
)

// rig opens a driver on its model; the variant says how the device is attached, and what it is like.
func rig(w world.World, o check.Options) (check.Rig, error) {
	pool := &bus.Pool{Buffers: make([]bus.Buffer, min(2*o.Size+3, 600)), Address: poolAddress}
	memory := &ring.Memory{}
	device := model.New(model.Config{
		World: w, Memory: memory, Address: ringAddress, Pool: pool,
		Features: model.VersionOne | o.Variant>>8<<33 | o.Variant&0xf0, Size: o.Size,
		UsedFlags: uint32(o.Variant >> 2 & 1), Lazy: o.Lazy, Concurrent: o.Concurrent,
	})
	var registers bus.Bus = device
	if o.Variant&1 == 1 {
		onBus := model.NewPCI(device, uint32(o.Variant&2))
		function, _ := pci.Next(onBus.Space(), 0)
		transport := &PCI{}
		if fault := transport.Open(&function, onBus); fault != None {
			return check.Rig{}, fault
		}
		registers = transport
	}
	d := &Device{}
	if fault := d.Open(&Resources{Registers: registers, Memory: memory, Address: ringAddress, Pool: pool}); fault != None {
		return check.Rig{}, fault
	}
	return check.Rig{Driver: d, Device: device, Pool: pool, Shortest: 14, Longest: bus.MaxFrame}, nil
}
