package process

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// Pin gives the calling goroutine a thread of its own, which runs on one processor only.
func Pin(core int) error {
	runtime.LockOSThread()
	var set unix.CPUSet
	set.Set(core)
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return fmt.Errorf("pinning the packet thread to processor %d: %w (this process may use %s)", core, err, allowed())
	}
	return nil
}

// allowed lists the processors that the first thread of this process may use.
func allowed() string {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(unix.Getpid(), &set); err != nil {
		return "none that it can find out"
	}
	var cores []int
	for core := range len(set) * 64 {
		if set.IsSet(core) {
			cores = append(cores, core)
		}
	}
	return fmt.Sprint(cores)
}
