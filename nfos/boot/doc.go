// Package boot takes an x86-64 machine from its boot loader to a Go main function in ring 3, without the
// Go runtime, and gives it what it needs from there: ports, registers in memory, random numbers, memory
// allocated once, a serial line to report on, and an end.
//
// The boot loader leaves the processor in 32-bit mode at the function entry. That loads tables which the
// image tool has laid out beforehand, as static data: page tables in which code cannot be written and data
// cannot be run, segments, and a gate for each exception. So the assembly does nothing but load registers.
// Compiled code runs on one static stack; its own check of the stack pointer, which in ordinary programs
// grows the stack, ends in a breakpoint here, as does every panic. A fault is reported on the serial line,
// with its number, the addresses concerned and the caller, and the machine stops.
//
// Interrupts are off for ever. Package variables are not initialised by code, only by the linker: the
// image tool refuses others.
//
// Start at entry_amd64.s.
package boot
