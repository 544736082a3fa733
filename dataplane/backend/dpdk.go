package backend

import (
	"errors"

	"vigor/dataplane/dpdk"
)

// dpdkDevices says how it works like other drivers' devices.
type dpdkDevices struct {
	*dpdk.Devices
	mode string
}

// Mode says where buffers are.
func (d dpdkDevices) Mode() string { return d.mode }

// openDPDK opens the devices with one queue each.
func (o *opening) openDPDK() (driver, error) {
	if o.Shards > 1 {
		return nil, errors.New("the driver dpdk opens one queue of each device: set shards to 1, or driver to afpacket")
	}
	devices, err := dpdk.Open(dpdk.Config{Devices: o.names, HugePages: o.HugePages})
	if err != nil {
		return nil, err
	}
	mode := "ordinary pages"
	if o.HugePages {
		mode = "huge pages"
	}
	return dpdkDevices{devices, mode}, nil
}
