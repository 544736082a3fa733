package backend

import (
	"fmt"

	"vigor/dataplane/config"
	"vigor/dataplane/link"
	"vigor/dataplane/neighbour"
	"vigor/nf"
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
		if o.Driver == config.DPDK {
			return fmt.Errorf("device %d has an address, but DPDK does not tell the Ethernet address that ARP has to answer: "+
				"leave out address, or set driver to afpacket", i)
		}
		l, err := link.Read(device.Interface)
		if err != nil {
			return err
		}
		if err := l.Ready(); err != nil {
			return err
		}
		addressed = true
		mac := l.MAC
		if o.Driver == config.TAP { // the interface is the host's; the function is the other end
			mac = l.Peer()
		}
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
