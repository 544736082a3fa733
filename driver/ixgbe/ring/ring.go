// Package ring is the memory that an Intel Ethernet controller shares with its driver: two rings of legacy
// descriptors, which the 82599 (datasheet, sections 7.1.5 and 7.2.3.2.2) and the 8254x have in common.
//
// The second word of a descriptor is used by both sides at a time, and so is of type atomic.Uint64: a plain
// access cannot be written.
package ring

import "sync/atomic"

const (
	// Size is the largest number of descriptors of a ring. It is a power of two.
	Size = 256
	// Slack is the number of descriptors by which a ring is longer, so that it can begin at a multiple of
	// 128 bytes (8.2.3.8.1, 8.2.3.9.5).
	Slack = 8
)

// Descriptor describes one buffer.
type Descriptor struct {
	Address uint64        // bus address
	Word    atomic.Uint64 // length, command, status
}

// Ring has the descriptors of one ring somewhere in it.
type Ring [Size + Slack]Descriptor

// RingSize is the size of a ring in bytes.
const RingSize = 16 * (Size + Slack)

// Memory is all that a device and its driver share but the frames.
type Memory struct {
	Receive  Ring
	Transmit Ring
}
