package summary_test

import (
	"math/rand/v2"
	"testing"

	"vigor/internal/smt"
	"vigor/internal/symbex/summary"
)

// rules has what the structures of libvig do not need: choices under a quantifier, two choices in one
// constraint, a modified scalar without definition, fields, conditions, guards over old state.
const rules = `package t

// @ ghost rule map[int]uint8
// @ ghost n uint8
// @ ghost hint uint16
// @ ghost on map[int]bool
// @ exposes n < 100
// @ exposes forall i int {rule[i]} :: rule[i] < 200
// @ exposes forall i int {rule[i]} :: rule[i] <= rule[i + 1]
type Rules struct{}

// @ constructor
// @ requires 0 <= size && size < 100 && x < 200
// @ ensures n == size && hint == 9 && (forall i int :: rule[i] == x)
func NewRules(size int, x uint8) *Rules { return nil }

// @ ensures 0 <= r && r <= n
// @ ensures r < n ==> rule[r] == x
// @ ensures forall i int {rule[i]} :: 0 <= i && i < r ==> rule[i] != x
func (c *Rules) First(x uint8) (r int) { return 0 }

// @ modifies hint
// @ ensures hint <= old(hint)
func (c *Rules) Cool() {}

// @ ensures 3 <= a && a <= b && b <= 10
func (c *Rules) Pair() (a, b int) { return }

// @ ensures ok == (x > 3)
// @ ensures ok ==> b == 7
// @ ensures a <= b && 0 <= a
// @ ensures !ok ==> 0 <= b && b < 4
func (c *Rules) Late(x int) (a, b int, ok bool) { return }

// @ ensures on == old(on)[i := true]
func (c *Rules) Put(i int) {}

// @ ensures r == count(on, x)
func (c *Rules) Size(x int) (r int) { return 0 }

type Point struct{ X, Y uint16 }

// @ requires p.X < 10 && (p.Y == 3 <==> p.X == 4)
// @ ensures r == (p.X > 5 ? p.Y : p.X + 1) * 2 % 7
func (c *Rules) Pick(p Point) (r uint32) { return 0 }

// @ ensures old(hint) > 5 ==> hint == 5 && r == true
// @ ensures !(old(hint) > 5) ==> r == false
// @ ensures rule == old(rule)[0 := 1][i := 2][0 := 3]
func (c *Rules) Guarded(i int) (r bool) { return false }

// @ ensures hint == v + 1
func (c *Rules) Store(v int) {}
`

