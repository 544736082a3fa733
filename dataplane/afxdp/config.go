package afxdp

import "fmt"

// Config are the choices of [Open]. The zero value is right for most.
type Config struct {
	// Queue is the receive and transmit queue of each device, 0 to 255. A shard has its own; frames of
	// queues that nobody has opened go to the kernel's network stack.
	Queue int
	// Shards is the number of shards that open queues 0 to Shards-1. A device with more receive queues is
	// refused: what arrives in them would pass by the network function. 0 if that is meant to be.
	Shards int
	// Ring is the number of entries in each ring of a device, and so how many frames it can hold for
	// us, and how many can be on their way out. It is a power of two, 64 to 32768; 0 is 2048.
	Ring int
	// Generic has frames come through the kernel's network stack even if the driver could hand them over.
	Generic bool
	// Copy has the kernel copy frames even if the device could reach our memory.
	Copy bool
	// Busy never sleeps while no frame arrives.
	Busy bool
}

const (
	defaultRing = 2048
	minRing     = 64
	maxRing     = 1 << 15
	maxQueues   = 256 // places in the table of sockets
)

// complete checks the configuration, and replaces what is zero by what it means.
func (c Config) complete() (Config, error) {
	if c.Ring == 0 {
		c.Ring = defaultRing
	}
	switch {
	case c.Queue < 0 || c.Queue >= maxQueues:
		return c, fmt.Errorf("queue %d: queues are numbered 0 to %d", c.Queue, maxQueues-1)
	case c.Shards < 0 || c.Shards > maxQueues || c.Shards > 0 && c.Queue >= c.Shards:
		return c, fmt.Errorf("queue %d of %d shards: shards have queues 0 to their number less one, %d at most", c.Queue, c.Shards, maxQueues-1)
	case c.Ring < minRing || c.Ring > maxRing || c.Ring&(c.Ring-1) != 0:
		return c, fmt.Errorf("rings of %d entries: the number must be a power of two from %d to %d", c.Ring, minRing, maxRing)
	}
	return c, nil
}
