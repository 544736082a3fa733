package smt

import (
	"cmp"
	"slices"
)

// linear is an exact integer sum: constant plus coefficients times the values of terms. No
// coefficient is 0 and no atom occurs twice with one reading; addends are sorted.
type linear struct {
	addends  []addend
	constant integer
}

// addend is coef times the value of atom, read unsigned or, if signed, as two's complement.
type addend struct {
	coef   integer
	atom   *Term
	signed bool
}

func compareAddends(x, y addend) int {
	if c := cmp.Compare(x.atom.id, y.atom.id); c != 0 || x.signed == y.signed {
		return c
	}
	if y.signed {
		return -1
	}
	return 1
}

func constantLinear(c integer) linear { return linear{constant: c} }

func atomLinear(t *Term, signed bool) linear {
	return linear{addends: []addend{{natural(one), t, signed}}}
}

func (l linear) add(m linear) linear {
	all := slices.Concat(l.addends, m.addends)
	slices.SortStableFunc(all, compareAddends)
	out := linear{constant: l.constant.add(m.constant)}
	for _, a := range all {
		n := len(out.addends)
		if n > 0 && compareAddends(out.addends[n-1], a) == 0 {
			sum := out.addends[n-1].coef.add(a.coef)
			if sum.isZero() {
				out.addends = out.addends[:n-1]
			} else {
				out.addends[n-1].coef = sum
			}
			continue
		}
		out.addends = append(out.addends, a)
	}
	return out
}

// scale is c * l.
func (l linear) scale(c integer) linear {
	if c.isZero() {
		return linear{}
	}
	out := linear{constant: l.constant.mul(c), addends: slices.Clone(l.addends)}
	for i := range out.addends {
		out.addends[i].coef = out.addends[i].coef.mul(c)
	}
	return out
}

func (l linear) negated() linear { return l.scale(natural(one).negated()) }

func (l linear) sub(m linear) linear { return l.add(m.negated()) }

// plus is l + c.
func (l linear) plus(c integer) linear { return linear{l.addends, l.constant.add(c)} }

// atomRange gives the bounds of an addend's atom under its reading.
func (a addend) atomRange() (lo, hi integer) {
	t := a.atom
	if !a.signed || t.hi.less(pow2(t.width-1)) {
		return natural(t.lo), natural(t.hi)
	}
	half := natural(pow2(t.width - 1))
	if !t.lo.less(half.mag) {
		full := natural(pow2(t.width))
		return natural(t.lo).sub(full), natural(t.hi).sub(full)
	}
	return half.negated(), half.sub(natural(one))
}

// bounds gives bounds of the value of l.
func (l linear) bounds() (lo, hi integer) {
	lo, hi = l.constant, l.constant
	for _, a := range l.addends {
		x, y := a.atomRange()
		if a.coef.neg {
			x, y = y, x
		}
		lo, hi = lo.add(a.coef.mul(x)), hi.add(a.coef.mul(y))
	}
	return lo, hi
}

// window gives the k with k*2^w <= l + offset < (k+1)*2^w for every value of l, if there is one.
func (l linear) window(w int, offset integer) (k integer, ok bool) {
	lo, hi := l.bounds()
	k = lo.add(offset).floorShift(w)
	return k, k.cmp(hi.add(offset).floorShift(w)) == 0
}

// symmetric replaces the coefficients by small ones that are equal modulo 2^w.
func (l linear) symmetric(w int) linear {
	out := linear{constant: l.constant.symmetric(w)}
	for _, a := range l.addends {
		if a.coef = a.coef.symmetric(w); !a.coef.isZero() {
			out.addends = append(out.addends, a)
		}
	}
	return out
}

// isAtom tells whether l is just the term t.
func (l linear) isAtom(t *Term) bool {
	return len(l.addends) == 1 && l.addends[0].atom == t && l.addends[0].coef.cmp(natural(one)) == 0 &&
		l.constant.isZero()
}

func (l linear) isZero() bool { return len(l.addends) == 0 && l.constant.isZero() }

