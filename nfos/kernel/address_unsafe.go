package kernel

import "unsafe"

// Address is where memory is that a driver shares with its device, for the processor and on the bus.
func Address[T any](memory *T) uint64 { return uint64(uintptr(unsafe.Pointer(memory))) }
