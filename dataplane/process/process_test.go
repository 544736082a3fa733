package process_test

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"

	"vigor/dataplane/process"
)

var sink []byte

// TestQuietCollector: little garbage makes no collection, much of it does.
func TestQuietCollector(t *testing.T) {
	percent := debug.SetGCPercent(100)
	defer debug.SetGCPercent(percent)
	defer debug.SetMemoryLimit(math.MaxInt64)
	if limit := process.QuietCollector(); limit < 64<<20 || debug.SetMemoryLimit(-1) != limit {
		t.Errorf("the limit is %d bytes, and that of the runtime %d", limit, debug.SetMemoryLimit(-1))
	}
	collections := func(megabytes int) uint32 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range megabytes {
			sink = make([]byte, 1<<20)
		}
		runtime.ReadMemStats(&after)
		return after.NumGC - before.NumGC
	}
	if n := collections(32); n != 0 {
		t.Errorf("%d collections after 32 MiB, want none", n)
	}
	if n := collections(1024); n == 0 {
		t.Error("no collection after 1 GiB")
	}
}
