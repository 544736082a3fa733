package replay

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"vigor/internal/smt"
)

// TestFrame compares the bytes of frames, some of them written at places that are not known, with what a read of each
// place gives.
func TestFrame(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	b := smt.NewBuilder()
	base := b.Func("frame", []int{16}, 8)
	length := b.Var("length", 16)
	for range 50 {
		m := smt.NewModel()
		n := random.IntN(40)
		m.SetVar(length, big.NewInt(int64(n)))
		for range random.IntN(30) {
			m.SetApp(base, []*big.Int{big.NewInt(random.Int64N(50))}, big.NewInt(random.Int64N(256)))
		}
		a := smt.NewArray(base)
		for i := range random.IntN(10) {
			at, value := b.Var(string(rune('a'+i)), 16), b.Var(string(rune('A'+i)), 8)
			m.SetVar(at, big.NewInt(random.Int64N(50)))
			m.SetVar(value, big.NewInt(random.Int64N(256)))
			a = a.Store(b.BVAdd(at, b.Word(1, 16)), value)
		}
		data := frame(a, length, m)
		if len(data) != n {
			t.Fatalf("got %d bytes, want %d", len(data), n)
		}
		for i, got := range data {
			if want := m.Eval(b.Select(a, b.Word(uint64(i), 16))); want.Cmp(big.NewInt(int64(got))) != 0 {
				t.Errorf("byte %d is %d, want %v", i, got, want)
			}
		}
	}
}
