package smt

// interval gives bounds of t's value, read unsigned, from the bounds of its arguments.
func interval(t *Term) (lo, hi num) {
	w := t.width
	if w == 0 {
		return zero, one
	}
	full := ones(w)
	a := t.args
	switch t.op {
	case OpIte:
		return minNum(a[1].lo, a[2].lo), maxNum(a[1].hi, a[2].hi)
	case OpBVNot:
		return a[0].hi.not(w), a[0].lo.not(w)
	case OpBVNeg:
		if !a[0].lo.isZero() {
			return opposite(a[0].hi, w), opposite(a[0].lo, w)
		}
	case OpBVAdd:
		return sumInterval(t)
	case OpBVMul:
		if p := a[0].hi.mul(a[1].hi); p.bitLen() <= w {
			return a[0].lo.mul(a[1].lo), p
		}
	case OpBVUDiv:
		if !a[1].lo.isZero() {
			return a[0].lo.div(a[1].hi), a[0].hi.div(a[1].lo)
		}
	case OpBVURem:
		return remainderInterval(a[0], a[1])
	case OpBVAnd:
		return zero, minNum(a[0].hi, a[1].hi)
	case OpBVOr:
		return maxNum(a[0].lo, a[1].lo), ones(max(a[0].hi.bitLen(), a[1].hi.bitLen()))
	case OpBVXor:
		return zero, ones(max(a[0].hi.bitLen(), a[1].hi.bitLen()))
	case OpBVShl:
		if n := amount(a[1].hi, w); a[0].hi.bitLen()+n <= w {
			return a[0].lo.shl(amount(a[1].lo, w)), a[0].hi.shl(n)
		}
	case OpBVLShr:
		return a[0].lo.shr(amount(a[1].hi, w)), a[0].hi.shr(amount(a[1].lo, w))
	case OpConcat:
		return concatInterval(t)
	case OpExtract:
		return extractInterval(t)
	case OpOCAdd:
		return checksumInterval(t)
	case OpBounded:
		return a[1].lo, a[2].lo
	}
	return zero, full
}

// sumInterval bounds the exact sum, the negated arguments subtracted, and keeps it if no value
// wraps differently from another.
func sumInterval(t *Term) (lo, hi num) {
	var least, most integer
	for _, a := range t.args {
		switch {
		case a.op == OpBVNeg:
			least, most = least.sub(natural(a.args[0].hi)), most.sub(natural(a.args[0].lo))
		case a.isConst():
			c := natural(a.lo).symmetric(t.width)
			least, most = least.add(c), most.add(c)
		default:
			least, most = least.add(natural(a.lo)), most.add(natural(a.hi))
		}
	}
	if least.floorShift(t.width).cmp(most.floorShift(t.width)) == 0 {
		return least.mod(t.width), most.mod(t.width)
	}
	return zero, ones(t.width)
}

func remainderInterval(s, t *Term) (lo, hi num) {
	switch {
	case s.hi.less(t.lo):
		return s.lo, s.hi
	case t.lo.isZero():
		return zero, s.hi
	}
	return zero, minNum(s.hi, t.hi.sub(one))
}

func concatInterval(t *Term) (lo, hi num) {
	for _, a := range t.args {
		lo, hi = lo.shl(a.width).or(a.lo), hi.shl(a.width).or(a.hi)
	}
	return lo, hi
}

// extractInterval is tight where the bits above the extracted ones do not change over the interval.
func extractInterval(t *Term) (lo, hi num) {
	a := t.args[0]
	above := t.high + 1
	if !a.lo.shr(above).eq(a.hi.shr(above)) {
		return zero, ones(t.width)
	}
	return a.lo.shr(t.low).low(t.width), a.hi.shr(t.low).low(t.width)
}

func checksumInterval(t *Term) (lo, hi num) {
	for _, a := range t.args {
		lo, hi = lo.add(a.lo), hi.add(a.hi)
	}
	if hi.bitLen() <= 16 {
		return lo, hi
	}
	return minNum(lo, one), ones(16)
}
