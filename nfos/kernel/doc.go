// Package kernel is what runs below a network function in a bootable image: it finds the network devices of
// the machine, gives them memory, reads the clock, and moves packets between them and the function.
//
// The generated main function calls [Start], makes the network function with [Machine.Env], and then, for
// ever, [Machine.Receive] and [Machine.Act]. What proofs assume of the surroundings of a network function
// holds here as in package dataplane: time is not negative and never decreases, the device of a packet
// exists, the slice of a frame has no spare capacity, and one packet is finished before the next is begun.
// A buffer belongs to one device that receives, to the network function, or to those that send it, and is
// free again when the last has sent it. Everything is allocated before the first packet.
//
// Only the first PCI bus is looked at, and registers and memory must lie below 4 GiB, registers from 3 GiB
// on. A device that breaks its contract is stopped, and the others go on.
//
// Start at [Start], then loop_amd64.go.
package kernel
