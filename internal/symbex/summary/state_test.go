package summary_test

import (
	"testing"

	"vigor/internal/smt"
	"vigor/internal/symbex/summary"
)

// The code does one thing, the spec another: which observers differ.
func TestCompare(t *testing.T) {
	typ := libvig.Types["Table"]
	type run func(p *path, s *summary.State) *summary.State
	insert := func(name string, value string) run {
		return func(p *path, s *summary.State) *summary.State {
			s, _ = s.Call(p, "Insert", []summary.Value{keyOf(p, name), symbol(p, value, 16), now(p)},
				summary.CallOptions{Supplied: map[string]summary.Value{"i": symbol(p, "i", 64)}})
			return s
		}
	}
	nothing := func(p *path, s *summary.State) *summary.State { return s }
	do := func(op string, args ...summary.Value) run {
		return func(p *path, s *summary.State) *summary.State { s, _ = call(p, s, op, args...); return s }
	}
	both := func(f, g run) run {
		return func(p *path, s *summary.State) *summary.State { return g(p, f(p, s)) }
	}
	at := func(f func(p *path) run) run {
		return func(p *path, s *summary.State) *summary.State { return f(p)(p, s) }
	}
	expire := at(func(p *path) run { return do("ExpireBefore", now(p)) })
	earlier := at(func(p *path) run { return do("ExpireBefore", summary.Value{p.b.BVSub(now(p)[0], p.b.Word(1, 64))}) })
	refresh := at(func(p *path) run { return do("Refresh", symbol(p, "i", 64), now(p)) })
	erase := at(func(p *path) run { return do("Erase", symbol(p, "i", 64)) })
	set := func(value string) run {
		return at(func(p *path) run { return do("Set", symbol(p, "i", 64), symbol(p, value, 16)) })
	}
	for _, c := range []struct {
		name      string
		allocated bool // i is in use, and k and l absent; else i is free, and k and l absent
		got, want run
		differ    []string
	}{
		{"equal calls", false, insert("k", "v"), insert("k", "v"), nil},
		{"forgotten insert", false, nothing, insert("k", "v"), []string{"alloc differs", "dom differs", "last differs"}},
		{"another key", false, insert("l", "v"), insert("k", "v"), []string{"key differs", "dom differs"}},
		{"another value", false, insert("k", "w"), insert("k", "v"), []string{"val differs"}},
		{"forgotten refresh", true, nothing, refresh, []string{"time differs", "last differs"}},
		{"refresh twice", true, both(refresh, refresh), refresh, nil},
		{"forgotten expiry", true, nothing, expire, []string{"alloc differs", "dom differs"}},
		{"expiry a moment earlier", true, earlier, expire, []string{"alloc differs", "dom differs"}},
		{"expiry twice", true, both(expire, expire), expire, nil},
		{"expiry of less afterwards", true, both(expire, earlier), expire, nil},
		{"erase forgotten", true, nothing, erase, []string{"alloc differs", "dom differs"}},
		{"set forgotten", true, nothing, set("v"), []string{"val differs"}},
		{"set twice", true, both(set("w"), set("v")), set("v"), nil},
		{"the other order of set and refresh", true, both(set("v"), refresh), both(refresh, set("v")), nil},
		{"a value that is erased does not matter", true, both(set("v"), erase), both(set("w"), erase), nil},
		{"erase before or after another's refresh", true, both(refresh, erase), erase, []string{"last differs"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			failed, _ := explore(t, func(p *path) {
				s := table(p, object(typ), 1000)
				i := symbol(p, "i", 64)
				alloc := s.Read(p, "alloc", i)[0]
				p.Fact(p.b.And(p.b.Eq(alloc, p.b.Bool(c.allocated)), p.b.BVULt(i[0], p.b.Word(1000, 64))))
				p.Fact(p.b.Not(p.b.Or(s.Read(p, "dom", keyOf(p, "k"))[0], s.Read(p, "dom", keyOf(p, "l"))[0])))
				_, r := call(p, s, "Full")
				p.Fact(p.b.Not(r[0][0]))
				p.same(c.got(p, s), c.want(p, s))
			})
			expect(t, failed, c.differ...)
		})
	}
}

