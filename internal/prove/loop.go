package prove

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"vigor/internal/contract"
)

// loopLines are the lines of a loop.
type loopLines struct {
	invariants []proofLine
	decreases  proofLine
}

// split sorts the lines above a loop: those of the loop, and statements that come before it.
func (r *run) loopLines(lines []proofLine, at ast.Node) (l loopLines, before []proofLine) {
	for _, x := range lines {
		switch x.Word {
		case "invariant":
			l.invariants = append(l.invariants, x)
		case "decreases":
			if l.decreases != nil {
				refuse(x.Pos, "", "a loop has one decreases line")
			}
			l.decreases = x
		default:
			if l.invariants != nil || l.decreases != nil {
				refuse(x.Pos, "put it above the loop's lines", "a %s line stands between a loop and its lines", x.Word)
			}
			before = append(before, x)
		}
	}
	return l, before
}

// rangeLoop executes for i := range n and for i := range slice.
func (r *run) rangeLoop(x *ast.RangeStmt, lines []proofLine, s *state) []path {
	key, ok := x.Key.(*ast.Ident)
	if x.Value != nil || x.Key != nil && (!ok || x.Tok != token.DEFINE) {
		r.unsupported(x, "loop")
	}
	l, before := r.loopLines(lines, x)
	r.lines(before, s)
	outside := s.names()
	r.ordered(x.X)
	limit := r.rangeLimit(x.X, s)
	name := "_"
	if ok {
		name = key.Name
		r.define(key, small(0), s)
	}
	counter := variable{term: small(0)}
	if ok {
		counter.object = r.w.info.ObjectOf(key)
	}
	hidden := rounds(x)
	index := func(s *state) term { return s.vars[hidden].term }
	s.vars[hidden] = variable{nil, small(0)}
	return leave(r.iterate(x, x.Body, l, s, parts{
		assigned:  map[string]bool{hidden: true, name: true},
		enter:     func(s *state) term { return boolean("<", index(s), limit) },
		condition: "another round",
		always: func(s *state) term {
			if name != "_" {
				s.vars[name] = variable{counter.object, index(s)}
			}
			return boolean("and", boolean("<=", small(0), index(s)), boolean("<=", index(s), limit))
		},
		next: func(s *state) {
			s.vars[hidden] = variable{nil, apply("Int", "+", index(s), small(1))}
			if name != "_" {
				s.vars[name] = variable{counter.object, s.vars[hidden].term}
			}
		},
		measure: func(s *state) term { return apply("Int", "-", limit, index(s)) },
	}), outside)
}

// rounds is the variable that counts a range loop; no program and no proof can name it.
func rounds(x *ast.RangeStmt) string { return fmt.Sprintf("range %d", x.Pos()) }

// rangeLimit is the number of rounds of a range loop.
func (r *run) rangeLimit(e ast.Expr, s *state) term {
	if _, ok := r.w.info.TypeOf(e).Underlying().(*types.Slice); ok {
		if sel, ok := ast.Unparen(e).(*ast.SelectorExpr); ok {
			if field, ok := r.fieldOf(sel); ok {
				return s.leaves[field+"#len"]
			}
		}
		if t, ok := r.sliceLength(e, s); ok {
			return t
		}
		r.unsupported(e, "range")
	}
	n := r.value(e, s)
	if n.sort != "Int" {
		r.unsupported(e, "range")
	}
	return apply("Int", "ite", boolean("<=", small(0), n), n, small(0))
}

// loop executes a for statement.
func (r *run) loop(x *ast.ForStmt, lines []proofLine, s *state) []path {
	l, before := r.loopLines(lines, x)
	r.lines(before, s)
	outside := s.names()
	if x.Init != nil {
		r.statement(x.Init, nil, s)
	}
	p := parts{assigned: map[string]bool{}, condition: "another round"}
	if x.Cond != nil {
		p.condition = describe(x.Cond)
		r.anyAssigned(x.Cond, p.assigned)
		p.enter = func(s *state) term {
			r.ordered(x.Cond)
			return r.value(x.Cond, s)
		}
	}
	p.next = func(s *state) {
		if x.Post != nil {
			r.statement(x.Post, nil, s)
		}
	}
	if x.Post != nil {
		r.assignedBy([]ast.Stmt{x.Post}, p.assigned)
	}
	return leave(r.iterate(x, x.Body, l, s, p), outside)
}

// parts are what tells loops apart.
type parts struct {
	assigned  map[string]bool     // variables and leaves that the head changes
	enter     func(s *state) term // the condition of another round; nil for an endless loop
	condition string              // the same, as in the source
	always    func(s *state) term // called first at the head: an invariant that needs no proof
	next      func(s *state)      // between two rounds
	measure   func(s *state) term // decreases, if the loop has no line
}

