// Package smttest holds what tests of terms share: every operator of package smt beside its meaning
// in Go's own operators, and random terms with a reference evaluator.
//
// [Operators] is the table; [Random] makes a [Recipe], which is built into terms of a Builder and
// evaluated without one. Widths are at most 64 bits.
package smttest

import (
	"math/bits"

	"vigor/internal/smt"
)

// Operator is one constructor of smt.Builder on two bit-vectors of one width (or one, if Unary).
type Operator struct {
	Name  string
	Unary bool
	Bool  bool // the result is a Bool
	Build func(b *smt.Builder, x, y *smt.Term) *smt.Term
	// Value is the result for operands of w bits, as Go's operators compute it; its bits above the
	// result's width are ignored.
	Value func(w int, x, y uint64) uint64
}

// Mask keeps the w low bits of v.
func Mask(v uint64, w int) uint64 {
	if w >= 64 {
		return v
	}
	return v & (1<<w - 1)
}

// Signed reads the w low bits of v as two's complement.
func Signed(v uint64, w int) int64 { return int64(v<<(64-w)) >> (64 - w) }

func truth(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func unary(f func(*smt.Builder, *smt.Term) *smt.Term) func(*smt.Builder, *smt.Term, *smt.Term) *smt.Term {
	return func(b *smt.Builder, x, _ *smt.Term) *smt.Term { return f(b, x) }
}

// Operators lists every operator on bit-vectors of one width.
var Operators = []Operator{
	{"bvnot", true, false, unary((*smt.Builder).BVNot), func(w int, x, _ uint64) uint64 { return ^x }},
	{"bvneg", true, false, unary((*smt.Builder).BVNeg), func(w int, x, _ uint64) uint64 { return -x }},
	{"bvadd", false, false, (*smt.Builder).BVAdd, func(w int, x, y uint64) uint64 { return x + y }},
	{"bvsub", false, false, (*smt.Builder).BVSub, func(w int, x, y uint64) uint64 { return x - y }},
	{"bvmul", false, false, (*smt.Builder).BVMul, func(w int, x, y uint64) uint64 { return x * y }},
	{"bvudiv", false, false, (*smt.Builder).BVUDiv, udiv},
	{"bvurem", false, false, (*smt.Builder).BVURem, urem},
	{"bvsdiv", false, false, (*smt.Builder).BVSDiv, sdiv},
	{"bvsrem", false, false, (*smt.Builder).BVSRem, srem},
	{"bvand", false, false, (*smt.Builder).BVAnd, func(w int, x, y uint64) uint64 { return x & y }},
	{"bvor", false, false, (*smt.Builder).BVOr, func(w int, x, y uint64) uint64 { return x | y }},
	{"bvxor", false, false, (*smt.Builder).BVXor, func(w int, x, y uint64) uint64 { return x ^ y }},
	{"bvshl", false, false, (*smt.Builder).BVShl, func(w int, x, y uint64) uint64 { return x << y }},
	{"bvlshr", false, false, (*smt.Builder).BVLShr, func(w int, x, y uint64) uint64 { return x >> y }},
	{"bvashr", false, false, (*smt.Builder).BVAShr, func(w int, x, y uint64) uint64 { return uint64(Signed(x, w) >> y) }},
	{"eq", false, true, (*smt.Builder).Eq, func(w int, x, y uint64) uint64 { return truth(x == y) }},
	{"bvult", false, true, (*smt.Builder).BVULt, func(w int, x, y uint64) uint64 { return truth(x < y) }},
	{"bvule", false, true, (*smt.Builder).BVULe, func(w int, x, y uint64) uint64 { return truth(x <= y) }},
	{"bvslt", false, true, (*smt.Builder).BVSLt, func(w int, x, y uint64) uint64 { return truth(Signed(x, w) < Signed(y, w)) }},
	{"bvsle", false, true, (*smt.Builder).BVSLe, func(w int, x, y uint64) uint64 { return truth(Signed(x, w) <= Signed(y, w)) }},
}

func udiv(w int, x, y uint64) uint64 {
	if y == 0 {
		return ^uint64(0)
	}
	return x / y
}

func urem(w int, x, y uint64) uint64 {
	if y == 0 {
		return x
	}
	return x % y
}

func sdiv(w int, x, y uint64) uint64 {
	if y == 0 {
		if Signed(x, w) < 0 {
			return 1
		}
		return ^uint64(0)
	}
	return uint64(Signed(x, w) / Signed(y, w))
}

func srem(w int, x, y uint64) uint64 {
	if y == 0 {
		return x
	}
	return uint64(Signed(x, w) % Signed(y, w))
}

// OCAdd adds 16-bit numbers with end-around carry.
func OCAdd(vs ...uint64) uint64 {
	sum := uint64(0)
	for _, v := range vs {
		var carry uint64
		sum, carry = bits.Add64(sum, v, 0)
		sum += carry
	}
	for sum > 0xFFFF {
		sum = sum&0xFFFF + sum>>16
	}
	return sum
}
