package contract

import (
	"go/token"
	"go/types"
	"slices"
)

// ghost reads: ghost id {, id} Type [on id].
func (r *reader) ghost(t *Type, l *line) {
	r.read(func() {
		p := r.parser(l)
		t.text = append(t.text, normal(p.tokens))
		p.expect("ghost")
		names := []lexeme{p.identifier("a name")}
		for p.accept(",") {
			names = append(names, p.identifier("a name"))
		}
		s := scope{r: r, typ: t, rename: identity(t.TypeParams)}
		written := p.sortName()
		g := Ghost{Value: s.sort(&sortName{name: written.name, pos: written.pos})}
		if written.index != "" {
			if written.index == "int" || s.rename[written.index] != "" {
				index := s.sort(&sortName{name: written.index, pos: written.pos})
				g.Index = &index
			} else {
				failf(written.pos, "", "a map is indexed by int or by a type parameter, not by %s", written.index)
			}
		}
		if p.accept("on") {
			on := p.identifier("an observer")
			g.On = s.observer(&node{op: "name", text: on.text, pos: on.pos})
			if g.Index == nil || g.On.Index == nil || !g.Index.same(*g.On.Index) || g.On.Value.Kind != Bool || g.On.On != nil {
				failf(on.pos, "", "%s must be a bool observer with the same index, itself declared everywhere", on.text)
			}
		}
		p.finish()
		for _, n := range names {
			if t.Ghost(n.text) != nil || slices.Contains(keywords, n.text) {
				failf(n.pos, "", "the name %s is taken", n.text)
			}
			g := g
			g.Name, g.Pos = n.text, r.fset.Position(n.pos)
			t.Ghosts = append(t.Ghosts, &g)
		}
	})
}

// keywords cannot name an observer.
var keywords = []string{"old", "count", "ocadd", "ocsum", "len", "true", "false", "forall", "exists", "int", "bool", "map"}

func identity(names []string) map[string]string {
	m := map[string]string{}
	for _, n := range names {
		m[n] = n
	}
	return m
}

// exposes reads: exposes Quant.
func (r *reader) exposes(t *Type, l *line) {
	r.guarded(l, func() {
		p := r.parser(l)
		t.text = append(t.text, normal(p.tokens))
		p.expect("exposes")
		n := p.expr()
		p.finish()
		s := &scope{r: r, typ: t, rename: identity(t.TypeParams), hidden: r.hidden[t.Name]}
		for _, c := range conjuncts(n) {
			q := s.quantified(c)
			s.checkReads(t, q, nil)
			t.Exposes = append(t.Exposes, q)
		}
	})
}

// guarded is read, for a line in which what only the prover knows is an error.
func (r *reader) guarded(l *line, f func()) bool {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case hiddenName:
			r.fail(e.pos, e.message, e.hint)
		default:
			panic(e)
		}
	}()
	return r.read(f)
}

func conjuncts(n *node) []*node {
	if n.op == "&&" {
		return append(conjuncts(n.kids[0]), conjuncts(n.kids[1])...)
	}
	return []*node{n}
}

// quantified types a formula with at most one outermost forall, which needs a trigger.
func (s *scope) quantified(n *node) *Quantified {
	q := &Quantified{Pos: s.r.fset.Position(n.pos)}
	if n.op != "forall" {
		q.Body = s.operand(n, false, Bool)
		return q
	}
	inner, v := s.with(n)
	q.Var = v
	if len(n.kids) < 2 {
		failf(n.pos, "write {observer["+n.text+"]} before ::", "this quantifier needs a trigger")
	}
	if s.phase != before || !inner.isElement(n.kids[1]) {
		q.Trigger = inner.trigger(n.kids[1])
	}
	q.Body = inner.operand(n.kids[0], false, Bool)
	return q
}

// isElement reports whether n is an element of a parameter, or a field of one. In a requires line, which a
// call proves of any value of the variable, it stands as a trigger for provers.
func (s *scope) isElement(n *node) bool {
	if n.op == "field" {
		n = n.kids[0]
	}
	return n.op == "index" && n.kids[0].op == "name" && s.vars[n.kids[0].text] != nil
}

// trigger types observer[v], v being the quantifier's variable.
func (s *scope) trigger(n *node) *Read {
	e, ok := s.expr(n, false).(*Read)
	if ok && e.Index != nil {
		if v, isVar := e.Index.(*Variable); isVar && v.Name == s.bound.Name {
			return e
		}
	}
	failf(n.pos, "", "a trigger is an observer read at the quantifier's variable")
	return nil
}

