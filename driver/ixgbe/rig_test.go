package ixgbe

import (
	"vigor/driver/bus"
	"vigor/driver/check"
	"vigor/driver/ixgbe/model"
	"vigor/driver/ixgbe/ring"
	"vigor/driver/world"
)

// Bus addresses in tests are no addresses that Go knows, and have bits in both halves.
const (
	ringAddress = 0x7_1234_5670
	poolAddress = 0x9_8765_4321
)

// rig opens a driver on its model.
func rig(w world.World, o check.Options) (check.Rig, error) {
	o.Size = max(o.Size, 8)
	pool := &bus.Pool{Buffers: make([]bus.Buffer, 2*o.Size+3), Address: poolAddress}
	memory := &ring.Memory{}
	device := model.New(model.Config{
		World: w, Memory: memory, Address: ringAddress, Pool: pool, Concurrent: o.Concurrent,
	})
	d := &Device{}
	if fault := d.Open(&Resources{
		Registers: device, Memory: memory, Address: ringAddress, Pool: pool, Timer: device, Size: o.Size,
	}); fault != None {
		return check.Rig{}, fault
	}
	return check.Rig{Driver: d, Device: device, Pool: pool, Shortest: 60, Longest: 1518}, nil
}
