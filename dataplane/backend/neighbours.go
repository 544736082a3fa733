package backend

import (
	"fmt"
	"net"

	"vigor/dataplane"
	"vigor/dataplane/config"
	"vigor/dataplane/neighbour"
	"vigor/nf"
	"vigor/packet"
)

// withNeighbours puts the layer that answers and asks ARP in front of devices of which one at least
// has an address.
func withNeighbours(devices dataplane.IO, d *config.Dataplane, env nf.Env) (dataplane.IO, error) {
	cfg := neighbour.Config{Devices: make([]neighbour.Device, len(d.Devices))}
	addressed := false
	for i := range d.Devices {
		device := &d.Devices[i]
		if !device.Address.IsSet() {
			continue
		}
		mac, err := hardwareAddress(device.Interface)
		if err != nil {
			return nil, err
		}
		addressed = true
		cfg.Devices[i] = neighbour.Device{
			MAC: mac, Address: neighbour.Address(device.Address), Gateway: device.Gateway,
		}
	}
	if !addressed {
		return devices, nil
	}
	return neighbour.New(devices, env, cfg)
}

// hardwareAddress asks the kernel for the Ethernet address of an interface.
func hardwareAddress(name string) (packet.MAC, error) {
	i, err := net.InterfaceByName(name)
	if err != nil {
		return packet.MAC{}, fmt.Errorf("finding the Ethernet address of %s: %w", name, err)
	}
	if len(i.HardwareAddr) != len(packet.MAC{}) {
		return packet.MAC{}, fmt.Errorf("%s has no Ethernet address: leave its address out, or take another interface", name)
	}
	return packet.MAC(i.HardwareAddr), nil
}
