package smt_test

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"vigor/internal/smt"
	"vigor/internal/smt/smttest"
)

// checksum is a Builder with the terms of the tests below: two words, one that is never 0, and the
// values that make sums wrap.
type checksum struct {
	*smt.Builder
	x, y, nonzero *smt.Term
}

func newChecksum() checksum {
	b := smt.NewBuilder()
	return checksum{b, b.Var("x", 16), b.Var("y", 16), b.Concat(b.Word(0x4, 4), b.Var("z", 12))}
}

func (c checksum) word(v uint64) *smt.Term { return c.Word(v, 16) }

func (c checksum) zeroRule(t *smt.Term) *smt.Term {
	return c.Ite(c.Eq(t, c.word(0)), c.word(0xFFFF), t)
}

func TestOCAddNormalForm(t *testing.T) {
	c := newChecksum()
	not, sum := c.BVNot, c.OCAdd
	x, y, z := c.x, c.y, c.nonzero
	ffff := c.word(0xFFFF)
	for _, e := range []struct {
		name      string
		got, want *smt.Term
	}{
		{"empty", sum(), c.word(0)},
		{"order", sum(x, sum(y, z)), sum(sum(z, x), y)},
		{"zero", sum(x, c.word(0)), x},
		{"constants", sum(c.word(0xFFFF), x, c.word(2)), sum(x, c.word(2))},
		{"opposites", sum(x, not(x)), ffff},
		{"opposites with a witness", sum(x, z, not(x)), z},
		{"all ones with a witness", sum(z, ffff), z},
		{"complement of a sum", sum(z, not(sum(x, y)), x, y), z},
		{"incremental update", not(sum(z, not(x), y)), not(sum(not(x), sum(y, z)))},
		{"update and check", sum(z, y, not(sum(not(not(sum(z, x))), not(x), y))), ffff},
		{"zero rule", sum(z, c.zeroRule(x)), sum(z, x)},
		{"zero rule of a complement", sum(z, x, y, c.zeroRule(not(sum(x, y)))), z},
		{"zero rule, written the other way", sum(z, c.Ite(c.Eq(x, ffff), c.word(0), x)), sum(z, x)},
		{"complement of a zero rule", sum(z, not(c.zeroRule(x))), sum(z, not(x))},
		{"zero rule and its complement", sum(z, c.zeroRule(x), not(c.zeroRule(x)), y), sum(z, y)},
		{"constant witness", sum(c.word(5), c.zeroRule(x)), sum(x, c.word(5))},
	} {
		if e.got != e.want {
			t.Errorf("%s:\n got %v\nwant %v", e.name, e.got, e.want)
		}
	}
}

// TestOCAddKeepsZero: without a witness, +0 and -0 are different results.
func TestOCAddKeepsZero(t *testing.T) {
	c := newChecksum()
	for _, e := range []struct {
		name      string
		got, want *smt.Term
	}{
		{"all ones", c.OCAdd(c.x, c.word(0xFFFF)), c.x},
		{"opposites", c.OCAdd(c.x, c.y, c.BVNot(c.x)), c.y},
		{"zero rule", c.OCAdd(c.x, c.zeroRule(c.y)), c.OCAdd(c.x, c.y)},
		{"complement", c.OCAdd(c.x, c.BVNot(c.OCAdd(c.x, c.y))), c.BVNot(c.y)},
		{"complement of a zero rule", c.OCAdd(c.x, c.BVNot(c.zeroRule(c.y))), c.OCAdd(c.x, c.BVNot(c.y))},
		{"wrong condition", c.OCAdd(c.nonzero, c.Ite(c.Eq(c.y, c.word(1)), c.word(0), c.y)), c.OCAdd(c.nonzero, c.y)},
		{"not opposites", c.OCAdd(c.nonzero, c.x, c.BVNot(c.y)), c.nonzero},
	} {
		if e.got == e.want {
			t.Errorf("%s: must not be %v", e.name, e.want)
		}
	}
}

// TestEqualSums: sums that are congruent modulo 65535 differ only where one of them is 0.
func TestEqualSums(t *testing.T) {
	c := newChecksum()
	not, sum, eq := c.BVNot, c.OCAdd, c.Eq
	x, y, z := c.x, c.y, c.nonzero
	v, ffff := c.Var("v", 16), c.word(0xFFFF)
	bounded := c.Bounded(y, big.NewInt(3), big.NewInt(0xFFF0))
	none := c.And(eq(x, c.word(0)), eq(y, c.word(0)))
	update := not(sum(not(x), not(y), v)) // RFC 1624: of a checksum x, where y becomes v
	for _, e := range []struct {
		name      string
		got, want *smt.Term
	}{
		{"with -0", eq(sum(x, y, ffff), sum(x, y)), c.Not(none)},
		{"with -0, one term", eq(sum(x, ffff), x), c.Not(eq(x, c.word(0)))},
		{"update without a zero", eq(sum(c.zeroRule(update), v), sum(x, y)), c.Not(none)},
		{"update with a witness", eq(sum(update, v, z), sum(x, y, z)), c.True()},
		{"bounds on one side", eq(sum(x, bounded, z), sum(x, y, z)), c.True()},
		{"bounds in a choice in an update", eq(sum(c.zeroRule(not(sum(not(x), not(bounded), v))), v), sum(x, bounded)), c.True()},
		{"bounds in an update", eq(sum(c.zeroRule(not(sum(not(x), not(bounded), v))), v, z), sum(x, y, z)), c.True()},
		{"right checksum after an update", eq(sum(c.zeroRule(update), v), ffff), c.Or(eq(sum(x, y), ffff), none)},
	} {
		if e.got != e.want {
			t.Errorf("%s:\n got %v\nwant %v", e.name, e.got, e.want)
		}
	}
	for _, e := range []struct {
		name string
		got  *smt.Term
	}{
		{"update with a zero", eq(sum(update, v), sum(x, y))},
		{"other terms", eq(sum(x, v), sum(x, y))},
		{"another constant", eq(sum(x, y, c.word(1)), sum(x, y))},
		{"a constant", eq(sum(x, y), c.word(5))},
		{"right checksum", eq(sum(x, y), ffff)},
	} {
		if e.got.IsTrue() || e.got == c.Not(none) {
			t.Errorf("%s: must not be %v", e.name, e.got)
		}
	}
}

