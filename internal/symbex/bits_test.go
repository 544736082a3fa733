package symbex

import (
	"math/big"
	"math/bits"
	"math/rand/v2"
	"testing"

	"vigor/internal/smt"
)

// TestWordFunctions compares the terms with Go's functions, at corners and at random.
func TestWordFunctions(t *testing.T) {
	b := smt.NewBuilder()
	x, y := b.Var("x", 64), b.Var("y", 64)
	mulHi, mulLo := mul64(b, []*smt.Term{x, y})
	r := rand.New(rand.NewPCG(1, 2))
	corners := []uint64{0, 1, 2, 1<<32 - 1, 1 << 32, 1<<63 - 1, 1 << 63, 1<<64 - 2, 1<<64 - 1}
	for range 200 {
		corners = append(corners, r.Uint64(), r.Uint64N(1<<20))
	}
	for i, v := range corners {
		w := corners[(i*7+3)%len(corners)]
		model := smt.NewModel()
		model.SetVar(x, new(big.Int).SetUint64(v))
		model.SetVar(y, new(big.Int).SetUint64(w))
		check := func(name string, first, second *smt.Term, want1, want2 uint64) {
			t.Helper()
			got1, got2 := model.Eval(first).Uint64(), model.Eval(second).Uint64()
			if got1 != want1 || got2 != want2 {
				t.Errorf("%s(%d, %d) is %d, %d, want %d, %d", name, v, w, got1, got2, want1, want2)
			}
		}
		hi, lo := bits.Mul64(v, w)
		check("Mul64", mulHi, mulLo, hi, lo)
		for carry := range uint64(2) {
			c := b.Word(carry, 64)
			sum, out := add64(b, []*smt.Term{x, y, c})
			goSum, goOut := bits.Add64(v, w, carry)
			check("Add64", sum, out, goSum, goOut)
			difference, borrow := sub64(b, []*smt.Term{x, y, c})
			goDifference, goBorrow := bits.Sub64(v, w, carry)
			check("Sub64", difference, borrow, goDifference, goBorrow)
		}
		if v < w {
			q, rem := div64(b, []*smt.Term{x, b.Word(12345, 64), y})
			goQ, goRem := bits.Div64(v, 12345, w)
			check("Div64", q, rem, goQ, goRem)
		}
	}
}
