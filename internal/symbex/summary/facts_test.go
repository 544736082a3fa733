package summary_test

import (
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/symbex/summary"
)

// follower is the path that one concrete run takes. Everything that is assumed must hold of the run, and
// everything to prove as well.
type follower struct {
	t     *testing.T
	b     *smt.Builder
	model *smt.Model
	r     *rand.Rand
	fresh int
	facts []*smt.Term
	// choices gives the run's value of a fresh one, by the last part of its name.
	choices map[string]uint64
	witness *smt.Term // waits for the fact that mentions it
}

func (p *follower) Builder() *smt.Builder               { return p.b }
func (p *follower) Branch(c *smt.Term) bool             { return p.model.Holds(c) }
func (p *follower) Axiom(c *smt.Term)                   { p.Fact(c) }
func (p *follower) Prove(c *smt.Term, claim diag.Claim) { p.hold(c, claim.Say(p.model.Eval)) }

func (p *follower) hold(c *smt.Term, what string) {
	p.t.Helper()
	if !p.model.Holds(c) {
		p.t.Fatalf("%s: %v does not hold", what, c)
	}
}

func (p *follower) Fact(c *smt.Term) {
	if p.witness != nil && mentions(c, p.witness) {
		for w := range int64(4) {
			p.model.SetVar(p.witness, big.NewInt(w))
			if p.model.Holds(c) {
				break
			}
		}
	}
	p.hold(c, "fact")
	p.facts = append(p.facts, c)
}

func mentions(t, v *smt.Term) bool {
	if t == v {
		return true
	}
	for _, a := range t.Args() {
		if mentions(a, v) {
			return true
		}
	}
	return false
}

func (p *follower) Choose(name string, width int, constraint func(*smt.Term) *smt.Term) *smt.Term {
	p.fresh++
	v := p.b.Var(name+"!"+big.NewInt(int64(p.fresh)).String(), width)
	last := name[strings.LastIndexByte(name, '.')+1:]
	p.model.SetVar(v, new(big.Int).SetUint64(p.choices[last]))
	if last == "witness" {
		p.witness = v
	}
	if constraint != nil {
		p.Fact(constraint(v))
	}
	return v
}

// value makes a symbol with a value, now and then a constant.
func (p *follower) value(n uint64, width int) *smt.Term {
	if p.r.IntN(4) == 0 {
		return p.b.Word(n, width)
	}
	p.fresh++
	v := p.b.Var("in!"+big.NewInt(int64(p.fresh)).String(), width)
	p.model.SetVar(v, new(big.Int).SetUint64(n))
	return v
}

func (p *follower) key(k uint64) summary.Value { return summary.Value{p.value(k, 32), p.value(7, 16)} }

// load gives the roots of s the contents of x, and anything where an observer means nothing.
func (p *follower) load(s *summary.State, x *plain, last uint64) {
	set := func(f *smt.Func, v uint64, at ...uint64) {
		args := make([]*big.Int, len(at))
		for i, a := range at {
			args[i] = new(big.Int).SetUint64(a)
		}
		if f.Result < 64 {
			v &= 1<<max(1, f.Result) - 1
		}
		p.model.SetApp(f, args, new(big.Int).SetUint64(v))
	}
	for _, root := range s.Roots() {
		switch name := root.Ghost.Name; {
		case name == "last":
			p.model.SetVar(root.Scalar[0], new(big.Int).SetUint64(last))
		case name == "dom" || name == "idx":
			for k := range uint64(6) {
				i, ok := x.find(k)
				v := number(ok)
				if name == "idx" {
					if v = uint64(i); !ok {
						v = p.r.Uint64()
					}
				}
				set(root.Funcs[0], v, k, 7)
			}
		case len(root.Funcs) > 0:
			for i := range x.used {
				values := map[string][]uint64{"alloc": {number(x.used[i])}, "key": {x.key[i], 7}, "val": {x.val[i]}, "time": {x.time[i]}}[name]
				for j, f := range root.Funcs {
					if !x.used[i] && name != "alloc" {
						values[j] = p.r.Uint64()
					}
					set(f, values[j], uint64(i))
				}
			}
		}
	}
	set(p.b.Func(smt.Symbol(smt.CountOf, "flows", "alloc", "2"), []int{64}, 2), x.len(), 3)
}

