//go:build linux && dpdk && cgo

package dpdk

import (
	"testing"
	"time"

	"vigor/dataplane"
	"vigor/nf"
)

// TestSharedMemory: what a device sends into memory shared with another one arrives there. DPDK connects
// the two by a thread of its own; until then there is no room.
func TestSharedMemory(t *testing.T) {
	arguments := ",id=0,socket-abstract=no,socket=" + t.TempDir() + "/socket"
	_, server := alone(t, "net_memif0,role=server"+arguments, nf.Forward(0))
	other, _ := alone(t, "net_memif1,role=client"+arguments, nf.Drop(nf.NoReason))
	injected := uint64(0)
	loop := dataplane.NewLoop(nf.Env{Devices: 1}, flood, filler{server, &injected})
	sent, received := &loop.Counters.Sent[0], &other.Counters.Received[0]
	for start := time.Now(); time.Since(start) < 10*time.Second && (*sent == 0 || *received < *sent); {
		if *sent == 0 {
			step(t, loop)
		}
		step(t, other)
	}
	if *sent == 0 || *received != *sent || other.Counters.ReceivedBytes[0] != 60**sent {
		t.Errorf("%d frames were sent, %d received with %d bytes", *sent, *received, other.Counters.ReceivedBytes[0])
	}
}
