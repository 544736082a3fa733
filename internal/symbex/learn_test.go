package symbex

import (
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

// relation compares two terms of the same width, or says what the upper bits of a term are.
func relation(r *rand.Rand, b *smt.Builder, m *smt.Model, u, v *smt.Term) *smt.Term {
	switch w := u.Width(); {
	case w == 0:
		return u
	case v.Width() == w:
		return b.BVULt(u, v)
	case w > 1:
		top := b.Extract(u, w-1, 1+r.IntN(w-1))
		return b.Eq(top, b.Const(m.Eval(top), top.Width()))
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