// The index of a new entry is the code's choice, within what the contract allows.
func TestSupplied(t *testing.T) {
	for _, c := range []struct {
		name  string
		index func(p *path, s *summary.State, chosen *smt.Term) *smt.Term
		want  []string
	}{
		{"the chosen one", func(_ *path, _ *summary.State, chosen *smt.Term) *smt.Term { return chosen }, nil},
		{"the one after it", func(p *path, _ *summary.State, chosen *smt.Term) *smt.Term {
			return p.b.BVAdd(chosen, p.b.Word(1, 64))
		}, []string{"VIG4005 flows.Insert cannot return this: i < cap fails", "!alloc[i] fails", "alloc differs"}},
		{"beyond the capacity", func(p *path, _ *summary.State, chosen *smt.Term) *smt.Term { return p.b.Word(1<<20, 64) },
			[]string{"i < cap fails"}},
		{"negative", func(p *path, _ *summary.State, chosen *smt.Term) *smt.Term { return p.b.Word(1<<63, 64) },
			[]string{"0 <= i fails"}},
		{"one in use", func(p *path, s *summary.State, chosen *smt.Term) *smt.Term {
			used := p.Choose("used", 64, func(v *smt.Term) *smt.Term { return s.Read(p, "alloc", summary.Value{v})[0] })
			return used
		}, []string{"!alloc[i] fails"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			failed, _ := explore(t, func(p *path) {
				s := table(p, object(libvig.Types["Table"]), 1000)
				if _, r := call(p, s, "Lookup", keyOf(p, "k")); r[1][0].IsTrue() {
					return
				}
				args := []summary.Value{keyOf(p, "k"), symbol(p, "v", 16), now(p)}
				got, r := call(p, s, "Insert", args...)
				if r[1][0].IsTrue() {
					supplied := map[string]summary.Value{"i": {c.index(p, s, r[0][0])}, "ok": {p.b.False()}}
					want, _ := s.Call(p, "Insert", args, summary.CallOptions{Supplied: supplied})
					if p.possible() {
						p.same(got, want)
					}
				}
			})
			if len(failed) > 0 && len(c.want) > 0 {
				failed = failed[:min(len(failed), len(c.want))]
			}
			expect(t, failed, c.want...)
		})
	}
}

// small says that a stored value is less than 100.
func small(p summary.Path, v summary.Value) *smt.Term {
	return p.Builder().BVULt(v[0], p.Builder().Word(100, 16))
}

func TestValid(t *testing.T) {
	typ := libvig.Types["Table"]
	for _, c := range []struct {
		name string
		run  func(p *path, s *summary.State)
		want []string
	}{
		{"what is read is valid", func(p *path, s *summary.State) {
			if _, r := call(p, s, "Lookup", keyOf(p, "k")); r[1][0].IsTrue() {
				_, v := call(p, s, "At", r[0])
				p.claim(small(p, v[0]), "small")
				p.claim(p.b.BVULt(v[0][0], p.b.Word(99, 16)), "smaller")
			}
		}, []string{"smaller"}},
		{"any value is stored", func(p *path, s *summary.State) {
			if _, r := call(p, s, "Lookup", keyOf(p, "k")); r[1][0].IsTrue() {
				call(p, s, "Set", r[0], symbol(p, "v", 16))
			}
		}, []string{"VIG4003 flows.Set needs Valid of what it stores as val"}},
		{"any value is inserted", func(p *path, s *summary.State) {
			if _, r := call(p, s, "Lookup", keyOf(p, "k")); r[1][0].IsFalse() {
				call(p, s, "Insert", keyOf(p, "k"), symbol(p, "v", 16), now(p))
			}
		}, []string{"VIG4003 flows.Insert needs Valid"}},
		{"a value is stored again, or a checked one", func(p *path, s *summary.State) {
			if _, r := call(p, s, "Lookup", keyOf(p, "k")); r[1][0].IsTrue() {
				_, v := call(p, s, "At", r[0])
				s, _ = call(p, s, "Set", r[0], v[0])
				s, _ = call(p, s, "Set", r[0], summary.Value{p.b.ZeroExtend(p.b.Var("w", 6), 16)})
				_, v = call(p, s, "At", r[0])
				p.claim(small(p, v[0]), "small")
			}
		}, nil},
		{"off the domain nothing is known", func(p *path, s *summary.State) {
			p.claim(small(p, s.Read(p, "val", symbol(p, "i", 64))), "small")
		}, []string{"small"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			failed, _ := explore(t, func(p *path) {
				o := object(typ)
				o.Valid = map[string]func(summary.Path, summary.Value) *smt.Term{"V": small}
				c.run(p, table(p, o, 1000))
			})
			expect(t, failed, c.want...)
		})
	}
}

