package sat

import (
	"context"
	"slices"
)

// literal is a literal inside the embedded solver: twice its variable, plus 1 if it is negated.
type literal uint32

func inside(l Lit) literal {
	if l < 0 {
		return literal(-l)<<1 | 1
	}
	return literal(l) << 1
}

func (l literal) outside() Lit {
	if l&1 == 1 {
		return -Lit(l >> 1)
	}
	return Lit(l >> 1)
}

func (l literal) not() literal          { return l ^ 1 }
func (l literal) variable() uint32      { return uint32(l >> 1) }
func literalOf(variable uint32) literal { return literal(variable) << 1 }

// embedded searches by decisions and their consequences. A conflict teaches a clause and undoes the decisions that the
// clause would have prevented.
type embedded struct {
	clauses store
	watches [][]watch // by literal: the clauses to look at when it becomes false
	values  []int8    // by literal: 1 true, -1 false, 0 open
	reasons []clause  // by variable: what implied its value; none for decisions
	levels  []int32   // by variable: how many decisions had been made
	trail   []literal // what is true, in order
	starts  []int     // where in the trail each decision is
	head    int       // of the trail: what is before has been propagated
	order   order
	saved   []bool // by variable: the value that it had last
	false   bool   // the clauses contradict each other

	assumed []literal
	core    []Lit
	learnt  []clause
	limit   int // of learnt clauses, beyond which half of them go
	pace    pace
	analysis
	watched func([]literal) // is told each learnt clause, in tests
}

// New returns the embedded solver.
func New() Solver {
	s := &embedded{clauses: make(store, 1), limit: firstLimit}
	s.grow() // variable 0 is none
	return s
}

func (s *embedded) grow() {
	s.watches = append(s.watches, nil, nil)
	s.values = append(s.values, 0, 0)
	s.reasons = append(s.reasons, none)
	s.levels = append(s.levels, 0)
	s.saved = append(s.saved, false)
	s.seen = append(s.seen, 0)
	s.order.grow()
}

func (s *embedded) NewVar() Lit {
	s.grow()
	return Lit(len(s.levels) - 1)
}

func (s *embedded) AddClause(lits ...Lit) {
	s.undo(0)
	if s.false {
		return
	}
	kept := make([]literal, 0, len(lits))
	for _, outer := range lits {
		switch l := inside(outer); {
		case s.values[l] > 0 || slices.Contains(kept, l.not()):
			return
		case s.values[l] == 0 && !slices.Contains(kept, l):
			kept = append(kept, l)
		}
	}
	switch len(kept) {
	case 0:
		s.false = true
	case 1:
		s.assign(kept[0], none)
	default:
		s.watch(s.clauses.add(kept, 0))
	}
}

func (s *embedded) Prefer(l Lit) {
	s.undo(0) // which saves values
	s.saved[max(l, -l)] = l > 0
}

func (s *embedded) Value(l Lit) bool { return s.values[inside(l)] > 0 }

func (s *embedded) Core() []Lit { return s.core }

// patience is how many conflicts a search may have with the values that it began with. Then it begins anew, with those
// of a new solver: where arithmetic is hard, values near those of another question can lead away from every model.
const patience = 500

// poll is how many conflicts pass between two looks at the context.
const poll = 256

func (s *embedded) Solve(ctx context.Context, q Question) Result {
	s.begin(q)
	for conflicts := 0; ; {
		before := s.head
		conflict := s.propagate()
		if q.Effort != nil {
			*q.Effort -= int64(s.head - before)
		}
		switch {
		case conflict != none && len(s.starts) == 0:
			s.false = true
			return Unsat
		case s.false:
			return Unsat
		case q.Effort != nil && *q.Effort <= 0 || conflicts%poll == 0 && ctx.Err() != nil:
			return Unknown
		case conflict != none:
			conflicts++
			s.learn(conflict)
			if conflicts == patience {
				clear(s.saved)
			}
			continue
		}
		s.maintain()
		next, result := s.decision()
		if result != Unknown {
			return result
		}
		s.starts = append(s.starts, len(s.trail))
		if next != 0 {
			s.assign(next, none)
		}
	}
}

// begin prepares a question.
func (s *embedded) begin(q Question) {
	s.undo(0)
	s.core = nil
	s.assumed = s.assumed[:0]
	for _, l := range q.Assume {
		s.assumed = append(s.assumed, inside(l))
	}
	if q.Cone != nil {
		s.order.only(q.Cone)
	} else {
		s.order.all()
	}
	s.order.more(s.assumed)
	s.pace.begin()
}

// decision gives the literal to decide next, an assumption first; 0 for an assumption that holds already. There is
// a Result when there is nothing left to decide, or when an assumption is false.
func (s *embedded) decision() (literal, Result) {
	if n := len(s.starts); n < len(s.assumed) {
		switch l := s.assumed[n]; {
		case s.values[l] > 0:
			return 0, Unknown
		case s.values[l] < 0:
			s.blame(l)
			return 0, Unsat
		default:
			return l, Unknown
		}
	}
	for {
		v := s.order.next()
		if v == 0 {
			return 0, Sat
		}
		if l := literalOf(v); s.values[l] == 0 {
			if s.saved[v] {
				return l, Unknown
			}
			return l.not(), Unknown
		}
	}
}

// assign makes l true.
func (s *embedded) assign(l literal, reason clause) {
	v := l.variable()
	s.values[l], s.values[l.not()] = 1, -1
	s.reasons[v], s.levels[v] = reason, int32(len(s.starts))
	s.trail = append(s.trail, l)
}

// undo takes back all decisions but the first n, and what they implied.
func (s *embedded) undo(n int) {
	if len(s.starts) <= n {
		return
	}
	for i := len(s.trail) - 1; i >= s.starts[n]; i-- {
		l := s.trail[i]
		v := l.variable()
		s.values[l], s.values[l.not()] = 0, 0
		s.saved[v] = l&1 == 0
		s.order.open(v)
	}
	s.trail = s.trail[:s.starts[n]]
	s.head = len(s.trail)
	s.starts = s.starts[:n]
}

// maintain restarts the search, or forgets learnt clauses, when it is time to.
func (s *embedded) maintain() {
	if s.pace.restart() {
		s.undo(min(len(s.starts), len(s.assumed)))
	}
	if len(s.learnt) > s.limit {
		s.forget()
	}
}

// pace says when to restart: when the clauses learnt of late join more levels than those learnt on the whole, and at
// the latest after a number of conflicts that is usually small and now and then large (Luby's sequence).
type pace struct {
	late, whole float64
	conflicts   float64
	since       int // conflicts since the last restart
	u, v        int // the state of the sequence
}

const (
	restartLeast = 50 // conflicts between two restarts
	restartUnit  = 100
)

func (p *pace) begin() { p.since, p.u, p.v = 0, 1, 1 }

func (p *pace) conflict(levels int) {
	p.since++
	p.conflicts++
	p.late += (float64(levels) - p.late) / min(p.conflicts, 32)
	p.whole += (float64(levels) - p.whole) / min(p.conflicts, 4096)
}

func (p *pace) restart() bool {
	switch {
	case p.since >= restartUnit*p.v:
		if p.u&-p.u == p.v {
			p.u, p.v = p.u+1, 1
		} else {
			p.v *= 2
		}
	case p.since < restartLeast || p.late < 1.2*p.whole:
		return false
	}
	p.since = 0
	return true
}
