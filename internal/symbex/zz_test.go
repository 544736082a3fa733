package symbex

import (
	"math/rand/v2"
	"testing"
	"time"

	"vigor/internal/smt"
	"vigor/internal/smt/smttest"
)

func TestZZ(t *testing.T) {
	end := time.Now().Add(50 * time.Second)
	n, changed := 0, 0
	for seed := uint64(2000000); time.Now().Before(end); seed++ {
		r := rand.New(rand.NewPCG(seed, 78))
		p := smttest.Random(r, 10+r.IntN(40))
		b := smt.NewBuilder()
		terms := p.Build(b)
		v := smttest.RandomValues(r)
		m := p.Model(b, v)
		path := &Path{builder: b, known: map[*smt.Term]*smt.Term{}, fresh: map[string]int{}}
		for range 1 + r.IntN(6) {
			u := terms[r.IntN(len(terms))]
			c := u
			if w := u.Width(); w > 0 {
				x := m.Eval(u).Uint64()
				d := uint64(r.IntN(4))
				k := b.Word(smttest.Mask(x+d, w), w)
				if r.IntN(2) == 0 {
					k = b.Word(smttest.Mask(x-d, w), w)
				}
				switch r.IntN(5) {
				case 0:
					c = b.Eq(u, k)
				case 1:
					c = b.BVULt(u, k)
				case 2:
					c = b.BVULt(k, u)
				case 3:
					c = b.BVSLt(u, k)
				case 4:
					c = b.BVSLt(k, u)
				}
			}
			if r.IntN(3) > 0 {
				c = path.Simplify(c)
			}
			if m.Eval(c).Sign() == 0 {
				c = b.Not(c)
			}
			path.assume(c)
			for i, u := range terms {
				s := path.Simplify(u)
				if s != u {
					changed++
				}
				if m.Eval(s).Cmp(m.Eval(u)) != 0 {
					t.Fatalf("seed %d term %d %v: got %v = %v, want %v\nknown %v", seed, i, u, s, m.Eval(s), m.Eval(u), path.condition)
				}
			}
		}
		n++
	}
	t.Log(n, changed)
}
