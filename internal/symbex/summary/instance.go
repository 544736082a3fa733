package summary

import (
	"slices"

	"vigor/internal/contract"
	"vigor/internal/smt"
)

// instanceKey is a root at an index, on a path.
type instanceKey struct {
	path  Path
	node  int
	index string
}

// rule is a quantified constraint that limits choices: it is assumed wherever its trigger is read.
type rule struct {
	node *node
	q    *contract.Quantified
	env  *env
}

// rootRead is a read of a root at an index, of some generation.
type rootRead struct {
	path  Path
	node  *node
	index Value
	gen   int
}

// learn adds a rule, and assumes it of what was read before.
func (s *session) learn(p Path, r rule) {
	s.rules = append(s.rules, r)
	for _, at := range slices.Clone(s.roots) {
		if at.path == p && at.node == r.node {
			s.apply(r, at)
		}
	}
}

// apply assumes a rule of one read.
func (s *session) apply(r rule, at rootRead) {
	inner := *r.env
	inner.p, inner.gen = at.path, at.gen+1
	x := fromLeaves(at.path.Builder(), r.q.Var.Sort(), at.index)
	at.path.Fact(inner.with(r.q.Var.Name, x).assumption(r.q.Body))
}

// instantiate assumes what is known of a root at an index: the exposes lines that it triggers, and the
// validity of the value there. Both are assumed of the arbitrary initial state only.
func (e *env) instantiate(n *node, index, leaves Value) {
	if e.gen >= e.object.generations() {
		return
	}
	key := instanceKey{e.p, n.id, ids(index)}
	if g, ok := e.session.seen[key]; ok && g <= e.gen {
		return
	}
	e.session.seen[key] = e.gen
	e.session.roots = append(e.session.roots, rootRead{e.p, n, index, e.gen})
	b := e.p.Builder()
	for _, r := range e.session.rules {
		if r.node == n {
			e.session.apply(r, rootRead{e.p, n, index, e.gen})
		}
	}
	initial := e.session.initial
	if initial == nil || initial.node(n.ghost) != n {
		return
	}
	inner := initial.env(e.p, e.gen+1)
	inner.object = e.object
	for _, q := range e.object.Type.Exposes {
		if q.Var != nil && q.Trigger.Ghost == n.ghost {
			e.p.Axiom(inner.with(q.Var.Name, fromLeaves(b, q.Var.Sort(), index)).assumption(q.Body))
		}
	}
	if valid := e.object.valid(n.ghost); valid != nil {
		e.p.Axiom(b.Implies(inner.domain(initial, n.ghost, index), valid(e.p, leaves)))
	}
}

// valid is what holds of the values of an observer, or nil.
func (o *Object) valid(g *contract.Ghost) func(p Path, v Value) *smt.Term {
	if g.Value.Kind != contract.Param {
		return nil
	}
	return o.Valid[g.Value.Name]
}

// domain is where an observer means something in a state.
func (e *env) domain(s *State, g *contract.Ghost, index Value) *smt.Term {
	if g.On == nil {
		return e.p.Builder().True()
	}
	return e.read(s.node(g.On), index)[0]
}
