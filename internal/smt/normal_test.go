package smt

import (
	"math/big"
	"testing"
)

// TestMeet lists pairs of expressions that must become one term: what 64-bit Go code computes and what
// a spec says in exact integers, and different ways to say one thing.
func TestMeet(t *testing.T) {
	b := NewBuilder()
	x, y, z := b.Var("x", 16), b.Var("y", 16), b.Var("z", 64)
	hi, lo := b.Var("hi", 8), b.Var("lo", 8)
	p, q := b.Var("p", 0), b.Var("q", 0)
	wide := func(t *Term) *Term { return b.ZeroExtend(t, 64) }
	w := func(v uint64) *Term { return b.Word(v, 64) }
	i := func(v int64) Int { return b.IntConst(big.NewInt(v)) }
	u := b.IntUnsigned
	ihl := b.BVMul(wide(b.BVAnd(lo, b.Word(15, 8))), w(4))
	now := b.Var("now", 63)
	timeout := b.Var("timeout", 40)
	last := b.Var("last", 64)
	for _, c := range []struct {
		name string
		s, t *Term
	}{
		{"sum in 64 bits and in exact integers", b.BVULt(b.BVAdd(wide(x), w(14)), wide(y)),
			b.IntLess(b.IntAdd(u(x), i(14)), u(y))},
		{"signed comparison of what is not negative", b.BVSLt(wide(x), b.BVAdd(wide(y), w(3))),
			b.IntLess(u(x), b.IntAdd(u(y), i(3)))},
		{"constants on both sides", b.BVULe(b.BVAdd(wide(x), w(34)), b.BVAdd(wide(y), w(14))),
			b.BVULe(b.BVAdd(wide(x), w(20)), wide(y))},
		{"subtraction and addition", b.IntLessEq(i(20), b.IntSub(u(x), i(14))), b.BVULe(w(34), wide(x))},
		{"header length", b.BVULt(ihl, w(20)), b.BVULt(b.BVAnd(lo, b.Word(15, 8)), b.Word(5, 8))},
		{"header length in integers", b.BVULe(b.BVAdd(ihl, w(34)), wide(x)),
			b.IntLessEq(b.IntAdd(b.IntMul(b.IntAnd(u(lo), i(15)), i(4)), i(34)), u(x))},
		{"bytes or-ed", b.BVOr(b.BVShl(wide(hi), w(8)), wide(lo)), wide(b.Concat(hi, lo))},
		{"bytes added", b.IntAdd(b.IntMul(u(hi), i(256)), u(lo)).Term, b.Concat(hi, lo)},
		{"bytes of a word", b.Concat(b.Extract(x, 15, 8), b.Extract(x, 7, 0)), x},
		{"bytes of a sum", b.Concat(b.Extract(b.BVAdd(x, y), 15, 8), b.Extract(b.BVAdd(x, y), 7, 0)), b.BVAdd(x, y)},
		{"bytes of a product", b.Concat(b.Extract(b.BVMul(x, y), 15, 8), b.Extract(b.BVMul(x, y), 7, 0)), b.BVMul(x, y)},
		{"bytes of a choice", b.Concat(b.Extract(b.Ite(p, x, y), 15, 8), b.Extract(b.Ite(p, x, y), 7, 0)), b.Ite(p, x, y)},
		{"bytes of a complement", b.Concat(b.Extract(b.BVNot(x), 15, 8), b.Extract(b.BVNot(x), 7, 0)), b.BVNot(x)},
		{"four bytes of a sum", b.Concat(b.Extract(b.BVAdd(z, w(5)), 31, 24), b.Extract(b.BVAdd(z, w(5)), 23, 16),
			b.Extract(b.BVAdd(z, w(5)), 15, 8), b.Extract(b.BVAdd(z, w(5)), 7, 0)), b.Extract(b.BVAdd(z, w(5)), 31, 0)},
		{"truncated sum", b.Extract(b.BVAdd(wide(x), wide(y)), 15, 0), b.BVAdd(x, y)},
		{"remainder of a power of two", b.IntFloorMod(u(x), i(256)).Term, b.Extract(x, 7, 0)},
		{"equation with a constant", b.Eq(b.BVAdd(x, b.Word(7, 16)), b.Word(9, 16)), b.Eq(x, b.Word(2, 16))},
		{"equation in two widths", b.Eq(b.BVAdd(wide(x), w(7)), wide(y)), b.IntEq(u(x), b.IntSub(u(y), i(7)))},
		{"difference is zero", b.Eq(b.BVSub(x, y), b.Word(0, 16)), b.Eq(y, x)},
		{"equation by bytes", b.Eq(b.Concat(hi, lo), b.Word(0x0806, 16)),
			b.And(b.Eq(lo, b.Word(6, 8)), b.Eq(hi, b.Word(8, 8)))},
		{"not less", b.Not(b.BVULt(x, y)), b.BVULe(y, x)},
		{"less or equal a constant", b.BVULe(x, b.Word(9, 16)), b.BVULt(x, b.Word(10, 16))},
		{"below one", b.BVULt(x, b.Word(1, 16)), b.Eq(x, b.Word(0, 16))},
		{"expired: Go subtracts, the spec adds",
			b.BVSLt(last, b.BVSub(wide(now), wide(timeout))),
			b.IntLess(b.IntAdd(b.IntSigned(last), u(timeout)), u(now))},
		{"wrapped difference", b.IntWrap(b.IntSub(u(now), u(timeout)), 64), b.BVSub(wide(now), wide(timeout))},
		{"negation and complement", b.BVNot(b.BVSub(x, b.Word(1, 16))), b.BVNeg(x)},
		{"product of scaled factors", b.BVMul(b.BVMul(wide(x), w(3)), b.BVMul(wide(y), w(5))),
			b.BVMul(w(15), b.BVMul(wide(y), wide(x)))},
		{"product in exact integers", b.BVMul(wide(x), wide(y)), wide(b.IntMul(u(x), u(y)).Term)},
		{"quotient of a multiple", b.BVUDiv(b.BVMul(wide(x), w(375_000_000)), w(1_000_000_000)),
			b.BVUDiv(b.BVMul(wide(x), w(3)), w(8))},
		{"quotient of a quotient", b.BVUDiv(b.BVUDiv(wide(x), w(3)), w(5)), b.BVUDiv(wide(x), w(15))},
		{"whole part of a quotient", b.BVUDiv(b.BVAdd(b.BVMul(wide(x), w(10)), wide(hi)), w(5)),
			b.BVAdd(b.BVMul(wide(x), w(2)), b.BVUDiv(wide(hi), w(5)))},
		{"quotient in exact integers", wide(b.IntFloorDiv(u(x), u(b.BVOr(hi, b.Word(1, 8)))).Term),
			b.BVUDiv(wide(x), wide(b.BVOr(hi, b.Word(1, 8))))},
		{"mask", b.BVAnd(wide(x), w(0xFF)), wide(b.Extract(x, 7, 0))},
		{"choice of widened terms", b.Ite(p, wide(x), wide(y)), wide(b.Ite(p, x, y))},
		{"negated condition", b.Ite(b.Not(p), x, y), b.Ite(p, y, x)},
		{"choice by equality", b.Ite(b.Eq(x, y), x, y), y},
		{"nested choice", b.Ite(p, b.Ite(q, x, y), y), b.Ite(b.And(q, p), x, y)},
		{"nested choice on the other side", b.Ite(p, x, b.Ite(q, y, x)), b.Ite(b.Or(p, b.Not(q)), x, y)},
		{"equal to its branch", b.Eq(b.Ite(p, x, y), y), b.Or(b.Not(p), b.Eq(x, y))},
		{"equal choices", b.Eq(b.Ite(p, x, hi16(b)), b.Ite(p, x, y)), b.Or(p, b.Eq(hi16(b), y))},
		{"bit to Bool", b.Eq(b.Ite(p, b.Word(1, 1), b.Word(0, 1)), b.Word(1, 1)), p},
		{"absorption", b.Or(p, b.And(p, q)), p},
		{"resolution", b.And(p, b.Or(b.Not(p), q)), b.And(q, p)},
		{"contradiction", b.And(b.Eq(x, b.Word(1, 16)), b.Eq(x, b.Word(2, 16))), b.False()},
		{"empty range", b.And(b.BVULt(x, b.Word(5, 16)), b.BVULe(b.Word(5, 16), x)), b.False()},
		{"linear contradiction", b.And(b.BVULe(b.BVAdd(ihl, w(34)), wide(x)), b.BVULt(wide(x), b.BVAdd(ihl, w(20)))), b.False()},
		{"signed contradiction", b.And(b.BVSLt(x, b.Word(0xFFF0, 16)), b.BVSLt(b.Word(3, 16), x)), b.False()},
		{"equation against a bound", b.And(b.Eq(b.BVAdd(wide(x), wide(y)), w(9)), b.BVULt(w(9), b.BVAdd(wide(y), wide(x)))), b.False()},
		{"bound by interval", b.BVULe(b.BVAdd(ihl, w(34)), w(94)), b.True()},
		{"sign extension of what is not negative", b.SignExtend(b.Concat(b.Word(0, 1), x), 64), wide(x)},
		{"sum of signed", b.SignExtend(b.BVAdd(b.SignExtend(x, 17), b.SignExtend(y, 17)), 64),
			b.BVAdd(b.SignExtend(x, 64), b.SignExtend(y, 64))},
	} {
		if c.s != c.t {
			t.Errorf("%s:\n got %v\nwant %v", c.name, c.s, c.t)
		}
	}
}

