package bench

import "fmt"

// Traffic is a kind of traffic.
type Traffic string

// The kinds of traffic. All packets of the first four belong to flows that exist; each packet of Miss
// begins a flow, while the oldest one expires.
const (
	Sequential  Traffic = "sequential"  // the flows one after another, told apart by a counter
	Random      Traffic = "random"      // the flows in random order, told apart by random fields
	Adversarial Traffic = "adversarial" // as random, but with fields that weak hash functions confuse
	Reply       Traffic = "reply"       // answers to the flows, from the other side, in random order
	Miss        Traffic = "miss"
)

// Traffics are all kinds.
var Traffics = []Traffic{Sequential, Random, Adversarial, Reply, Miss}

// UnmarshalText reads a kind's name.
func (t *Traffic) UnmarshalText(text []byte) error {
	for _, known := range Traffics {
		if string(known) == string(text) {
			*t = known
			return nil
		}
	}
	return fmt.Errorf("there is no traffic %q: there are %v", text, Traffics)
}

// flows gives each flow number the values of its fields.
type flows struct {
	kind   Traffic
	fields []Field
	width  int // of all fields together, at most 63
}

func newFlows(d *File, kind Traffic) *flows {
	f := &flows{kind: kind, fields: d.Random}
	if kind == Sequential {
		f.fields = d.Sequential
	}
	for _, field := range f.fields {
		f.width = min(f.width+field.width(), 63)
	}
	return f
}

// count is the number of different flows there are.
func (f *flows) count() uint64 {
	if f.kind != Adversarial {
		return 1 << f.width
	}
	widest := 0
	for _, field := range f.fields {
		widest = max(widest, field.width())
	}
	return 1 << widest
}

// apply sets the fields of flow n.
func (f *flows) apply(s *shape, n uint64) {
	if f.kind == Adversarial {
		f.collide(s, n)
		return
	}
	if f.kind != Sequential {
		n = f.scramble(n)
	}
	for _, field := range f.fields {
		s.set(field, n)
		n >>= field.width()
	}
}

// collide makes keys of which a table without a secret hash gets many into few slots: flows differ in
// the high bits first, where a hash by masking does not look; and every other field is the
// complement of its neighbour, so that their sum and their exclusive or stay the same.
func (f *flows) collide(s *shape, n uint64) {
	for i, field := range f.fields {
		value := reversed(n, field.width())
		if i%2 == 1 {
			value = ^value
		}
		s.set(field, value)
	}
}

// scramble permutes the numbers of the flows: four rounds of a Feistel network over the fields' bits,
// after which neighbouring numbers have nothing in common.
func (f *flows) scramble(n uint64) uint64 {
	low := f.width / 2
	high := f.width - low
	left, right := n>>low, n&(1<<low-1)
	for round := uint64(1); round <= 2; round++ {
		left ^= mix(right+round<<60) & (1<<high - 1)
		right ^= mix(left+round<<61) & (1<<low - 1)
	}
	return left<<low | right
}

// mix spreads each bit of a number over all of the result: the finaliser of MurmurHash3.
func mix(n uint64) uint64 {
	n = (n ^ n>>33) * 0xff51afd7ed558ccd
	n = (n ^ n>>33) * 0xc4ceb9fe1a85ec53
	return n ^ n>>33
}
