package smt

import "math/big"

// integer is an exact integer; 0 is not negative.
type integer struct {
	neg bool
	mag num
}

func natural(n num) integer { return integer{mag: n} }

func (x integer) negated() integer { return integer{!x.neg && !x.mag.isZero(), x.mag} }

func (x integer) isZero() bool { return x.mag.isZero() }

func (x integer) add(y integer) integer {
	if x.neg == y.neg {
		return integer{x.neg, x.mag.add(y.mag)}
	}
	switch x.mag.cmp(y.mag) {
	case 0:
		return integer{}
	case 1:
		return integer{x.neg, x.mag.sub(y.mag)}
	}
	return integer{y.neg, y.mag.sub(x.mag)}
}

func (x integer) sub(y integer) integer { return x.add(y.negated()) }

func (x integer) mul(y integer) integer {
	m := x.mag.mul(y.mag)
	return integer{x.neg != y.neg && !m.isZero(), m}
}

func (x integer) cmp(y integer) int {
	switch {
	case x.neg && !y.neg:
		return -1
	case !x.neg && y.neg:
		return 1
	case x.neg:
		return y.mag.cmp(x.mag)
	}
	return x.mag.cmp(y.mag)
}

// floorDiv rounds x / n down; n > 0.
func (x integer) floorDiv(n num) integer {
	if !x.neg {
		return natural(x.mag.div(n))
	}
	return natural(x.mag.add(n).sub(one).div(n)).negated()
}

// floorShift rounds x / 2^n down.
func (x integer) floorShift(n int) integer {
	if !x.neg {
		return natural(x.mag.shr(n))
	}
	return natural(x.mag.sub(one).shr(n).add(one)).negated()
}

// shl is x * 2^n.
func (x integer) shl(n int) integer {
	if x.isZero() {
		return x
	}
	return integer{x.neg, x.mag.shl(n)}
}

// mod is x modulo 2^w.
func (x integer) mod(w int) num {
	m := x.mag.low(w)
	if x.neg {
		return opposite(m, w)
	}
	return m
}

// opposite is -m modulo 2^w, for m < 2^w.
func opposite(m num, w int) num {
	if m.isZero() {
		return m
	}
	return m.not(w).add(one)
}

// symmetric is x modulo 2^w, between -2^(w-1) and 2^(w-1), the lower end excluded.
func (x integer) symmetric(w int) integer {
	m := x.mod(w)
	if pow2(w - 1).less(m) {
		return integer{true, opposite(m, w)}
	}
	return natural(m)
}

// big gives x in a form that the caller owns.
func (x integer) big() *big.Int {
	v := x.mag.copy()
	if x.neg {
		v.Neg(v)
	}
	return v
}
