//go:build linux && dpdk && cgo

package dpdk

/*
#include <stdlib.h>
#include "dpdk.h"
*/
import "C"

import (
	"fmt"
	"unsafe"
)

// Pair is two devices inside the process: what one sends, the other receives. They serve tests,
// measurements, and network functions of one process that pass packets on to each other.
type Pair struct {
	A, B  string // as Config.Devices names them
	rings [2]*C.struct_rte_ring
}

// NewPair makes a pair whose devices hold so many frames each, in the direction in which they receive.
// It starts DPDK if need be, as cfg says; the devices of cfg are not opened. The name has 1 to 12
// bytes.
func NewPair(cfg Config, name string, depth int) (*Pair, error) {
	if len(name) < 1 || len(name) > 12 || depth < 1 || depth > 1<<20 {
		return nil, fmt.Errorf("pair %q of depth %d: the name must have 1 to 12 bytes, the depth be 1 to 1048576", name, depth)
	}
	if err := checkEAL(cfg.EAL); err != nil {
		return nil, err
	}
	process.Lock()
	defer process.Unlock()
	if err := startEAL(cfg); err != nil {
		return nil, err
	}
	p := &Pair{A: "net_ring_" + name + "A", B: "net_ring_" + name + "B"}
	a, b := C.CString(name+"A"), C.CString(name+"B")
	defer C.free(unsafe.Pointer(a))
	defer C.free(unsafe.Pointer(b))
	if err := failed(C.vigor_pair_new(a, b, C.uint32_t(depth), &p.rings[0])); err != nil {
		return nil, fmt.Errorf("making a pair of devices named %s: %w", name, err)
	}
	return p, nil
}

// Close frees the pair, and what lies in its rings. It refuses while one of the devices is open.
func (p *Pair) Close() error {
	process.Lock()
	defer process.Unlock()
	for _, name := range process.used {
		if name == p.A || name == p.B {
			return fmt.Errorf("freeing a pair of devices: close %s first", name)
		}
	}
	for i, name := range []string{p.A, p.B} {
		text := C.CString(name)
		C.vigor_device_remove(text)
		C.free(unsafe.Pointer(text))
		C.vigor_ring_free(p.rings[i])
		p.rings[i] = nil
	}
	retire(nil)
	return nil
}
