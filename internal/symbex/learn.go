package symbex

import (
	"maps"
	"math/big"

	"vigor/internal/smt"
)

// A path rewrites terms by what its condition says: a literal is true or false, a term is a constant, or
// lies between bounds. Most branches of a spec, which asks what the NF has asked, are so decided
// without the solver, and terms of NF and spec become the same.

// lesson is a change of what is known: the value that a term had before.
type lesson struct{ term, before *smt.Term }

// learn records what follows from c being value.
func (p *Path) learn(c *smt.Term, value bool) {
	p.know(c, p.builder.Bool(value))
	args := c.Args()
	switch c.Op() {
	case smt.OpNot:
		p.learn(args[0], !value)
	case smt.OpAnd:
		for _, part := range args {
			if value {
				p.learn(part, true)
			}
		}
	case smt.OpEq:
		p.learnEqual(args[0], args[1], value)
	case smt.OpBVULt:
		p.learnLess(args[0], args[1], value)
	case smt.OpBVSLt:
		p.learnSignedLess(args[0], args[1], value)
	}
}

// learnEqual learns from x == y, or x != y, where one side is a constant.
func (p *Path) learnEqual(x, y *smt.Term, value bool) {
	if _, ok := x.Const(); ok {
		x, y = y, x
	}
	v, ok := y.Const()
	if !ok || x.Width() == 0 {
		return
	}
	lo, hi := x.Range()
	switch {
	case value:
		p.know(unbounded(x), y)
		p.boundWhole(x, v, v)
	case v.Cmp(lo) == 0:
		p.bound(x, lo.Add(lo, one), hi)
	case v.Cmp(hi) == 0:
		p.bound(x, lo, hi.Sub(hi, one))
	}
}

// learnLess learns from x < y, or x >= y, what the bounds of one side say about the other.
func (p *Path) learnLess(x, y *smt.Term, value bool) {
	least, _ := x.Range()
	_, most := y.Range()
	if value {
		p.bound(x, least, new(big.Int).Sub(most, one))
		p.bound(y, new(big.Int).Add(least, one), most)
		return
	}
	_, most = x.Range()
	least, _ = y.Range()
	p.bound(x, least, most)
	p.bound(y, least, most)
}

// learnSignedLess learns from x < y, or x >= y, in two's complement, where one side is a constant that is
// not negative and bounds the other from below.
func (p *Path) learnSignedLess(x, y *smt.Term, value bool) {
	if !value {
		x, y = y, x // y <= x
	}
	least, ok := x.Const()
	if !ok || least.Bit(x.Width()-1) == 1 {
		return
	}
	if value {
		least.Add(least, one)
	}
	most := new(big.Int).Lsh(one, uint(y.Width()-1))
	p.bound(y, least, most.Sub(most, one))
}

var one = big.NewInt(1)

// bound learns that lo <= t <= hi.
func (p *Path) bound(t *smt.Term, lo, hi *big.Int) {
	t = unbounded(t)
	if _, constant := t.Const(); constant {
		return
	}
	if p.boundWhole(t, lo, hi) {
		return
	}
	now := t
	if known := p.known[t]; known != nil {
		now = known
	}
	if tight := p.builder.Bounded(now, lo, hi); tight != now {
		p.set(t, tight)
	}
}

// boundWhole learns about a term from lo <= t <= hi, where t is a part of it: its upper bits, or low ones
// above which there is nothing. It reports whether that says all that is said about t.
func (p *Path) boundWhole(t *smt.Term, lo, hi *big.Int) bool {
	if t.Op() != smt.OpExtract {
		return false
	}
	whole := t.Args()[0]
	_, most := whole.Range()
	high, low := t.Bounds()
	if high+1 < most.BitLen() {
		return false
	}
	top := new(big.Int).Lsh(new(big.Int).Add(hi, one), uint(low))
	p.bound(whole, new(big.Int).Lsh(lo, uint(low)), top.Sub(top, one))
	return low == 0
}

// unbounded is the term that a bounded one stands for.
func unbounded(t *smt.Term) *smt.Term {
	if t.Op() == smt.OpBounded {
		return t.Args()[0]
	}
	return t
}

// know keeps that t is the constant value, unless another one is known.
func (p *Path) know(t, value *smt.Term) {
	if _, constant := t.Const(); constant {
		return
	}
	if known := p.known[t]; known != nil {
		if _, constant := known.Const(); constant {
			return
		}
	}
	p.set(t, value)
	if t.Op() == smt.OpExtract && isConstant(value) {
		high, low := t.Bounds()
		p.know(p.builder.Extract(unbounded(t.Args()[0]), high, low), value)
		p.join(t, value)
	}
}