// What summaries assume is true of every run, and what they say of its results, too.
func TestFactsHold(t *testing.T) {
	typ := libvig.Types["Table"]
	r := rand.New(rand.NewPCG(5, 6))
	facts := 0
	for range 300 {
		p := &follower{t: t, b: smt.NewBuilder(), model: smt.NewModel(), r: r, choices: map[string]uint64{}}
		x := &plain{}
		now := uint64(0)
		for i := range x.used {
			if r.IntN(3) > 0 {
				x.used[i], x.key[i], x.val[i], x.time[i] = true, uint64(i*2), r.Uint64()&0xffff, r.Uint64N(10)
				now = max(now, x.time[i])
			}
		}
		now += r.Uint64N(2)
		o := object(typ)
		s := summary.Construct(p, o, typ.Constructors["NewTable"], []summary.Value{{p.b.Word(3, 64)}, nil}, summary.CallOptions{}).Havoc(p)
		p.load(s, x, now)
		for range 8 {
			now += r.Uint64N(4)
			s = p.step(s, x, now)
		}
		for _, f := range p.facts {
			p.hold(f, "fact at the end")
		}
		facts += len(p.facts)
	}
	if facts < 3000 {
		t.Errorf("only %d facts were tested", facts)
	}
}

// step performs one operation in both.
func (p *follower) step(s *summary.State, x *plain, now uint64) *summary.State {
	do := func(op string, args ...summary.Value) []summary.Value {
		var out []summary.Value
		s, out = s.Call(p, op, args, summary.CallOptions{})
		return out
	}
	is := func(what string, got *smt.Term, want uint64) {
		p.t.Helper()
		if v := p.model.Eval(got); v.Cmp(new(big.Int).SetUint64(want)) != 0 {
			p.t.Fatalf("%s is %v, want %d", what, v, want)
		}
	}
	time := func(n uint64) summary.Value {
		return summary.Value{p.b.ZeroExtend(p.value(n, 63), 64)}
	}
	k := p.r.Uint64N(6)
	i, ok := x.find(k)
	out := do("Lookup", p.key(k))
	is("index", out[0][0], uint64(i))
	is("presence", out[1][0], number(ok))
	is("length", do("Len")[0][0], x.len())
	is("fullness", do("Full")[0][0], number(x.len() == 3))
	j := p.r.IntN(3)
	is("use", do("Allocated", summary.Value{p.value(uint64(j), 64)})[0][0], number(x.used[j]))
	switch p.r.IntN(4) {
	case 0:
		before := now - min(now, p.r.Uint64N(8))
		do("ExpireBefore", time(before))
		for i := range x.used {
			x.used[i] = x.used[i] && x.time[i] >= before
		}
		p.choices["count"] = x.len()
	case 1:
		if !ok {
			free := 0
			for free < 3 && x.used[free] {
				free++
			}
			p.choices["i"] = uint64(free)
			out := do("Insert", p.key(k), summary.Value{p.value(now, 16)}, time(now))
			is("room", out[1][0], number(free < 3))
			if free < 3 {
				x.used[free], x.key[free], x.val[free], x.time[free] = true, k, now, now
			}
		}
	case 2:
		if ok {
			do("Refresh", out[0], time(now))
			x.time[i] = now
		}
	case 3:
		if ok {
			is("value", do("At", out[0])[0][0], x.val[i])
			is("key", do("Key", out[0])[0][0], k)
			do("Erase", summary.Value{p.value(uint64(i), 64)})
			x.used[i] = false
		}
	}
	return s
}
