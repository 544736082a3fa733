// Package lower runs a spec on one path and says what it expects: the outcome, every byte of the
// packet sent, the state.
//
// In: a [resolve.Spec] and the [World] of one path, given as smt terms: the frame that arrived, the
// state objects, the configuration, and what the NF did. Out: a [Result], which package obligation
// compares with the NF. On the way the spec's own obligations are proved through [Path]: keys are
// present, headers are there, values fit, assertions hold; each has a Python position.
//
// The same code is the concrete evaluator: given constant terms every condition folds to a constant
// and a Path that only reads constants ([Concrete]) is enough.
//
// Integers are exact ([smt.Int]). A header's presence and place are terms over the frame's bytes,
// so a variable IPv4 header length forks nothing. A run must be repeated identically: no map order,
// no pointers, no time.
//
// Start at [Run]; statement.go, expression.go and call.go follow the language, packet.go reads and
// writes headers, checksum.go holds what checksums must satisfy, table.go the state.
package lower

import (
	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/source"
)

// Path is the run's one path; see package symbex.
type Path interface {
	Builder() *smt.Builder
	// Branch decides c on this path.
	Branch(c *smt.Term) bool
	// Prove records an obligation under the current condition and goes on with c assumed.
	Prove(c *smt.Term, claim diag.Claim)
	// Choose gives a fresh value with a path-local fact about it; nil is no fact.
	Choose(name string, width int, constraint func(v *smt.Term) *smt.Term) *smt.Term
	// Axiom states a permanent fact about the state at arrival.
	Axiom(c *smt.Term)
	// Simplify rewrites t by what is known on the path, where it gives the same value.
	Simplify(t *smt.Term) *smt.Term
}

// Object is a state object on the spec's side, its current state inside.
type Object interface {
	// Call runs an operation of the object's contract and returns its results, each as leaves.
	// supplied gives chosen results by name; their constraints are proved. claim rewords what is
	// proved; nil keeps the contract's words.
	Call(p Path, op string, args [][]*smt.Term, supplied map[string][]*smt.Term,
		claim func(diag.Claim) diag.Claim, at source.Span) [][]*smt.Term
	// Read gives an observer of the current state; at is its argument's leaves, nil for a scalar.
	Read(p Path, observer string, at []*smt.Term) []*smt.Term
	// Made gives the results, by name, of the NF's call number n, from 0, of those calls of an operation
	// that changed the object; nil if there were fewer.
	Made(op string, n int) map[string][]*smt.Term
	// Asked gives the results, by name, of a call of the NF of an operation with equal arguments in the
	// same state; nil if there was none. It decides on the path which arguments are equal.
	Asked(p Path, op string, args [][]*smt.Term) map[string][]*smt.Term
	// Initial and Final are read-only views: at arrival, and what the NF left.
	Initial() Object
	Final() Object
}

// A cell is an Object with the observer "value" and the operation "Set"(value).

// World is what a path gives to a spec.
type World struct {
	Packet      Packet
	Device      *smt.Term // 16 bits, less than DeviceCount
	Now         *smt.Term // 64 bits, not negative
	DeviceCount *smt.Term // any width, unsigned, 1 to 64
	// Config has the leaves of every configuration value by its name in the Schema.
	Config map[string][]*smt.Term
	// Lists has every list of the configuration by its name in the Schema.
	Lists map[string]List
	// Objects has every state object by the name in the Schema.
	Objects map[string]Object
	// Sums are sums of bytes that the NF has asked for.
	Sums []Sum
	Out  Out
}

// List is a list of the configuration.
type List struct {
	Len *smt.Term // 64 bits, not negative
	// At gives the leaves of the element at a 64-bit index, which is less than Len.
	At func(p Path, index *smt.Term) []*smt.Term
}

// Packet is a frame: its bytes by 16-bit index, and its length, a term of 16 bits.
type Packet struct {
	Bytes  smt.Array
	Length *smt.Term
}

// Sum is a sum of bytes, as [smt.Builder.Sum] has made it.
type Sum struct {
	Range smt.Range
	Term  *smt.Term
}

// Out is what the NF did with the packet.
type Out struct {
	Devices DeviceSet
	// Packet is what was sent. It has no meaning if Devices is empty.
	Packet Packet
}

// DeviceSet is a set of devices: exactly One, or those whose bit in Mask is set, or none.
type DeviceSet struct {
	One  *smt.Term // 16 bits
	Mask *smt.Term // 64 bits
}

// Result is what a spec says on one path.
type Result struct {
	Outcome Outcome
	// Unspecified are the state objects (names of the Schema) about which nothing is claimed.
	Unspecified map[string]bool
	// Holes are the places where this path leaves something open.
	Holes []Hole
	// Reached are those of the Spec's Points that this path may meet.
	Reached []Reached
}

// Reached is a point that a path meets where When holds, which is to be asked of the path.
type Reached struct {
	Span source.Span
	When *smt.Term
}

// Hole is a place where a spec makes no claim.
type Hole struct {
	Span source.Span
	Text string // "outputs open", "flows unspecified", "ether.src open", …
}

// Kind is what sort of outcome a spec asks for.
type Kind int

// The kinds of outcome.
const (
	// Drop: no packet leaves.
	Drop Kind = iota
	// Send: a packet leaves, see Outcome's other fields.
	Send
	// Open: outputs are not compared, state is.
	Open
	// Unspecified: nothing is compared (pass).
	Unspecified
	// Excluded: the property is not about this path (assume).
	Excluded
)

// Outcome is what must leave the NF.
type Outcome struct {
	Kind Kind
	Span source.Span // of the return, or of the function's name
	// The devices: exactly one of the following unless all are empty, which is "any device".
	Devices   []*smt.Term // 16 bits each, in range: one copy by each, no other
	Mask      *smt.Term   // a set, 64 bits: one copy by each but the ingress
	Broadcast bool        // every device but the ingress
	// AnyDevice: some device or devices.
	AnyDevice bool
	// AnyContent: content and length are open; Packet, Free and Checks are empty.
	AnyContent bool
	Packet     Packet
	Free       []Free
	// Checks compare what was assigned with what was sent; they hold of Out.Packet, and are present
	// if the NF sent a packet.
	Checks []Check
}

// Free is a range of the packet whose bits the spec leaves open, or that a Check covers instead:
// bits set in Mask[k] of the byte at Offset+k. Offset is a term of 16 bits.
type Free struct {
	Offset *smt.Term
	Mask   []byte
}

// Check is one formula about the packet sent.
type Check struct {
	Holds *smt.Term
	Claim diag.Claim
}

// FreeBits gives the open bits (8) of the byte at the 16-bit index at.
func (o *Outcome) FreeBits(b *smt.Builder, at *smt.Term) *smt.Term {
	bits := b.Word(0, 8)
	for _, f := range o.Free {
		for k, mask := range f.Mask {
			here := b.Eq(at, b.BVAdd(f.Offset, b.Word(uint64(k), 16)))
			bits = b.BVOr(bits, b.Ite(here, b.Word(uint64(mask), 8), b.Word(0, 8)))
		}
	}
	return bits
}
