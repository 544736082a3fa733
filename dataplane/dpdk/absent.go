//go:build !dpdk || !cgo

package dpdk

import "vigor/dataplane"

// Devices cannot be had in this program.
type Devices struct{ dataplane.IO }

// Open refuses: see [ErrNotBuiltIn]. A configuration that is wrong anywhere is refused for that.
func Open(cfg Config) (*Devices, error) {
	if _, err := cfg.check(); err != nil {
		return nil, err
	}
	return nil, ErrNotBuiltIn
}
