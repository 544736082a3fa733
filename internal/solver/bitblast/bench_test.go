package bitblast

import (
	"testing"

	"vigor/internal/smt"
	"vigor/internal/smt/smttest"
	"vigor/internal/solver/sat"
)

// BenchmarkBlast translates one operator on 64-bit variables and finds a first model.
func BenchmarkBlast(b *testing.B) {
	for _, op := range smttest.Operators {
		b.Run(op.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				t := smt.NewBuilder()
				e := New(sat.New())
				z := op.Build(t, t.Var("x", 64), t.Var("y", 64))
				e.Check(background, t.Eq(z, t.Var("z", z.Width())))
			}
		})
	}
}
