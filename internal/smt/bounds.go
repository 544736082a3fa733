package smt

import "encoding/binary"

// bound is what a comparison or equation says of a sum of terms without its constant: it lies between
// lo and hi, where they are set. Sums are numbered; 0 is none.
type bound struct {
	sum    int
	lo, hi *integer
}

// limit is the meet of the bounds of one sum that a round of contradictory has seen.
type limit struct {
	bound
	round int
}

// contradictory tells whether two of the literals leave a sum no value: x < 5 and 7 < x, or
// x + y < z and z + 3 < x + y.
func (b *Builder) contradictory(literals []*Term) bool {
	b.round++
	for _, t := range literals {
		n := b.boundOf(t)
		if n.sum == 0 {
			continue
		}
		if missing := n.sum + 1 - len(b.limits); missing > 0 {
			b.limits = append(b.limits, make([]limit, missing)...)
		}
		l := &b.limits[n.sum]
		if l.round != b.round {
			*l = limit{n, b.round}
			continue
		}
		if n.lo != nil && (l.lo == nil || l.lo.cmp(*n.lo) < 0) {
			l.lo = n.lo
		}
		if n.hi != nil && (l.hi == nil || n.hi.cmp(*l.hi) < 0) {
			l.hi = n.hi
		}
		if l.lo != nil && l.hi != nil && l.hi.cmp(*l.lo) < 0 {
			return true
		}
	}
	return false
}

// boundOf reads a literal, once.
func (b *Builder) boundOf(t *Term) bound {
	n, ok := b.bounds[t]
	if !ok {
		n = b.readBound(t)
		b.bounds[t] = n
	}
	return n
}

func (b *Builder) readBound(t *Term) bound {
	negated := t.op == OpNot
	if negated {
		t = t.args[0]
	}
	if len(t.args) != 2 || t.args[0].width == 0 {
		return bound{}
	}
	read := b.exactly
	switch t.op {
	case OpEq:
		if negated {
			return bound{}
		}
	case OpBVSLt:
		read = b.signedly
	case OpBVULt:
	default:
		return bound{}
	}
	l := read(t.args[1]).sub(read(t.args[0])) // = 0, > 0, or <= 0 if negated
	if len(l.addends) == 0 {
		return bound{}
	}
	flipped := l.addends[0].coef.neg
	if flipped {
		l = l.negated()
	}
	n := bound{sum: b.number(l)}
	edge := l.constant.negated() // the sum is equal to it, above it or not, below it or not
	switch {
	case t.op == OpEq:
		n.lo, n.hi = &edge, &edge
	case negated && !flipped:
		n.hi = &edge
	case negated:
		n.lo = &edge
	case flipped:
		edge = edge.sub(natural(one))
		n.hi = &edge
	default:
		edge = edge.add(natural(one))
		n.lo = &edge
	}
	return n
}

// number gives the number of l's addends.
func (b *Builder) number(l linear) int {
	var key []byte
	for _, a := range l.addends {
		key = binary.AppendUvarint(key, uint64(a.atom.id))
		flags := byte(0)
		if a.signed {
			flags |= 1
		}
		if a.coef.neg {
			flags |= 2
		}
		digits := a.coef.mag.big().Bytes()
		key = append(append(append(key, flags), byte(len(digits))), digits...)
	}
	n, ok := b.sums[string(key)]
	if !ok {
		n = len(b.sums) + 1
		b.sums[string(key)] = n
	}
	return n
}