func TestConstruct(t *testing.T) {
	typ := libvig.Types["Table"]
	for _, c := range []struct {
		name string
		run  func(p *path)
		want []string
	}{
		{"a new table is empty", func(p *path) {
			s := summary.Construct(p, object(typ), typ.Constructors["NewTable"], []summary.Value{word(p, 4), nil}, summary.CallOptions{})
			_, r := call(p, s, "Lookup", keyOf(p, "k"))
			p.claim(p.b.Not(r[1][0]), "absent")
			p.claim(p.b.Eq(len64(p, s), p.b.Word(0, 64)), "empty")
			call(p, s, "Erase", word(p, 0))
		}, []string{"flows.Erase needs alloc[i]"}},
		{"no capacity", func(p *path) {
			summary.Construct(p, object(typ), typ.Constructors["NewTable"], []summary.Value{symbol(p, "n", 64), nil}, summary.CallOptions{})
		}, []string{"flows.NewTable needs 0 < n: n is ", "flows.NewTable needs n <= 536870912: n is "}},
		{"havoc keeps the capacity only", func(p *path) {
			s := table(p, object(typ), 4)
			_, r := call(p, s, "Cap")
			p.claim(p.b.Eq(r[0][0], p.b.Word(4, 64)), "four")
			_, r = call(p, s, "Len")
			p.claim(p.b.Eq(r[0][0], p.b.Word(0, 64)), "empty")
			p.claim(p.b.IntEq(scalar(s, "last"), p.b.IntUnsigned(p.b.Word(0, 64))), "never used")
		}, []string{"empty", "never used"}},
		{"two new tables have nothing in common", func(p *path) {
			read := func() *smt.Term {
				s := summary.Construct(p, object(typ), typ.Constructors["NewTable"], []summary.Value{word(p, 4), nil}, summary.CallOptions{})
				return s.Read(p, "val", word(p, 0))[0]
			}
			p.claim(p.b.Eq(read(), read()), "equal")
		}, []string{"equal"}},
		{"a vector of one valid value", func(p *path) {
			v := libvig.Types["Vector"]
			o := object(v)
			o.Valid = map[string]func(summary.Path, summary.Value) *smt.Term{"T": small}
			s := summary.Construct(p, o, v.Constructors["NewVector"], []summary.Value{word(p, 4), {p.b.Word(7, 16)}}, summary.CallOptions{})
			_, r := call(p, s, "Get", word(p, 3))
			p.claim(p.b.Eq(r[0][0], p.b.Word(7, 16)), "the value")
			s = s.Havoc(p)
			_, r = call(p, s, "Get", word(p, 3))
			p.claim(small(p, r[0]), "small")
			p.claim(p.b.Eq(r[0][0], p.b.Word(7, 16)), "still the value")
			call(p, s, "Get", word(p, 4))
		}, []string{"still the value", "flows.Get needs i < n: i is 4"}},
		{"a vector of an invalid value", func(p *path) {
			v := libvig.Types["Vector"]
			o := object(v)
			o.Valid = map[string]func(summary.Path, summary.Value) *smt.Term{"T": small}
			summary.Construct(p, o, v.Constructors["NewVector"], []summary.Value{word(p, 4), {p.b.Word(100, 16)}}, summary.CallOptions{})
		}, []string{"flows.NewVector needs Valid"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			failed, _ := explore(t, c.run)
			expect(t, failed, c.want...)
		})
	}
}

