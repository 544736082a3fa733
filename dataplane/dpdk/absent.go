//go:build !linux || !dpdk || !cgo

package dpdk

import (
	"vigor/dataplane"
	"vigor/nf"
	"vigor/packet"
)

// Devices cannot be had in this program. In one with DPDK they have these methods, too.
type Devices struct{ driver }

type driver interface {
	dataplane.IO
	Mode() string
	MAC(device nf.Device) packet.MAC
}

// Open refuses: see [ErrNotBuiltIn]. A configuration that is wrong anywhere is refused for that.
func Open(cfg Config) (*Devices, error) {
	if _, err := cfg.check(); err != nil {
		return nil, err
	}
	return nil, ErrNotBuiltIn
}
