//go:build dpdk && cgo

package live

import (
	"vigor/dataplane"
	"vigor/dataplane/dpdk"
)

var builtIn = []backEnd{{name: "dpdk", deaf: true, open: func(devices []string) (dataplane.IO, error) {
	var names []string
	for i, device := range devices {
		names = append(names, packetDevice(i, device))
	}
	return dpdk.Open(dpdk.Config{Devices: names})
}}}
