package smt_test

import (
	"math/rand/v2"
	"testing"

	"vigor/internal/smt"
	"vigor/internal/smt/smttest"
)

// BenchmarkBuild builds a random recipe of 400 steps: first into an empty table, then again into the
// same one, as replayed paths do.
func BenchmarkBuild(b *testing.B) {
	p := smttest.Random(rand.New(rand.NewPCG(1, 6)), 400)
	b.Run("first", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p.Build(smt.NewBuilder())
		}
	})
	b.Run("again", func(b *testing.B) {
		b.ReportAllocs()
		t := smt.NewBuilder()
		for b.Loop() {
			p.Build(t)
		}
	})
}

// BenchmarkConstructors builds terms like those of bounds checks and header fields, again and again.
func BenchmarkConstructors(b *testing.B) {
	t := smt.NewBuilder()
	x, n := t.Var("x", 8), t.ZeroExtend(t.Var("n", 16), 64)
	ihl := t.BVMul(t.ZeroExtend(t.BVAnd(x, t.Word(15, 8)), 64), t.Word(4, 64))
	end := t.BVAdd(ihl, t.Word(34, 64))
	base := t.Func("pkt", []int{16}, 8)
	array := smt.NewArray(base)
	for i := range uint64(12) {
		array = array.Store(t.Word(26+i, 16), x)
	}
	var path []*smt.Term
	for i := range uint64(40) {
		path = append(path, t.BVULt(t.Apply(base, t.Word(i, 16)), t.Word(i+5, 8)))
	}
	for _, c := range []struct {
		name string
		f    func()
	}{
		{"add", func() { t.BVAdd(ihl, t.Word(34, 64)) }},
		{"bounds", func() { t.BVULt(end, n) }},
		{"signed bounds", func() { t.BVSLe(end, n) }},
		{"equal", func() { t.Eq(end, n) }},
		{"concat", func() { t.Concat(x, t.Extract(n, 7, 0)) }},
		{"select", func() { t.Select(array, t.Extract(end, 15, 0)) }},
		{"and of a path", func() { t.And(path...) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.f()
			}
		})
	}
}