// TestEqualSumsValues compares the equations above with the definition where sums are 0 or about to wrap.
func TestEqualSumsValues(t *testing.T) {
	c := newChecksum()
	v := c.Var("v", 16)
	values := []uint64{0, 1, 2, 0x7FFF, 0x8000, 0xFFFD, 0xFFFE, 0xFFFF}
	update := c.BVNot(c.OCAdd(c.BVNot(c.x), c.BVNot(c.y), v))
	for _, p := range [][2][]*smt.Term{
		{{c.x, c.y, c.word(0xFFFF)}, {c.x, c.y}},
		{{c.zeroRule(update), v}, {c.x, c.y}},
		{{update, v}, {c.x, c.y}},
		{{c.BVNot(c.x), v, c.x}, {v}},
	} {
		equal := c.Eq(c.OCAdd(p[0]...), c.OCAdd(p[1]...))
		right := c.Eq(c.OCAdd(p[0]...), c.word(0xFFFF))
		for i := range len(values) * len(values) * len(values) {
			m := smt.NewModel()
			for k, name := range []*smt.Term{c.x, c.y, v} {
				m.SetVar(name, new(big.Int).SetUint64(values[i>>(3*k)&7]))
			}
			var sides [2]uint64
			for k, side := range p {
				var words []uint64
				for _, term := range side {
					words = append(words, m.Eval(term).Uint64())
				}
				sides[k] = smttest.OCAdd(words...)
			}
			if got := m.Eval(equal).Sign() != 0; got != (sides[0] == sides[1]) {
				t.Fatalf("%v is %t where the sides are %#x and %#x", equal, got, sides[0], sides[1])
			}
			if got := m.Eval(right).Sign() != 0; got != (sides[0] == 0xFFFF) {
				t.Fatalf("%v is %t where the sum is %#x", right, got, sides[0])
			}
		}
	}
}

// TestOCAddValues compares random nested sums with the definition, on corner values.
func TestOCAddValues(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 3))
		c := newChecksum()
		vals := map[*smt.Term]uint64{c.x: corner(r), c.y: corner(r), c.nonzero: 0x4000 | corner(r)&0xFFF}
		terms := []*smt.Term{c.x, c.y, c.nonzero, c.word(0), c.word(0xFFFF), c.word(1)}
		want := []uint64{vals[c.x], vals[c.y], vals[c.nonzero], 0, 0xFFFF, 1}
		m := smt.NewModel()
		m.SetVar(c.x, new(big.Int).SetUint64(want[0]))
		m.SetVar(c.y, new(big.Int).SetUint64(want[1]))
		m.SetVar(c.Var("z", 12), new(big.Int).SetUint64(want[2]&0xFFF))
		for range 12 {
			i, j, k := r.IntN(len(terms)), r.IntN(len(terms)), r.IntN(len(terms))
			switch r.IntN(4) {
			case 0:
				terms, want = append(terms, c.BVNot(terms[i])), append(want, ^want[i]&0xFFFF)
			case 1:
				v := want[i]
				if v == 0 {
					v = 0xFFFF
				}
				terms, want = append(terms, c.zeroRule(terms[i])), append(want, v)
			default:
				terms = append(terms, c.OCAdd(terms[i], terms[j], terms[k]))
				want = append(want, smttest.OCAdd(want[i], want[j], want[k]))
			}
		}
		for i, u := range terms {
			if got := m.Eval(u).Uint64(); got != want[i] {
				t.Fatalf("seed %d: got %#x, want %#x, from %v", seed, got, want[i], u)
			}
		}
	}
}

func corner(r *rand.Rand) uint64 {
	return []uint64{0, 0xFFFF, 1, 0xFFFE, r.Uint64() & 0xFFFF}[r.IntN(5)]
}

// TestOCAddAssociates is lemma (b) exhaustively for the sum of bytes, the same definition with 8 for 16.
func TestOCAddAssociates(t *testing.T) {
	fold := func(s uint32) uint32 {
		for s > 0xFF {
			s = s&0xFF + s>>8
		}
		return s
	}
	for x := range uint32(256) {
		for y := range uint32(256) {
			for z := range uint32(256) {
				if all := fold(x + y + z); fold(fold(x+y)+z) != all || fold(x+fold(y+z)) != all {
					t.Fatalf("%d, %d, %d: the order matters", x, y, z)
				}
			}
		}
	}
}