// TestDiffer lists pairs that look alike and must not become one term.
func TestDiffer(t *testing.T) {
	b := NewBuilder()
	x, y := b.Var("x", 16), b.Var("y", 16)
	w := func(v uint64) *Term { return b.Word(v, 16) }
	wide := func(t *Term) *Term { return b.ZeroExtend(t, 64) }
	for _, c := range []struct {
		name string
		s, t *Term
	}{
		{"a wrapping sum", b.BVULt(b.BVAdd(x, w(14)), y), b.BVULt(b.BVAdd(wide(x), b.Word(14, 64)), wide(y))},
		{"a wrapping difference", b.BVULe(w(20), b.BVSub(x, w(14))), b.BVULe(w(34), x)},
		{"a wrapping product", b.BVUDiv(b.BVMul(x, w(4)), w(4)), x},
		{"signed and unsigned order", b.BVSLt(x, y), b.BVULt(x, y)},
		{"signed and unsigned extension", b.SignExtend(x, 32), b.ZeroExtend(x, 32)},
		{"halves of an equation", b.Eq(b.BVAdd(x, x), w(6)), b.Eq(x, w(3))},
		{"division by what may be 0", b.BVUDiv(wide(x), wide(y)), wide(b.BVUDiv(x, y))},
		{"doubling by end-around carry", b.OCAdd(x, x, x), x},
		{"end-around zero", b.OCAdd(x, w(0xFFFF)), x},
		{"opposite bytes", b.Concat(b.Extract(x, 7, 0), b.Extract(x, 15, 8)), x},
		{"bounds that leave one value", b.And(b.BVULe(x, y), b.BVULe(y, x)), b.False()},
		{"a bound met", b.And(b.BVULe(x, w(5)), b.BVULe(w(5), x)), b.False()},
		{"bounds of different sums", b.And(b.BVULt(wide(x), wide(y)), b.BVULt(b.BVAdd(wide(y), wide(y)), wide(x))), b.False()},
		{"a bound of a wrapping sum", b.And(b.BVULt(b.BVAdd(x, w(5)), y), b.BVULt(y, x)), b.False()},
	} {
		if c.s == c.t {
			t.Errorf("%s: both are %v", c.name, c.s)
		}
	}
}

