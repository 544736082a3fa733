package main

import "syscall"

// limitMemory bounds the address space at 4 GiB, so that a state with an enormous capacity ends
// this program and not the machine.
func limitMemory() {
	limit := syscall.Rlimit{Cur: 4 << 30, Max: 4 << 30}
	_ = syscall.Setrlimit(syscall.RLIMIT_AS, &limit) // fails where a lower limit is set already
}
