package symbex

import (
	"golang.org/x/tools/go/ssa"

	"vigor/internal/smt"
)

// Folding turns control flow without effects into values: the blocks of a region are executed once each,
// under the guard that says when they are reached, and where they meet again, values are merged
// by if-then-else. A region is left by one fork per exit, instead of one per branch inside.

// cannotMerge is the panic of a guarded store whose old and new content have no common value.
type cannotMerge struct{}

// edge is a transition inside a region, taken where guard holds.
type edge struct {
	from, to *ssa.BasicBlock
	guard    *smt.Term
}

// region is what has been folded so far in one activation.
type region struct {
	m        *Machine
	f        *frame
	base     *smt.Term                // the guard of the enclosing region
	start    *ssa.BasicBlock          // whose branch opens the region; nil for a whole function
	absorbed map[*ssa.BasicBlock]bool // executed, or found to be unreachable
	rejected map[*ssa.BasicBlock]bool // their phis do not merge
	live     []edge                   // edges that may be taken, in order of discovery
	returns  []guardedResult          // of a folded call
}

type guardedResult struct {
	guard *smt.Term
	value Value
}

// foldCall executes a whole function as one region, if it has no loops and no effects.
func (m *Machine) foldCall(f *frame) (result Value, ok bool) {
	if len(f.fn.Blocks) == 1 || !m.program.foldable(f.fn) {
		return nil, false
	}
	return m.foldWhole(f)
}

// foldWhole executes a foldable function as one region; it reports false, having done nothing, if
// its values do not merge.
func (m *Machine) foldWhole(f *frame) (result Value, ok bool) {
	r := m.newRegion(f)
	defer m.undoFold(m.guard, m.memory.clone(), m.p.mark(), len(m.sums), &ok)
	r.absorbed[f.fn.Blocks[0]] = true
	r.execute(f.fn.Blocks[0], m.b.True())
	for t := r.next(); t != nil; t = r.next() {
		r.absorb(t)
	}
	m.guard = r.base
	return r.result()
}

func (m *Machine) newRegion(f *frame) *region {
	return &region{m: m, f: f, base: m.guard, absorbed: map[*ssa.BasicBlock]bool{},
		rejected: map[*ssa.BasicBlock]bool{}}
}

// undoFold restores the state before a fold that met something it cannot merge.
func (m *Machine) undoFold(guard *smt.Term, mem memory, before mark, sums int, ok *bool) {
	r := recover()
	if _, gaveUp := r.(cannotMerge); r != nil && !gaveUp {
		panic(r)
	}
	m.guard = guard
	if r != nil || !*ok {
		m.memory, m.sums, *ok = mem, m.sums[:sums:sums], false // a sum is what it is by what was known
		m.p.reset(before)
	}
}

// result merges the values of the returns that may be reached.
func (r *region) result() (Value, bool) {
	if len(r.rejected) > 0 || len(r.returns) == 0 {
		return nil, false
	}
	last := len(r.returns) - 1
	value := r.returns[last].value
	for i := last - 1; i >= 0; i-- {
		merged, ok := r.m.merge(r.returns[i].guard, r.returns[i].value, value)
		if !ok {
			return nil, false
		}
		value = merged
	}
	return value, true
}

// foldBranch executes the region that the current block's branch opens, and leaves it by one of its exits.
// It reports false, having done nothing, if there is nothing to fold.
func (m *Machine) foldBranch(f *frame) (ok bool) {
	r := m.newRegion(f)
	exits := r.grow(f.block)
	if exits == nil {
		return false
	}
	for i, e := range exits {
		if i == len(exits)-1 || m.p.Branch(e.guard) {
			m.jump(f, e.to)
			f.from = nil // the phis of the exit are set below
			for phi, v := range e.phis {
				f.values[phi] = v
			}
			return true
		}
	}
	return false
}

// grow absorbs all it can from the branch that ends block, and returns the exits; nil if it absorbed
// nothing.
func (r *region) grow(block *ssa.BasicBlock) (exits []exit) {
	m, ok := r.m, false
	defer m.undoFold(m.guard, m.memory.clone(), m.p.mark(), len(m.sums), &ok)
	r.start, r.absorbed[block] = block, true
	r.leave(block, m.b.True())
	grown := false
	for t := r.next(); t != nil; t = r.next() {
		if !m.program.foldableBlock(t) {
			r.rejected[t] = true
			continue
		}
		grown = r.absorb(t) || grown
	}
	if !grown {
		return nil
	}
	ok = true
	return r.exits()
}

