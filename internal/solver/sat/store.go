package sat

import (
	"cmp"
	"slices"
)

// store holds clauses one after another, each as its length, its number of levels (0 for one that was given, not
// learnt) and its literals.
type store []uint32

// clause is where in the store a clause is.
type clause uint32

// none is no clause.
const none clause = 0

const header = 2 // words before the literals of a clause

func (s *store) add(lits []literal, levels int) clause {
	c := clause(len(*s))
	*s = append(*s, uint32(len(lits)), uint32(levels))
	for _, l := range lits {
		*s = append(*s, uint32(l))
	}
	return c
}

// literals is the clause; what is watched comes first.
func (s store) literals(c clause) []uint32 {
	return s[c+header : c+header+clause(s[c])]
}

func (s store) levels(c clause) int { return int(s[c+1]) }

// watch is an entry of a list of watches. Where other is true the clause need not be looked at; of a clause of two
// it is all the rest.
type watch struct {
	at    uint32 // twice the clause, plus 1 if it has two literals
	other literal
}

func (w watch) clause() clause { return clause(w.at >> 1) }
func (w watch) pair() bool     { return w.at&1 == 1 }

// watch enters a clause under its first two literals.
func (s *embedded) watch(c clause) {
	lits := s.clauses.literals(c)
	at := uint32(c) << 1
	if len(lits) == 2 {
		at |= 1
	}
	x, y := literal(lits[0]), literal(lits[1])
	s.watches[x] = append(s.watches[x], watch{at, y})
	s.watches[y] = append(s.watches[y], watch{at, x})
}

const (
	firstLimit = 4000 // learnt clauses before the first are forgotten
	limitStep  = 500  // more are kept each time
	keepLevels = 3    // a learnt clause that joins so few levels is kept
)

// forget removes half of the learnt clauses, those that join most levels, and closes the gaps in the store.
func (s *embedded) forget() {
	s.undo(0)
	s.limit += limitStep
	byLevels := slices.Clone(s.learnt)
	slices.SortFunc(byLevels, func(c, d clause) int {
		return cmp.Or(cmp.Compare(s.clauses.levels(d), s.clauses.levels(c)), cmp.Compare(c, d))
	})
	for _, c := range byLevels[:len(byLevels)/2] {
		if s.clauses.levels(c) > keepLevels {
			s.clauses[c+1] = forgotten
		}
	}
	s.compact()
}

// forgotten marks a clause that is to go, in place of its levels.
const forgotten = 1 << 31

// compact rebuilds the store without forgotten clauses and those that hold for good.
func (s *embedded) compact() {
	old := s.clauses
	s.clauses, s.learnt = make(store, 1, len(old)), s.learnt[:0]
	for i := range s.watches {
		s.watches[i] = s.watches[i][:0]
	}
	for c := clause(1); int(c) < len(old); c += header + clause(old[c]) {
		if old[c+1] == forgotten || s.holds(old.literals(c)) {
			continue
		}
		kept := clause(len(s.clauses))
		s.clauses = append(s.clauses, old[c:c+header+clause(old[c])]...)
		s.watch(kept)
		if old[c+1] > 0 {
			s.learnt = append(s.learnt, kept)
		}
	}
}

// holds reports whether a literal is true for good; no decision is standing.
func (s *embedded) holds(lits []uint32) bool {
	return slices.ContainsFunc(lits, func(l uint32) bool { return s.values[l] > 0 })
}
