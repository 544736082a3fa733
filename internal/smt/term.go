// Package smt holds terms over booleans, bit-vectors and uninterpreted functions (SMT-LIB's QF_UFBV,
// plus the Internet checksum's addition), simplifies them as they are built, and evaluates them.
//
// A [Builder] owns its terms: equal terms are the same pointer, so == compares them, and every
// constructor returns the simplified normal form. A [Term] of width 0 is a Bool. Every term knows an
// unsigned interval that holds its value, which decides most bounds checks without a solver.
// [Int] is an exact integer, a term whose width follows from its bounds; [Array] is an array of
// terms with an uninterpreted start; [Model] gives values to variables and functions.
//
// Normal form, in short: a term whose high bits are known to be zero is a narrower term behind
// leading zeros; sums are linear combinations sorted by term; comparisons and equations are moved to
// "smaller terms left", narrowed and divided by common factors; bytes shifted and or-ed together are
// one concatenation; the only boolean connectives are Not, And, Eq and Ite. The same value computed in
// 64-bit Go and in exact integers is thereby, in most cases, the same term.
//
// Guarantee: every rewrite keeps the value under every model. Operands of wrong widths are the
// caller's bug and panic. A Builder must not be used from two goroutines at once.
//
// Start at [Builder], then linear.go for arithmetic, slice.go for Concat and Extract, bool.go.
package smt

import "math/big"

// Op is the operator of a term. Names are SMT-LIB's.
type Op uint8

// The operators. Constructors that are not listed (Or, BVSub, BVULe, BVSDiv, ...) build these.
const (
	OpConst Op = iota
	OpVar
	OpApply
	OpNot // boolean
	OpAnd // boolean, two or more arguments
	OpEq  // of two terms of one sort
	OpIte // condition, then, else
	OpBVNot
	OpBVNeg
	OpBVAdd // two or more arguments, at most one a constant
	OpBVMul
	OpBVUDiv
	OpBVURem
	OpBVAnd
	OpBVOr
	OpBVXor
	OpBVShl
	OpBVLShr
	OpBVAShr
	OpBVULt
	OpBVSLt
	OpConcat // two or more arguments, most significant first; leading zeros are a constant
	OpExtract
	OpSignExtend
	OpOCAdd   // two or more arguments of 16 bits
	OpBounded // a term, its least and its greatest value, see Bounded
	opCount
	opBVSub // never in a term: it names calls only
)

var opNames = [opCount]string{
	"const", "var", "apply", "not", "and", "=", "ite", "bvnot", "bvneg", "bvadd", "bvmul", "bvudiv",
	"bvurem", "bvand", "bvor", "bvxor", "bvshl", "bvlshr", "bvashr", "bvult", "bvslt", "concat",
	"extract", "sign_extend", "ocadd", "bounded",
}

// String gives SMT-LIB's name of the operator.
func (o Op) String() string { return opNames[o] }

// Func is an uninterpreted function. Its identity is its name within one Builder.
type Func struct {
	Name   string
	Params []int // widths of the parameters, in bits
	Result int   // width of the result; 0 is Bool
}

// Term is one hash-consed term; see [Builder]. Terms do not change once built.
type Term struct {
	op        Op
	width, id int
	args      []*Term
	fn        *Func
	name      string
	high, low int // of OpExtract
	lo, hi    num // the interval; the value of a constant
	hashed    uint64
	next      *Term // with the same place in the table
}

// Op gives the operator.
func (t *Term) Op() Op { return t.op }

// Width gives the width in bits; 0 is Bool.
func (t *Term) Width() int { return t.width }

// Args gives the arguments, which the caller must not change.
func (t *Term) Args() []*Term { return t.args }

// Func gives the function of an OpApply, else nil.
func (t *Term) Func() *Func { return t.fn }

// Name gives the name of an OpVar, else "".
func (t *Term) Name() string { return t.name }

// ID numbers the terms of one Builder from 0 in order of creation; arguments come before their users.
func (t *Term) ID() int { return t.id }

// Bounds gives the first and last bit of an OpExtract.
func (t *Term) Bounds() (high, low int) { return t.high, t.low }

// Const gives the value of a constant; false and true are 0 and 1.
func (t *Term) Const() (*big.Int, bool) {
	if t.op != OpConst {
		return nil, false
	}
	return t.lo.copy(), true
}

// Word gives the value of a constant below 2^64.
func (t *Term) Word() (uint64, bool) { return t.lo.w, t.op == OpConst && t.lo.b == nil }

// IsTrue tells whether t is the constant true.
func (t *Term) IsTrue() bool { return t.width == 0 && t.op == OpConst && t.lo.w == 1 }

// IsFalse tells whether t is the constant false.
func (t *Term) IsFalse() bool { return t.width == 0 && t.op == OpConst && t.lo.w == 0 }

// Range gives bounds, both included, of t read as an unsigned number.
func (t *Term) Range() (lo, hi *big.Int) { return t.lo.copy(), t.hi.copy() }

func (t *Term) isConst() bool { return t.op == OpConst }

// isValue tells whether t is the constant v.
func (t *Term) isValue(v num) bool { return t.op == OpConst && t.lo.eq(v) }
