//go:build linux && dpdk && cgo

package dpdk

/*
#include "dpdk.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"unsafe"

	"vigor/dataplane"
	"vigor/nf"
)

// Replay has a device receive the given frames in turn, each in place of one that it does receive. It
// makes traffic for measurements out of net_null, which receives without end, and out of a [Pair] in
// which frames run round. The frames are copied; it is called once for a device, while the loop
// stands.
func (d *Devices) Replay(device nf.Device, frames [][]byte) error {
	if int(device) >= d.opened || len(frames) == 0 {
		return fmt.Errorf("replaying %d frames on device %d of %d: there must be both", len(frames), device, d.opened)
	}
	total := 0
	for i, f := range frames {
		if len(f) == 0 || len(f) > d.room {
			return fmt.Errorf("replaying frame %d of %d bytes: the length must be 1 to %d", i, len(f), d.room)
		}
		total += len(f)
	}
	var r *C.struct_vigor_replay
	if err := failed(C.vigor_replay_new(&r, C.uint32_t(len(frames)), C.uint64_t(total))); err != nil {
		return fmt.Errorf("replaying %d bytes: %w", total, err)
	}
	d.replays = append(d.replays, r)
	for _, f := range frames {
		C.vigor_replay_add(r, (*C.uint8_t)(unsafe.SliceData(f)), C.uint16_t(len(f)))
	}
	if err := failed(C.vigor_replay_start(r, d.io.port[device])); err != nil {
		return fmt.Errorf("replaying on device %d: %w", device, err)
	}
	return nil
}

// Baseline forwards packets from one device to another in C, as plainly as DPDK allows, at least so
// many: what a loop in Go is compared with. It reads the clock once per burst, as Exchange does.
func (d *Devices) Baseline(from, to nf.Device, burst, packets int) error {
	if int(from) >= d.opened || int(to) >= d.opened || burst < 1 || burst > dataplane.MaxBurst {
		return fmt.Errorf("forwarding from device %d to %d of %d in bursts of %d: no such device, or not 1 to %d",
			from, to, d.opened, burst, dataplane.MaxBurst)
	}
	sent := C.vigor_baseline(d.io, C.uint32_t(from), C.uint32_t(to), C.uint16_t(burst), C.uint64_t(packets))
	if sent < C.uint64_t(packets) {
		return fmt.Errorf("after %d of %d packets: %w", sent, packets, errNothingArrives)
	}
	return nil
}

var errNothingArrives = errors.New("nothing arrives any more")
