package libvig

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// classifierOperations are the operations of a Classifier.
type classifierOperations struct {
	Cap   func() int
	Len   func() int
	Add   func(rule ClassifierRule)
	Clear func()
	Match func(src, dst uint32, srcPort, dstPort uint16, protocol uint8) int
}

// classifierOracle runs a classifier beside a list of rules.
type classifierOracle struct {
	c      classifierOperations
	inside *Classifier
	want   []ClassifierRule
}

func newClassifierOracle(n int) *classifierOracle {
	c := NewClassifier(n)
	return &classifierOracle{c: classifierOperations{c.Cap, c.Len, c.Add, c.Clear, c.Match}, inside: c}
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

// step adds a rule if there is room, or removes all; it asks for a few packets.
func (o *classifierOracle) step(op byte, arg int) error {
	r := rand.New(rand.NewPCG(uint64(op), uint64(arg)))
	switch {
	case op%16 == 0:
		o.c.Clear()
		o.want = nil
	case len(o.want) < o.inside.Cap():
		rule := randomRule(r)
		o.c.Add(rule)
		o.want = append(o.want, rule)
	}
	for range 8 {
		h := randomHeader(r)
		if got, want := o.c.Match(h.src, h.dst, h.srcPort, h.dstPort, h.protocol), first(o.want, h); got != want {
			return fmt.Errorf("Match of %v is %d, want %d of %v", h, got, want, o.want)
		}
	}
	return nil
}

func (o *classifierOracle) compare() error {
	if o.c.Cap() != o.inside.Cap() || o.c.Len() != len(o.want) {
		return fmt.Errorf("%d of %d rules, want %d", o.c.Len(), o.c.Cap(), len(o.want))
	}
	return nil
}

func TestClassifier(t *testing.T) {
	for n := 1; n <= 8; n++ {
		if err := play(newClassifierOracle(n), scriptOf(uint64(n), 1000)); err != nil {
			t.Errorf("capacity %d: %v", n, err)
		}
	}
	if err := play(newClassifierOracle(300), scriptOf(9, 3000)); err != nil {
		t.Error(err)
	}
}

// TestClassifierEdges moves one value at a time out of a rule with one packet in it.
func TestClassifierEdges(t *testing.T) {
	c := NewClassifier(2)
	if got := c.Match(1, 2, 3, 4, 5); got != 0 {
		t.Errorf("without rules, Match is %d, want 0", got)
	}
	c.Add(ClassifierRule{10, 10, 20, 20, 30, 30, 40, 40, 6})
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

// classifierView shows a classifier's abstract state, which is 0 beyond the rules that there can be.
type classifierView struct{ c *Classifier }

func (v classifierView) Indices() (low, high int) { return -1, len(v.c.rules) + 1 }
func (v classifierView) Keys(string) []any        { return nil }
func (v classifierView) Observer(name string, index ...any) any {
	switch name {
	case "cap":
		return len(v.c.rules)
	case "n":
		return v.c.size
	}
	var r ClassifierRule
	if i := index[0].(int); 0 <= i && i < len(v.c.rules) {
		r = v.c.rules[i]
	}
	return map[string]any{"srcLow": r.SrcLow, "srcHigh": r.SrcHigh, "dstLow": r.DstLow, "dstHigh": r.DstHigh,
		"srcPortLow": r.SrcPortLow, "srcPortHigh": r.SrcPortHigh, "dstPortLow": r.DstPortLow,
		"dstPortHigh": r.DstPortHigh, "proto": r.Protocol}[name]
}

// classifierMutants are classifiers with one fault each.
var classifierMutants = []struct {
	fault string
	plant func(c *Classifier, ops *classifierOperations)
}{
	{"Cap is what is free", func(c *Classifier, ops *classifierOperations) {
		ops.Cap = func() int { return c.Cap() - c.Len() }
	}},
	{"Len is one more", func(c *Classifier, ops *classifierOperations) {
		ops.Len = func() int { return c.Len() + 1 }
	}},
	{"Add in front", func(c *Classifier, ops *classifierOperations) {
		ops.Add = func(rule ClassifierRule) {
			c.Add(rule)
			c.rules[0], c.rules[c.size-1] = c.rules[c.size-1], c.rules[0]
		}
	}},
	{"Add without a protocol", func(c *Classifier, ops *classifierOperations) {
		ops.Add = func(rule ClassifierRule) { rule.Protocol = 0; c.Add(rule) }
	}},
	{"Add with source and destination exchanged", func(c *Classifier, ops *classifierOperations) {
		ops.Add = func(rule ClassifierRule) {
			rule.SrcPortHigh, rule.DstPortHigh = rule.DstPortHigh, rule.SrcPortHigh
			c.Add(rule)
		}
	}},
	{"Clear leaves one", func(c *Classifier, ops *classifierOperations) {
		ops.Clear = func() { c.size = min(c.size, 1) }
	}},
	{"Match of the last", func(c *Classifier, ops *classifierOperations) {
		ops.Match = func(src, dst uint32, srcPort, dstPort uint16, protocol uint8) int {
			found := c.size
			for i := range c.size {
				if first(c.rules[i:i+1], header{src, dst, srcPort, dstPort, protocol}) == 0 {
					found = i
				}
			}
			return found
		}
	}},
	{"Match of rules that were removed", func(c *Classifier, ops *classifierOperations) {
		ops.Match = func(src, dst uint32, srcPort, dstPort uint16, protocol uint8) int {
			return first(c.rules, header{src, dst, srcPort, dstPort, protocol})
		}
	}},
	{"Match without the source port", func(c *Classifier, ops *classifierOperations) {
		ops.Match = func(src, dst uint32, _, dstPort uint16, protocol uint8) int {
			for i, r := range c.rules[:c.size] {
				if first([]ClassifierRule{r}, header{src, dst, r.SrcPortLow, dstPort, protocol}) == 0 {
					return i
				}
			}
			return c.size
		}
	}},
	{"Match gives nothing as -1", func(c *Classifier, ops *classifierOperations) {
		ops.Match = func(src, dst uint32, srcPort, dstPort uint16, protocol uint8) int {
			if i := c.Match(src, dst, srcPort, dstPort, protocol); i < c.size {
				return i
			}
			return -1
		}
	}},
}

func TestClassifierDoesNotAllocate(t *testing.T) {
	c := NewClassifier(8)
	if got := testing.AllocsPerRun(1000, func() {
		c.Add(ClassifierRule{SrcHigh: 9, DstHigh: 9})
		c.Match(1, 2, 3, 4, 5)
		if c.Len() == c.Cap() {
			c.Clear()
		}
	}); got != 0 {
		t.Errorf("%v allocations, want none", got)
	}
}

// BenchmarkClassifier asks for a packet that only the last rule fits, and differs from the others in its
// destination port.
func BenchmarkClassifier(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(n, " rules"), func(b *testing.B) {
			c := NewClassifier(n)
			for i := range n {
				port := uint16(i + 1)
				c.Add(ClassifierRule{SrcHigh: 1<<32 - 1, DstHigh: 1<<32 - 1, SrcPortHigh: 1<<16 - 1, DstPortLow: port, DstPortHigh: port, Protocol: 6})
			}
			b.ReportAllocs()
			for b.Loop() {
				if c.Match(1, 2, 3, uint16(n), 6) != n-1 {
					b.Fatal("another rule")
				}
			}
		})
	}
}
