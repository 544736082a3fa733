// Package process fits the operating system's process to a program that does nothing but run a network
// function: its threads, its memory, and what it is still allowed to do once everything is open.
//
// The program around a network function calls it, in this order: [QuietCollector] and
// [UseHugePages] when the state has been built, [Pin] by each goroutine that moves packets, and at last,
// with all devices, files and sockets open, [Identity.Become], [DropCapabilities] and [Confine]. The
// last three cannot be undone, and when they return nil, hold for all threads.
//
// Confine leaves a list of system calls that moving packets, answering on open sockets and ending
// cleanly need. All others fail with EPERM instead of ending the process: which of them Go's runtime
// makes in rare situations differs between its versions, and a call that fails is as harmless as one
// that is never made, while a gateway that ends is an outage. What only an attack does, calls of another
// architecture, ends the process.
//
// Only Linux has all this; elsewhere each function says that it cannot be done.
package process

import (
	"math"
	"runtime"
	"runtime/debug"
)

// headroom is how many bytes the heap of a quiet collector may grow by before it runs: what serving
// metrics and logs leaves behind in minutes.
const headroom = 64 << 20

// QuietCollector has the garbage collector run only when memory grows by 64 MiB beyond what is live
// now, and returns that limit in bytes. A network function allocates nothing per packet, so what remains are
// a few collections an hour, caused by those who ask for metrics.
func QuietCollector() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	limit := int64(min(m.Sys-m.HeapReleased, math.MaxInt64/2)) + headroom
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(limit)
	return limit
}