// Few generations of instances leave more unproved, and no number of them proves what is not so.
func TestGenerations(t *testing.T) {
	typ := parse(t, `package t

// @ ghost on map[int]bool
// @ ghost next map[int]int64
// @ exposes forall i int {on[i]} :: on[i] ==> on[next[i]]
type List struct{}

// @ constructor
// @ ensures (forall i int :: on[i] == false) && (forall i int :: next[i] == 0)
func NewList() *List { return nil }

// @ ensures (forall i int :: on[i] == false) && (forall j int :: next[j] == 0)
func (l *List) Clear() {}
`).Types["List"]
	steps := []string{"one", "two", "three", "four", "five", "six"}
	for _, c := range []struct{ generations, proved int }{{1, 1}, {0, 2}, {2, 2}, {4, 4}} {
		for n := range steps {
			failed, _ := explore(t, func(p *path) {
				o := &summary.Object{Name: "list", Type: typ}
				s := summary.Construct(p, o, typ.Constructors["NewList"], nil, summary.CallOptions{}).Havoc(p)
				i := symbol(p, "i", 64)
				p.Fact(s.WithGenerations(c.generations).Read(p, "on", i)[0])
				for range n + 1 {
					i = s.Read(p, "next", i)
				}
				p.claim(s.Read(p, "on", i)[0], steps[n])
			})
			if proved := len(failed) == 0; proved != (n < c.proved) {
				t.Errorf("%d generations, %s steps: proved is %v", c.generations, steps[n], proved)
			}
		}
	}
}

func TestCallFunction(t *testing.T) {
	pkg := parse(t, `package t

// @ requires 0 < n
// @ ensures r == ^ocadd(^sum, ^old, new) && q == (n - 1) / 2
func Update(sum, old, new uint16, n int) (r uint16, q int) { return }
`)
	failed, _ := explore(t, func(p *path) {
		sum, old := p.b.Var("sum", 16), p.b.Var("old", 16)
		r := summary.CallFunction(p, pkg.Funcs["Update"],
			[]summary.Value{{sum}, {old}, {old}, symbol(p, "n", 64)}, summary.CallOptions{})
		p.claim(p.b.Implies(p.b.Not(p.b.Eq(sum, p.b.Word(0xffff, 16))), p.b.Eq(r[0][0], sum)), "unchanged")
		p.claim(p.b.Eq(r[0][0], sum), "unchanged even if there is no sum")
		p.claim(p.b.BVSLe(p.b.Word(0, 64), r[1][0]), "not negative")
	})
	expect(t, failed, "Update needs 0 < n: n is ", "unchanged even if there is no sum")
}

func TestRoots(t *testing.T) {
	explore(t, func(p *path) {
		s := table(p, object(libvig.Types["Table"]), 4)
		got := map[string]string{}
		for _, r := range s.Roots() {
			for _, f := range r.Funcs {
				got[r.Ghost.Name] += f.Name + " "
			}
			for _, x := range r.Scalar {
				got[r.Ghost.Name] += x.String()
			}
		}
		for name, want := range map[string]string{"key": "state:flows:key:Address state:flows:key:Port ", "dom": "state:flows:dom: ", "last": "|state:flows:last:|"} {
			if got[name] != want {
				t.Errorf("%s is %q, want %q", name, got[name], want)
			}
		}
		after, _ := call(p, s, "ExpireBefore", now(p))
		for _, r := range after.Roots() {
			if g := r.Ghost.Name; (g == "alloc" || g == "dom") != (r.Ghost.Index != nil && r.Funcs == nil) {
				t.Errorf("after ExpireBefore, %s has functions %v", g, r.Funcs)
			}
		}
	})
}

