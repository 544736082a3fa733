package backend

import (
	"errors"

	"vigor/dataplane/dpdk"
)

// openDPDK opens the devices with one queue each.
func (o *opening) openDPDK() (driver, error) {
	if o.Shards > 1 {
		return nil, errors.New("the driver dpdk opens one queue of each device: set shards to 1, or driver to afpacket")
	}
	devices, err := dpdk.Open(dpdk.Config{Devices: o.names, HugePages: o.HugePages})
	if err != nil {
		return nil, err
	}
	return devices, nil
}
