package summary

import (
	"math/big"

	"vigor/internal/contract"
	"vigor/internal/smt"
)

// Block stands for many indices: at Copies further ones, all below the capacity, everything is as
// at Index, but for keys, of which each has its own.
type Block struct {
	Index  int
	Copies smt.Int
}

// Sketch states what the contract says of some indices, and what each count comes to when all other
// indices below the capacity are those of the blocks, whose own indices are in the list. A count of
// another number of indices is taken to be of the capacity. The blocks must come to the right
// number, and the type must treat them [Alike].
func (s *State) Sketch(p Path, capacity smt.Int, indices []int, blocks []Block) {
	e := s.spell(p, indices)
	for i := 0; i < len(s.session.counts); i++ {
		c := s.session.counts[i]
		p.Axiom(p.Builder().IntEq(e.places(c.limit), capacity))
		p.Axiom(p.Builder().IntEq(c.c, e.countOver(c, indices, blocks)))
	}
}

// spell reads every observer over the indices at each of them.
func (s *State) spell(p Path, indices []int) *env {
	e := s.env(p, 0)
	for _, i := range indices {
		for k, g := range s.object.Type.Ghosts {
			if g.Index != nil && g.Index.Kind == contract.Int {
				e.read(s.nodes[k], s.Place(p, i))
			}
		}
	}
	return e
}

// Place is the index of sort int at which a structure has its place i. Places are counted from 0; the
// first of them is the index first, if the contract has such a scalar, or the head of a ring.
func (s *State) Place(p Path, i int) Value {
	b := p.Builder()
	at := b.IntConst(big.NewInt(int64(i)))
	if first, ok := s.Scalar("first"); ok {
		at = b.IntAdd(first, at)
	}
	if head, ok := s.Scalar("head"); ok {
		size, _ := s.Scalar("cap")
		at = b.IntAdd(head, at)
		at = b.IntIte(b.IntLess(at, size), at, b.IntSub(at, size))
	}
	return Value{b.IntWrap(at, indexWidth)}
}

// places is the number of places below a limit of indices.
func (e *env) places(limit smt.Int) smt.Int {
	if first, ok := e.now.Scalar("first"); ok {
		return e.p.Builder().IntSub(limit, first)
	}
	return limit
}

// countOver counts index by index, and block by block.
func (e *env) countOver(c counted, indices []int, blocks []Block) smt.Int {
	b := e.p.Builder()
	sum := b.IntConst(zero)
	for _, i := range indices {
		here := b.And(e.below(e.now.Place(e.p, i), c.limit), e.read(c.node, e.now.Place(e.p, i))[0])
		sum = b.IntAdd(sum, b.IntUnsigned(here))
	}
	for _, block := range blocks {
		here := e.read(c.node, e.now.Place(e.p, block.Index))[0]
		sum = b.IntAdd(sum, b.IntIte(here, block.Copies, b.IntConst(zero)))
	}
	return sum
}

// Alike reports whether no operation of a type tells indices apart that hold the same but for their
// keys, unless it is given one of them: a definition or a constraint for all indices reads
// observers there, and of those none whose value is the index of another.
func Alike(t *contract.Type) bool {
	for _, name := range t.OperationNames() {
		op := t.Operations[name]
		for _, d := range op.Defs {
			if d.Var != nil && !alike(t, d.Var, d.Value) {
				return false
			}
		}
		for _, c := range op.Constraints {
			if c.Var != nil && !alike(t, c.Var, c.Body) {
				return false
			}
		}
	}
	return true
}

func alike(t *contract.Type, variable *contract.Variable, body contract.Expr) bool {
	if variable.Sort().Kind != contract.Int {
		return true
	}
	mentioned, read := 0, 0
	contract.Walk(body, func(x contract.Expr) {
		switch x := x.(type) {
		case *contract.Variable:
			if x.Name == variable.Name {
				mentioned++
			}
		case *contract.Read:
			v, ok := x.Index.(*contract.Variable)
			if ok && v.Name == variable.Name && !isKey(t, x.Ghost.Value) {
				read++
			}
		}
	})
	return mentioned == read
}

// isKey reports whether values of a sort are the indices of some observer.
func isKey(t *contract.Type, s contract.Sort) bool {
	for _, g := range t.Ghosts {
		if s.Kind == contract.Param && g.Index != nil && g.Index.Kind == s.Kind && g.Index.Name == s.Name {
			return true
		}
	}
	return false
}

// Stored lists the indices, of sort int, at which the state may differ from the arbitrary one that
// it goes back to by what was stored there.
func (s *State) Stored() []*smt.Term {
	var list []*smt.Term
	seen := map[*node]bool{}
	var visit func(n *node)
	visit = func(n *node) {
		if seen[n] {
			return
		}
		seen[n] = true
		switch n.kind {
		case store:
			if n.ghost.Index.Kind == contract.Int {
				list = append(list, n.index[0])
			}
			visit(n.base)
		case pointwise:
			contract.Walk(n.def.Value, func(x contract.Expr) {
				if r, ok := x.(*contract.Read); ok {
					visit(n.env.state(r.Old).node(r.Ghost))
				}
			})
		}
	}
	for _, n := range s.nodes {
		visit(n)
	}
	return list
}
