package libvig

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
)

// lpmOperations are the operations of an LPM.
type lpmOperations struct {
	Lookup func(ip uint32) uint16
}

// longestOf is the value of an address by its definition: all rules are looked at, bit by bit.
func longestOf(rules []Rule, ip uint32) (value uint16) {
	if i := winnerOf(rules, ip); i >= 0 {
		return rules[i].Value
	}
	return 0
}

// winnerOf is the rule that an address has its value from, -1 if there is none.
func winnerOf(rules []Rule, ip uint32) (winner int) {
	longest := -1
	winner = -1
	for i, r := range rules {
		same := 0
		for same < 32 && (ip^r.Prefix)>>(31-same)&1 == 0 {
			same++
		}
		if length := int(r.Length); length <= 32 && same >= length && length >= longest {
			longest, winner = length, i
		}
	}
	return winner
}

// rulesOf returns n random rules, many of them in the same few blocks.
func rulesOf(r *rand.Rand, n int) []Rule {
	rules := make([]Rule, n)
	for i := range rules {
		rules[i] = Rule{Prefix: 10<<24 | r.Uint32()&0x030f00ff, Length: uint8(r.IntN(34)), Value: uint16(r.Uint32())}
		if i%5 == 0 {
			rules[i].Prefix = r.Uint32()
		}
	}
	return rules
}

// edgesOf returns the addresses at which the value may change, and some others.
func edgesOf(r *rand.Rand, rules []Rule) []uint32 {
	list := []uint32{0, 1<<32 - 1, r.Uint32()}
	for _, rule := range rules {
		size := uint64(1) << (32 - min(rule.Length, 32))
		first := uint64(rule.Prefix) / size * size
		for _, ip := range []uint64{first - 1, first, first + r.Uint64N(size), first + size - 1, first + size} {
			list = append(list, uint32(ip))
		}
	}
	return list
}

// lpmOracle looks addresses up, and compares with all rules.
type lpmOracle struct {
	l      lpmOperations
	inside *LPM
	rules  []Rule
	err    error
}

// newLPMOracle returns an oracle for 5*n rules.
func newLPMOracle(n int) *lpmOracle {
	rules := rulesOf(rand.New(rand.NewPCG(uint64(n), 3)), 5*n)
	l := NewLPM(rules)
	return &lpmOracle{l: lpmOperations{l.Lookup}, inside: l, rules: rules}
}

// step looks up an address near the start or the end of a rule.
func (o *lpmOracle) step(op byte, arg int) error {
	r := o.rules[arg%len(o.rules)]
	ip := r.Prefix + uint32(op) - 8
	if op%2 == 0 {
		ip = r.Prefix ^ 1<<(op/8)
	}
	if got, want := o.l.Lookup(ip), longestOf(o.rules, ip); got != want {
		o.err = fmt.Errorf("Lookup(%#x) is %d, want %d", ip, got, want)
	}
	return o.err
}

func (o *lpmOracle) compare() error { return o.err }

// TestLPM compares random tables with their rules, at every address where the value may change.
func TestLPM(t *testing.T) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 1))
		rules := rulesOf(r, int(seed*seed))
		l := NewLPM(rules)
		if err := l.checkInvariant(); err != nil {
			t.Fatal(err)
		}
		for _, ip := range edgesOf(r, rules) {
			if got, want := l.Lookup(ip), longestOf(rules, ip); got != want {
				t.Fatalf("seed %d: Lookup(%#x) is %d, want %d", seed, ip, got, want)
			}
		}
	}
}

// TestLPMRules are cases that a table of this form gets wrong easily.
func TestLPMRules(t *testing.T) {
	const net = 0x0a010200 // 10.1.2.0
	cases := []struct {
		name  string
		rules []Rule
		ip    uint32
		want  uint16
	}{
		{"no rules", nil, net, 0},
		{"the default route", []Rule{{0, 0, 9}}, 1<<32 - 1, 9},
		{"the /24 beside a /25", []Rule{{net, 25, 2}, {net, 24, 1}}, net + 128, 1},
		{"the /25", []Rule{{net, 25, 2}, {net, 24, 1}}, net + 127, 2},
		{"the default beside a /32", []Rule{{net, 32, 2}, {0, 0, 1}}, net + 1, 1},
		{"a /32", []Rule{{net, 32, 2}, {0, 0, 1}}, net, 2},
		{"a /32 in a /30, given first", []Rule{{net, 32, 3}, {net, 30, 2}}, net, 3},
		{"the last of two alike", []Rule{{net, 24, 1}, {net, 24, 2}}, net, 2},
		{"bits behind the prefix", []Rule{{net + 77, 24, 1}}, net + 5, 1},
		{"no such length", []Rule{{net, 33, 1}, {net, 255, 2}}, net, 0},
		{"the greatest value", []Rule{{net, 24, 65535}}, net, 65535},
		{"the greatest value, in a group", []Rule{{net, 24, 65535}, {net, 32, 1}}, net + 1, 65535},
		{"value 0 hides a shorter rule", []Rule{{0, 0, 7}, {net, 24, 0}}, net, 0},
		{"the last address", []Rule{{1<<32 - 1, 32, 4}}, 1<<32 - 1, 4},
		{"the last group", []Rule{{1<<32 - 1, 31, 4}, {0, 32, 5}}, 1<<32 - 2, 4},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := longestOf(c.rules, c.ip); got != c.want {
				t.Fatalf("the rules say %d, want %d", got, c.want)
			}
			if got := NewLPM(c.rules).Lookup(c.ip); got != c.want {
				t.Errorf("Lookup is %d, want %d", got, c.want)
			}
		})
	}
}