// join learns what a term is of which both parts are known: its upper bits and its lower ones.
func (p *Path) join(part, value *smt.Term) {
	whole := part.Args()[0]
	high, low := part.Bounds()
	switch top := whole.Width() - 1; {
	case low == 0 && high < top:
		if upper := p.known[p.builder.Extract(whole, top, high+1)]; upper != nil && isConstant(upper) {
			p.know(whole, p.builder.Concat(upper, value))
		}
	case high == top && low > 0:
		if lower := p.known[p.builder.Extract(whole, low-1, 0)]; lower != nil && isConstant(lower) {
			p.know(whole, p.builder.Concat(value, lower))
		}
	}
}

func (p *Path) set(t, value *smt.Term) {
	p.learned = append(p.learned, lesson{t, p.known[t]})
	p.known[t] = value
	p.terms = append(p.terms, t)
	if p.simple != nil {
		p.simple, p.stale = nil, p.simple
	}
	if p.stale != nil {
		p.stale[t] = value
	}
}

// Simplify rewrites t by what the path condition says; the result equals t on this path only.
func (p *Path) Simplify(t *smt.Term) *smt.Term {
	if known := p.known[t]; known != nil {
		return known
	}
	if _, ok := t.Const(); ok {
		return t
	}
	if p.simple == nil {
		if p.stale != nil {
			if rough := p.roughly(t); isConstant(rough) {
				return rough
			}
		}
		p.restate()
	}
	return p.builder.Rewrite(t, p.simple)
}

// roughly rewrites t by what the path condition says, too, but does not bring what is known to its present form before,
// which takes long: facts come many in a row.
func (p *Path) roughly(t *smt.Term) *smt.Term {
	switch known := p.known[t]; {
	case known != nil:
		return known
	case p.simple == nil && p.stale != nil:
		return p.builder.Rewrite(t, p.stale)
	}
	return p.Simplify(t)
}

func isConstant(t *smt.Term) bool {
	_, constant := t.Const()
	return constant
}

// rounds bounds how often what is known is brought to its present form, which may teach more.
const rounds = 4

// restate begins a new set of simplified terms, with all that is known also under the form that it has by
// now: what was learnt later may have changed the form in which code and spec ask the same, or decide
// what was open (one of a disjunction, when the others are out).
func (p *Path) restate() {
	if p.forms == nil {
		p.forms = newForms()
	}
	for range rounds {
		p.simple = maps.Clone(p.known)
		before := len(p.terms)
		for _, t := range p.terms[p.forms.seen:before] {
			p.forms.outdated(t)
		}
		p.forms.seen = before
		for _, t := range p.terms[:before] {
			p.restated(t, p.form(t), p.known[t])
		}
		if len(p.terms) == before {
			return
		}
	}
	p.simple = maps.Clone(p.known)
}

// restated keeps what is known of a term under its present form.
func (p *Path) restated(t, form, value *smt.Term) {
	if form.Op() == smt.OpNot {
		form, value = form.Args()[0], p.builder.Not(value)
	}
	if _, constant := form.Const(); constant {
		return
	}
	switch {
	case value.Op() == smt.OpBounded:
		lo, hi := value.Range()
		value = p.builder.Bounded(form, lo, hi)
		p.simple[t] = value
	case form.Width() == 0 && p.known[form] == nil:
		simple := p.simple // still being filled
		p.learn(form, value.IsTrue())
		p.simple = simple
	}
	if p.known[form] == nil {
		p.simple[form] = value
	}
}

// mark is a moment of a path, to go back to.
type mark struct{ obligations, condition, learned, terms int }

func (p *Path) mark() mark {
	return mark{len(p.Obligations), len(p.condition), len(p.learned), len(p.terms)}
}

// reset forgets what was assumed and owed since the mark; no decision was made since.
func (p *Path) reset(m mark) {
	p.Obligations = p.Obligations[:m.obligations]
	p.condition = p.condition[:m.condition:m.condition]
	for i := len(p.learned) - 1; i >= m.learned; i-- {
		if l := p.learned[i]; l.before == nil {
			delete(p.known, l.term)
		} else {
			p.known[l.term] = l.before
		}
	}
	p.learned, p.terms = p.learned[:m.learned], p.terms[:m.terms]
	p.simple, p.stale, p.forms = nil, nil, nil
}