// modular gives a sum that equals t modulo 2^width.
func (b *Builder) modular(t *Term) linear {
	switch t.op {
	case OpConst:
		return constantLinear(natural(t.lo))
	case OpBVAdd:
		var l linear
		for _, a := range t.args {
			l = l.add(b.modular(a))
		}
		return l
	case OpBVNeg:
		return b.modular(t.args[0]).negated()
	case OpBVNot:
		return b.modular(t.args[0]).negated().plus(natural(one).negated())
	case OpBVMul:
		if c := t.args[0]; c.isConst() {
			return b.modular(t.args[1]).scale(natural(c.lo))
		}
	case OpSignExtend:
		return b.signedly(t.args[0])
	case OpConcat:
		return b.concatLinear(t, true)
	}
	return atomLinear(t, false)
}

// exactly gives a sum that equals t read as an unsigned number.
func (b *Builder) exactly(t *Term) linear {
	switch t.op {
	case OpConst:
		return constantLinear(natural(t.lo))
	case OpConcat:
		return b.concatLinear(t, false)
	case OpBVAdd, OpBVNeg, OpBVNot, OpBVMul:
		l := b.modular(t).symmetric(t.width)
		if k, ok := l.window(t.width, integer{}); ok {
			return l.plus(k.shl(t.width).negated())
		}
		if len(l.addends) == 1 && l.constant.isZero() && l.addends[0].coef.neg {
			// -c*x is (2^w-c)*x, which may fit.
			l.addends[0].coef = natural(l.addends[0].coef.mod(t.width))
			if _, hi := l.bounds(); hi.mag.bitLen() <= t.width && !l.addends[0].signed {
				return l
			}
		}
	}
	return atomLinear(t, false)
}

// signedly gives a sum that equals t read as two's complement.
func (b *Builder) signedly(t *Term) linear {
	w := t.width
	half := natural(pow2(w - 1))
	switch {
	case t.hi.less(half.mag):
		return b.exactly(t)
	case !t.lo.less(half.mag):
		return b.exactly(t).plus(natural(pow2(w)).negated())
	case w == 1:
		return b.exactly(t).negated()
	}
	switch t.op {
	case OpSignExtend:
		return b.signedly(t.args[0])
	case OpBVAdd, OpBVNeg, OpBVNot, OpBVMul:
		l := b.modular(t).symmetric(w)
		for range 2 {
			if k, ok := l.window(w, half); ok {
				return l.plus(k.shl(w).negated())
			}
			l = l.readSigned(w)
		}
	}
	return atomLinear(t, true)
}

// readSigned reads atoms of w bits as two's complement, which is the same modulo 2^w.
func (l linear) readSigned(w int) linear {
	out := linear{constant: l.constant}
	for _, a := range l.addends {
		if a.atom.width == w {
			a.signed = w > 1
		}
		out = out.add(linear{addends: []addend{a}})
	}
	return out
}

// concatLinear takes a concatenation apart at its constant segments. The topmost run may be taken
// modulo its width if the whole is.
func (b *Builder) concatLinear(t *Term, modulo bool) linear {
	var l linear
	pos := t.width
	for i := 0; i < len(t.args); {
		j := i
		for j < len(t.args) && !t.args[j].isConst() {
			pos -= t.args[j].width
			j++
		}
		if j == i {
			pos -= t.args[i].width
			l = l.plus(natural(t.args[i].lo.shl(pos)))
			i++
			continue
		}
		if i == 0 && j == len(t.args) {
			return atomLinear(t, false)
		}
		run := b.Concat(t.args[i:j]...)
		part := b.exactly
		if modulo && i == 0 {
			part = b.modular
		}
		if run.op == OpConcat {
			part = func(t *Term) linear { return atomLinear(t, false) }
		}
		l = l.add(part(run).scale(natural(one).shl(pos)))
		i = j
	}
	return l
}

// cut is l modulo 2^w, on atoms that are no wider than the bits that matter.
func (b *Builder) cut(l linear, w int) linear {
	for {
		next, changed := b.cutOnce(l.symmetric(w), w)
		if !changed {
			return next
		}
		l = next
	}
}

