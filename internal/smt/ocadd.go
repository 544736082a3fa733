package smt

import "slices"

// OCAdd adds terms of 16 bits with end-around carry, as the Internet checksum does (RFC 1071): the
// sum of the arguments as integers, its carries added back until it fits in 16 bits. It is 0 only
// if every argument is 0. Without arguments it is 0.
//
// The sum is associative and commutative, and congruent to the integer sum modulo 65535. So an
// argument may be replaced by one that is congruent to it wherever another argument, the witness, is
// known not to be 0: then neither sum is 0, and from 1 to 65535 there is one number per residue.
func (b *Builder) OCAdd(ts ...*Term) *Term {
	args, constant := b.flattenSum(ts)
	for {
		next, changed := b.cancel(args, &constant)
		if !changed {
			next, changed = b.reduceResidue(args, &constant)
		}
		if !changed {
			break
		}
		args = next
	}
	if !constant.isZero() {
		args = append(args, b.value(constant, 16))
	}
	slices.SortFunc(args, byID)
	switch len(args) {
	case 0:
		return b.value(zero, 16)
	case 1:
		return args[0]
	}
	return b.node(OpOCAdd, 16, args...)
}

// flattenSum gives the arguments that are not constant, sorted, and the sum of the constants.
func (b *Builder) flattenSum(ts []*Term) (args []*Term, constant num) {
	for _, t := range ts {
		b.need(t, 16)
		switch {
		case t.isConst():
			constant = evalOCAdd([]num{constant, t.lo})
		case t.op == OpOCAdd:
			inner, c := b.flattenSum(t.args)
			args, constant = append(args, inner...), evalOCAdd([]num{constant, c})
		default:
			args = append(args, t)
		}
	}
	slices.SortFunc(args, byID)
	return args, constant
}

// cancel replaces x and ~x by their sum, 0xFFFF.
func (b *Builder) cancel(args []*Term, constant *num) ([]*Term, bool) {
	for i, t := range args {
		j := slices.Index(args, b.BVNot(t))
		if j < 0 {
			continue
		}
		*constant = evalOCAdd([]num{*constant, ones(16)})
		rest := slices.Delete(slices.Clone(args), max(i, j), max(i, j)+1)
		return slices.Delete(rest, min(i, j), min(i, j)+1), true
	}
	return nil, false
}

// reduceResidue makes one argument simpler without changing its residue, if there is a witness.
func (b *Builder) reduceResidue(args []*Term, constant *num) ([]*Term, bool) {
	if constant.eq(ones(16)) && hasWitness(args, -1) {
		*constant = zero
		return args, true
	}
	for i, t := range args {
		if constant.isZero() && !hasWitness(args, i) {
			continue
		}
		if same := b.congruent(t); same != nil {
			rest, c := b.flattenSum(slices.Concat(args[:i], args[i+1:], same))
			*constant = evalOCAdd([]num{*constant, c})
			return rest, true
		}
	}
	return nil, false
}

// hasWitness tells whether an argument other than number skip is known not to be 0.
func hasWitness(args []*Term, skip int) bool {
	for i, t := range args {
		if i != skip && !t.lo.isZero() {
			return true
		}
	}
	return false
}

// congruent gives simpler terms whose sum is congruent to t modulo 65535, nil if there are none: the
// complement of a sum is the sum of the complements, and a choice between 0, 0xFFFF and a term only
// where that term is 0 or 0xFFFF is the term.
func (b *Builder) congruent(t *Term) []*Term {
	switch {
	case t.op == OpBVNot && t.args[0].op == OpOCAdd:
		var out []*Term
		for _, a := range t.args[0].args {
			out = append(out, b.BVNot(a))
		}
		return out
	case t.op == OpIte && isResidueZero(t.args[1]) && b.tellsResidueZero(t.args[0], t.args[2]):
		return []*Term{t.args[2]}
	case t.op == OpIte && isResidueZero(t.args[2]) && b.tellsResidueZero(b.Not(t.args[0]), t.args[1]):
		return []*Term{t.args[1]}
	}
	return nil
}

func isResidueZero(t *Term) bool { return t.isValue(zero) || t.isValue(ones(16)) }

// tellsResidueZero tells whether c says that t is 0, or that it is 0xFFFF.
func (b *Builder) tellsResidueZero(c, t *Term) bool {
	return c == b.Eq(t, b.value(zero, 16)) || c == b.Eq(t, b.value(ones(16), 16))
}
