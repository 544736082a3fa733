//go:build linux && dpdk && cgo

package dpdk

import (
	"fmt"
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/conformance"
)

// TestPacketSocketsConform checks DPDK's devices on interfaces of the kernel, with frames of a host on a
// cable. The driver waits until the kernel has room for what it sends, and so for ever if there is none:
// that check is left out.
func TestPacketSocketsConform(t *testing.T) {
	build := conformance.Veth(t, func(interfaces []string) (dataplane.IO, error) {
		var devices []string
		for d, name := range interfaces {
			devices = append(devices, fmt.Sprintf("net_af_packet%d,iface=%s", d, name))
		}
		return Open(config(devices...))
	})
	for _, problem := range conformance.Check(func(frames []dataplane.Frame) (conformance.BackEnd, error) {
		b, err := build(frames)
		b.Jam = nil
		return b, err
	}, DefaultMaxFrame-4) {
		t.Error(problem)
	}
}
