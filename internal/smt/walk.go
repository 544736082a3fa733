package smt

// walk calls f for every term below the roots that has no value yet, arguments first. It keeps its own
// stack: terms may be deeper than is wise for recursion.
func walk(roots []*Term, done func(*Term) bool, f func(*Term)) {
	var stack []*Term
	for _, root := range roots {
		stack = append(stack[:0], root)
		for len(stack) > 0 {
			t := stack[len(stack)-1]
			if done(t) {
				stack = stack[:len(stack)-1]
				continue
			}
			n := len(stack)
			for _, a := range t.args {
				if !done(a) {
					stack = append(stack, a)
				}
			}
			if len(stack) == n {
				stack = stack[:n-1]
				f(t)
			}
		}
	}
}

// Visit calls f once for every distinct term below the roots, arguments before their users, in an
// order that depends on the terms alone.
func Visit(f func(*Term), roots ...*Term) {
	seen := map[*Term]bool{}
	walk(roots, func(t *Term) bool { return seen[t] }, func(t *Term) {
		seen[t] = true
		f(t)
	})
}

// Subst is t with every term that is a key of m replaced, at once, by its value.
func (b *Builder) Subst(t *Term, m map[*Term]*Term) *Term {
	got := map[*Term]*Term{}
	done := func(t *Term) bool {
		if got[t] != nil {
			return true
		}
		if to := m[t]; to != nil {
			b.need(to, t.width)
			got[t] = to
		} else if len(t.args) == 0 {
			got[t] = t
		}
		return got[t] != nil
	}
	walk([]*Term{t}, done, func(t *Term) { got[t] = b.rebuild(t, got) })
	return got[t]
}

// Rewrite replaces what is a key of m in t, and what becomes one by that, by its value, of which it must
// be known that it equals the key. It adds to m what every term that it meets becomes, so that m
// serves for many terms.
func (b *Builder) Rewrite(t *Term, m map[*Term]*Term) *Term {
	walk([]*Term{t}, func(t *Term) bool { return m[t] != nil }, func(t *Term) {
		made := b.rebuild(t, m)
		if known := m[made]; known != nil {
			made = known
		}
		m[t] = made
	})
	return m[t]
}

// rebuild applies t's operator to the replacements of its arguments.
func (b *Builder) rebuild(t *Term, to map[*Term]*Term) *Term {
	args := make([]*Term, len(t.args))
	changed := false
	for i, a := range t.args {
		args[i] = to[a]
		changed = changed || args[i] != a
	}
	if !changed {
		return t
	}
	return b.Build(t, args)
}

// Build is t's operator applied to other arguments of the same widths.
func (b *Builder) Build(t *Term, args []*Term) *Term {
	switch t.op {
	case OpApply:
		return b.Apply(t.fn, args...)
	case OpNot:
		return b.Not(args[0])
	case OpAnd:
		return b.And(args...)
	case OpEq:
		return b.Eq(args[0], args[1])
	case OpIte:
		return b.Ite(args[0], args[1], args[2])
	case OpBVNot:
		return b.BVNot(args[0])
	case OpBVNeg:
		return b.BVNeg(args[0])
	case OpBVAdd:
		return b.sum(args)
	case OpBVMul:
		return b.BVMul(args[0], args[1])
	case OpBVUDiv:
		return b.BVUDiv(args[0], args[1])
	case OpBVURem:
		return b.BVURem(args[0], args[1])
	case OpBVAnd, OpBVOr, OpBVXor, OpBVShl, OpBVLShr, OpBVAShr:
		return b.buildBits(t.op, args[0], args[1])
	case OpBVULt:
		return b.BVULt(args[0], args[1])
	case OpBVSLt:
		return b.BVSLt(args[0], args[1])
	case OpConcat:
		return b.Concat(args...)
	case OpExtract:
		return b.Extract(args[0], t.high, t.low)
	case OpSignExtend:
		return b.SignExtend(args[0], t.width)
	case OpOCAdd:
		return b.OCAdd(args...)
	case OpBounded:
		return b.bounded(args[0], args[1].lo, args[2].lo)
	}
	return t
}

func (b *Builder) buildBits(op Op, s, t *Term) *Term {
	switch op {
	case OpBVAnd:
		return b.BVAnd(s, t)
	case OpBVOr:
		return b.BVOr(s, t)
	case OpBVXor:
		return b.BVXor(s, t)
	case OpBVShl:
		return b.BVShl(s, t)
	case OpBVLShr:
		return b.BVLShr(s, t)
	}
	return b.BVAShr(s, t)
}