// iterate executes any loop: the invariants are proved before it and after one round that starts in any
// state which they allow.
func (r *run) iterate(x ast.Stmt, body *ast.BlockStmt, l loopLines, s *state, p parts) []path {
	pos := r.w.position(x)
	r.invariant(l, s, pos, "invariant holds before the loop: ")
	r.assignedBy(body.List, p.assigned)
	r.assignedByLines(body, p.assigned)
	head := s.clone()
	r.forget(head, p.assigned, pos)
	if p.always != nil {
		head.assume(p.always(head))
	}
	for _, inv := range l.invariants {
		for _, c := range r.invariantClaims(inv, head) {
			head.assume(c.term)
		}
	}
	start := head.clone()
	measure := r.measure(l, start, p, pos)
	var exits []path
	if p.enter != nil {
		condition := p.enter(start)
		exit := start.clone()
		exit.assume(boolean("not", condition))
		exit.say("!(%s)", p.condition)
		exits = append(exits, path{exit, falls})
		start.assume(condition)
		start.say("%s", p.condition)
	}
	for _, q := range r.block(body, start) {
		switch q.kind {
		case breaks:
			exits = append(exits, path{q.s, falls})
		case returns:
			exits = append(exits, q)
		default:
			r.again(x, l, q.s, head, p, measure)
		}
	}
	return exits
}

// again ends a round: invariants hold once more, and the measure has become smaller.
func (r *run) again(x ast.Stmt, l loopLines, s, head *state, p parts, measure term) {
	pos := r.w.position(x)
	p.next(s)
	r.checkForgotten(s, head, p.assigned, pos)
	r.invariant(l, s, pos, "invariant is kept: ")
	after := r.measure(l, s, p, pos)
	r.oblige(s, pos, "the loop ends: its measure stays above zero", boolean("<=", small(0), measure))
	r.oblige(s, pos, "the loop ends: its measure falls", boolean("<", after, measure))
}

// measure is the value of the decreases line.
func (r *run) measure(l loopLines, s *state, p parts, pos token.Position) term {
	if l.decreases == nil {
		if p.measure == nil {
			refuse(pos, "add a line with a number that falls in each round and stays above zero", "the loop has no decreases line")
		}
		return p.measure(s)
	}
	t := r.scope(s, l.decreases.Pos).tree(l.decreases.Tree)
	if t.sort != "Int" {
		refuse(l.decreases.Pos, "", "decreases needs a number, got %s", t.sort)
	}
	return t
}

func (r *run) invariant(l loopLines, s *state, pos token.Position, what string) {
	for _, inv := range l.invariants {
		for _, c := range r.invariantClaims(inv, s) {
			r.oblige(s, inv.Pos, what+c.what, c.term)
		}
	}
}

// invariantClaims are the parts of a loop's invariant; "inv" stands for the lines of the receiver's type.
func (r *run) invariantClaims(inv proofLine, s *state) []claim {
	if inv.Tree.Op == "name" && inv.Tree.Text == "inv" {
		return r.invariants(s, inv.Pos)
	}
	var list []claim
	for _, part := range split(inv.Tree) {
		list = append(list, claim{part.String(), r.scope(s, inv.Pos).tree(part)})
	}
	return list
}

// forget gives what a loop may change any value.
func (r *run) forget(s *state, assigned map[string]bool, pos token.Position) {
	for _, name := range sorted(assigned) {
		if v, ok := s.vars[name]; ok {
			t := r.fresh(s, name, v.term.sort)
			if v.object != nil {
				s.assume(within(t, v.object.Type()))
			}
			s.vars[name] = variable{v.object, t}
		}
	}
	if r.of == nil {
		return
	}
	components := map[string]bool{}
	for _, l := range r.w.leavesOf(r.of, pos) {
		if !assigned["."+l.name] {
			continue
		}
		if _, ok := s.leaves[l.name]; !ok {
			continue // a constructor has not made it yet
		}
		r.havoc(s, l)
		if root, _, ok := strings.Cut(l.name, "."); ok {
			components[root] = true
		}
	}
	for _, f := range r.of.fields {
		if components[f.name] && r.w.component(f.typ) != nil {
			r.assumeComponent(s, f, pos)
		}
	}
}

// checkForgotten makes sure that nothing which a round changed was taken for unchanged.
func (r *run) checkForgotten(s, head *state, assigned map[string]bool, pos token.Position) {
	for name, v := range head.vars {
		if !assigned[name] && s.vars[name] != v {
			refuse(pos, "report this: it is a fault of the prover", "the loop changes %s unexpectedly", name)
		}
	}
	for name, t := range head.leaves {
		if !assigned["."+name] && s.leaves[name] != t {
			refuse(pos, "report this: it is a fault of the prover", "the loop changes %s unexpectedly", name)
		}
	}
}