func hi16(b *Builder) *Term { return b.Var("hi16", 16) }

func TestContradict(t *testing.T) {
	b := NewBuilder()
	ihl, p := b.Var("ihl", 4), b.Var("p", 0)
	at := b.BVAdd(b.BVMul(b.ZeroExtend(ihl, 64), b.Word(4, 64)), b.Word(14, 64))
	atLeast5 := b.BVULe(b.Word(5, 4), ihl)
	for _, c := range []struct {
		name string
		ts   []*Term
		want bool
	}{
		{"offset below the end of the header", []*Term{p, atLeast5, b.Eq(at, b.Word(30, 64))}, true},
		{"offset at the end of the header", []*Term{p, atLeast5, b.Eq(at, b.Word(34, 64))}, false},
		{"opposites", []*Term{b.And(p, atLeast5), b.Not(p)}, true},
		{"a conjunction denied", []*Term{p, atLeast5, b.Not(b.And(p, atLeast5))}, true},
		{"half of a conjunction", []*Term{p, b.Not(b.And(p, atLeast5))}, false},
		{"false", []*Term{p, b.False()}, true},
		{"nothing", nil, false},
	} {
		size := b.Size()
		if got := b.Contradict(c.ts...); got != c.want || b.Size() != size {
			t.Errorf("%s: got %v, want %v; %d terms built", c.name, got, c.want, b.Size()-size)
		}
	}
}
