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

// unbounded is t, or a complement of t, without bounds: the same value, of which less is known.
func (b *Builder) unbounded(t *Term) *Term {
	switch {
	case t.op == OpBounded:
		return t.args[0]
	case t.op == OpBVNot && t.args[0].op == OpBounded:
		return b.BVNot(t.args[0].args[0])
	}
	return t
}

// cancel replaces x and ~x by their sum, 0xFFFF.
func (b *Builder) cancel(args []*Term, constant *num) ([]*Term, bool) {
	for i, t := range args {
		opposite := b.BVNot(b.unbounded(t))
		j := slices.IndexFunc(args, func(u *Term) bool { return b.unbounded(u) == opposite })
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
// where that term is 0 or 0xFFFF is the term. What is congruent to a term has a congruent complement.
func (b *Builder) congruent(t *Term) []*Term {
	switch {
	case t.op == OpBVNot && t.args[0].op == OpIte:
		same := b.congruent(t.args[0])
		for i, a := range same {
			same[i] = b.BVNot(a)
		}
		return same
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

// equalSums compares two terms, one of them a sum, where their residues modulo 65535 decide it but for 0: two terms that
// are known to be congruent are equal unless only one of them is 0, and -0 is what is congruent to it and not 0. nil
// if this makes nothing simpler.
func (b *Builder) equalSums(s, t *Term) *Term {
	if s.isConst() {
		s, t = t, s
	}
	negative := b.value(ones(16), 16)
	simple := b.residue(s)
	switch {
	case t == negative && simple != b.withoutBounds(s):
		return b.And(b.Or(b.Eq(simple, negative), b.zeroSum(simple)), b.Not(b.zeroSum(s)))
	case !t.isConst() && simple == b.residue(t):
		return b.Eq(b.zeroSum(s), b.zeroSum(t))
	}
	return nil
}

// residue is a sum that is congruent to t modulo 65535, in a form that depends on little else: it is made with -0 as
// witness, and without bounds.
func (b *Builder) residue(t *Term) *Term {
	negative := b.value(ones(16), 16)
	sum := b.OCAdd(b.withoutBounds(t), negative)
	for next := b.OCAdd(b.withoutBounds(sum), negative); next != sum; next = b.OCAdd(b.withoutBounds(sum), negative) {
		sum = next // bounds were inside what it has taken apart
	}
	if sum.op != OpOCAdd {
		return sum
	}
	return b.OCAdd(slices.DeleteFunc(slices.Clone(sum.args), func(a *Term) bool { return a == negative })...)
}

// withoutBounds is t with no bounds on what it adds.
func (b *Builder) withoutBounds(t *Term) *Term {
	if t.op != OpOCAdd {
		return b.unbounded(t)
	}
	args := make([]*Term, len(t.args))
	for i, a := range t.args {
		args[i] = b.unbounded(a)
	}
	return b.OCAdd(args...)
}

// zeroSum is the condition that t is 0; a sum is if all its arguments are.
func (b *Builder) zeroSum(t *Term) *Term {
	if t.op != OpOCAdd {
		return b.Eq(t, b.value(zero, 16))
	}
	var all []*Term
	for _, a := range t.args {
		all = append(all, b.Eq(a, b.value(zero, 16)))
	}
	return b.And(all...)
}
