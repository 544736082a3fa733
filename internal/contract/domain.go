package contract

import "slices"

// An observer declared on D means something only where D holds. This file shows, by syntax, that
// every such read stands where D[index] is known: from a condition around it, a requires line, a
// guard, the definition of a boolean result that is known, or an exposes line applied to one of these.

// facts is a set of expressions, by canonical text, known to hold.
type facts []Expr

// with returns f with e's conjuncts.
func (f facts) with(e Expr, holds bool) facts {
	out := slices.Clone(f)
	var add func(e Expr, holds bool)
	add = func(e Expr, holds bool) {
		switch e := e.(type) {
		case *Binary:
			if e.Op == "&&" && holds || e.Op == "||" && !holds {
				add(e.X, holds)
				add(e.Y, holds)
				return
			}
		case *Unary:
			if e.Op == "!" {
				add(e.X, !holds)
				return
			}
		}
		if holds {
			out = append(out, e)
		}
	}
	add(e, holds)
	return out
}

func (f facts) has(text string) bool {
	return slices.ContainsFunc(f, func(e Expr) bool { return e.String() == text })
}

// rounds bounds how often exposes lines are applied to what exposes lines gave.
const rounds = 2

// close applies the exposes lines of t to the reads that are known to be true.
func (f facts) close(t *Type) facts {
	for range rounds {
		for _, e := range slices.Clone(f) {
			read, ok := e.(*Read)
			if !ok || read.Index == nil {
				continue
			}
			for _, q := range t.Exposes {
				if q.Var == nil || q.Trigger.Ghost != read.Ghost {
					continue
				}
				if b, ok := q.Body.(*Binary); ok && b.Op == "==>" {
					if at(b.X, q.Var, read.Index, read.Old).String() == read.String() {
						f = f.with(at(b.Y, q.Var, read.Index, read.Old), true)
					}
				}
			}
		}
	}
	return f
}

// at replaces the variable v by x, and reads the state before the call if old.
func at(e Expr, v *Variable, x Expr, old bool) Expr {
	sub := func(e Expr) Expr { return at(e, v, x, old) }
	switch e := e.(type) {
	case *Variable:
		if e.Name == v.Name && !e.Result {
			return x
		}
	case *Read:
		c := *e
		c.Old = old
		if e.Index != nil {
			c.Index = sub(e.Index)
		}
		return &c
	case *Count:
		return &Count{e.base, e.Ghost, old, sub(e.N)}
	case *Field:
		return &Field{e.base, sub(e.X), e.Name, e.Index, e.Before}
	case *Element:
		return &Element{e.base, e.Of, sub(e.Index)}
	case *Unary:
		return &Unary{e.base, e.Op, sub(e.X)}
	case *Binary:
		return &Binary{e.base, e.Op, sub(e.X), sub(e.Y)}
	case *Cond:
		return &Cond{e.base, sub(e.C), sub(e.X), sub(e.Y)}
	}
	return e
}

// checkOperation checks the reads of all clauses.
func (s *scope) checkOperation(op *Operation) {
	var known facts
	for _, q := range op.Requires {
		s.checkReads(op.Type, q, known)
		if q.Var == nil {
			known = known.with(q.Body, true)
		}
	}
	for _, d := range op.Defs {
		f := s.guards(op, d.Guards, known)
		for _, e := range d.values() {
			s.checkExpr(op.Type, e, f)
		}
	}
	for _, c := range op.Constraints {
		s.checkReads(op.Type, &c.Quantified, s.guards(op, c.Guards, known))
	}
}

// guards checks guards from left to right and adds what they tell: themselves, and the definition of
// a boolean result.
func (s *scope) guards(op *Operation, guards []Expr, f facts) facts {
	for _, g := range guards {
		s.checkExpr(op.Type, g, f)
		f = f.with(g, true)
		for _, d := range op.Defs {
			if d.Target.Result == nil || len(d.Guards) > 0 || d.Value.Sort().Kind != Bool {
				continue
			}
			if name := d.Target.Result.Name; g.String() == name || g.String() == "!"+name {
				f = f.with(d.Value, g.String() == name)
			}
		}
	}
	return f
}

func (s *scope) checkReads(t *Type, q *Quantified, f facts) { s.checkExpr(t, q.Body, f) }

// checkExpr fails at a read of an observer on D where D is not known to hold.
func (s *scope) checkExpr(t *Type, e Expr, f facts) {
	switch e := e.(type) {
	case *Binary:
		s.checkExpr(t, e.X, f)
		switch e.Op {
		case "&&", "==>":
			f = f.with(e.X, true)
		case "||":
			f = f.with(e.X, false)
		}
		s.checkExpr(t, e.Y, f)
		return
	case *Cond:
		s.checkExpr(t, e.C, f)
		s.checkExpr(t, e.X, f.with(e.C, true))
		s.checkExpr(t, e.Y, f.with(e.C, false))
		return
	case *Read:
		if e.Index != nil && e.Ghost.On != nil {
			need := (&Read{e.base, e.Ghost.On, e.Index, e.Old || s.phase == after && !s.modified(e.Ghost.On)}).String()
			if !f.close(t).has(need) {
				failf(e.Pos(), "guard it: "+need+" ==> ... or "+need+" && ...",
					"%s is read where %s is not known to hold", e, need)
			}
		}
	}
	for _, x := range operands(e) {
		s.checkExpr(t, x, f)
	}
}
