package symbex

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"vigor/internal/smt"
	"vigor/internal/smt/smttest"
)

// TestSimplifyKeepsValues lets a path learn what holds under random values, and expects that the
// terms it rewrites keep their values there.
func TestSimplifyKeepsValues(t *testing.T) {
	changed := 0
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 78))
		recipe := smttest.Random(r, 10+r.IntN(40))
		b := smt.NewBuilder()
		terms := recipe.Build(b)
		m := recipe.Model(b, smttest.RandomValues(r))
		p := &Path{builder: b, known: map[*smt.Term]*smt.Term{}, fresh: map[string]int{}}
		for range 1 + r.IntN(6) {
			c := literal(r, b, m, terms[r.IntN(len(terms))])
			if r.IntN(3) == 0 {
				c = relation(r, b, m, terms[r.IntN(len(terms))], terms[r.IntN(len(terms))])
			}
			if r.IntN(3) > 0 {
				c = p.Simplify(c)
			}
			if !m.Holds(c) {
				c = b.Not(c)
			}
			p.assume(c)
			for _, u := range terms {
				s := p.Simplify(u)
				if s != u {
					changed++
				}
				if got, want := m.Eval(s), m.Eval(u); got.Cmp(want) != 0 {
					t.Fatalf("seed %d: %v became %v, which is %v, want %v; known: %v", seed, u, s, got, want, p.condition)
				}
			}
		}
	}
	if changed == 0 {
		t.Error("no term was rewritten")
	}
}

// TestPartsMakeWhole: who knows the upper bits of a term and the lower ones knows the term; of two parts that leave
// something between them, or of one, nothing follows.
func TestPartsMakeWhole(t *testing.T) {
	for _, test := range []struct {
		name  string
		parts [][2]int
		whole bool
	}{
		{"upper and lower", [][2]int{{7, 4}, {3, 0}}, true},
		{"lower and upper", [][2]int{{2, 0}, {7, 3}}, true},
		{"a bit between", [][2]int{{7, 5}, {3, 0}}, false},
		{"one part", [][2]int{{7, 1}}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := smt.NewBuilder()
			p := &Path{builder: b, known: map[*smt.Term]*smt.Term{}, fresh: map[string]int{}}
			x := b.Apply(b.Func("frame", []int{16}, 8), b.Word(14, 16))
			for _, part := range test.parts {
				bits := p.Simplify(b.Extract(x, part[0], part[1]))
				p.assume(b.Eq(bits, b.Const(new(big.Int).Rsh(big.NewInt(0x4A), uint(part[1])), bits.Width())))
			}
			v, constant := p.Simplify(x).Word()
			if constant != test.whole || constant && v != 0x4A {
				t.Errorf("got %v", p.Simplify(x))
			}
		})
	}
}

// relation compares two terms of the same width, or says what the upper or lower bits of a term are.
func relation(r *rand.Rand, b *smt.Builder, m *smt.Model, u, v *smt.Term) *smt.Term {
	switch w := u.Width(); {
	case w == 0:
		return u
	case v.Width() == w:
		return b.BVULt(u, v)
	case w > 1:
		high, low := w-1, 1+r.IntN(w-1)
		if r.IntN(2) == 0 {
			high, low = low-1, 0
		}
		part := b.Extract(u, high, low)
		return b.Eq(part, b.Const(m.Eval(part), part.Width()))
	}
	return literal(r, b, m, u)
}

// literal is u, or compares it with a constant near its value.
func literal(r *rand.Rand, b *smt.Builder, m *smt.Model, u *smt.Term) *smt.Term {
	w := u.Width()
	if w == 0 {
		return u
	}
	near := b.Word(smttest.Mask(m.Eval(u).Uint64()+uint64(r.IntN(7))-3, w), w)
	switch r.IntN(5) {
	case 0:
		return b.Eq(u, near)
	case 1:
		return b.BVULt(u, near)
	case 2:
		return b.BVULt(near, u)
	case 3:
		return b.BVSLt(u, near)
	}
	return b.BVSLt(near, u)
}