// assignedBy collects what statements may change on paths that come to the end of the list or continue
// the loop: variables by name, leaves with a dot before it. What happens on the way to a return or a
// break does not count. It reports whether the list is always left early.
func (r *run) assignedBy(list []ast.Stmt, into map[string]bool) (leaves bool) {
	here := map[string]bool{}
	for _, stmt := range list {
		switch x := stmt.(type) {
		case *ast.ReturnStmt:
			return true
		case *ast.BranchStmt:
			if x.Tok == token.BREAK {
				return true
			}
		case *ast.IfStmt:
			if x.Init != nil {
				r.assignedBy([]ast.Stmt{x.Init}, here)
			}
			r.exprAssigns(x.Cond, here)
			a := r.assignedBy(x.Body.List, here)
			b := false
			switch other := x.Else.(type) {
			case *ast.BlockStmt:
				b = r.assignedBy(other.List, here)
			case *ast.IfStmt:
				b = r.assignedBy([]ast.Stmt{other}, here)
			}
			if a && b {
				return true
			}
		case *ast.BlockStmt:
			if r.assignedBy(x.List, here) {
				return true
			}
		default:
			r.anyAssigned(stmt, here)
		}
	}
	for name := range here {
		into[name] = true
	}
	return false
}

// anyAssigned collects everything that a statement may change, on whatever path.
func (r *run) anyAssigned(n ast.Node, into map[string]bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.AssignStmt:
			for _, left := range x.Lhs {
				r.target(left, into)
			}
		case *ast.IncDecStmt:
			r.target(x.X, into)
		case *ast.RangeStmt:
			into[rounds(x)] = true
			if x.Key != nil {
				r.target(x.Key, into)
			}
		case *ast.CallExpr:
			r.callAssigns(x, into)
		}
		return true
	})
}

func (r *run) exprAssigns(e ast.Expr, into map[string]bool) { r.anyAssigned(e, into) }

// target notes what an assignment changes.
func (r *run) target(left ast.Expr, into map[string]bool) {
	switch x := ast.Unparen(left).(type) {
	case *ast.Ident:
		into[x.Name] = true
	case *ast.SelectorExpr:
		if name, ok := r.fieldOf(x); ok {
			into["."+name] = true
		} else if index, ok := ast.Unparen(x.X).(*ast.IndexExpr); ok {
			if sel, ok := ast.Unparen(index.X).(*ast.SelectorExpr); ok {
				into["."+sel.Sel.Name+"."+x.Sel.Name] = true
			}
		}
	case *ast.IndexExpr:
		if sel, ok := ast.Unparen(x.X).(*ast.SelectorExpr); ok {
			into["."+sel.Sel.Name] = true
			for _, l := range r.w.leavesOf(r.of, r.w.position(x)) {
				if strings.HasPrefix(l.name, sel.Sel.Name+".") {
					into["."+l.name] = true
				}
			}
		}
	}
}

// callAssigns notes what a call may change.
func (r *run) callAssigns(x *ast.CallExpr, into map[string]bool) {
	sel, ok := ast.Unparen(x.Fun).(*ast.SelectorExpr)
	if !ok || r.of == nil {
		return
	}
	if r.isSelf(sel.X) {
		f := r.w.functions[r.of.name+"."+sel.Sel.Name]
		if f != nil && !f.pure && (f.op == nil || changes(f.op)) {
			for _, l := range r.changed(f) {
				into["."+l.name] = true
			}
		}
		return
	}
	field, ok := ast.Unparen(sel.X).(*ast.SelectorExpr)
	if !ok {
		return
	}
	name, _ := r.fieldOf(field)
	fd, ok := r.of.field(name)
	if !ok {
		return
	}
	if c := r.w.component(fd.typ); c != nil {
		if f := r.w.functions[c.name+"."+sel.Sel.Name]; f != nil {
			for _, g := range c.contract.Ghosts {
				if r.modified(f, c, g) {
					into["."+name+"."+g.Name] = true
				}
			}
		}
	}
}

// assignedByLines notes what the proof's statements inside a block change, on whatever path.
func (r *run) assignedByLines(b *ast.BlockStmt, into map[string]bool) {
	for _, l := range r.between(r.w.fset.Position(b.Lbrace).Offset, r.w.fset.Position(b.Rbrace).Offset) {
		r.stepsAssign(l.Steps, into)
	}
}

func (r *run) stepsAssign(list []contract.Step, into map[string]bool) {
	for _, s := range list {
		switch s.Do {
		case "define":
			for _, n := range s.Names {
				into[n] = true
			}
		case "set":
			at := s.Left
			for at.Op == "index" {
				at = at.Kids[0]
			}
			if at.Op == "field" {
				into["."+at.Text] = true
			} else {
				into[at.Text] = true
				into["."+at.Text] = true
			}
		case "if":
			r.stepsAssign(s.Then, into)
			r.stepsAssign(s.Else, into)
		}
	}
}
