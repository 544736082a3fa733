package summary_test

import (
	"testing"

	"vigor/internal/smt"
	"vigor/internal/symbex/summary"
)

// Each program is run on an arbitrary table; want lists what must fail, nothing if all must hold.
func TestTable(t *testing.T) {
	typ := libvig.Types["Table"]
	for _, c := range []struct {
		name string
		run  func(p *path, s *summary.State)
		want []string
	}{
		{"lookup then key", func(p *path, s *summary.State) {
			k := keyOf(p, "k")
			s, r := call(p, s, "Lookup", k)
			if r[1][0].IsTrue() {
				_, got := call(p, s, "Key", r[0])
				p.claim(p.b.And(p.b.Eq(got[0][0], k[0]), p.b.Eq(got[0][1], k[1])), "the key of its index")
			}
		}, nil},
		{"key of any index", func(p *path, s *summary.State) {
			call(p, s, "Key", symbol(p, "i", 64))
		}, []string{"VIG4002 flows.Key needs alloc[i]: i is "}},
		{"key of the index of an absent key", func(p *path, s *summary.State) {
			s, r := call(p, s, "Lookup", keyOf(p, "k"))
			call(p, s, "Key", r[0])
		}, []string{"flows.Key needs alloc[i]: i is 0"}},
		{"insert after a failed lookup", func(p *path, s *summary.State) {
			s, r := call(p, s, "Lookup", keyOf(p, "k"))
			if r[1][0].IsFalse() {
				call(p, s, "Insert", keyOf(p, "k"), symbol(p, "v", 16), now(p))
			}
		}, nil},
		{"insert of a present key", func(p *path, s *summary.State) {
			call(p, s, "Insert", keyOf(p, "k"), symbol(p, "v", 16), now(p))
		}, []string{"flows.Insert needs !dom[k]: k is {Address "}},
		{"insert twice", func(p *path, s *summary.State) {
			s, r := call(p, s, "Lookup", keyOf(p, "k"))
			if r[1][0].IsFalse() {
				s, r = call(p, s, "Insert", keyOf(p, "k"), symbol(p, "v", 16), now(p))
				if r[1][0].IsTrue() {
					call(p, s, "Insert", keyOf(p, "k"), symbol(p, "v", 16), now(p))
				}
			}
		}, []string{"flows.Insert needs !dom[k]"}},
		{"refresh with a stale time", func(p *path, s *summary.State) {
			i := symbol(p, "i", 64)
			s, r := call(p, s, "Allocated", i)
			if p.Branch(r[0][0]) {
				call(p, s, "Refresh", i, summary.Value{p.b.BVSub(now(p)[0], p.b.Word(1, 64))})
			}
		}, []string{"flows.Refresh needs last <= now: now is "}},
		{"refresh", func(p *path, s *summary.State) {
			i := symbol(p, "i", 64)
			s, r := call(p, s, "Allocated", i)
			if p.Branch(r[0][0]) {
				call(p, s, "Refresh", i, now(p))
			}
		}, nil},
		{"an index lies below the capacity", func(p *path, s *summary.State) {
			s, r := call(p, s, "Lookup", keyOf(p, "k"))
			p.claim(p.b.BVULt(r[0][0], p.b.Word(1000, 64)), "small")
			p.claim(p.b.BVULt(r[0][0], p.b.Word(999, 64)), "smaller")
		}, []string{"smaller"}},
		{"two keys have two indices", func(p *path, s *summary.State) {
			_, r := call(p, s, "Lookup", keyOf(p, "k"))
			_, q := call(p, s, "Lookup", keyOf(p, "l"))
			if r[1][0].IsTrue() && q[1][0].IsTrue() {
				p.claim(p.b.Implies(p.b.Eq(r[0][0], q[0][0]), p.b.Eq(keyOf(p, "k")[0], keyOf(p, "l")[0])), "one key")
				p.claim(p.b.Not(p.b.Eq(r[0][0], q[0][0])), "never equal")
			}
		}, []string{"never equal"}},
		{"an expired key is gone", func(p *path, s *summary.State) {
			s, r := call(p, s, "Lookup", keyOf(p, "k"))
			if r[1][0].IsTrue() {
				s, _ := call(p, s, "ExpireBefore", word(p, 1<<62))
				_, q := call(p, s, "Lookup", keyOf(p, "k"))
				old := p.b.BVULt(s.Read(p, "time", r[0])[0], p.b.Word(1<<62, 63))
				p.claim(p.b.Xor(q[1][0], old), "gone if and only if old")
			}
		}, nil},
		{"a refreshed entry does not expire", func(p *path, s *summary.State) {
			s, r := call(p, s, "Lookup", keyOf(p, "k"))
			if r[1][0].IsTrue() {
				s, _ = call(p, s, "Refresh", r[0], now(p))
				s, _ = call(p, s, "ExpireBefore", now(p))
				s, q := call(p, s, "Lookup", keyOf(p, "k"))
				p.claim(q[1][0], "still there")
				_, q = call(p, s, "Lookup", keyOf(p, "l"))
				p.claim(q[1][0], "another one, too")
			}
		}, []string{"another one, too"}},
		{"erase leaves the others", func(p *path, s *summary.State) {
			s, r := call(p, s, "Lookup", keyOf(p, "k"))
			if r[1][0].IsTrue() {
				before := s.Read(p, "dom", keyOf(p, "l"))[0]
				s, _ = call(p, s, "Erase", r[0])
				p.claim(p.b.Not(s.Read(p, "dom", keyOf(p, "k"))[0]), "gone")
				equal := p.b.And(p.b.Eq(keyOf(p, "k")[0], keyOf(p, "l")[0]), p.b.Eq(keyOf(p, "k")[1], keyOf(p, "l")[1]))
				p.claim(p.b.Eq(s.Read(p, "dom", keyOf(p, "l"))[0], p.b.And(before, p.b.Not(equal))), "others")
			}
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			failed, _ := explore(t, func(p *path) { c.run(p, table(p, object(typ), 1000)) })
			expect(t, failed, c.want...)
		})
	}
}

