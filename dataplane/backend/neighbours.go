package backend

import (
	"fmt"

	"vigor/dataplane"
	"vigor/dataplane/config"
	"vigor/dataplane/link"
	"vigor/dataplane/neighbour"
	"vigor/nf"
	"vigor/packet"
)

// addNeighbours puts the layer that answers and asks ARP in front of devices of which one at least has an
// address.
func (o *opening) addNeighbours(list []*Backend, env nf.Env) error {
	cfg := neighbour.Config{Devices: make([]neighbour.Device, len(o.Devices))}
	addressed := false
	for i := range o.Devices {
		device := &o.Devices[i]
		if !device.Address.IsSet() {
			continue
		}
		mac, err := o.station(i, list[0].IO)
		if err != nil {
			return err
		}
		addressed = true
		cfg.Devices[i] = neighbour.Device{MAC: mac, Address: neighbour.Address(device.Address), Gateway: device.Gateway}
	}
	if !addressed {
		return nil
	}
	layers := make([]*neighbour.Layer, len(list))
	for k, b := range list {
		layer, err := neighbour.New(b.IO, env, cfg)
		if err != nil {
			return err
		}
		layers[k], b.Neighbours, b.IO = layer, layer, layer
	}
	neighbour.Share(layers...)
	return nil
}

// station is the function's own Ethernet address on device i, which has been opened.
func (o *opening) station(i int, opened dataplane.IO) (packet.MAC, error) {
	if told, ok := opened.(interface {
		MAC(d nf.Device) packet.MAC
	}); ok { // the kernel does not have the device any more
		mac := told.MAC(nf.Device(i))
		if mac.IsZero() || mac.IsGroup() {
			return mac, fmt.Errorf("device %d has an address, but %s has no Ethernet address that ARP could answer: leave out address",
				i, o.names[i])
		}
		return mac, nil
	}
	l, err := link.Read(o.names[i])
	if err == nil {
		err = l.Ready()
	}
	if o.Driver == config.TAP { // the interface is the host's; the function is the other end
		return l.Peer(), err
	}
	return l.MAC, err
}
