package smt

import "math/big"

// IntShl is i * 2^n; n is not negative (the caller has proved it).
func (b *Builder) IntShl(i, n Int) Int {
	n = b.IntRestrict(n, bigZero, n.Hi)
	lo, hi := spread(func(x, y *big.Int) *big.Int { return new(big.Int).Lsh(x, distance(y)) }, i, n)
	return b.exact(lo, hi, func(w int) *Term {
		v := max(w, n.Term.width)
		return b.resize(b.BVShl(b.IntWrap(i, v), b.IntWrap(n, v)), w, false)
	})
}

// IntShr is i / 2^n rounded down; n is not negative (the caller has proved it).
func (b *Builder) IntShr(i, n Int) Int {
	n = b.IntRestrict(n, bigZero, n.Hi)
	lo, hi := spread(func(x, y *big.Int) *big.Int { return new(big.Int).Rsh(x, distance(y)) }, i, n)
	v := max(i.Term.width, n.Term.width)
	s := b.BVAShr
	if i.Lo.Sign() >= 0 {
		s = b.BVLShr
	}
	t := s(b.IntWrap(i, v), b.IntWrap(n, v))
	return b.exact(lo, hi, func(w int) *Term { return b.resize(t, w, i.Lo.Sign() < 0) })
}

// maxShift bounds shift distances: a longer one asks for an integer that no memory holds.
const maxShift = 1 << 20

func distance(n *big.Int) uint {
	if n.Cmp(big.NewInt(maxShift)) > 0 {
		return maxShift
	}
	return uint(n.Uint64())
}

// IntAnd is Python's i & j on integers in infinite two's complement.
func (b *Builder) IntAnd(i, j Int) Int { return b.intBitwise(b.BVAnd, i, j) }

// IntOr is Python's i | j on integers in infinite two's complement.
func (b *Builder) IntOr(i, j Int) Int { return b.intBitwise(b.BVOr, i, j) }

// IntXor is Python's i ^ j on integers in infinite two's complement.
func (b *Builder) IntXor(i, j Int) Int { return b.intBitwise(b.BVXor, i, j) }

func (b *Builder) intBitwise(f func(s, t *Term) *Term, i, j Int) Int {
	w, signed := common(i, j)
	t := f(b.IntWrap(i, w), b.IntWrap(j, w))
	if signed {
		return b.IntSigned(t)
	}
	return b.IntUnsigned(t)
}
