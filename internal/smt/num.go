package smt

import (
	"math/big"
	"math/bits"
)

// num is a natural number. Numbers below 2^64 live in w, with b nil; larger ones in b, which is
// never changed after it was set. The form is canonical: eq compares numbers.
type num struct {
	w uint64
	b *big.Int
}

func small(w uint64) num { return num{w: w} }

var (
	zero = small(0)
	one  = small(1)
)

// numOf takes ownership of b, which must not be negative.
func numOf(b *big.Int) num {
	if b.IsUint64() {
		return num{w: b.Uint64()}
	}
	return num{b: b}
}

// copyOf is numOf for a number that the caller keeps.
func copyOf(b *big.Int) num {
	if b.IsUint64() {
		return num{w: b.Uint64()}
	}
	return num{b: new(big.Int).Set(b)}
}

// big gives the number in a form that the caller may read but must not change.
func (x num) big() *big.Int {
	if x.b != nil {
		return x.b
	}
	return new(big.Int).SetUint64(x.w)
}

// copy gives the number in a form that the caller owns.
func (x num) copy() *big.Int {
	if x.b != nil {
		return new(big.Int).Set(x.b)
	}
	return new(big.Int).SetUint64(x.w)
}

func (x num) isZero() bool { return x.b == nil && x.w == 0 }

func (x num) cmp(y num) int {
	if x.b == nil && y.b == nil {
		switch {
		case x.w < y.w:
			return -1
		case x.w > y.w:
			return 1
		}
		return 0
	}
	return x.big().Cmp(y.big())
}

func (x num) eq(y num) bool   { return x.cmp(y) == 0 }
func (x num) less(y num) bool { return x.cmp(y) < 0 }

func (x num) bitLen() int {
	if x.b != nil {
		return x.b.BitLen()
	}
	return bits.Len64(x.w)
}

func (x num) bit(i int) bool {
	if x.b != nil {
		return x.b.Bit(i) == 1
	}
	return i < 64 && x.w>>uint(i)&1 == 1
}

func (x num) trailingZeros() int {
	if x.b != nil {
		return int(x.b.TrailingZeroBits())
	}
	return bits.TrailingZeros64(x.w)
}

// isPower tells whether x is a power of two.
func (x num) isPower() bool { return !x.isZero() && x.trailingZeros() == x.bitLen()-1 }

// ones is 2^w - 1.
func ones(w int) num {
	if w <= 64 {
		return small(^uint64(0) >> uint(64-w))
	}
	return pow2(w).sub(one)
}

func pow2(w int) num {
	if w < 64 {
		return small(1 << uint(w))
	}
	return num{b: new(big.Int).Lsh(big.NewInt(1), uint(w))}
}

// low keeps the w low bits.
func (x num) low(w int) num {
	if x.b == nil {
		if w >= 64 {
			return x
		}
		return small(x.w & ones(w).w)
	}
	if x.b.BitLen() <= w {
		return x
	}
	return numOf(new(big.Int).And(x.b, ones(w).big()))
}

func (x num) add(y num) num {
	if x.b == nil && y.b == nil {
		if s, c := bits.Add64(x.w, y.w, 0); c == 0 {
			return small(s)
		}
	}
	return numOf(new(big.Int).Add(x.big(), y.big()))
}

// sub is x - y for x >= y.
func (x num) sub(y num) num {
	if x.b == nil && y.b == nil {
		return small(x.w - y.w)
	}
	return numOf(new(big.Int).Sub(x.big(), y.big()))
}

func (x num) mul(y num) num {
	if x.b == nil && y.b == nil {
		if h, l := bits.Mul64(x.w, y.w); h == 0 {
			return small(l)
		}
	}
	return numOf(new(big.Int).Mul(x.big(), y.big()))
}

// div and rem need y > 0.
func (x num) div(y num) num {
	if x.b == nil && y.b == nil {
		return small(x.w / y.w)
	}
	return numOf(new(big.Int).Quo(x.big(), y.big()))
}

func (x num) rem(y num) num {
	if x.b == nil && y.b == nil {
		return small(x.w % y.w)
	}
	return numOf(new(big.Int).Rem(x.big(), y.big()))
}

func (x num) shl(n int) num {
	if x.b == nil && bits.Len64(x.w)+n <= 64 {
		return small(x.w << uint(n))
	}
	return numOf(new(big.Int).Lsh(x.big(), uint(n)))
}

func (x num) shr(n int) num {
	if x.b == nil {
		return small(x.w >> uint(n))
	}
	return numOf(new(big.Int).Rsh(x.b, uint(n)))
}

func (x num) and(y num) num {
	if x.b == nil && y.b == nil {
		return small(x.w & y.w)
	}
	return numOf(new(big.Int).And(x.big(), y.big()))
}

func (x num) or(y num) num {
	if x.b == nil && y.b == nil {
		return small(x.w | y.w)
	}
	return numOf(new(big.Int).Or(x.big(), y.big()))
}

func (x num) xor(y num) num {
	if x.b == nil && y.b == nil {
		return small(x.w ^ y.w)
	}
	return numOf(new(big.Int).Xor(x.big(), y.big()))
}

// not flips the w low bits of x < 2^w.
func (x num) not(w int) num { return ones(w).sub(x) }

// signed reads x as a two's complement number of w bits.
func (x num) signed(w int) *big.Int {
	v := x.copy()
	if w > 0 && x.bit(w-1) {
		v.Sub(v, pow2(w).big())
	}
	return v
}

// wrap is v mod 2^w.
func wrap(v *big.Int, w int) num {
	if v.Sign() >= 0 {
		return copyOf(v).low(w)
	}
	return numOf(new(big.Int).And(v, ones(w).big()))
}

func minNum(x, y num) num {
	if x.less(y) {
		return x
	}
	return y
}

func maxNum(x, y num) num {
	if x.less(y) {
		return y
	}
	return x
}
