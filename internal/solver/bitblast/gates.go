package bitblast

import "vigor/internal/solver/sat"

// gates builds circuits as clauses, with constants folded and equal gates shared.
type gates struct {
	sat   sat.Solver
	true  sat.Lit
	table map[gate]sat.Lit
	*cones
}

// gate is a key of the table of gates.
type gate struct {
	kind    gateKind
	a, b, c sat.Lit
}

// inputs are the literals that a gate has; those that it has not are 0.
func (k gate) inputs() []sat.Lit {
	if k.c == 0 {
		return []sat.Lit{k.a, k.b}
	}
	return []sat.Lit{k.a, k.b, k.c}
}

type gateKind uint8

const (
	noGate gateKind = iota
	andGate
	xorGate
	muxGate
	majorityGate
)

func newGates(s sat.Solver) *gates {
	g := &gates{sat: s, table: map[gate]sat.Lit{}, cones: newCones(s)}
	g.true = g.made(noGate)
	s.AddClause(g.true)
	return g
}

func (g *gates) bool(v bool) sat.Lit {
	if v {
		return g.true
	}
	return -g.true
}

// known gives the value of a constant literal.
func (g *gates) known(l sat.Lit) (value, ok bool) {
	return l == g.true, l == g.true || l == -g.true
}

// share returns the gate of that key, or makes it and its clauses by define.
func (g *gates) share(k gate, define func(out sat.Lit)) sat.Lit {
	if l, ok := g.table[k]; ok {
		return l
	}
	out := g.made(k.kind, k.inputs()...)
	g.table[k] = out
	define(out)
	return out
}

func (g *gates) and(a, b sat.Lit) sat.Lit {
	switch {
	case a == -g.true || b == -g.true || a == -b:
		return -g.true
	case a == g.true || a == b:
		return b
	case b == g.true:
		return a
	}
	a, b = min(a, b), max(a, b)
	return g.share(gate{andGate, a, b, 0}, func(out sat.Lit) {
		g.sat.AddClause(-out, a)
		g.sat.AddClause(-out, b)
		g.sat.AddClause(out, -a, -b)
	})
}

func (g *gates) or(a, b sat.Lit) sat.Lit { return -g.and(-a, -b) }

// all is the conjunction of ls, as one wide gate.
func (g *gates) all(ls []sat.Lit) sat.Lit {
	var kept []sat.Lit
	for _, l := range ls {
		switch l {
		case -g.true:
			return l
		case g.true:
		default:
			kept = append(kept, l)
		}
	}
	switch len(kept) {
	case 0:
		return g.true
	case 1:
		return kept[0]
	case 2:
		return g.and(kept[0], kept[1])
	}
	out := g.made(andGate, kept...)
	clause := []sat.Lit{out}
	for _, l := range kept {
		g.sat.AddClause(-out, l)
		clause = append(clause, -l)
	}
	g.sat.AddClause(clause...)
	return out
}

// any is the disjunction of ls.
func (g *gates) any(ls []sat.Lit) sat.Lit { return -g.all(inverted(ls)) }

func (g *gates) xor(a, b sat.Lit) sat.Lit {
	switch {
	case a == -g.true:
		return b
	case a == g.true:
		return -b
	case b == -g.true:
		return a
	case b == g.true:
		return -a
	case a == b:
		return -g.true
	case a == -b:
		return g.true
	}
	sign := sat.Lit(1)
	if a < 0 {
		a, sign = -a, -sign
	}
	if b < 0 {
		b, sign = -b, -sign
	}
	a, b = min(a, b), max(a, b)
	return sign * g.share(gate{xorGate, a, b, 0}, func(out sat.Lit) {
		g.sat.AddClause(-out, a, b)
		g.sat.AddClause(-out, -a, -b)
		g.sat.AddClause(out, -a, b)
		g.sat.AddClause(out, a, -b)
	})
}

// mux is a if c, else b.
func (g *gates) mux(c, a, b sat.Lit) sat.Lit {
	switch {
	case c == g.true || a == b:
		return a
	case c == -g.true:
		return b
	case a == g.true || a == c:
		return g.or(c, b)
	case a == -g.true || a == -c:
		return g.and(-c, b)
	case b == g.true || b == -c:
		return g.or(-c, a)
	case b == -g.true || b == c:
		return g.and(c, a)
	case a == -b:
		return -g.xor(c, a)
	}
	if c < 0 {
		c, a, b = -c, b, a
	}
	return g.share(gate{muxGate, c, a, b}, func(out sat.Lit) {
		g.sat.AddClause(-c, -a, out)
		g.sat.AddClause(-c, a, -out)
		g.sat.AddClause(c, -b, out)
		g.sat.AddClause(c, b, -out)
		g.sat.AddClause(-a, -b, out)
		g.sat.AddClause(a, b, -out)
	})
}

// majority is true if two of a, b and c are: the carry of a full adder.
func (g *gates) majority(a, b, c sat.Lit) sat.Lit {
	if _, ok := g.known(a); ok {
		a, c = c, a
	} else if _, ok := g.known(b); ok {
		b, c = c, b
	}
	switch {
	case c == g.true:
		return g.or(a, b)
	case c == -g.true:
		return g.and(a, b)
	case a == b, b == c:
		return b
	case a == c:
		return a
	case a == -b:
		return c
	case a == -c:
		return b
	case b == -c:
		return a
	}
	a, b = min(a, b), max(a, b)
	b, c = min(b, c), max(b, c)
	a, b = min(a, b), max(a, b)
	return g.share(gate{majorityGate, a, b, c}, func(out sat.Lit) {
		g.sat.AddClause(-a, -b, out)
		g.sat.AddClause(-a, -c, out)
		g.sat.AddClause(-b, -c, out)
		g.sat.AddClause(a, b, -out)
		g.sat.AddClause(a, c, -out)
		g.sat.AddClause(b, c, -out)
	})
}

func inverted(ls []sat.Lit) []sat.Lit {
	out := make([]sat.Lit, len(ls))
	for i, l := range ls {
		out[i] = -l
	}
	return out
}
