// Package backend opens what the section dataplane of a configuration asks for: the devices, by the
// driver that it names, with the layers in front of it that its other keys imply.
//
// In goes a config.Dataplane, with how packets are spread over the shards of the network function; out
// comes a [Backend] for each shard, which its run loop uses as its [dataplane.IO]. Each driver is a package
// of its own; what they need to be told, and what they say of how they work, meets here.
//
// Start at [Open].
package backend

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"vigor/dataplane"
	"vigor/dataplane/afxdp"
	"vigor/dataplane/config"
	"vigor/dataplane/neighbour"
	"vigor/dataplane/shard"
	"vigor/dataplane/tap"
	"vigor/nf"
)

// Backend is the devices of one shard.
type Backend struct {
	dataplane.IO
	Mode       string           // how the driver works, for logs
	Neighbours *neighbour.Layer // finds next hops; nil if no device has an address
}

// driver is what all drivers' devices can do.
type driver interface {
	dataplane.IO
	Mode() string
}

// opening is one call of Open.
type opening struct {
	*config.Dataplane
	names     []string // of the devices
	steerings []nf.Steering
	group     uint16 // of packet sockets: any number that no other program happens to use
}

// Open opens the devices for d.Shards shards, whose surroundings env is. Steerings says how each device's
// packets are spread over them; with one shard it is not used.
func Open(d *config.Dataplane, env nf.Env, steerings []nf.Steering) ([]*Backend, error) {
	o := opening{Dataplane: d, steerings: steerings, group: uint16(rand.Uint32())}
	for i := range d.Devices {
		o.names = append(o.names, d.Devices[i].Interface)
	}
	list := make([]*Backend, 0, d.Shards)
	for k := range d.Shards {
		devices, err := o.open(k)
		if err != nil {
			return nil, errors.Join(err, Close(list))
		}
		list = append(list, &Backend{IO: devices, Mode: devices.Mode()})
	}
	if err := o.layers(list, env); err != nil {
		return nil, errors.Join(err, Close(list))
	}
	return list, nil
}

// Close closes the devices of all shards.
func Close(list []*Backend) (err error) {
	for _, b := range list {
		err = errors.Join(err, b.Close())
	}
	return err
}

// open has the driver open the devices of shard k.
func (o *opening) open(k int) (driver, error) {
	switch o.Driver {
	case config.AFPacket:
		return o.openAFPacket()
	case config.AFXDP:
		return o.openAFXDP(k)
	case config.TAP:
		return o.openTAP()
	case config.DPDK:
		return o.openDPDK()
	}
	return nil, fmt.Errorf("the driver %s is not built in", o.Driver)
}

func (o *opening) openAFXDP(k int) (driver, error) {
	chosen := func(s nf.Steering) bool { return s.By != nf.ByFlow }
	if o.Shards > 1 && slices.ContainsFunc(o.steerings, chosen) {
		return nil, errors.New("afxdp leaves it to the card which shard gets a packet, and this network function needs that " +
			"to depend on a port or an address: set driver to afpacket, or shards to 1")
	}
	return afxdp.Open(o.names, afxdp.Config{Queue: k, Shards: o.Shards, Busy: o.BusyPoll})
}

func (o *opening) openTAP() (driver, error) {
	if o.Shards > 1 {
		return nil, errors.New("tap leaves it to the kernel which shard gets a packet: set driver to afpacket, or shards to 1")
	}
	return tap.Open(o.names, tap.Config{Busy: o.BusyPoll})
}

// layers puts in front of the devices what belongs there: neighbours where devices have an address, and
// the guard of shards, which sees what the function would.
func (o *opening) layers(list []*Backend, env nf.Env) error {
	if err := o.addNeighbours(list, env); err != nil {
		return err
	}
	if len(list) > 1 {
		for k, b := range list {
			b.IO = shard.Guard(b.IO, o.steerings, k, len(list))
		}
	}
	return nil
}
