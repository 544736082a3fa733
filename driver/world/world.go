// Package world is what device models need of whoever runs them: tests that choose at random, a search
// through all choices, or a proof for which each choice is a fresh symbol.
//
// A device model answers its driver's accesses to registers, and does by itself, step by step, what the
// device could do. Every freedom that a device has is one call of [World.Choose]; every rule that its
// driver breaks is one call of [World.Fail] with a [Rule], which names the document and its clause.
package world

// World surrounds one device model.
type World interface {
	// Choose returns any number from 0 to n-1; n is at least 1. 0 is the least that a device can do.
	Choose(n int) int
	// Fail says that the driver has broken a rule. If it returns, the device does something harmless.
	Fail(rule Rule)
	// Arrive copies the next frame from the network into a buffer and returns its length; -1 says that none
	// has arrived yet. What does not fit is lost, and so -1, too.
	Arrive(buffer []byte) int
	// Leave takes a frame that the device sends; the bytes are only lent.
	Leave(frame []byte)
}

// Rule is something that drivers must do, or must not.
type Rule struct {
	Clause string // the document's section
	Text   string
}

// Error is the rule in words, with its clause.
func (r Rule) Error() string { return r.Text + " (" + r.Clause + ")" }