func TestFull(t *testing.T) {
	typ := libvig.Types["Table"]
	insert := func(p *path, s *summary.State) (*summary.State, *smt.Term) {
		s, r := call(p, s, "Lookup", keyOf(p, "k"))
		if r[1][0].IsTrue() {
			return s, nil
		}
		s, r = call(p, s, "Insert", keyOf(p, "k"), symbol(p, "v", 16), now(p))
		return s, r[1][0]
	}
	full := func(p *path, s *summary.State) *smt.Term {
		_, r := call(p, s, "Full")
		return r[0][0]
	}
	for _, c := range []struct {
		name string
		run  func(p *path, s *summary.State)
		want []string
	}{
		{"insert succeeds unless full", func(p *path, s *summary.State) {
			was := full(p, s)
			if _, ok := insert(p, s); ok != nil {
				p.claim(p.b.Xor(ok, was), "one or the other")
			}
		}, nil},
		{"insert succeeds", func(p *path, s *summary.State) {
			if _, ok := insert(p, s); ok != nil {
				p.claim(ok, "ok")
			}
		}, []string{"ok"}},
		{"after an erase there is room", func(p *path, s *summary.State) {
			i := symbol(p, "i", 64)
			if _, r := call(p, s, "Allocated", i); p.Branch(r[0][0]) {
				s, _ = call(p, s, "Erase", i)
				p.claim(p.b.Not(full(p, s)), "room")
			}
		}, nil},
		{"after an expiry there may be none", func(p *path, s *summary.State) {
			s, _ = call(p, s, "ExpireBefore", now(p))
			p.claim(p.b.Not(full(p, s)), "room")
		}, []string{"room"}},
		{"if one expires there is room", func(p *path, s *summary.State) {
			i := symbol(p, "i", 64)
			was := s.Read(p, "alloc", i)[0]
			s, _ = call(p, s, "ExpireBefore", now(p))
			p.Fact(p.b.And(was, p.b.Not(s.Read(p, "alloc", i)[0])))
			p.claim(p.b.Not(full(p, s)), "room")
			p.claim(p.b.BVULt(p.b.Word(0, 64), len64(p, s)), "not empty")
		}, []string{"not empty"}},
		{"an entry makes the table not empty", func(p *path, s *summary.State) {
			_, r := call(p, s, "Lookup", keyOf(p, "k"))
			if r[1][0].IsTrue() {
				s.Read(p, "alloc", r[0])
				p.claim(p.b.BVULt(p.b.Word(0, 64), len64(p, s)), "not empty")
				p.claim(p.b.BVULt(p.b.Word(1, 64), len64(p, s)), "two")
			}
		}, []string{"two"}},
		{"expiry never adds", func(p *path, s *summary.State) {
			before := len64(p, s)
			after, _ := call(p, s, "ExpireBefore", now(p))
			p.claim(p.b.BVULe(len64(p, after), before), "fewer or equal")
			p.claim(p.b.BVULt(len64(p, after), before), "fewer")
		}, []string{"fewer"}},
		{"expiry at equal times is equal", func(p *path, s *summary.State) {
			// Twice x, once as a sum: equal, but different terms.
			x := p.b.ZeroExtend(p.b.Var("x", 9), 64)
			y := p.b.ZeroExtend(p.b.Var("y", 9), 64)
			p.Fact(p.b.Eq(p.b.BVAdd(x, p.b.Word(3, 64)), y))
			one, _ := call(p, s, "ExpireBefore", summary.Value{p.b.BVMul(p.b.Word(3, 64), y)})
			two, _ := call(p, s, "ExpireBefore", summary.Value{p.b.BVAdd(p.b.BVMul(p.b.Word(3, 64), x), p.b.Word(9, 64))})
			if one.Same(two) {
				t.Error("the times are one term: this tests nothing")
			}
			p.claim(p.b.Eq(full(p, one), full(p, two)), "equally full")
			three, _ := call(p, s, "ExpireBefore", summary.Value{p.b.BVAdd(p.b.BVMul(p.b.Word(3, 64), x), p.b.Word(8, 64))})
			p.claim(p.b.Implies(full(p, two), full(p, three)), "an earlier time leaves more")
			p.claim(p.b.Implies(full(p, three), full(p, two)), "a later time leaves as many")
		}, []string{"a later time leaves as many"}},
		{"length grows by one", func(p *path, s *summary.State) {
			before := len64(p, s)
			s, ok := insert(p, s)
			if ok != nil && ok.IsTrue() {
				p.claim(p.b.Eq(len64(p, s), p.b.BVAdd(before, p.b.Word(1, 64))), "one more")
				p.claim(p.b.BVULe(len64(p, s), p.b.Word(1000, 64)), "at most the capacity")
				p.claim(p.b.BVULe(len64(p, s), p.b.Word(999, 64)), "less than the capacity")
			}
		}, []string{"less than the capacity"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			failed, _ := explore(t, func(p *path) { c.run(p, table(p, object(typ), 1000)) })
			expect(t, failed, c.want...)
		})
	}
}

func len64(p *path, s *summary.State) *smt.Term {
	_, r := call(p, s, "Len")
	return r[0][0]
}