func TestLanguage(t *testing.T) {
	typ := parse(t, rules).Types["Rules"]
	small := func(p *path, x *smt.Term, n uint64) *smt.Term { return p.b.BVULt(x, p.b.Word(n, 64)) }
	first := func(p *path, s *summary.State, r *smt.Term) {
		s.Call(p, "First", []summary.Value{symbol(p, "x", 8)},
			summary.CallOptions{Supplied: map[string]summary.Value{"r": {r}}})
	}
	late := func(p *path, s *summary.State, a uint64) {
		supplied := map[string]summary.Value{"a": word(p, a), "b": word(p, 3)}
		s.Call(p, "Late", []summary.Value{symbol(p, "x", 64)}, summary.CallOptions{Supplied: supplied})
	}
	for _, c := range []struct {
		name string
		run  func(p *path, s *summary.State)
		want []string
	}{
		{"choice under a quantifier", func(p *path, s *summary.State) {
			_, r := call(p, s, "First", symbol(p, "x", 8))
			j := symbol(p, "j", 64)
			at := s.Read(p, "rule", j)[0]
			before := p.b.And(p.b.BVSLe(p.b.Word(0, 64), j[0]), p.b.BVSLt(j[0], r[0][0]))
			p.claim(p.b.Implies(before, p.b.Not(p.b.Eq(at, p.b.Var("x", 8)))), "another before it")
			p.claim(small(p, r[0][0], 100), "below n")
			p.claim(p.b.Not(p.b.Eq(at, p.b.Var("x", 8))), "no other at all")
		}, []string{"no other at all"}},
		{"the spec accepts the choice", func(p *path, s *summary.State) {
			_, r := call(p, s, "First", symbol(p, "x", 8))
			first(p, s, r[0][0])
		}, nil},
		{"the spec refuses the one before", func(p *path, s *summary.State) {
			_, r := call(p, s, "First", symbol(p, "x", 8))
			p.Fact(p.b.Not(p.b.Eq(r[0][0], p.b.Word(0, 64))))
			first(p, s, p.b.BVSub(r[0][0], p.b.Word(1, 64)))
		}, []string{"Rules.First cannot return this: (r < n) ==> (rule[r] == x) fails"}},
		{"the spec refuses the one after", func(p *path, s *summary.State) {
			_, r := call(p, s, "First", symbol(p, "x", 8))
			p.Fact(p.b.BVULt(r[0][0], p.b.ZeroExtend(s.Read(p, "n", nil)[0], 64)))
			first(p, s, p.b.BVAdd(r[0][0], p.b.Word(1, 64)))
		}, []string{"(r < n) ==> (rule[r] == x) fails", "forall i int {rule[i]} :: "}},
		{"exposes lines", func(p *path, s *summary.State) {
			p.claim(p.b.BVULt(s.Read(p, "rule", symbol(p, "j", 64))[0], p.b.Word(200, 8)), "below 200")
			p.claim(p.b.BVULt(s.Read(p, "n", nil)[0], p.b.Word(100, 8)), "below 100")
			p.claim(p.b.BVULt(s.Read(p, "rule", symbol(p, "j", 64))[0], p.b.Word(199, 8)), "below 199")
		}, []string{"below 199"}},
		{"indices do not wrap", func(p *path, s *summary.State) {
			rule := func(i uint64) *smt.Term { return s.Read(p, "rule", word(p, i))[0] }
			p.claim(p.b.BVULe(rule(3), rule(4)), "3 and 4")
			p.claim(p.b.BVULe(rule(1<<63-1), rule(1<<63)), "greatest and least")
		}, []string{"greatest and least"}},
		{"a modified scalar", func(p *path, s *summary.State) {
			before := scalar(s, "hint")
			s, _ = call(p, s, "Cool")
			p.claim(p.b.IntLessEq(scalar(s, "hint"), before), "not more")
			p.claim(p.b.IntLess(scalar(s, "hint"), before), "less")
		}, []string{"less"}},
		{"two choices", func(p *path, s *summary.State) {
			_, r := call(p, s, "Pair")
			p.claim(p.b.And(p.b.BVULe(r[0][0], r[1][0]), small(p, r[1][0], 11)), "ordered")
			p.claim(small(p, r[0][0], 10), "the first is small")
		}, []string{"the first is small"}},
		{"a choice before a definition", func(p *path, s *summary.State) {
			_, r := call(p, s, "Late", symbol(p, "x", 64))
			p.claim(small(p, r[0][0], 8), "up to 7")
			p.claim(small(p, r[0][0], 4), "up to 3")
		}, []string{"up to 3"}},
		{"a supplied choice before a definition", func(p *path, s *summary.State) { late(p, s, 3) }, nil},
		{"a supplied choice that is too large", func(p *path, s *summary.State) { late(p, s, 8) },
			[]string{"Rules.Late cannot return this: a <= b fails: a is 8, b is 7", "a <= b fails: a is 8, b is 3"}},
		{"fields and conditions", func(p *path, s *summary.State) {
			_, r := call(p, s, "Pick", summary.Value{p.b.Word(4, 16), p.b.Word(3, 16)})
			p.claim(p.b.Eq(r[0][0], p.b.Word(3, 32)), "three")
			_, r = call(p, s, "Pick", summary.Value{p.b.Word(6, 16), p.b.Word(9, 16)})
			p.claim(p.b.Eq(r[0][0], p.b.Word(4, 32)), "four")
			call(p, s, "Pick", summary.Value{p.b.Word(6, 16), p.b.Word(3, 16)})
		}, []string{"Rules.Pick needs (p.Y == 3) <==> (p.X == 4): p is {X 6, Y 3}"}},
		{"a field that is too large", func(p *path, s *summary.State) {
			call(p, s, "Pick", summary.Value{p.b.Word(11, 16), p.b.Word(2, 16)})
		}, []string{"Rules.Pick needs p.X < 10: p is {X 11, Y 2}"}},
		{"guards over old state, stores over stores", func(p *path, s *summary.State) {
			before := scalar(s, "hint")
			i := symbol(p, "i", 64)
			s, r := call(p, s, "Guarded", i)
			six := p.b.IntUnsigned(p.b.Word(6, 16))
			p.claim(p.b.Eq(r[0][0], p.b.IntLessEq(six, before)), "the result tells")
			p.claim(p.b.IntLess(scalar(s, "hint"), six), "at most five")
			p.claim(p.b.Eq(s.Read(p, "rule", word(p, 0))[0], p.b.Word(3, 8)), "the last store counts")
			p.claim(p.b.Eq(s.Read(p, "rule", i)[0], p.b.Word(2, 8)), "unless the index is 0")
		}, []string{"unless the index is 0"}},
		{"a count goes from 0 up to its limit", func(p *path, s *summary.State) {
			limit := summary.Value{p.b.SignExtend(p.b.Var("limit", 5), 64)}
			_, before := call(p, s, "Size", limit)
			i := symbol(p, "i", 64)
			s, _ = call(p, s, "Put", i)
			_, after := call(p, s, "Size", limit)
			inside := p.b.And(p.b.BVSLe(p.b.Word(0, 64), i[0]), p.b.BVSLt(i[0], limit[0]))
			p.claim(p.b.Implies(p.b.Not(inside), p.b.Eq(before[0][0], after[0][0])), "no matter outside")
			p.claim(p.b.Implies(inside, p.b.Not(p.b.Eq(after[0][0], p.b.Word(0, 64)))), "not empty")
			p.claim(p.b.Implies(p.b.BVSLt(limit[0], p.b.Word(1, 64)), p.b.Eq(after[0][0], p.b.Word(0, 64))), "none below 0")
			p.claim(p.b.Implies(inside, p.b.Not(p.b.Eq(before[0][0], after[0][0]))), "one more")
		}, []string{"one more"}},
		{"a number that does not fit", func(p *path, s *summary.State) {
			call(p, s, "Store", summary.Value{p.b.ZeroExtend(p.b.Var("v", 15), 64)})
			call(p, s, "Store", symbol(p, "w", 64))
		}, []string{"VIG4004 Rules.Store: a value does not fit the contract's uint16: it is "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			failed, _ := explore(t, func(p *path) {
				o := &summary.Object{Name: "Rules", Type: typ}
				s := summary.Construct(p, o, typ.Constructors["NewRules"], []summary.Value{word(p, 50), {p.b.Word(1, 8)}}, summary.CallOptions{})
				// Guarded and Store make every observer but n arbitrary.
				c.run(p, s.Havoc(p))
			})
			expect(t, failed, c.want...)
		})
	}
}

