package symbex

import (
	"golang.org/x/tools/go/ssa"

	"vigor/internal/diag"
	"vigor/internal/smt"
)

// wordFunction is a function of math/bits on words, computed exactly on wider terms: running its body
// would hide that a product or a sum is one.
type wordFunction struct {
	compute func(b *smt.Builder, w []*smt.Term) (first, second *smt.Term)
	// needs is what the arguments must satisfy, nil for nothing, and code and text what is said if they
	// do not.
	needs func(b *smt.Builder, w []*smt.Term) *smt.Term
	code  diag.Code
	text  string
}

var wordFunctions = map[string]wordFunction{
	"math/bits.Mul64": {compute: mul64},
	"math/bits.Add64": {add64, carryIsBit, diag.CarryOutOfRange, "the carry may be neither 0 nor 1"},
	"math/bits.Sub64": {sub64, carryIsBit, diag.CarryOutOfRange, "the borrow may be neither 0 nor 1"},
	"math/bits.Div64": {div64, quotientFits, diag.DivisionByZero,
		"bits.Div64 overflows or divides by zero: the divisor must be above the high word"},
}

// isWordFunction reports whether fn is one of them.
func isWordFunction(fn *ssa.Function) bool {
	_, ok := wordFunctions[fn.String()]
	return ok
}

// callWordFunction computes one of them.
func (m *Machine) callWordFunction(f *frame, fn *ssa.Function, args []Value) Value {
	var words []*smt.Term
	for _, arg := range args {
		words = append(words, arg.(Scalar).Term)
	}
	w := wordFunctions[fn.String()]
	if w.needs != nil {
		m.prove(f, w.needs(m.b, words), w.code, diag.Text("%s", w.text))
	}
	first, second := w.compute(m.b, words)
	return Aggregate{Scalar{first}, Scalar{second}}
}

// mul64 is x * y as high and low word.
func mul64(b *smt.Builder, w []*smt.Term) (hi, lo *smt.Term) {
	product := b.BVMul(b.ZeroExtend(w[0], 128), b.ZeroExtend(w[1], 128))
	return b.Extract(product, 127, 64), b.Extract(product, 63, 0)
}

// add64 is x + y + carry as sum and carry out.
func add64(b *smt.Builder, w []*smt.Term) (sum, carry *smt.Term) {
	total := b.BVAdd(b.BVAdd(b.ZeroExtend(w[0], 65), b.ZeroExtend(w[1], 65)), b.ZeroExtend(w[2], 65))
	return b.Extract(total, 63, 0), b.ZeroExtend(b.Extract(total, 64, 64), 64)
}

// sub64 is x - y - borrow as difference and borrow out.
func sub64(b *smt.Builder, w []*smt.Term) (difference, borrow *smt.Term) {
	total := b.BVSub(b.BVSub(b.ZeroExtend(w[0], 65), b.ZeroExtend(w[1], 65)), b.ZeroExtend(w[2], 65))
	return b.Extract(total, 63, 0), b.ZeroExtend(b.Extract(total, 64, 64), 64)
}

// carryIsBit says that the third word is 0 or 1; Go leaves the result open otherwise.
func carryIsBit(b *smt.Builder, w []*smt.Term) *smt.Term { return b.BVULe(w[2], b.Word(1, 64)) }

// div64 is hi:lo / y as quotient and remainder.
func div64(b *smt.Builder, w []*smt.Term) (quotient, remainder *smt.Term) {
	dividend, divisor := b.Concat(w[0], w[1]), b.ZeroExtend(w[2], 128)
	return b.Extract(b.BVUDiv(dividend, divisor), 63, 0), b.Extract(b.BVURem(dividend, divisor), 63, 0)
}

// quotientFits says that hi < y; Go panics otherwise.
func quotientFits(b *smt.Builder, w []*smt.Term) *smt.Term { return b.BVULt(w[0], w[2]) }
