package main

import "syscall"

// limitMemory bounds the address space at 8 GiB, so that a state with an enormous capacity ends
// this program and not the machine.
func limitMemory() {
	limit := syscall.Rlimit{Cur: 8 << 30, Max: 8 << 30}
	_ = syscall.Setrlimit(syscall.RLIMIT_AS, &limit) // fails where a lower limit is set already
}
