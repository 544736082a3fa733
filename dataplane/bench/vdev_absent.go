//go:build !linux || !dpdk || !cgo

package bench

import (
	"vigor/dataplane"
	"vigor/dataplane/dpdk"
	"vigor/dataplane/memory"
	"vigor/nf"
)

// vdev cannot be had in this program.
type vdev struct{ dataplane.IO }

func newVdev(nf.Device, *memory.Cycle) (*vdev, error) { return nil, dpdk.ErrNotBuiltIn }

func (v *vdev) chunks(int, []float64) error { return dpdk.ErrNotBuiltIn }
