package sat

// propagate draws all consequences of the trail. It returns a clause that has become false, or none.
func (s *embedded) propagate() clause {
	for s.head < len(s.trail) {
		l := s.trail[s.head].not()
		s.head++
		if conflict := s.falsified(l); conflict != none {
			return conflict
		}
	}
	return none
}

// falsified looks at the clauses that watch l, which is false now.
func (s *embedded) falsified(l literal) clause {
	list := s.watches[l]
	kept := 0
	for i := 0; i < len(list); i++ {
		w := list[i]
		value := s.values[w.other]
		if value <= 0 && !w.pair() {
			var moved bool
			if w, moved = s.elsewhere(w, l); moved {
				continue
			}
			value = s.values[w.other]
		}
		list[kept] = w
		kept++
		switch {
		case value == 0 && s.idle(w.other):
		case value == 0:
			s.assign(w.other, w.clause())
		case value < 0:
			kept += copy(list[kept:], list[i+1:])
			s.watches[l] = list[:kept]
			return w.clause()
		}
	}
	s.watches[l] = list[:kept]
	return none
}

// idle reports whether a consequence need not be drawn: the question does not depend on the variable, so it will have a
// value that breaks no clause whatever the others are given. What holds for good is drawn at once, for it is not met
// again.
func (s *embedded) idle(l literal) bool {
	return len(s.starts) > 0 && !s.order.relevant(l.variable())
}

// elsewhere has a clause watch another literal in place of l, if there is one that is not false. Else the watch
// names the other literal that the clause watches, which must hold.
func (s *embedded) elsewhere(w watch, l literal) (watch, bool) {
	lits := s.clauses.literals(w.clause())
	if literal(lits[0]) == l {
		lits[0], lits[1] = lits[1], lits[0]
	}
	w.other = literal(lits[0])
	if s.values[w.other] > 0 {
		return w, false
	}
	for k := 2; k < len(lits); k++ {
		if m := lits[k]; s.values[m] >= 0 {
			lits[1], lits[k] = m, uint32(l)
			s.watches[m] = append(s.watches[m], w)
			return w, true
		}
	}
	return w, false
}