// next returns a block all of whose predecessors are absorbed; nil if there is none.
func (r *region) next() *ssa.BasicBlock {
	for _, t := range r.f.fn.Blocks {
		if r.absorbed[t] || r.rejected[t] || len(t.Preds) == 0 {
			continue
		}
		all := true
		for _, p := range t.Preds {
			all = all && r.absorbed[p]
		}
		if all {
			return t
		}
	}
	return nil
}

// absorb executes t under the guard of its live incoming edges; it reports false if its phis do not
// merge.
func (r *region) absorb(t *ssa.BasicBlock) bool {
	incoming := r.into(t)
	if len(incoming) == 0 {
		r.absorbed[t] = true // unreachable here
		return true
	}
	phis, ok := r.mergePhis(t, incoming)
	if !ok {
		r.rejected[t] = true
		return false
	}
	for phi, v := range phis {
		r.f.values[phi] = v
	}
	r.absorbed[t] = true
	r.execute(t, r.anyOf(incoming))
	return true
}

// execute runs the instructions of t where guard holds, and opens its outgoing edges.
func (r *region) execute(t *ssa.BasicBlock, guard *smt.Term) {
	m := r.m
	m.guard = m.b.And(r.base, guard)
	for _, instr := range t.Instrs {
		m.reach(r.f, instr)
		if ret, ok := instr.(*ssa.Return); ok {
			r.returns = append(r.returns, guardedResult{guard, m.results(r.f, ret)})
			continue
		}
		m.step(r.f, instr)
	}
	r.leave(t, guard)
	m.guard = r.base
}

// leave opens the edges out of t.
func (r *region) leave(t *ssa.BasicBlock, guard *smt.Term) {
	m := r.m
	switch last := t.Instrs[len(t.Instrs)-1].(type) {
	case *ssa.Jump:
		r.open(t, t.Succs[0], guard)
	case *ssa.If:
		c := m.p.Simplify(m.operand(r.f, last.Cond).(Scalar).Term)
		r.open(t, t.Succs[0], m.b.And(guard, c))
		r.open(t, t.Succs[1], m.b.And(guard, m.b.Not(c)))
	}
}

func (r *region) open(from, to *ssa.BasicBlock, guard *smt.Term) {
	if !guard.IsFalse() {
		r.live = append(r.live, edge{from, to, guard})
	}
}

func (r *region) into(t *ssa.BasicBlock) []edge {
	var list []edge
	for _, e := range r.live {
		if e.to == t {
			list = append(list, e)
		}
	}
	return list
}

func (r *region) anyOf(edges []edge) *smt.Term {
	guards := make([]*smt.Term, len(edges))
	for i, e := range edges {
		guards[i] = e.guard
	}
	return r.m.b.Or(guards...)
}

// mergePhis evaluates the phis of t over the given edges.
func (r *region) mergePhis(t *ssa.BasicBlock, edges []edge) (map[*ssa.Phi]Value, bool) {
	phis := map[*ssa.Phi]Value{}
	for _, instr := range t.Instrs {
		phi, isPhi := instr.(*ssa.Phi)
		if !isPhi {
			break
		}
		var merged Value
		for i := len(edges) - 1; i >= 0; i-- {
			v := r.m.operand(r.f, phi.Edges[predecessor(t, edges[i].from)])
			if merged == nil {
				merged = v
				continue
			}
			both, ok := r.m.merge(edges[i].guard, v, merged)
			if !ok {
				return nil, false
			}
			merged = both
		}
		phis[phi] = merged
	}
	return phis, true
}

func predecessor(t, from *ssa.BasicBlock) int {
	for i, p := range t.Preds {
		if p == from {
			return i
		}
	}
	panic("symbex: edge from a block that is no predecessor")
}

// exit is a way out of a region.
type exit struct {
	to    *ssa.BasicBlock
	guard *smt.Term
	phis  map[*ssa.Phi]Value
}

// exits groups the edges that leave the region by their target; the next round of a loop, which enters
// the region again, is one. Edges whose phis do not merge stay apart.
func (r *region) exits() []exit {
	var list []exit
	seen := map[*ssa.BasicBlock]bool{}
	for _, e := range r.live {
		if r.absorbed[e.to] && e.to != r.start || seen[e.to] {
			continue
		}
		seen[e.to] = true
		edges := r.into(e.to)
		if phis, ok := r.mergePhis(e.to, edges); ok {
			list = append(list, exit{e.to, r.anyOf(edges), phis})
			continue
		}
		for _, single := range edges {
			phis, _ := r.mergePhis(e.to, []edge{single})
			list = append(list, exit{single.to, single.guard, phis})
		}
	}
	return list
}
