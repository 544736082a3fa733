package libvig

// ClassifierRule says which packets a [Classifier] finds: those with both addresses, both ports and the protocol in
// its ranges. Both ends of a range belong to it, and one whose low end is above the high end is empty. A
// prefix is the range from its first to its last address. Addresses are in host byte order.
type ClassifierRule struct {
	SrcLow, SrcHigh         uint32
	DstLow, DstHigh         uint32
	SrcPortLow, SrcPortHigh uint16
	DstPortLow, DstPortHigh uint16
	Protocol                uint8 // IPv4's protocol number; 0 stands for every protocol
}

// Classifier is a list of rules, of which the first that fits a packet counts.
//
// A search looks at one rule after the other, so its time grows with the number of rules: 25, 250 and 3,400
// nanoseconds for 10, 100 and 1,000 rules of which the last fits (BenchmarkClassifier, one core of a
// virtual machine). The observers are the fields of rule i, the number n of rules, and cap, how many
// there can be.
//
// @ ghost srcLow, srcHigh, dstLow, dstHigh map[int]uint32
// @ ghost srcPortLow, srcPortHigh, dstPortLow, dstPortHigh map[int]uint16
// @ ghost proto map[int]uint8
// @ ghost n uint31
// @ ghost cap uint31
// @ exposes n <= cap
type Classifier struct {
	rules []ClassifierRule
	size  int
	// @ represent srcLow = rules.SrcLow; srcHigh = rules.SrcHigh; dstLow = rules.DstLow; dstHigh = rules.DstHigh
	// @ represent srcPortLow = rules.SrcPortLow; srcPortHigh = rules.SrcPortHigh
	// @ represent dstPortLow = rules.DstPortLow; dstPortHigh = rules.DstPortHigh
	// @ represent proto = rules.Protocol; n = size; cap = len(rules)
	// @ inv 0 < len(rules) && len(rules) <= 536870912 && 0 <= size && size <= len(rules)
}

// NewClassifier returns a classifier without rules, for up to capacity of them. It panics when capacity is
// not in 1..MaxCapacity.
//
// @ constructor
// @ requires 0 < capacity && capacity <= 536870912
// @ ensures n == 0 && cap == capacity
func NewClassifier(capacity int) *Classifier {
	checkCapacity(capacity)
	return &Classifier{rules: make([]ClassifierRule, capacity)}
}

// Cap returns the largest number of rules.
//
// @ ensures r == cap
func (c *Classifier) Cap() (r int) {
	return len(c.rules)
}

// Len returns the number of rules.
//
// @ ensures r == n
func (c *Classifier) Len() (r int) {
	return c.size
}

// Add adds a rule behind all others.
//
// @ requires n < cap
// @ ensures n == old(n) + 1
// @ ensures srcLow == old(srcLow)[old(n) := rule.SrcLow] && srcHigh == old(srcHigh)[old(n) := rule.SrcHigh]
// @ ensures dstLow == old(dstLow)[old(n) := rule.DstLow] && dstHigh == old(dstHigh)[old(n) := rule.DstHigh]
// @ ensures srcPortLow == old(srcPortLow)[old(n) := rule.SrcPortLow] &&
// @  srcPortHigh == old(srcPortHigh)[old(n) := rule.SrcPortHigh]
// @ ensures dstPortLow == old(dstPortLow)[old(n) := rule.DstPortLow] &&
// @  dstPortHigh == old(dstPortHigh)[old(n) := rule.DstPortHigh]
// @ ensures proto == old(proto)[old(n) := rule.Protocol]
func (c *Classifier) Add(rule ClassifierRule) {
	c.rules[c.size] = rule
	c.size++
}

// Clear removes all rules.
//
// @ ensures n == 0
func (c *Classifier) Clear() {
	c.size = 0
}

// Match returns the index of the first rule that fits a packet, or the number of rules if none does.
//
// @ ensures 0 <= r && r <= n
// @ ensures r < n ==> srcLow[r] <= src && src <= srcHigh[r] && dstLow[r] <= dst && dst <= dstHigh[r] &&
// @  srcPortLow[r] <= srcPort && srcPort <= srcPortHigh[r] &&
// @  dstPortLow[r] <= dstPort && dstPort <= dstPortHigh[r] && (proto[r] == 0 || proto[r] == protocol)
// @ ensures forall i int {proto[i]} :: 0 <= i && i < r ==>
// @  !(srcLow[i] <= src && src <= srcHigh[i] && dstLow[i] <= dst && dst <= dstHigh[i] &&
// @  srcPortLow[i] <= srcPort && srcPort <= srcPortHigh[i] &&
// @  dstPortLow[i] <= dstPort && dstPort <= dstPortHigh[i] && (proto[i] == 0 || proto[i] == protocol))
func (c *Classifier) Match(src, dst uint32, srcPort, dstPort uint16, protocol uint8) (r int) {
	// @ invariant 0 <= r && r <= c.size
	// @ invariant forall i int {c.proto[i]} :: 0 <= i && i < r ==>
	// @  !(c.srcLow[i] <= src && src <= c.srcHigh[i] && c.dstLow[i] <= dst && dst <= c.dstHigh[i] &&
	// @  c.srcPortLow[i] <= srcPort && srcPort <= c.srcPortHigh[i] &&
	// @  c.dstPortLow[i] <= dstPort && dstPort <= c.dstPortHigh[i] && (c.proto[i] == 0 || c.proto[i] == protocol))
	// @ decreases c.size - r
	for r < c.size {
		if c.rules[r].SrcLow <= src && src <= c.rules[r].SrcHigh &&
			c.rules[r].DstLow <= dst && dst <= c.rules[r].DstHigh &&
			c.rules[r].SrcPortLow <= srcPort && srcPort <= c.rules[r].SrcPortHigh &&
			c.rules[r].DstPortLow <= dstPort && dstPort <= c.rules[r].DstPortHigh &&
			(c.rules[r].Protocol == 0 || c.rules[r].Protocol == protocol) {
			return r
		}
		r++
	}
	return r
}
