package contract

import "math/big"

// clause is one conjunct of an ensures line, below its guards.
type clause struct {
	line   *line
	guards []*node
	body   *node
}

// clauses cuts the ensures lines along && and ==>.
func (s *scope) clauses(lines []*line) []clause {
	var out []clause
	for _, l := range lines {
		if l.word() != "ensures" {
			continue
		}
		s.r.read(func() {
			p := s.r.parser(l)
			p.expect("ensures")
			n := p.expr()
			p.finish()
			out = append(out, split(l, nil, n)...)
		})
	}
	return out
}

func split(l *line, guards []*node, n *node) []clause {
	switch n.op {
	case "&&":
		return append(split(l, guards, n.kids[0]), split(l, guards, n.kids[1])...)
	case "==>":
		inner := append(append([]*node{}, guards...), conjuncts(n.kids[0])...)
		return split(l, inner, n.kids[1])
	}
	return []clause{{l, guards, n}}
}

// defines returns the name of the observer or result that a clause body defines, or "".
func (s *scope) defines(n *node) string {
	switch n.op {
	case "name":
		if s.isResult(n) {
			return n.text
		}
	case "!":
		if s.isResult(n.kids[0]) {
			return n.kids[0].text
		}
	case "==":
		if left := n.kids[0]; left.op == "name" {
			if s.isResult(left) || s.typ != nil && s.typ.Ghost(left.text) != nil {
				return left.text
			}
		}
	case "forall":
		body := n.kids[0]
		if body.op != "==" || body.kids[0].op != "index" {
			return ""
		}
		of, at := body.kids[0].kids[0], body.kids[0].kids[1]
		if of.op == "name" && at.op == "name" && at.text == n.text && s.typ != nil && s.typ.Ghost(of.text) != nil {
			return of.text
		}
	}
	return ""
}

func (s *scope) isResult(n *node) bool {
	return n.op == "name" && s.vars[n.text] != nil && s.vars[n.text].Result
}

// ensure turns a clause into a definition or a constraint. A clause about ghosts of the prover, or about
// elements of a slice that is no constructor's, is kept as text: leaving out a postcondition is sound.
func (s *scope) ensure(op *Operation, c clause, owner string) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case hiddenName:
			s.r.keep(owner, c.line)
		default:
			panic(e)
		}
	}()
	s.r.read(func() {
		var guards []Expr
		for i, g := range c.guards {
			e := s.operand(g, false, Bool)
			if bad := notGuard(e); bad != "" {
				if s.defines(c.body) != "" {
					failf(g.pos, "a guard is a boolean result, its negation, or speaks of old state and parameters",
						"the %s cannot stand in a guard", bad)
				}
				c.body = implication(c.guards[i:], c.body)
				break
			}
			guards = append(guards, e)
		}
		if s.defines(c.body) == "" {
			q := s.quantified(c.body)
			op.Constraints = append(op.Constraints, &Constraint{guards, *q})
			return
		}
		d := s.definition(c.body)
		d.Guards, d.Pos = guards, s.r.fset.Position(c.body.pos)
		op.Defs = append(op.Defs, d)
	})
}

// implication is what a clause says if its conditions are no guards: a constraint.
func implication(conditions []*node, body *node) *node {
	for i := len(conditions) - 1; i >= 0; i-- {
		body = &node{op: "==>", kids: []*node{conditions[i], body}, pos: conditions[i].pos}
	}
	return body
}

// notGuard names what keeps e from being a guard: a boolean result, its negation, or an expression over
// the state before the call and parameters.
func notGuard(e Expr) string {
	inner := e
	if u, ok := e.(*Unary); ok {
		inner = u.X
	}
	if v, ok := inner.(*Variable); ok && v.Result {
		return ""
	}
	bad := ""
	Walk(e, func(x Expr) {
		switch x := x.(type) {
		case *Variable:
			if x.Result {
				bad = "result " + x.Name
			}
		case *Read:
			if !x.Old {
				bad = "new value of " + x.Ghost.Name
			}
		case *Count:
			if !x.Old {
				bad = "new value of " + x.Ghost.Name
			}
		}
	})
	return bad
}

// definition types a clause for which defines gave a name.
func (s *scope) definition(n *node) *Def {
	switch n.op {
	case "name", "!":
		value := big.NewInt(1)
		of := n
		if n.op == "!" {
			value, of = new(big.Int), n.kids[0]
		}
		v := s.operand(of, false, Bool).(*Variable)
		return &Def{Target: Target{Result: s.vars[v.Name]}, Value: &Literal{base{n.pos, Sort{Kind: Bool}}, value}}
	case "forall":
		return s.pointwise(n)
	}
	left, right := n.kids[0], n.kids[1]
	if s.isResult(left) {
		v := s.vars[left.text]
		e := s.expr(right, false)
		s.demand(right, e, v.sort)
		return &Def{Target: Target{Result: v}, Value: e}
	}
	g := s.observer(left)
	if g.Index == nil {
		e := s.expr(right, false)
		s.demand(right, e, g.Value)
		return &Def{Target: Target{Ghost: g}, Value: e}
	}
	return &Def{Target: Target{Ghost: g}, Updates: s.updates(g, right)}
}

func (s *scope) demand(n *node, e Expr, want Sort) {
	if !e.Sort().same(want) {
		failf(n.pos, "", "%s is %s, not %s", e, e.Sort(), want)
	}
}

func (s *scope) pointwise(n *node) *Def {
	inner, v := s.with(n)
	body := n.kids[0]
	g := s.observer(body.kids[0].kids[0])
	if g.Index == nil || !g.Index.same(v.sort) {
		failf(body.pos, "", "observer %s is not indexed by %s", g.Name, v.sort)
	}
	if len(n.kids) > 1 {
		inner.trigger(n.kids[1])
	}
	if g.Index.Kind == Int && g.Index.Bits != v.sort.Bits {
		failf(n.sort.pos, "", "%s must be an int: the definition is for every index", v.Name)
	}
	e := inner.expr(body.kids[1], false)
	inner.demand(body.kids[1], e, g.Value)
	return &Def{Target: Target{Ghost: g}, Var: v, Value: e}
}

// updates types old(g)[i := v]... .
func (s *scope) updates(g *Ghost, n *node) []Update {
	if n.op == "update" {
		list := s.updates(g, n.kids[0])
		i, v := s.expr(n.kids[1], false), s.expr(n.kids[2], false)
		s.demand(n.kids[1], i, *g.Index)
		s.demand(n.kids[2], v, g.Value)
		return append(list, Update{i, v})
	}
	if n.op == "call" && n.text == "old" && len(n.kids) == 1 && n.kids[0].op == "name" && n.kids[0].text == g.Name {
		s.allowOld(n)
		return []Update{}
	}
	failf(n.pos, "write old("+g.Name+") with any number of [index := value], or define it pointwise with forall",
		"observer %s must be defined from its old value", g.Name)
	return nil
}
