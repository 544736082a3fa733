package smt

import "math/big"

// Int is an exact integer: Lo <= value <= Hi, both known. Term holds it in exactly as many bits as the
// bounds need (at least one), read unsigned if Lo >= 0, else as two's complement.
type Int struct {
	Term   *Term
	Lo, Hi *big.Int
}

var (
	bigZero = big.NewInt(0)
	bigOne  = big.NewInt(1)
)

// intWidth is the number of bits that hold every integer from lo to hi.
func intWidth(lo, hi *big.Int) int {
	if lo.Sign() >= 0 {
		return max(1, hi.BitLen())
	}
	return 1 + max(new(big.Int).Not(lo).BitLen(), nonNegative(hi).BitLen())
}

// nonNegative is v, or 0 if v is negative.
func nonNegative(v *big.Int) *big.Int {
	if v.Sign() < 0 {
		return bigZero
	}
	return v
}

// signedWidth is the number of bits that hold i in two's complement.
func (i Int) signedWidth() int {
	if i.Lo.Sign() < 0 {
		return i.Term.width
	}
	return i.Hi.BitLen() + 1
}

// Const gives the value of an integer with equal bounds.
func (i Int) Const() (*big.Int, bool) {
	return new(big.Int).Set(i.Lo), i.Lo.Cmp(i.Hi) == 0
}

// IntConst is the integer v.
func (b *Builder) IntConst(v *big.Int) Int {
	v = new(big.Int).Set(v)
	return Int{b.Const(v, intWidth(v, v)), v, v}
}

// IntUnsigned is t read as an unsigned number; a Bool is 0 or 1.
func (b *Builder) IntUnsigned(t *Term) Int {
	if t.width == 0 {
		t = b.Ite(t, b.Word(1, 1), b.Word(0, 1))
	}
	lo, hi := t.Range()
	return Int{b.resize(t, intWidth(lo, hi), false), lo, hi}
}

// IntSigned is t read as a two's complement number.
func (b *Builder) IntSigned(t *Term) Int {
	lo, hi := b.signedRange(t)
	return Int{b.resize(t, intWidth(lo, hi), true), lo, hi}
}

// IntWrap is i modulo 2^w, as a term of w bits.
func (b *Builder) IntWrap(i Int, w int) *Term { return b.resize(i.Term, w, i.Lo.Sign() < 0) }

// resize cuts or extends t to w bits.
func (b *Builder) resize(t *Term, w int, signed bool) *Term {
	switch {
	case w < t.width:
		return b.Extract(t, w-1, 0)
	case signed:
		return b.SignExtend(t, w)
	}
	return b.ZeroExtend(t, w)
}

// exact builds the integer with bounds lo and hi whose low bits f computes at a given width. The
// term's own interval may tighten the bounds.
func (b *Builder) exact(lo, hi *big.Int, f func(w int) *Term) Int {
	if lo.Cmp(hi) == 0 {
		return b.IntConst(lo)
	}
	t := f(intWidth(lo, hi))
	signed := lo.Sign() < 0
	least, most := t.Range()
	if signed {
		least, most = b.signedRange(t)
	}
	if least, most = maxBig(lo, least), minBig(hi, most); least.Cmp(most) <= 0 {
		lo, hi = least, most
	}
	return Int{b.resize(t, intWidth(lo, hi), signed), lo, hi}
}

// IntAdd is i + j.
func (b *Builder) IntAdd(i, j Int) Int {
	lo, hi := new(big.Int).Add(i.Lo, j.Lo), new(big.Int).Add(i.Hi, j.Hi)
	return b.exact(lo, hi, func(w int) *Term { return b.BVAdd(b.IntWrap(i, w), b.IntWrap(j, w)) })
}

// IntSub is i - j.
func (b *Builder) IntSub(i, j Int) Int {
	lo, hi := new(big.Int).Sub(i.Lo, j.Hi), new(big.Int).Sub(i.Hi, j.Lo)
	return b.exact(lo, hi, func(w int) *Term { return b.BVSub(b.IntWrap(i, w), b.IntWrap(j, w)) })
}

// IntNeg is -i.
func (b *Builder) IntNeg(i Int) Int { return b.IntSub(b.IntConst(bigZero), i) }

