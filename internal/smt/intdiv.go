package smt

import "math/big"

// Divisions of exact integers. The divisor is not 0: the caller has proved it; otherwise the result
// is unspecified.

// IntFloorDiv is i / j rounded down, as Python's //.
func (b *Builder) IntFloorDiv(i, j Int) Int {
	i, j = b.positiveDivisor(i, j)
	if i.Lo.Sign() >= 0 {
		return b.quotient(i, j)
	}
	// For negative i, floor(i / j) = ^(^i / j).
	neg := b.isNegative(i)
	q := b.quotient(b.unflip(neg, i), j)
	return b.floorBounds(b.IntIte(neg, b.IntNot(q), q), i, j)
}

// IntFloorMod is i - j*floor(i/j), with the sign of j, as Python's %.
func (b *Builder) IntFloorMod(i, j Int) Int {
	p, q := b.positiveDivisor(i, j)
	if p.Lo.Sign() < 0 {
		// For negative p, p mod q = q - 1 - (^p mod q).
		neg := b.isNegative(p)
		r := b.remainder(b.unflip(neg, p), q)
		p = b.IntIte(neg, b.IntSub(b.IntSub(q, b.IntConst(bigOne)), r), r)
		p = b.IntRestrict(p, bigZero, new(big.Int).Sub(q.Hi, bigOne))
	} else {
		p = b.remainder(p, q)
	}
	return b.negateIf(b.isNegative(j), p)
}

// IntTruncDiv is i / j rounded towards 0, as Go's /.
func (b *Builder) IntTruncDiv(i, j Int) Int {
	x, y := b.isNegative(i), b.isNegative(j)
	return b.negateIf(b.Xor(x, y), b.quotient(b.absolute(i), b.absolute(j)))
}

// IntTruncRem is i - j*(i/j), with the sign of i, as Go's %.
func (b *Builder) IntTruncRem(i, j Int) Int {
	return b.negateIf(b.isNegative(i), b.remainder(b.absolute(i), b.absolute(j)))
}

func (b *Builder) isNegative(i Int) *Term { return b.IntLess(i, b.IntConst(bigZero)) }

func (b *Builder) negateIf(c *Term, i Int) Int { return b.IntIte(c, b.IntNeg(i), i) }

// absolute is |i|, whose lower bound is at least 0.
func (b *Builder) absolute(i Int) Int {
	r := b.negateIf(b.isNegative(i), i)
	return b.IntRestrict(r, bigZero, maxBig(new(big.Int).Neg(i.Lo), i.Hi))
}

// unflip is ^i if neg, which tells whether i is negative, else i: at least 0 in both cases.
func (b *Builder) unflip(neg *Term, i Int) Int {
	r := b.IntIte(neg, b.IntNot(i), i)
	return b.IntRestrict(r, bigZero, maxBig(new(big.Int).Not(i.Lo), i.Hi))
}

// positiveDivisor flips both signs if j is negative, so that j is at least 1.
func (b *Builder) positiveDivisor(i, j Int) (Int, Int) {
	neg := b.isNegative(j)
	j = b.absolute(j)
	if j.Hi.Sign() == 0 {
		j = b.IntConst(bigOne)
	}
	return b.negateIf(neg, i), b.IntRestrict(j, bigOne, j.Hi)
}

// quotient divides numbers that are not negative; j counts as at least 1.
func (b *Builder) quotient(i, j Int) Int {
	least := maxBig(j.Lo, bigOne)
	if j.Hi.Sign() == 0 {
		return b.IntConst(bigZero)
	}
	lo, hi := new(big.Int).Quo(i.Lo, j.Hi), new(big.Int).Quo(i.Hi, least)
	w := max(i.Term.width, j.Term.width)
	q := b.BVUDiv(b.IntWrap(i, w), b.IntWrap(j, w))
	return b.exact(lo, hi, func(n int) *Term { return b.resize(q, n, false) })
}

// remainder is the remainder of quotient.
func (b *Builder) remainder(i, j Int) Int {
	if j.Hi.Sign() == 0 {
		return b.IntConst(bigZero)
	}
	if i.Hi.Cmp(j.Lo) < 0 {
		return i
	}
	hi := minBig(i.Hi, new(big.Int).Sub(j.Hi, bigOne))
	w := max(i.Term.width, j.Term.width)
	r := b.BVURem(b.IntWrap(i, w), b.IntWrap(j, w))
	return b.exact(new(big.Int), hi, func(n int) *Term { return b.resize(r, n, false) })
}

// floorBounds tightens the bounds of q, the floor of i / j with j at least 1.
func (b *Builder) floorBounds(q, i, j Int) Int {
	floor := func(x, y *big.Int) *big.Int { return new(big.Int).Div(x, y) }
	lo, hi := spread(floor, i, j)
	return b.IntRestrict(q, lo, hi)
}
