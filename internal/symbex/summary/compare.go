package summary

import (
	"vigor/internal/contract"
	"vigor/internal/smt"
)

// Difference is what must hold for one observer to be equal in two states.
type Difference struct {
	Observer  string
	Key       Value // the arbitrary index; nil for a scalar
	Under     *smt.Term
	Holds     *smt.Term // Under implies that Got equals Want
	Got, Want Value
}

// Compare returns what makes two states of one object equal, observer by observer in the order of the
// contract; observers with the same node are left out. All hold if and only if the states are equal: an
// index is arbitrary, one fresh value per sort. An observer on D is compared where D holds in both
// states; D is compared itself. Sizes are counts of compared observers, and nothing else can be
// observed of a state.
func Compare(p Path, got, want *State) []Difference {
	b := p.Builder()
	at := map[string]Value{}
	var out []Difference
	for i, g := range got.object.Type.Ghosts {
		if got.nodes[i] == want.nodes[i] {
			continue
		}
		e, f := got.env(p, 0), want.env(p, 0)
		d := Difference{Observer: g.Name, Under: b.True()}
		if g.Index != nil {
			d.Key = e.arbitraryIndex(at, g)
			d.Under = b.And(e.domain(got, g, d.Key), f.domain(want, g, d.Key))
		}
		d.Got, d.Want = e.read(got.nodes[i], d.Key), f.read(want.nodes[i], d.Key)
		d.Holds = b.Implies(d.Under, equalLeaves(b, d.Got, d.Want))
		if !d.Holds.IsTrue() {
			out = append(out, d)
		}
	}
	return out
}

// arbitraryIndex returns the arbitrary value of the index sort of g, the same for all observers.
func (e *env) arbitraryIndex(made map[string]Value, g *contract.Ghost) Value {
	name := g.Index.String()
	if made[name] == nil {
		made[name] = e.arbitrary(*g.Index)
	}
	return made[name]
}