func (b *Builder) cutOnce(l linear, w int) (out linear, changed bool) {
	out.constant = l.constant
	for _, a := range l.addends {
		need := w - a.coef.mag.trailingZeros()
		part := linear{addends: []addend{a}}
		switch {
		case a.atom.width > need:
			part = b.modular(b.Extract(a.atom, need-1, 0)).scale(a.coef)
			changed = true
		case a.signed && a.atom.width == need:
			part.addends[0].signed = false
			changed = true
		case a.atom.width == need:
			if m := b.modular(a.atom); !m.isAtom(a.atom) {
				part, changed = m.scale(a.coef), true
			}
		}
		out = out.add(part)
	}
	return out, changed
}

// build gives the term of w bits that equals l modulo 2^w.
func (b *Builder) build(l linear, w int) *Term {
	l = b.cut(l, w)
	if len(l.addends) == 0 {
		return b.value(l.constant.mod(w), w)
	}
	if k, ok := l.window(w, integer{}); ok {
		_, hi := l.bounds()
		top := hi.sub(k.shl(w)).mag.bitLen()
		if top == 0 {
			return b.value(zero, w)
		}
		if top < w {
			return b.ZeroExtend(b.build(l, top), w)
		}
	}
	if t := b.buildShifted(l, w); t != nil {
		return t
	}
	if t := b.buildDisjoint(l, w); t != nil {
		return t
	}
	return b.buildSum(l, w)
}

// buildShifted handles coefficients with a common power of two: the bits below it are constant.
func (b *Builder) buildShifted(l linear, w int) *Term {
	k := w
	for _, a := range l.addends {
		k = min(k, a.coef.mag.trailingZeros())
	}
	if k == 0 {
		return nil
	}
	low := l.constant.mod(k)
	return b.Concat(b.build(l.plus(natural(low).negated()).halved(k), w-k), b.value(low, k))
}

// halved is l / 2^k, for 2^k that divides every number in l.
func (l linear) halved(k int) linear { return l.divided(pow2(k)) }

// divided is l / n, for n that divides every number in l.
func (l linear) divided(n num) linear {
	out := linear{constant: l.constant.floorDiv(n), addends: slices.Clone(l.addends)}
	for i := range out.addends {
		out.addends[i].coef = out.addends[i].coef.floorDiv(n)
	}
	return out
}

// buildDisjoint handles sums without carries: no two addends have a bit in common.
func (b *Builder) buildDisjoint(l linear, w int) *Term {
	c := l.constant.mod(w)
	order := slices.Clone(l.addends)
	for _, a := range order {
		if a.coef.neg || !a.coef.mag.isPower() || a.signed {
			return nil
		}
	}
	slices.SortStableFunc(order, func(x, y addend) int { return y.coef.mag.cmp(x.coef.mag) })
	var parts []*Term
	top := w
	for _, a := range order {
		low := a.coef.mag.trailingZeros()
		high := low + a.atom.width
		if high > top || !c.shr(low).low(a.atom.width).isZero() {
			return nil
		}
		if high < top {
			parts = append(parts, b.value(c.shr(high).low(top-high), top-high))
		}
		parts, top = append(parts, a.atom), low
	}
	if top > 0 {
		parts = append(parts, b.value(c.low(top), top))
	}
	return b.Concat(parts...)
}

// buildSum makes the node: terms for the addends, then the constant.
func (b *Builder) buildSum(l linear, w int) *Term {
	first := l.addends[0]
	c := l.constant.mod(w)
	if len(l.addends) == 1 && first.coef.neg && first.coef.mag.eq(one) && c.eq(ones(w)) {
		return b.flip(b.resize(first.atom, w, first.signed))
	}
	var args []*Term
	for _, a := range l.addends {
		t := b.resize(a.atom, w, a.signed)
		if k := a.coef.mag.trailingZeros(); a.coef.mag.isPower() && k > 0 {
			t = b.Concat(b.resize(a.atom, w-k, a.signed), b.value(zero, k))
		} else if k != 0 || !a.coef.mag.isPower() {
			t = b.node(OpBVMul, w, b.value(a.coef.mag, w), t)
		}
		if a.coef.neg {
			t = b.node(OpBVNeg, w, t)
		}
		args = append(args, t)
	}
	if !c.isZero() {
		args = append(args, b.value(c, w))
	}
	if len(args) == 1 {
		return args[0]
	}
	return b.node(OpBVAdd, w, args...)
}
