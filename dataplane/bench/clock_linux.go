package bench

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// threadTime is the processor time that the thread has used, in nanoseconds.
func threadTime() int64 {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) != nil {
		panic("bench: the kernel has no thread clock")
	}
	return t.Nano()
}

// processTime is the processor time that all threads have used, in nanoseconds.
func processTime() int64 {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t) != nil {
		panic("bench: the kernel has no process clock")
	}
	return t.Nano()
}

// clock is the time that back ends give to packets: CLOCK_MONOTONIC, in nanoseconds.
func clock() int64 {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &t) != nil {
		panic("bench: the kernel has no clock")
	}
	return t.Nano()
}

// switches is how often the thread was taken off its processor against its will: ru_nivcsw of
// getrusage(2).
func switches() int64 {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_THREAD, &u) != nil {
		panic("bench: the kernel does not count switches of threads")
	}
	return u.Nivcsw
}

// pin keeps the thread on one processor.
func pin(cpu int) error {
	var set unix.CPUSet
	set.Set(cpu)
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return fmt.Errorf("staying on processor %d: %w", cpu, err)
	}
	return nil
}
