//go:build linux && dpdk && cgo

package dpdk

/*
#include <stdlib.h>
#include "dpdk.h"
*/
import "C"

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// process is what DPDK has one of in a process. It can be started once, and not again after a failure.
var process struct {
	sync.Mutex
	started bool
	err     error // of starting it
	huge    bool
	eal     []string
	used    map[C.uint16_t]string   // open devices by DPDK's number
	retired []*C.struct_rte_mempool // pools of closed devices, some of whose buffers others still have
}

// startEAL starts DPDK's environment, unless it runs. The caller has the lock.
//
// The thread that starts it is pinned to a processor and given an lcore index for good. No other
// goroutine may get that thread: the goroutine here never unlocks it and takes it along when it ends.
func startEAL(cfg Config) error {
	if !process.started {
		process.started, process.huge, process.eal = true, cfg.HugePages, slices.Clone(cfg.EAL)
		process.used = make(map[C.uint16_t]string)
		result := make(chan error)
		go func() {
			runtime.LockOSThread()
			result <- initEAL(cfg)
		}()
		process.err = <-result
	}
	if process.err == nil && (process.huge != cfg.HugePages || !slices.Equal(process.eal, cfg.EAL)) {
		return fmt.Errorf("DPDK runs in this process with huge pages %v and arguments %q, "+
			"which cannot be changed until it ends", process.huge, process.eal)
	}
	return process.err
}

// initEAL starts the environment. DPDK keeps pointers to its arguments: they are not freed.
func initEAL(cfg Config) error {
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		return fmt.Errorf("asking for the processors that may be used: %w", err)
	}
	processor := 0
	for !allowed.IsSet(processor) {
		processor++
	}
	arguments := ealArguments(cfg, processor)
	argv := (*[1 << 16]*C.char)(C.calloc(C.size_t(len(arguments)+1), C.size_t(unsafe.Sizeof((*C.char)(nil)))))
	for i, a := range arguments {
		argv[i] = C.CString(a)
	}
	if err := failed(C.vigor_eal_start(C.int(len(arguments)), &argv[0])); err != nil {
		return fmt.Errorf("starting DPDK with %q: %w: its lines on standard error say more%s", arguments[1:], err, memoryCure(cfg))
	}
	return nil
}

// retire frees a pool as soon as all buffers are back in it: those that were sent may lie in a ring
// whose reader has not taken them yet. The caller has the lock.
func retire(pool *C.struct_rte_mempool) {
	if pool != nil {
		process.retired = append(process.retired, pool)
	}
	process.retired = slices.DeleteFunc(process.retired, func(p *C.struct_rte_mempool) bool {
		full := C.vigor_pool_count(p) == p.size
		if full {
			C.rte_mempool_free(p)
		}
		return full
	})
}
