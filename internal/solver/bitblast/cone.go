package bitblast

import "vigor/internal/solver/sat"

// cones knows what each variable of the SAT solver depends on, so that a question is searched among those variables only
// that it depends on: all others can be given values afterwards, for a gate is a function of its inputs.
type cones struct {
	sat   sat.Solver
	flat  []sat.Lit  // the inputs of all gates
	ends  []int      // by variable: where in flat its inputs end
	kinds []gateKind // by variable
	marks []uint32   // by variable: the cone that it was found in last
	now   uint32
	// relations are what is known of words besides the gates that they are made of.
	relations []relation
}

// relation is a fact of two words: clauses that speak of the roots. It matters where both words do.
type relation struct {
	a, b  word
	roots []sat.Lit
}

func newCones(s sat.Solver) *cones {
	return &cones{sat: s, ends: make([]int, 1), kinds: make([]gateKind, 1), marks: make([]uint32, 1)}
}

// made returns a fresh variable: the output of a gate with these inputs, or, of kind noGate, one that is not computed
// from them.
func (c *cones) made(kind gateKind, inputs ...sat.Lit) sat.Lit {
	out := c.sat.NewVar()
	c.flat = append(c.flat, inputs...)
	c.ends = append(c.ends, len(c.flat))
	c.kinds = append(c.kinds, kind)
	c.marks = append(c.marks, 0)
	return out
}

// relate notes what the clauses that tie two words speak of.
func (c *cones) relateWords(a, b word, roots ...sat.Lit) {
	c.relations = append(c.relations, relation{a, b, roots})
}

// cone lists the variables that literals depend on.
func (c *cones) cone(literals ...sat.Lit) []sat.Lit {
	c.now++
	list := c.reach(nil, literals)
	for before := -1; before < len(list); {
		before = len(list)
		for _, r := range c.relations {
			if c.touched(r.a) && c.touched(r.b) {
				list = c.reach(list, r.roots)
			}
		}
	}
	return list
}

// reach adds the variables that literals depend on to a list, each once.
func (c *cones) reach(list []sat.Lit, literals []sat.Lit) []sat.Lit {
	at := len(list)
	list = c.enter(list, literals)
	for ; at < len(list); at++ {
		v := list[at]
		list = c.enter(list, c.flat[c.ends[v-1]:c.ends[v]])
	}
	return list
}

func (c *cones) enter(list []sat.Lit, literals []sat.Lit) []sat.Lit {
	for _, l := range literals {
		if l = max(l, -l); c.marks[l] != c.now {
			c.marks[l] = c.now
			list = append(list, l)
		}
	}
	return list
}

// touched reports whether a bit of a word is in the cone.
func (c *cones) touched(w word) bool {
	for _, l := range w {
		if c.marks[max(l, -l)] == c.now {
			return true
		}
	}
	return false
}