// plain is a Table by plain search.
type plain struct {
	used [3]bool
	key  [3]uint64
	val  [3]uint64
	time [3]uint64
}

func (t *plain) find(k uint64) (int, bool) {
	for i := range t.used {
		if t.used[i] && t.key[i] == k {
			return i, true
		}
	}
	return 0, false
}

func (t *plain) len() (n uint64) {
	for _, used := range t.used {
		if used {
			n++
		}
	}
	return n
}

// The summary of constant calls is what a plain implementation does, for as long as one likes.
func TestConcrete(t *testing.T) {
	typ := libvig.Types["Table"]
	r := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		failed, paths := explore(t, func(p *path) { concrete(t, p, object(typ), r) })
		if len(failed) > 0 || paths != 1 {
			t.Fatalf("%d paths, failed %q", paths, failed)
		}
	}
}

func concrete(t *testing.T, p *path, o *summary.Object, r *rand.Rand) {
	s := summary.Construct(p, o, o.Type.Constructors["NewTable"], []summary.Value{word(p, 3), nil}, summary.CallOptions{})
	x := &plain{}
	equal := func(what string, got *smt.Term, want uint64) {
		t.Helper()
		if got.Width() == 0 {
			got = p.b.Ite(got, p.b.Word(1, 64), p.b.Word(0, 64))
		}
		if got != p.b.Word(want, got.Width()) {
			t.Fatalf("%s is %v, want %d", what, got, want)
		}
	}
	expired := false // how many have expired is not known by rewriting alone
	for now := uint64(1); now < 25; now++ {
		k := uint64(r.IntN(5))
		key := summary.Value{p.b.Word(k, 32), p.b.Word(7, 16)}
		_, got := call(p, s, "Lookup", key)
		i, ok := x.find(k)
		equal("index", got[0][0], uint64(i))
		equal("presence", got[1][0], number(ok))
		if !expired {
			_, got = call(p, s, "Len")
			equal("length", got[0][0], x.len())
			_, got = call(p, s, "Full")
			equal("full", got[0][0], number(x.len() == 3))
		}
		switch {
		case !ok && expired:
		case !ok:
			s = x.insert(p, s, k, key, now, equal)
		case r.IntN(3) == 0:
			s, _ = call(p, s, "Erase", word(p, uint64(i)))
			x.used[i] = false
		case r.IntN(2) == 0:
			s, _ = call(p, s, "Refresh", word(p, uint64(i)), word(p, now))
			x.time[i] = now
		default:
			_, got = call(p, s, "At", word(p, uint64(i)))
			equal("value", got[0][0], x.val[i])
			_, got = call(p, s, "Key", word(p, uint64(i)))
			equal("key", got[0][0], k)
		}
		if r.IntN(20) == 0 {
			expired = true
			before := now - min(now, uint64(r.IntN(8)))
			s, _ = call(p, s, "ExpireBefore", word(p, before))
			for i := range x.used {
				x.used[i] = x.used[i] && x.time[i] >= before
			}
		}
	}
}

func number(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// insert does it in both, at the lowest free index.
func (t *plain) insert(p *path, s *summary.State, k uint64, key summary.Value, now uint64, equal func(string, *smt.Term, uint64)) *summary.State {
	i := 0
	for i < 3 && t.used[i] {
		i++
	}
	s, got := s.Call(p, "Insert", []summary.Value{key, {p.b.Word(now, 16)}, word(p, now)},
		summary.CallOptions{Supplied: map[string]summary.Value{"i": word(p, uint64(i))}})
	equal("room", got[1][0], number(i < 3))
	if i < 3 {
		t.used[i], t.key[i], t.val[i], t.time[i] = true, k, now, now
	}
	return s
}
