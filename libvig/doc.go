// Package libvig holds the data structures in which a network function keeps its state.
//
// A network function builds its structures once, with a fixed capacity, and then calls their
// operations for each packet; no operation allocates, calls into a key or a value, or depends on
// anything but its arguments.
//
//   - [Table] gives each key a dense index, a value and a time, and expires old entries.
//   - [ClassTable] is a table whose entries have classes, each with a timer of its own.
//   - [Map] gives each key an index of the caller's choice.
//   - [Chain] hands out indices and knows the time of their last use.
//   - [ClassChain] is a chain whose indices have classes.
//   - [Vector] is a sequence of fixed length.
//   - [PortRange] hands out the numbers of a range, such as the ports of an address.
//   - [Ring] is a queue of bounded length.
//   - [Classifier] finds the first rule that fits a packet.
//   - [Dictionary] gives the keys of a list that does not change their places and values.
//   - [LPM] gives an IPv4 address the value of the longest prefix that it begins with.
//   - [Maglev] spreads hashes over backends in almost equal shares.
//
// Every type declares its abstract state, and every exported operation its contract, in comment
// lines that start with "// @ ". These lines are the only description of what an operation does:
// proofs about a network function use them in place of the code, and tests evaluate them after
// each step. The identifiers in them are observers: "alloc[i]" tells whether index i is in use, a
// name such as "old(dom)" is the state before the call, and an observer that no line defines is
// unchanged.
//
// A caller must meet the "requires" lines. A constructor panics when its capacity is out of range, or its list too long;
// an operation given an index outside the structure panics by Go's bounds check; any other breach
// leaves the structure in an unspecified state, without ever touching memory that is not its own.
//
// Keys are integers, arrays of integers, or structs of them, without padding, of 1 to 64 bytes.
// Their words are read by the functions in words_unsafe.go; lines_unsafe.go computes addresses for
// [Hints], which bring memory into the cache before it is needed. No other file imports unsafe. The
// structures are for one goroutine.
//
// Start at table.go, then map.go for the probing and chain.go for the list of recent use.
package libvig

// MaxCapacity is the largest number of elements a structure can be built for: a map of that
// capacity has 2^30 slots, and every index fits 31 bits.
const MaxCapacity = 1 << 29

// Time is an instant in nanoseconds, from 0 up; it never decreases from one call to the next.
type Time = int64

// checkCapacity panics when n is not a capacity.
//
// @ pure
// @ requires 0 < n && n <= 536870912
func checkCapacity(n int) {
	if n <= 0 || n > MaxCapacity {
		panic("libvig: capacity is outside 1..536870912")
	}
}

// checkLength panics when n is too large for the length of a list.
//
// @ pure
// @ requires n <= 536870912
func checkLength(n int) {
	if n > MaxCapacity {
		panic("libvig: a list is longer than 536870912")
	}
}
