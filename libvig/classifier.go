package libvig

// ClassifierRule says which packets a [Classifier] finds: those with both addresses, both ports and the protocol in
// its ranges. Both ends of a range belong to it, and one whose low end is above the high end is empty. A
// prefix is the range from its first to its last address. Addresses are in host byte order.
type ClassifierRule struct {
	SrcLow, SrcHigh         uint32
	DstLow, DstHigh         uint32
	SrcPortLow, SrcPortHigh uint16
	DstPortLow, DstPortHigh uint16
	Protocol                uint8  // IPv4's protocol number; 0 stands for every protocol
	Value                   uint16 // what the rule says of its packets, such as an action; the classifier does not look at it
}

// Classifier is a list of rules, of which the first that fits a packet counts. Once made it does not change.
//
// A search looks at one rule after the other, so its time grows with the number of rules: 25, 250 and 3,400
// nanoseconds for 10, 100 and 1,000 rules of which the last fits (BenchmarkClassifier, one core of a
// virtual machine). The observers are the fields of rule i, and the number n of rules.
//
// @ ghost srcLow, srcHigh, dstLow, dstHigh map[int]uint32
// @ ghost srcPortLow, srcPortHigh, dstPortLow, dstPortHigh map[int]uint16
// @ ghost proto map[int]uint8
// @ ghost value map[int]uint16
// @ ghost n uint31
type Classifier struct {
	rules []ClassifierRule
	// @ represent srcLow = rules.SrcLow; srcHigh = rules.SrcHigh; dstLow = rules.DstLow; dstHigh = rules.DstHigh
	// @ represent srcPortLow = rules.SrcPortLow; srcPortHigh = rules.SrcPortHigh
	// @ represent dstPortLow = rules.DstPortLow; dstPortHigh = rules.DstPortHigh
	// @ represent proto = rules.Protocol; value = rules.Value; n = len(rules)
	// @ inv len(rules) <= 536870912
}

// NewClassifier returns a classifier with these rules, of which it keeps a copy. It panics when there are more than
// MaxCapacity.
//
// @ constructor
// @ requires len(rules) <= 536870912
// @ ensures n == len(rules)
// @ ensures forall j int {srcLow[j]} :: 0 <= j && j < len(rules) ==> srcLow[j] == rules[j].SrcLow
// @ ensures forall j int {srcHigh[j]} :: 0 <= j && j < len(rules) ==> srcHigh[j] == rules[j].SrcHigh
// @ ensures forall j int {dstLow[j]} :: 0 <= j && j < len(rules) ==> dstLow[j] == rules[j].DstLow
// @ ensures forall j int {dstHigh[j]} :: 0 <= j && j < len(rules) ==> dstHigh[j] == rules[j].DstHigh
// @ ensures forall j int {srcPortLow[j]} :: 0 <= j && j < len(rules) ==> srcPortLow[j] == rules[j].SrcPortLow
// @ ensures forall j int {srcPortHigh[j]} :: 0 <= j && j < len(rules) ==> srcPortHigh[j] == rules[j].SrcPortHigh
// @ ensures forall j int {dstPortLow[j]} :: 0 <= j && j < len(rules) ==> dstPortLow[j] == rules[j].DstPortLow
// @ ensures forall j int {dstPortHigh[j]} :: 0 <= j && j < len(rules) ==> dstPortHigh[j] == rules[j].DstPortHigh
// @ ensures forall j int {proto[j]} :: 0 <= j && j < len(rules) ==> proto[j] == rules[j].Protocol
// @ ensures forall j int {value[j]} :: 0 <= j && j < len(rules) ==> value[j] == rules[j].Value
func NewClassifier(rules []ClassifierRule) *Classifier {
	checkLength(len(rules))
	c := &Classifier{rules: make([]ClassifierRule, len(rules))}
	// @ invariant inv
	// @ invariant forall j int {c.srcLow[j]} :: 0 <= j && j < i ==> c.srcLow[j] == rules[j].SrcLow
	// @ invariant forall j int {c.srcHigh[j]} :: 0 <= j && j < i ==> c.srcHigh[j] == rules[j].SrcHigh
	// @ invariant forall j int {c.dstLow[j]} :: 0 <= j && j < i ==> c.dstLow[j] == rules[j].DstLow
	// @ invariant forall j int {c.dstHigh[j]} :: 0 <= j && j < i ==> c.dstHigh[j] == rules[j].DstHigh
	// @ invariant forall j int {c.srcPortLow[j]} :: 0 <= j && j < i ==> c.srcPortLow[j] == rules[j].SrcPortLow
	// @ invariant forall j int {c.srcPortHigh[j]} :: 0 <= j && j < i ==> c.srcPortHigh[j] == rules[j].SrcPortHigh
	// @ invariant forall j int {c.dstPortLow[j]} :: 0 <= j && j < i ==> c.dstPortLow[j] == rules[j].DstPortLow
	// @ invariant forall j int {c.dstPortHigh[j]} :: 0 <= j && j < i ==> c.dstPortHigh[j] == rules[j].DstPortHigh
	// @ invariant forall j int {c.proto[j]} :: 0 <= j && j < i ==> c.proto[j] == rules[j].Protocol
	// @ invariant forall j int {c.value[j]} :: 0 <= j && j < i ==> c.value[j] == rules[j].Value
	for i := range rules {
		c.rules[i] = ClassifierRule{
			SrcLow: rules[i].SrcLow, SrcHigh: rules[i].SrcHigh,
			DstLow: rules[i].DstLow, DstHigh: rules[i].DstHigh,
			SrcPortLow: rules[i].SrcPortLow, SrcPortHigh: rules[i].SrcPortHigh,
			DstPortLow: rules[i].DstPortLow, DstPortHigh: rules[i].DstPortHigh,
			Protocol: rules[i].Protocol, Value: rules[i].Value,
		}
	}
	return c
}

// Len returns the number of rules.
//
// @ ensures r == n
func (c *Classifier) Len() (r int) {
	return len(c.rules)
}

// Value returns what rule i says of its packets.
//
// @ requires 0 <= i && i < n
// @ ensures r == value[i]
func (c *Classifier) Value(i int) (r uint16) {
	return c.rules[i].Value
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
	// @ invariant 0 <= r && r <= len(c.rules)
	// @ invariant forall i int {c.proto[i]} :: 0 <= i && i < r ==>
	// @  !(c.srcLow[i] <= src && src <= c.srcHigh[i] && c.dstLow[i] <= dst && dst <= c.dstHigh[i] &&
	// @  c.srcPortLow[i] <= srcPort && srcPort <= c.srcPortHigh[i] &&
	// @  c.dstPortLow[i] <= dstPort && dstPort <= c.dstPortHigh[i] && (c.proto[i] == 0 || c.proto[i] == protocol))
	// @ decreases len(c.rules) - r
	for r < len(c.rules) {
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
