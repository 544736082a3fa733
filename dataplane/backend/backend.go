// Package backend opens what the section dataplane of a configuration asks for: the devices, by the
// driver that it names, with the layers in front of it that its other keys imply.
//
// In goes a config.Dataplane and which [Shard] of the network function the devices are for; out comes a
// [Backend], which a run loop uses as its [dataplane.IO]. Each driver is a package of its own; what they
// need to be told, and what they say of how they work, meets here.
//
// Start at [Open].
package backend

import (
	"errors"
	"fmt"

	"vigor/dataplane"
	"vigor/dataplane/afxdp"
	"vigor/dataplane/config"
	"vigor/dataplane/shard"
	"vigor/nf"
)

// Shard is one of several copies of a network function.
type Shard struct {
	Index, Count int           // 0 of 1 for a function that is not split
	Steerings    []nf.Steering // of each device; not used if Count is 1
}

// Backend is the devices of one shard.
type Backend struct {
	dataplane.IO
	Mode string // how the driver works, for logs
}

// driver is what all drivers' devices can do.
type driver interface {
	dataplane.IO
	Mode() string
}

// Open opens the devices of a shard, whose surroundings env is.
func Open(d *config.Dataplane, env nf.Env, s Shard) (*Backend, error) {
	devices, err := open(d, s)
	if err != nil {
		return nil, err
	}
	b := &Backend{IO: devices, Mode: devices.Mode()}
	if b.IO, err = withNeighbours(devices, d, env); err != nil {
		return nil, errors.Join(err, devices.Close())
	}
	if s.Count > 1 {
		b.IO = shard.Guard(b.IO, s.Steerings, s.Index, s.Count)
	}
	return b, nil
}

// open has the driver open them.
func open(d *config.Dataplane, s Shard) (driver, error) {
	switch d.Driver {
	case config.AFXDP:
		return openAFXDP(d, s)
	}
	return nil, fmt.Errorf("the driver %s is not built in", d.Driver)
}

func openAFXDP(d *config.Dataplane, s Shard) (driver, error) {
	if s.Count > 1 && steered(s.Steerings) {
		return nil, errors.New("afxdp leaves it to the card which shard gets a packet, and this network function needs that " +
			"to depend on the destination port: set driver to afpacket, or shards to 1")
	}
	return afxdp.Open(names(d), afxdp.Config{Queue: s.Index, Busy: d.BusyPoll})
}

// steered reports whether some device's packets are divided by destination port.
func steered(list []nf.Steering) bool {
	for _, s := range list {
		if s.By == nf.ByDestinationPort {
			return true
		}
	}
	return false
}

// names lists the devices.
func names(d *config.Dataplane) []string {
	list := make([]string, len(d.Devices))
	for i := range list {
		list[i] = d.Devices[i].Interface
	}
	return list
}
