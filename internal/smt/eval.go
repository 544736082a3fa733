package smt

import "math/big"

// evalOp gives the value of operator t.op on the values of its arguments. Bool values are 0 and 1.
func evalOp(t *Term, v []num) num {
	w := t.width
	switch t.op {
	case OpNot:
		return truth(v[0].isZero())
	case OpAnd:
		return evalAnd(v)
	case OpEq:
		return truth(v[0].eq(v[1]))
	case OpIte:
		if v[0].isZero() {
			return v[2]
		}
		return v[1]
	case OpBVNot:
		return v[0].not(w)
	case OpBVNeg:
		return v[0].not(w).add(one).low(w)
	case OpBVAdd:
		return evalAdd(v).low(w)
	case OpBVMul:
		return v[0].mul(v[1]).low(w)
	case OpBVUDiv:
		return evalUDiv(v[0], v[1], w)
	case OpBVURem:
		return evalURem(v[0], v[1])
	case OpBVAnd:
		return v[0].and(v[1])
	case OpBVOr:
		return v[0].or(v[1])
	case OpBVXor:
		return v[0].xor(v[1])
	case OpBVShl:
		return evalShl(v[0], v[1], w)
	case OpBVLShr:
		return evalLShr(v[0], v[1], w)
	case OpBVAShr:
		return evalAShr(v[0], v[1], w)
	case OpBVULt:
		return truth(v[0].less(v[1]))
	case OpBVSLt:
		a := t.args[0].width
		return truth(v[0].signed(a).Cmp(v[1].signed(a)) < 0)
	case OpConcat:
		return evalConcat(t, v)
	case OpExtract:
		return v[0].shr(t.low).low(w)
	case OpSignExtend:
		return wrap(v[0].signed(t.args[0].width), w)
	case OpOCAdd:
		return evalOCAdd(v)
	case OpBounded:
		return v[0]
	}
	panic("smt: operator without a value: " + t.op.String())
}

func truth(b bool) num {
	if b {
		return one
	}
	return zero
}

func evalAnd(v []num) num {
	for _, x := range v {
		if x.isZero() {
			return zero
		}
	}
	return one
}

func evalAdd(v []num) num {
	sum := zero
	for _, x := range v {
		sum = sum.add(x)
	}
	return sum
}

// evalUDiv follows SMT-LIB: x / 0 is all ones.
func evalUDiv(x, y num, w int) num {
	if y.isZero() {
		return ones(w)
	}
	return x.div(y)
}

// evalURem follows SMT-LIB: x rem 0 is x.
func evalURem(x, y num) num {
	if y.isZero() {
		return x
	}
	return x.rem(y)
}

// amount gives a shift distance, at most w.
func amount(y num, w int) int { return int(minNum(y, small(uint64(w))).w) }

func evalShl(x, y num, w int) num  { return x.shl(amount(y, w)).low(w) }
func evalLShr(x, y num, w int) num { return x.shr(amount(y, w)) }

func evalAShr(x, y num, w int) num {
	v := x.signed(w)
	return wrap(new(big.Int).Rsh(v, uint(amount(y, w))), w)
}

func evalConcat(t *Term, v []num) num {
	r := zero
	for i, x := range v {
		r = r.shl(t.args[i].width).or(x)
	}
	return r
}

// evalOCAdd adds 16-bit numbers with end-around carry (RFC 1071): the sum, folded until it fits.
func evalOCAdd(v []num) num {
	sum := evalAdd(v)
	for sum.bitLen() > 16 {
		sum = sum.low(16).add(sum.shr(16))
	}
	return sum
}