// IntNot is -1 - i, Python's and Go's ~ on exact integers.
func (b *Builder) IntNot(i Int) Int { return b.IntSub(b.IntConst(big.NewInt(-1)), i) }

// IntMul is i * j.
func (b *Builder) IntMul(i, j Int) Int {
	lo, hi := spread(func(x, y *big.Int) *big.Int { return new(big.Int).Mul(x, y) }, i, j)
	return b.exact(lo, hi, func(w int) *Term { return b.BVMul(b.IntWrap(i, w), b.IntWrap(j, w)) })
}

// spread gives the least and greatest f over the corners of the bounds of i and j.
func spread(f func(x, y *big.Int) *big.Int, i, j Int) (lo, hi *big.Int) {
	for _, x := range []*big.Int{i.Lo, i.Hi} {
		for _, y := range []*big.Int{j.Lo, j.Hi} {
			v := f(x, y)
			if lo == nil || v.Cmp(lo) < 0 {
				lo = v
			}
			if hi == nil || v.Cmp(hi) > 0 {
				hi = v
			}
		}
	}
	return lo, hi
}

// IntIte is i if c, else j.
func (b *Builder) IntIte(c *Term, i, j Int) Int {
	switch {
	case c.IsTrue():
		return i
	case c.IsFalse():
		return j
	}
	lo, hi := minBig(i.Lo, j.Lo), maxBig(i.Hi, j.Hi)
	return b.exact(lo, hi, func(w int) *Term { return b.Ite(c, b.IntWrap(i, w), b.IntWrap(j, w)) })
}

// IntMin is the smaller of i and j.
func (b *Builder) IntMin(i, j Int) Int {
	r := b.IntIte(b.IntLess(j, i), j, i)
	return b.IntRestrict(r, r.Lo, minBig(i.Hi, j.Hi))
}

// IntMax is the greater of i and j.
func (b *Builder) IntMax(i, j Int) Int {
	r := b.IntIte(b.IntLess(i, j), j, i)
	return b.IntRestrict(r, maxBig(i.Lo, j.Lo), r.Hi)
}

// IntEq is i == j.
func (b *Builder) IntEq(i, j Int) *Term {
	if i.Hi.Cmp(j.Lo) < 0 || j.Hi.Cmp(i.Lo) < 0 {
		return b.no
	}
	w, _ := common(i, j)
	return b.Eq(b.IntWrap(i, w), b.IntWrap(j, w))
}

// common is a width that holds both, and whether it is read as two's complement.
func common(i, j Int) (w int, signed bool) {
	if i.Lo.Sign() >= 0 && j.Lo.Sign() >= 0 {
		return max(i.Term.width, j.Term.width), false
	}
	return max(i.signedWidth(), j.signedWidth()), true
}

// IntLess is i < j.
func (b *Builder) IntLess(i, j Int) *Term {
	switch {
	case i.Hi.Cmp(j.Lo) < 0:
		return b.yes
	case i.Lo.Cmp(j.Hi) >= 0:
		return b.no
	}
	w, signed := common(i, j)
	if signed {
		return b.BVSLt(b.IntWrap(i, w), b.IntWrap(j, w))
	}
	return b.BVULt(b.IntWrap(i, w), b.IntWrap(j, w))
}

// IntLessEq is i <= j.
func (b *Builder) IntLessEq(i, j Int) *Term { return b.Not(b.IntLess(j, i)) }

// IntFits is lo <= i <= hi.
func (b *Builder) IntFits(i Int, lo, hi *big.Int) *Term {
	return b.And(b.IntLessEq(b.IntConst(lo), i), b.IntLessEq(i, b.IntConst(hi)))
}

// IntRestrict is i with its bounds cut to lo and hi; the caller has proved that i lies between them.
func (b *Builder) IntRestrict(i Int, lo, hi *big.Int) Int {
	lo, hi = maxBig(lo, i.Lo), minBig(hi, i.Hi)
	if lo.Cmp(hi) > 0 {
		return i
	}
	return b.exact(lo, hi, func(w int) *Term { return b.IntWrap(i, w) })
}

func minBig(x, y *big.Int) *big.Int {
	if x.Cmp(y) <= 0 {
		return x
	}
	return y
}

func maxBig(x, y *big.Int) *big.Int {
	if x.Cmp(y) >= 0 {
		return x
	}
	return y
}
