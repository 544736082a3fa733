package sat

// analysis is what the analysis of one conflict needs.
type analysis struct {
	seen    []uint8 // by variable: marks
	marked  []uint32
	clause  []literal
	stack   []literal
	counted []uint64 // by level: the conflict that counted it last
	now     uint64   // conflicts so far
}

const (
	unseen   = 0
	pending  = 1 // in the clause, or still to be replaced by its reason
	needless = 2 // follows from the rest of the clause
	needed   = 3 // does not
)

// learn adds the clause that a conflict teaches, undoes the decisions that it rules out, and draws its consequence.
func (s *embedded) learn(conflict clause) {
	s.explain(conflict)
	s.shorten()
	back := s.second()
	levels := s.joined()
	if s.watched != nil {
		s.watched(s.analysis.clause)
	}
	s.pace.conflict(levels)
	s.undo(back)
	if len(s.analysis.clause) == 1 {
		s.assign(s.analysis.clause[0], none)
	} else {
		c := s.clauses.add(s.analysis.clause, levels)
		s.learnt = append(s.learnt, c)
		s.watch(c)
		s.assign(s.analysis.clause[0], c)
	}
	s.order.decay()
	for _, v := range s.marked {
		s.seen[v] = unseen
	}
	s.marked = s.marked[:0]
}

func (s *embedded) mark(v uint32, as uint8) {
	if s.seen[v] == unseen {
		s.marked = append(s.marked, v)
	}
	s.seen[v] = as
}

// explain replaces what the last decision implied in a false clause by its reasons, until one literal of that level is
// left. It comes first.
func (s *embedded) explain(conflict clause) {
	out := append(s.analysis.clause[:0], 0)
	open, at := 0, len(s.trail)
	for reason := conflict; ; {
		for _, l := range s.clauses.literals(reason) {
			v := literal(l).variable()
			if s.seen[v] != unseen || s.levels[v] == 0 {
				continue
			}
			s.mark(v, pending)
			s.order.bump(v)
			if int(s.levels[v]) == len(s.starts) {
				open++
			} else {
				out = append(out, literal(l))
			}
		}
		for at--; s.seen[s.trail[at].variable()] != pending; at-- {
		}
		l := s.trail[at]
		if open--; open == 0 {
			out[0] = l.not()
			s.analysis.clause = out
			return
		}
		reason = s.reasons[l.variable()]
	}
}

// shorten removes the literals that follow from the others.
func (s *embedded) shorten() {
	out := s.analysis.clause[:1]
	for _, l := range s.analysis.clause[1:] {
		if s.reasons[l.variable()] == none || !s.follows(l) {
			out = append(out, l)
		}
	}
	s.analysis.clause = out
}

// follows reports whether the reasons of l lead back to marked literals only.
func (s *embedded) follows(l literal) bool {
	s.stack = append(s.stack[:0], l)
	first := len(s.marked)
	for len(s.stack) > 0 {
		top := s.stack[len(s.stack)-1]
		s.stack = s.stack[:len(s.stack)-1]
		for _, m := range s.clauses.literals(s.reasons[top.variable()]) {
			v := literal(m).variable()
			if v == top.variable() || s.levels[v] == 0 || s.seen[v] == pending || s.seen[v] == needless {
				continue
			}
			if s.seen[v] == needed || s.reasons[v] == none {
				for _, u := range s.marked[first:] {
					s.seen[u] = needed
				}
				return false
			}
			s.mark(v, needless)
			s.stack = append(s.stack, literal(m))
		}
	}
	return true
}

// second brings a literal of the second highest level to the second place, and returns that level.
func (s *embedded) second() int {
	c := s.analysis.clause
	if len(c) == 1 {
		return 0
	}
	at := 1
	for i := 2; i < len(c); i++ {
		if s.levels[c[i].variable()] > s.levels[c[at].variable()] {
			at = i
		}
	}
	c[1], c[at] = c[at], c[1]
	return int(s.levels[c[1].variable()])
}

// joined counts the levels of the clause's literals.
func (s *embedded) joined() int {
	s.now++
	n := 0
	for _, l := range s.analysis.clause {
		level := int(s.levels[l.variable()])
		for len(s.counted) <= level {
			s.counted = append(s.counted, 0)
		}
		if s.counted[level] != s.now {
			s.counted[level] = s.now
			n++
		}
	}
	return n
}

// blame finds the assumptions that imply that the assumption l is false.
func (s *embedded) blame(l literal) {
	s.core = append(s.core, l.outside())
	if s.levels[l.variable()] == 0 {
		return
	}
	s.mark(l.variable(), pending)
	for i := len(s.trail) - 1; i >= s.starts[0]; i-- {
		m := s.trail[i]
		v := m.variable()
		if s.seen[v] == unseen {
			continue
		}
		if s.reasons[v] == none {
			s.core = append(s.core, m.outside())
			continue
		}
		for _, r := range s.clauses.literals(s.reasons[v]) {
			if u := literal(r).variable(); s.levels[u] > 0 {
				s.mark(u, pending)
			}
		}
	}
	for _, v := range s.marked {
		s.seen[v] = unseen
	}
	s.marked = s.marked[:0]
}
