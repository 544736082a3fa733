package smt

import "encoding/binary"

// bound is what a comparison or equation says of a sum of terms without its constant: it lies between
// lo and hi, where they are set. Sums are numbered; 0 is none.
type bound struct {
	sum    int
	lo, hi *integer
}

// contradictory tells whether two of the literals leave a sum no value: x < 5 and 7 < x, or
// x + y < z and z + 3 < x + y.
func (b *Builder) contradictory(literals []*Term) bool {
	if len(literals) < 2 {
		return false
	}
	var limits map[int]bound
	for _, t := range literals {
		n := b.boundOf(t)
		if n.sum == 0 {
			continue
		}
		if limits == nil {
			limits = map[int]bound{}
		}
		before := limits[n.sum]
		if n.lo == nil || before.lo != nil && n.lo.cmp(*before.lo) < 0 {
			n.lo = before.lo
		}
		if n.hi == nil || before.hi != nil && before.hi.cmp(*n.hi) < 0 {
			n.hi = before.hi
		}
		if n.lo != nil && n.hi != nil && n.hi.cmp(*n.lo) < 0 {
			return true
		}
		limits[n.sum] = n
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