func FuzzLPM(f *testing.F) { fuzz(f, "LPM") }

// lpmView shows the abstract state, as the rules say: an LPM does not change.
type lpmView struct{ rules []Rule }

func (v lpmView) Indices() (low, high int) { return 0, 3 }
func (v lpmView) Keys(string) []any        { return nil }
func (v lpmView) Observer(name string, index ...any) any {
	if name == "won" {
		return winnerOf(v.rules, uint32(index[0].(int)))
	}
	return longestOf(v.rules, uint32(index[0].(int)))
}

// lpmMutants are tables with one fault each.
var lpmMutants = []struct {
	fault string
	plant func(l *LPM, ops *lpmOperations)
}{
	{"Lookup by the first 24 bits", func(l *LPM, ops *lpmOperations) {
		ops.Lookup = func(ip uint32) uint16 { return l.Lookup(ip &^ 0xff) }
	}},
	{"Lookup in the first group", func(l *LPM, ops *lpmOperations) {
		ops.Lookup = func(ip uint32) uint16 {
			if l.table[ip>>8] > firstGroup {
				return l.long[ip%256]
			}
			return l.Lookup(ip)
		}
	}},
	{"values of groups alone", func(l *LPM, ops *lpmOperations) {
		ops.Lookup = func(ip uint32) uint16 {
			if l.table[ip>>8] < firstGroup {
				return 0
			}
			return l.Lookup(ip)
		}
	}},
	{"values of 15 bits", func(l *LPM, ops *lpmOperations) {
		ops.Lookup = func(ip uint32) uint16 { return l.Lookup(ip) & 0x7fff }
	}},
	{"the next address", func(l *LPM, ops *lpmOperations) {
		ops.Lookup = func(ip uint32) uint16 { return l.Lookup(ip + 1) }
	}},
}

// checkInvariant returns what is wrong with the groups of a table, or nil.
func (l *LPM) checkInvariant() error {
	owned := make([]bool, l.used)
	for _, e := range l.table {
		if e < firstGroup {
			continue
		}
		g := int(e) - firstGroup
		if g >= l.used || owned[g] {
			return errors.New("lpm: an entry leads to a group that there is not, or that another one leads to")
		}
		owned[g] = true
	}
	for _, o := range owned {
		if !o {
			return errors.New("lpm: no entry leads to a group")
		}
	}
	return nil
}

// TestLPMInvariantRefuses damages a table.
func TestLPMInvariantRefuses(t *testing.T) {
	for name, damage := range map[string]func(l *LPM){
		"a group twice": func(l *LPM) { l.table[7] = firstGroup },
		"no such group": func(l *LPM) { l.table[7] = firstGroup + 1 },
		"a lost group":  func(l *LPM) { l.table[0] = 0 },
	} {
		l := NewLPM([]Rule{{0, 32, 1}})
		damage(l)
		if l.checkInvariant() == nil {
			t.Errorf("%s is not seen", name)
		}
	}
}

func TestLPMDoesNotAllocate(t *testing.T) {
	l := NewLPM([]Rule{{0, 0, 1}, {77, 32, 2}})
	ip := uint32(0)
	if got := testing.AllocsPerRun(1000, func() { ip += uint32(l.Lookup(ip)) }); got != 0 {
		t.Errorf("%v allocations, want none", got)
	}
}

// BenchmarkLPMLookup looks random addresses up: each in memory that is in no cache, or, of few networks, in
// one that is.
func BenchmarkLPMLookup(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	l := NewLPM(rulesOf(r, 10000))
	for _, c := range []struct {
		name string
		mask uint32
	}{{"all addresses", 1<<32 - 1}, {"few networks", 0x030f00ff}} {
		b.Run(c.name, func(b *testing.B) {
			list := make([]uint32, 1<<16)
			for i := range list {
				list[i] = 10<<24 ^ r.Uint32()&c.mask
			}
			b.ReportAllocs()
			i, sum := 0, uint32(0)
			for b.Loop() {
				sum += uint32(l.Lookup(list[i&(len(list)-1)]))
				i++
			}
			_ = sum
		})
	}
}

func BenchmarkNewLPM(b *testing.B) {
	rules := rulesOf(rand.New(rand.NewPCG(1, 2)), 10000)
	for b.Loop() {
		NewLPM(rules)
	}
}
