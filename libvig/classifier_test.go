package libvig

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// classifierOperations are the operations of a Classifier.
type classifierOperations struct {
	Len   func() int
	Match func(src, dst uint32, srcPort, dstPort uint16, protocol uint8) int
	Value func(i int) uint16
}

// classifierOracle runs a classifier beside a list of rules.
type classifierOracle struct {
	c      classifierOperations
	inside *Classifier
	want   []ClassifierRule
}

// newClassifierOracle returns an oracle for n rules: one that looks at the source port alone, and random ones.
func newClassifierOracle(n int) *classifierOracle {
	r := rand.New(rand.NewPCG(uint64(n), 3))
	rules := make([]ClassifierRule, n)
	for i := range rules {
		rules[i] = randomRule(r)
	}
	if n > 0 {
		rules[0] = ClassifierRule{SrcHigh: 1<<32 - 1, DstHigh: 1<<32 - 1, SrcPortLow: 2, SrcPortHigh: 3, DstPortHigh: 1<<16 - 1, Value: 7}
	}
	c := NewClassifier(rules)
	want := slices.Clone(rules)
	clear(rules) // the classifier has its own copy
	return &classifierOracle{classifierOperations{c.Len, c.Match, c.Value}, c, want}
}

// header is what a rule speaks of.
type header struct {
	src, dst         uint32
	srcPort, dstPort uint16
	protocol         uint8
}

// first is the plain description of Match.
func first(rules []ClassifierRule, h header) int {
	in := func(low, x, high uint32) bool { return x >= low && x <= high }
	for i, r := range rules {
		addresses := in(r.SrcLow, h.src, r.SrcHigh) && in(r.DstLow, h.dst, r.DstHigh)
		ports := in(uint32(r.SrcPortLow), uint32(h.srcPort), uint32(r.SrcPortHigh)) &&
			in(uint32(r.DstPortLow), uint32(h.dstPort), uint32(r.DstPortHigh))
		if addresses && ports && (r.Protocol == h.protocol || r.Protocol == 0) {
			return i
		}
	}
	return len(rules)
}

// randomRule has ranges of values below 4, and full or empty ones among them.
func randomRule(r *rand.Rand) ClassifierRule {
	ends := func(top uint32) (low, high uint32) {
		switch r.IntN(6) {
		case 0:
			return 1, 0
		case 1, 2:
			return 0, top
		}
		low = r.Uint32N(4)
		return low, low + r.Uint32N(4)
	}
	port := func() (low, high uint16) { l, h := ends(1<<16 - 1); return uint16(l), uint16(h) }
	var rule ClassifierRule
	rule.SrcLow, rule.SrcHigh = ends(1<<32 - 1)
	rule.DstLow, rule.DstHigh = ends(1<<32 - 1)
	rule.SrcPortLow, rule.SrcPortHigh = port()
	rule.DstPortLow, rule.DstPortHigh = port()
	rule.Protocol = uint8(r.UintN(3))
	rule.Value = uint16(r.Uint32())
	return rule
}

func randomHeader(r *rand.Rand) header {
	h := header{r.Uint32N(5), r.Uint32N(5), uint16(r.UintN(5)), uint16(r.UintN(5)), uint8(r.UintN(3))}
	switch r.IntN(8) {
	case 0:
		h.src, h.srcPort = 1<<32-1, 1<<16-1
	case 1:
		h.dst, h.dstPort = 1<<32-1, 1<<16-1
	}
	return h
}

// step asks for a few packets.
func (o *classifierOracle) step(op byte, arg int) error {
	r := rand.New(rand.NewPCG(uint64(op), uint64(arg)))
	for range 8 {
		h := randomHeader(r)
		if got, want := o.c.Match(h.src, h.dst, h.srcPort, h.dstPort, h.protocol), first(o.want, h); got != want {
			return fmt.Errorf("Match of %v is %d, want %d of %v", h, got, want, o.want)
		}
	}
	return nil
}

func (o *classifierOracle) compare() error {
	if o.c.Len() != len(o.want) {
		return fmt.Errorf("%d rules, want %d", o.c.Len(), len(o.want))
	}
	for i, rule := range o.want {
		if o.inside.rules[i] != rule || o.c.Value(i) != rule.Value {
			return fmt.Errorf("rule %d is %v with value %d, want %v", i, o.inside.rules[i], o.c.Value(i), rule)
		}
	}
	return nil
}

func TestClassifier(t *testing.T) {
	for n := range 9 {
		if err := play(newClassifierOracle(n), scriptOf(uint64(n), 1000)); err != nil {
			t.Errorf("%d rules: %v", n, err)
		}
	}
	if err := play(newClassifierOracle(300), scriptOf(9, 1000)); err != nil {
		t.Error(err)
	}
}

// TestClassifierEdges moves one value at a time out of a rule with one packet in it.
func TestClassifierEdges(t *testing.T) {
	if got := NewClassifier(nil).Match(1, 2, 3, 4, 5); got != 0 {
		t.Errorf("without rules, Match is %d, want 0", got)
	}
	c := NewClassifier([]ClassifierRule{{10, 10, 20, 20, 30, 30, 40, 40, 6, 1}})
	inside := header{10, 20, 30, 40, 6}
	for what, change := range map[string]func(h *header){
		"nothing":               func(h *header) {},
		"source below":          func(h *header) { h.src-- },
		"source above":          func(h *header) { h.src++ },
		"destination below":     func(h *header) { h.dst-- },
		"destination above":     func(h *header) { h.dst++ },
		"source port below":     func(h *header) { h.srcPort-- },
		"source port above":     func(h *header) { h.srcPort++ },
		"destination port less": func(h *header) { h.dstPort-- },
		"destination port more": func(h *header) { h.dstPort++ },
		"protocol":              func(h *header) { h.protocol = 17 },
		"protocol 0":            func(h *header) { h.protocol = 0 },
	} {
		h, want := inside, 1
		if what == "nothing" {
			want = 0
		}
		change(&h)
		if got := c.Match(h.src, h.dst, h.srcPort, h.dstPort, h.protocol); got != want {
			t.Errorf("%s changed: Match is %d, want %d", what, got, want)
		}
	}
}

