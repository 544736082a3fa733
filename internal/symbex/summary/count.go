package summary

import (
	"math/big"
	"strconv"

	"vigor/internal/contract"
	"vigor/internal/smt"
)

// count(f, n) is the number of i with 0 <= i < n and f[i]. Through a store it is computed:
//
//	count(f[i := v], n) = count(f, n) + (0 <= i < n ? v - f[i] : 0)
//
// and of a constant it is known. Of a root or a pointwise definition it is a fresh number c, of which
// these facts, valid for every f and n, are assumed:
//
//   - 0 <= c <= n, and c = 0 if n < 0;
//   - for an index i at which f is read: 0 <= i < n && f[i] ==> c > 0, and 0 <= i < n && !f[i] ==> c < n;
//   - for another g counted to the same n, with d = count(g, n), a witness w that nothing else
//     mentions: c <= d || 0 <= w < n && f[w] && !g[w]. It is valid, for if c > d, then not every index
//     of f is one of g, and w may be such an index.
//
// The last, in both directions, makes counts of equal functions equal.

// counted is a number that stands for a count.
type counted struct {
	path  Path
	node  *node
	limit smt.Int
	c     smt.Int
}

// readAt is an index at which a countable observer was read.
type readAt struct {
	path  Path
	node  *node
	index Value
	value *smt.Term
}

var zero = new(big.Int)

// count is count(n, limit).
func (e *env) count(n *node, limit smt.Int) smt.Int {
	b := e.p.Builder()
	none := b.IntConst(zero)
	if limit.Hi.Sign() <= 0 {
		return none
	}
	switch n.kind {
	case constant:
		return b.IntIte(n.item[0], b.IntMax(limit, none), none)
	case store:
		below := e.count(n.base, limit)
		was := e.read(n.base, n.index)[0]
		change := b.IntSub(b.IntUnsigned(n.item[0]), b.IntUnsigned(was))
		return b.IntAdd(below, b.IntIte(e.below(n.index, limit), change, none))
	}
	for _, c := range e.session.counts {
		if c.path == e.p && c.node == n && c.limit.Term == limit.Term {
			return c.c
		}
	}
	return e.newCount(n, limit)
}

// below is 0 <= index < limit.
func (e *env) below(index Value, limit smt.Int) *smt.Term {
	b := e.p.Builder()
	i := b.IntSigned(index[0])
	return b.And(b.IntLessEq(b.IntConst(zero), i), b.IntLess(i, limit))
}

// newCount makes the number that stands for a count, with its facts.
func (e *env) newCount(n *node, limit smt.Int) smt.Int {
	b := e.p.Builder()
	width := limit.Hi.BitLen()
	var t *smt.Term
	if n.kind == root {
		f := b.Func(smt.Symbol(smt.CountOf, e.object.Name, n.ghost.Name, strconv.Itoa(width)), []int{indexWidth}, width)
		t = b.Apply(f, b.IntWrap(limit, indexWidth))
	} else {
		t = e.p.Choose(joined(e.object.Name, n.ghost.Name, "count"), width, nil)
	}
	c := counted{e.p, n, limit, b.IntUnsigned(t)}
	none := b.IntConst(zero)
	e.p.Fact(b.Or(b.IntLessEq(c.c, limit), b.And(b.IntLess(limit, none), b.IntEq(c.c, none))))
	for _, r := range e.session.reads {
		e.countRead(c, r)
	}
	for _, d := range e.session.counts {
		if d.path == e.p && d.node.ghost == n.ghost && d.limit.Term == limit.Term {
			e.monotone(c, d)
			e.monotone(d, c)
		}
	}
	e.session.counts = append(e.session.counts, c)
	return c.c
}

// monotone assumes that c <= d unless some index of c's observer is none of d's.
func (e *env) monotone(c, d counted) {
	b := e.p.Builder()
	w := e.p.Choose(joined(e.object.Name, c.node.ghost.Name, "witness"), c.limit.Hi.BitLen(), nil)
	at := Value{b.ZeroExtend(w, indexWidth)}
	inner := *e
	inner.gen = max(1, e.gen)
	e.p.Fact(b.Or(b.IntLessEq(c.c, d.c),
		b.And(e.below(at, c.limit), inner.read(c.node, at)[0], b.Not(inner.read(d.node, at)[0]))))
}

// noteRead remembers a read that counts of the same node must agree with.
func (e *env) noteRead(n *node, index, leaves Value) {
	g := n.ghost
	if e.gen > 0 || g.Value.Kind != contract.Bool || g.Index.Kind != contract.Int {
		return
	}
	r := readAt{e.p, n, index, leaves[0]}
	for _, old := range e.session.reads {
		if old.path == r.path && old.node == n && old.index[0] == index[0] {
			return
		}
	}
	e.session.reads = append(e.session.reads, r)
	for _, c := range e.session.counts {
		e.countRead(c, r)
	}
}

// countRead assumes what one value of an observer says of its count.
func (e *env) countRead(c counted, r readAt) {
	if c.node != r.node || c.path != r.path {
		return
	}
	b := e.p.Builder()
	some := b.IntLess(b.IntConst(zero), c.c)
	e.p.Fact(b.Implies(e.below(r.index, c.limit), b.Ite(r.value, some, b.IntLess(c.c, c.limit))))
}
