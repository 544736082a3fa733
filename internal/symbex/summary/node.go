package summary

import (
	"fmt"

	"vigor/internal/contract"
	"vigor/internal/smt"
)

type nodeKind int

const (
	scalar    nodeKind = iota // item, and integer if it is one
	root                      // funcs
	store                     // base but at index, where it is item
	pointwise                 // def, evaluated in env
	constant                  // item everywhere
)

// node is the value of one observer in some states. It does not change.
type node struct {
	kind    nodeKind
	id      int // sequential in the order of creation
	ghost   *contract.Ghost
	item    Value
	integer smt.Int
	funcs   []*smt.Func
	base    *node
	index   Value
	def     *contract.Def
	env     *env
}

// intern returns the node with that key, made by f if there is none yet.
func (s *session) intern(key string, f func() *node) *node {
	if n := s.nodes[key]; n != nil {
		return n
	}
	n := f()
	s.last++
	n.id = s.last
	s.nodes[key] = n
	return n
}

// root makes an arbitrary observer, its symbols named within that of the state.
func (s *State) root(p Path, g *contract.Ghost, symbol string) *node {
	b := p.Builder()
	name := smt.Within(symbol, g.Name)
	return s.session.intern("root "+name, func() *node {
		if g.Index == nil {
			item := Value{}
			for _, l := range s.object.layout(g.Value) {
				item = append(item, b.Var(smt.Within(name, l.Name), l.Width))
			}
			return s.scalarNode(b, g, item)
		}
		var params []int
		for _, l := range s.object.layout(*g.Index) {
			params = append(params, l.Width)
		}
		n := &node{kind: root, ghost: g, funcs: []*smt.Func{}}
		for _, l := range s.object.layout(g.Value) {
			n.funcs = append(n.funcs, b.Func(smt.Within(name, l.Name), params, l.Width))
		}
		return n
	})
}

// scalarNode holds the leaves of a scalar; an integer keeps its interval.
func (s *State) scalarNode(b *smt.Builder, g *contract.Ghost, item Value) *node {
	n := &node{kind: scalar, ghost: g, item: item}
	if g.Value.Kind == contract.Int {
		n.integer = fromLeaves(b, g.Value, item).i
	}
	return n
}

func (s *State) scalarOf(b *smt.Builder, g *contract.Ghost, item Value) *node {
	return s.session.intern(fmt.Sprintf("scalar %s %s", g.Name, ids(item)), func() *node {
		return s.scalarNode(b, g, item)
	})
}

// storeAt is base with item at index. A store at the same index is replaced.
func (s *State) storeAt(base *node, index, item Value) *node {
	for base.kind == store && ids(base.index) == ids(index) {
		base = base.base
	}
	key := fmt.Sprintf("store %d [%s] %s", base.id, ids(index), ids(item))
	return s.session.intern(key, func() *node {
		return &node{kind: store, ghost: base.ghost, base: base, index: index, item: item}
	})
}

// pointwiseNode is an observer defined at every index.
func (s *State) pointwiseNode(e *env, d *contract.Def) *node {
	g := d.Target.Ghost
	if !dependsOn(d.Value, d.Var.Name) {
		item := e.toLeaves(e.eval(d.Value), g.Value, nil)
		return s.session.intern(fmt.Sprintf("constant %s %s", g.Name, ids(item)), func() *node {
			return &node{kind: constant, ghost: g, item: item}
		})
	}
	key := fmt.Sprintf("pointwise %v %s %s", d.Pos, g.Name, e.key(d.Value, d.Var.Name))
	return s.session.intern(key, func() *node {
		kept := *e
		kept.gen = 0
		return &node{kind: pointwise, ghost: g, def: d, env: &kept}
	})
}

func dependsOn(e contract.Expr, variable string) bool {
	found := false
	contract.Walk(e, func(e contract.Expr) {
		v, ok := e.(*contract.Variable)
		found = found || ok && v.Name == variable
	})
	return found
}

// key identifies what an expression means in e, its free variable aside.
func (e *env) key(x contract.Expr, free string) string {
	key := ""
	node := func(g *contract.Ghost, old bool) {
		key += fmt.Sprintf("#%d ", e.state(old).node(g).id)
	}
	contract.Walk(x, func(x contract.Expr) {
		switch x := x.(type) {
		case *contract.Variable:
			if x.Name != free {
				v := e.vars[x.Name]
				key += ids(v.terms()) + fmt.Sprint(v.kind == contract.Int && v.i.Lo.Sign() < 0) + " "
			}
		case *contract.Read:
			node(x.Ghost, x.Old)
		case *contract.Count:
			node(x.Ghost, x.Old)
		}
	})
	return key
}

// read gives the leaves of a node at an index (nil for a scalar), with instances of the generation of e.
func (e *env) read(n *node, index Value) Value {
	b := e.p.Builder()
	switch n.kind {
	case scalar, constant:
		return n.item
	case store:
		at := equalLeaves(b, index, n.index)
		switch {
		case at.IsTrue():
			return n.item
		case at.IsFalse():
			return e.read(n.base, index)
		}
		return iteLeaves(b, at, n.item, e.read(n.base, index))
	case pointwise:
		inner := *n.env
		inner.p, inner.gen, inner.session, inner.side = e.p, e.gen, e.session, e.side
		x := fromLeaves(b, *n.ghost.Index, index)
		v := inner.with(n.def.Var.Name, x).eval(n.def.Value)
		out := v.leaves(b, n.ghost.Value)
		e.noteRead(n, index, out)
		return out
	}
	out := make(Value, len(n.funcs))
	for i, f := range n.funcs {
		out[i] = b.Apply(f, index...)
	}
	e.instantiate(n, index, out)
	e.noteRead(n, index, out)
	return out
}