func FuzzClassifier(f *testing.F) { fuzz(f, "Classifier") }

// classifierView shows a classifier's abstract state, which is 0 beyond the rules.
type classifierView struct{ c *Classifier }

func (v classifierView) Indices() (low, high int) { return -1, len(v.c.rules) + 1 }
func (v classifierView) Keys(string) []any        { return nil }
func (v classifierView) Observer(name string, index ...any) any {
	if name == "n" {
		return len(v.c.rules)
	}
	var r ClassifierRule
	if i := index[0].(int); 0 <= i && i < len(v.c.rules) {
		r = v.c.rules[i]
	}
	return map[string]any{"srcLow": r.SrcLow, "srcHigh": r.SrcHigh, "dstLow": r.DstLow, "dstHigh": r.DstHigh,
		"srcPortLow": r.SrcPortLow, "srcPortHigh": r.SrcPortHigh, "dstPortLow": r.DstPortLow,
		"dstPortHigh": r.DstPortHigh, "proto": r.Protocol, "value": r.Value}[name]
}

// classifierMutants are classifiers with one fault each.
var classifierMutants = []struct {
	fault string
	plant func(c *Classifier, ops *classifierOperations)
}{
	{"Len is one more", func(c *Classifier, ops *classifierOperations) {
		ops.Len = func() int { return c.Len() + 1 }
	}},
	{"Value of the next rule", func(c *Classifier, ops *classifierOperations) {
		ops.Value = func(i int) uint16 { return c.Value((i + 1) % c.Len()) }
	}},
	{"Match of the last", func(c *Classifier, ops *classifierOperations) {
		ops.Match = func(src, dst uint32, srcPort, dstPort uint16, protocol uint8) int {
			found := c.Len()
			for i := range c.Len() {
				if first(c.rules[i:i+1], header{src, dst, srcPort, dstPort, protocol}) == 0 {
					found = i
				}
			}
			return found
		}
	}},
	{"Match without the last rule", func(c *Classifier, ops *classifierOperations) {
		ops.Match = func(src, dst uint32, srcPort, dstPort uint16, protocol uint8) int {
			if i := c.Match(src, dst, srcPort, dstPort, protocol); i < c.Len()-1 {
				return i
			}
			return c.Len()
		}
	}},
	{"Match with the protocol of the packet wild", func(c *Classifier, ops *classifierOperations) {
		ops.Match = func(src, dst uint32, srcPort, dstPort uint16, protocol uint8) int {
			return min(c.Match(src, dst, srcPort, dstPort, protocol), c.Match(src, dst, srcPort, dstPort, 1))
		}
	}},
	{"Match with source and destination exchanged", func(c *Classifier, ops *classifierOperations) {
		ops.Match = func(src, dst uint32, srcPort, dstPort uint16, protocol uint8) int {
			return c.Match(dst, src, srcPort, dstPort, protocol)
		}
	}},
	{"Match without the source port", func(c *Classifier, ops *classifierOperations) {
		ops.Match = func(src, dst uint32, _, dstPort uint16, protocol uint8) int {
			for i, r := range c.rules {
				if first([]ClassifierRule{r}, header{src, dst, r.SrcPortLow, dstPort, protocol}) == 0 {
					return i
				}
			}
			return c.Len()
		}
	}},
	{"Match gives nothing as -1", func(c *Classifier, ops *classifierOperations) {
		ops.Match = func(src, dst uint32, srcPort, dstPort uint16, protocol uint8) int {
			if i := c.Match(src, dst, srcPort, dstPort, protocol); i < c.Len() {
				return i
			}
			return -1
		}
	}},
}

func TestClassifierDoesNotAllocate(t *testing.T) {
	c := NewClassifier([]ClassifierRule{{SrcHigh: 9, DstHigh: 9}, {SrcHigh: 9, DstHigh: 9, DstPortHigh: 9, SrcPortHigh: 9}})
	if got := testing.AllocsPerRun(1000, func() { c.Value(c.Match(1, 2, 3, 4, 5)) }); got != 0 {
		t.Errorf("%v allocations, want none", got)
	}
}

// BenchmarkClassifier asks for a packet that only the last rule fits, and differs from the others in its
// destination port.
func BenchmarkClassifier(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(n, " rules"), func(b *testing.B) {
			rules := make([]ClassifierRule, n)
			for i := range rules {
				port := uint16(i + 1)
				rules[i] = ClassifierRule{SrcHigh: 1<<32 - 1, DstHigh: 1<<32 - 1, SrcPortHigh: 1<<16 - 1,
					DstPortLow: port, DstPortHigh: port, Protocol: 6}
			}
			c := NewClassifier(rules)
			b.ReportAllocs()
			for b.Loop() {
				if c.Match(1, 2, 3, uint16(n), 6) != n-1 {
					b.Fatal("another rule")
				}
			}
		})
	}
}
