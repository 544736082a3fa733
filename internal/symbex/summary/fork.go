package summary

import (
	"maps"
	"math/big"
)

// Fork returns states of one object for a path that goes on from the end of the path that made them: what
// was assumed of them there holds here too. The states must come from one Construct or Havoc.
func Fork(p Path, states ...*State) []*State {
	if len(states) == 0 {
		return nil
	}
	session := states[0].session.fork(p)
	forked := make([]*State, len(states))
	for i, s := range states {
		if s != nil {
			forked[i] = &State{s.object, session, s.nodes}
		}
	}
	return forked
}

func (s *session) fork(p Path) *session {
	f := &session{nodes: maps.Clone(s.nodes), last: s.last, seen: map[instanceKey]int{},
		rules: append([]rule{}, s.rules...)}
	for key, generation := range s.seen {
		key.path = p
		f.seen[key] = generation
	}
	for _, r := range s.roots {
		r.path = p
		f.roots = append(f.roots, r)
	}
	for _, c := range s.counts {
		c.path = p
		f.counts = append(f.counts, c)
	}
	for _, r := range s.reads {
		r.path = p
		f.reads = append(f.reads, r)
	}
	if s.initial != nil {
		f.initial = &State{s.initial.object, f, s.initial.nodes}
	}
	return f
}

// SpellOut states what the contract says of each of the indices 0..size-1, and what each count comes to
// that is limited to at most size: a model of a small state is then one that a structure can be in.
func (s *State) SpellOut(p Path, size int) {
	b := p.Builder()
	indices := make([]int, size)
	for i := range indices {
		indices[i] = i
	}
	e := s.spell(p, indices)
	for _, c := range s.session.counts {
		p.Fact(b.Implies(b.IntLessEq(e.places(c.limit), b.IntConst(big.NewInt(int64(size)))),
			b.IntEq(c.c, e.countOver(c, indices, nil))))
	}
}