// TestElementInARequirement: an element beyond the end of a list is any value, so that a requirement of it cannot be
// met by a list that may be too short, and nothing follows of it.
func TestElementInARequirement(t *testing.T) {
	typ := parse(t, `package t

// @ ghost first, n uint8
type Head struct{}

// @ constructor
// @ requires list[0] <= 7
// @ ensures first == list[0] && n == list[2]
func NewHead(list []uint8) *Head { return nil }
`).Types["Head"]
	const refused = "Head.NewHead needs list[0] <= 7"
	for _, c := range []struct {
		name string
		know func(p *path, length *smt.Term, at func(uint64) *smt.Term) *smt.Term
		want []string
	}{
		{"a list of any length", func(p *path, _ *smt.Term, _ func(uint64) *smt.Term) *smt.Term { return p.b.True() }, []string{refused, "small"}},
		{"an empty list", func(p *path, n *smt.Term, _ func(uint64) *smt.Term) *smt.Term {
			return p.b.Eq(n, p.b.Word(0, 64))
		}, []string{refused, "small"}},
		{"a list that is not empty", func(p *path, n *smt.Term, _ func(uint64) *smt.Term) *smt.Term {
			return p.b.BVULt(p.b.Word(0, 64), n)
		}, []string{refused, "small"}},
		{"small elements of a list that may be empty", func(p *path, n *smt.Term, at func(uint64) *smt.Term) *smt.Term {
			return p.b.Implies(p.b.BVULt(p.b.Word(0, 64), n), p.b.BVULe(at(0), p.b.Word(7, 8)))
		}, []string{refused, "small"}},
		{"a small element of another place", func(p *path, n *smt.Term, at func(uint64) *smt.Term) *smt.Term {
			return p.b.And(p.b.BVULt(p.b.Word(1, 64), n), p.b.BVULe(at(1), p.b.Word(7, 8)))
		}, []string{refused, "small"}},
		{"a list with one small element", func(p *path, n *smt.Term, at func(uint64) *smt.Term) *smt.Term {
			return p.b.And(p.b.Eq(n, p.b.Word(1, 64)), p.b.BVULe(at(0), p.b.Word(7, 8)))
		}, []string{"small"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			failed, _ := explore(t, func(p *path) {
				elements, length := p.b.Func("list", []int{64}, 8), p.b.ZeroExtend(p.b.Var("list.len", 16), 64)
				at := func(i uint64) *smt.Term { return p.b.Apply(elements, p.b.Word(i, 64)) }
				p.Fact(c.know(p, length, at))
				list := summary.List{Len: length, At: func(_ summary.Path, index *smt.Term) summary.Value {
					return summary.Value{p.b.Apply(elements, index)}
				}}
				s := summary.Construct(p, &summary.Object{Name: "Head", Type: typ}, typ.Constructors["NewHead"], []summary.Value{nil},
					summary.CallOptions{Lists: map[string]summary.List{"list": list}})
				seven := p.b.IntUnsigned(p.b.Word(7, 8))
				p.claim(p.b.IntLessEq(scalar(s, "first"), seven), "as required")
				p.claim(p.b.IntLessEq(scalar(s, "n"), seven), "small")
			})
			expect(t, failed, c.want...)
		})
	}
}

// TestSums: what a contract says of the sum of bytes is said of what the caller knows, or of any sum.
func TestSums(t *testing.T) {
	pkg := parse(t, `package t

// @ requires len(b) <= 9
// @ ensures r == ^ocsum(b, initial) && q == ocsum(b, 0)
func Sum(b []byte, initial uint32) (r, q uint16) { return }
`)
	failed, _ := explore(t, func(p *path) {
		sum, n := p.b.Var("sum", 16), symbol(p, "n", 32)
		call := func(o summary.CallOptions) []summary.Value {
			return summary.CallFunction(p, pkg.Funcs["Sum"], []summary.Value{nil, n}, o)
		}
		short := map[string]summary.List{"b": {Len: p.b.Word(9, 64)}}
		known := call(summary.CallOptions{Sums: map[string]*smt.Term{"b": sum}, Lists: short})
		p.claim(p.b.Eq(known[1][0], sum), "the known sum")
		halves := p.b.OCAdd(sum, p.b.Extract(n[0], 31, 16), p.b.Extract(n[0], 15, 0))
		p.claim(p.b.Eq(known[0][0], p.b.BVNot(halves)), "with both halves of what is summed up already")
		p.claim(p.b.Eq(known[0][0], p.b.BVNot(p.b.OCAdd(sum, p.b.Extract(n[0], 15, 0)))), "with the lower half alone")
		p.claim(p.b.Eq(call(summary.CallOptions{Lists: short})[1][0], sum), "an unknown sum")
		call(summary.CallOptions{Lists: map[string]summary.List{"b": {Len: p.b.Word(10, 64)}}})
	})
	expect(t, failed, "with the lower half alone", "an unknown sum", "VIG4002 Sum needs len(b) <= 9")
}