// operation reads the contract of a function, method or constructor.
func (r *reader) operation(u *unit, lines []*line) {
	op := &Operation{Name: u.fun.Name.Name, Pos: r.fset.Position(u.fun.Name.Pos())}
	for _, l := range lines {
		op.Constructor = op.Constructor || l.word() == "constructor"
		op.text = append(op.text, normal(lex(l)))
	}
	fn, ok := r.info.Defs[u.fun.Name].(*types.Func)
	if !ok {
		r.fail(u.fun.Name.Pos(), "no type information for "+op.Name, "")
		return
	}
	s := &scope{r: r, rename: map[string]string{}, vars: map[string]*Variable{}}
	if !r.attach(op, fn, s, u) {
		return
	}
	s.constructor = op.Constructor
	before := len(r.problems)
	for _, l := range lines {
		r.guarded(l, func() { s.funcLine(op, l) })
	}
	s.phase = after
	if op.Constructor {
		s.phase = construct
	}
	clauses := s.clauses(lines)
	s.modified = func(g *Ghost) bool {
		return slices.Contains(op.Modifies, g) ||
			slices.ContainsFunc(clauses, func(c clause) bool { return s.defines(c.body) == g.Name })
	}
	for _, c := range clauses {
		s.ensure(op, c, u.owner)
	}
	if len(r.problems) == before {
		r.rules(op, s)
	}
}

// attach finds the operation's type, parameters and results.
func (r *reader) attach(op *Operation, fn *types.Func, s *scope, u *unit) bool {
	sig := fn.Signature()
	owner := r.owner(op, sig)
	switch {
	case owner == nil && op.Constructor:
		r.fail(u.fun.Name.Pos(), "constructor "+op.Name+" returns no type with a contract", "declare the type's observers")
		return false
	case owner == nil:
		for i := range sig.TypeParams().Len() {
			name := sig.TypeParams().At(i).Obj().Name()
			s.rename[name] = name
		}
	default:
		op.Type = r.typeOf(owner)
		if op.Type == nil {
			for _, l := range u.doc {
				r.keep(u.owner, l)
			}
			return false
		}
		s.typ, s.hidden = op.Type, r.hidden[op.Type.Name]
		s.renameFor(owner)
	}
	op.Params = s.declare(sig.Params(), false, u.fun.Type.Params.Pos())
	if !op.Constructor {
		op.Results = s.declare(sig.Results(), true, u.fun.Type.Pos())
	}
	switch {
	case op.Constructor:
		op.Type.Constructors[op.Name] = op
	case op.Type != nil:
		op.Type.Operations[op.Name] = op
	default:
		r.out.Funcs[op.Name] = op
	}
	return true
}

// owner is the receiver's type, or what a constructor returns that has a contract; else nil.
func (r *reader) owner(op *Operation, sig *types.Signature) types.Type {
	if sig.Recv() != nil {
		return sig.Recv().Type()
	}
	for i := range sig.Results().Len() {
		if t := sig.Results().At(i).Type(); op.Constructor && r.typeOf(t) != nil {
			return t
		}
	}
	return nil
}

func namedOf(t types.Type) *types.Named {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, _ := types.Unalias(t).(*types.Named)
	return n
}

// typeOf returns the contract of t or of what t points to, or nil.
func (r *reader) typeOf(t types.Type) *Type {
	if n := namedOf(t); n != nil && n.Obj().Pkg() == r.pkg {
		return r.out.Types[n.Obj().Name()]
	}
	return nil
}

// renameFor maps the type arguments of owner, which are type parameters of the function, to the
// parameter names in the type's declaration.
func (s *scope) renameFor(owner types.Type) {
	args := namedOf(owner).TypeArgs()
	for i := range args.Len() {
		if p, ok := args.At(i).(*types.TypeParam); ok && i < len(s.typ.TypeParams) {
			s.rename[p.Obj().Name()] = s.typ.TypeParams[i]
		}
	}
}

// declare enters parameters or results. A single result without a name is called result.
func (s *scope) declare(vars *types.Tuple, result bool, pos token.Pos) []*Variable {
	var out []*Variable
	for i := range vars.Len() {
		v := vars.At(i)
		name := v.Name()
		if name == "" && result && vars.Len() == 1 {
			name = "result"
		}
		x := &Variable{base{v.Pos(), goSort(v.Type(), s.rename)}, name, result}
		out = append(out, x)
		if name == "" || name == "_" {
			continue
		}
		if s.typ != nil && s.typ.Ghost(name) != nil {
			s.r.fail(cmpPos(v.Pos(), pos), "the name "+name+" means both an observer and a parameter or result",
				"rename the parameter or result")
		}
		s.vars[name] = x
	}
	return out
}

func cmpPos(p, otherwise token.Pos) token.Pos {
	if p.IsValid() {
		return p
	}
	return otherwise
}

// funcLine reads requires, modifies and constructor lines.
func (s *scope) funcLine(op *Operation, l *line) {
	p := s.r.parser(l)
	switch p.next().text {
	case "constructor":
		p.finish()
	case "warms":
		op.Warms = true
		p.finish()
	case "modifies":
		for {
			n := p.identifier("an observer")
			op.Modifies = append(op.Modifies, s.observer(&node{op: "name", text: n.text, pos: n.pos}))
			if !p.accept(",") {
				break
			}
		}
		p.finish()
		if op.Constructor {
			failf(l.pos, "", "a constructor makes a new state: modifies means nothing here")
		}
	case "requires":
		n := p.expr()
		p.finish()
		s.phase = before
		for _, c := range conjuncts(n) {
			q := s.quantified(c)
			if op.Constructor && (mentionsState(q.Body)) {
				failf(c.pos, "", "a constructor has no state before the call")
			}
			op.Requires = append(op.Requires, q)
		}
	}
}
