package prove

import (
	"go/ast"
	"go/token"
	"go/types"
	"math/big"
	"slices"

	"vigor/internal/prove/finite"
)

// run executes the body.
func (f *frame) run() []finite.Value {
	f.results = nil
	kind, values := f.block(f.f.decl.Body)
	if kind != returns {
		pos := f.m.w.fset.Position(f.f.decl.Body.Rbrace)
		f.end(pos, nil)
	}
	return values
}

// block runs a block with the lines of proof between its statements. What is declared inside ends with it.
func (f *frame) block(b *ast.BlockStmt) (kind, []finite.Value) {
	outside := map[string]bool{}
	for name := range f.vars {
		outside[name] = true
	}
	defer func() {
		for name := range f.vars {
			if !outside[name] {
				delete(f.vars, name)
			}
		}
	}()
	after := f.m.w.fset.Position(b.Lbrace).Offset
	for _, stmt := range b.List {
		lines := f.s.r.between(after, f.m.w.position(stmt).Offset)
		if k, values := f.statement(stmt, lines); k != falls {
			return k, values
		}
		after = f.m.w.fset.Position(stmt.End()).Offset
	}
	f.lines(f.s.r.between(after, f.m.w.fset.Position(b.Rbrace).Offset))
	return falls, nil
}

func (f *frame) statement(stmt ast.Stmt, lines []proofLine) (kind, []finite.Value) {
	if f.m.steps--; f.m.steps < 0 {
		giveUp("%s takes too long", f.f.owner)
	}
	switch x := stmt.(type) {
	case *ast.ForStmt:
		return f.loop(x, lines)
	case *ast.RangeStmt:
		return f.rangeLoop(x, lines)
	}
	f.lines(lines)
	switch x := stmt.(type) {
	case *ast.ExprStmt:
		f.call(x.X)
	case *ast.AssignStmt:
		f.assign(x)
	case *ast.IncDecStmt:
		f.count(x)
	case *ast.DeclStmt:
		f.declare(x)
	case *ast.IfStmt:
		return f.branch(x)
	case *ast.BlockStmt:
		return f.block(x)
	case *ast.ReturnStmt:
		return returns, f.ret(x)
	case *ast.BranchStmt:
		switch x.Tok {
		case token.BREAK:
			return breaks, nil
		case token.CONTINUE:
			return continues, nil
		}
		giveUp("a branch cannot be run")
	case *ast.EmptyStmt:
	default:
		giveUp("a statement cannot be run")
	}
	return falls, nil
}

// count runs ++ and --.
func (f *frame) count(x *ast.IncDecStmt) {
	op := token.ADD
	if x.Tok == token.DEC {
		op = token.SUB
	}
	if sel, ok := ast.Unparen(x.X).(*ast.SelectorExpr); ok && op == token.ADD {
		if name, ok := f.s.r.fieldOf(sel); ok && slices.Contains(f.s.r.of.wraps, name) {
			low, high, _ := bounds(f.m.w.info.TypeOf(x.X))
			n := f.this.leaves[name].(*big.Int)
			if n.Cmp(high) == 0 {
				f.this.leaves[name] = low
			} else {
				f.this.leaves[name] = new(big.Int).Add(n, big.NewInt(1))
			}
			return
		}
	}
	f.store(x.X, f.arithmetic(x, op, f.number(x.X), big.NewInt(1), f.m.w.info.TypeOf(x.X)))
}

func (f *frame) declare(d *ast.DeclStmt) {
	g := d.Decl.(*ast.GenDecl)
	for _, spec := range g.Specs {
		v, ok := spec.(*ast.ValueSpec)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for i, name := range v.Names {
			value := f.m.zero(f.m.w.info.TypeOf(name))
			if len(v.Values) > 0 {
				value = f.value(v.Values[i])
			}
			f.define(name, value)
		}
	}
}

// define gives a variable its value.
func (f *frame) define(name *ast.Ident, v finite.Value) {
	if name.Name == "_" {
		return
	}
	if t := f.m.w.info.TypeOf(name); t != nil {
		f.s.sorts[name.Name] = f.m.w.sortOf(t, f.m.w.position(name))
	}
	f.vars[name.Name] = v
}

// assign runs assignments; constructors' literals among them.
func (f *frame) assign(x *ast.AssignStmt) {
	if x.Tok != token.ASSIGN && x.Tok != token.DEFINE {
		op := map[token.Token]token.Token{token.ADD_ASSIGN: token.ADD, token.SUB_ASSIGN: token.SUB,
			token.MUL_ASSIGN: token.MUL, token.QUO_ASSIGN: token.QUO, token.REM_ASSIGN: token.REM,
			token.AND_ASSIGN: token.AND, token.SHL_ASSIGN: token.SHL, token.SHR_ASSIGN: token.SHR}[x.Tok]
		left := x.Lhs[0]
		f.store(left, f.arithmetic(x, op, f.number(left), f.number(x.Rhs[0]), f.m.w.info.TypeOf(left)))
		return
	}
	if len(x.Rhs) == 1 {
		if lit := f.s.r.literal(x.Rhs[0]); lit != nil {
			name := x.Lhs[0].(*ast.Ident)
			f.build(lit)
			f.s.r.self, f.s.r.selfObject = name.Name, f.m.w.info.Defs[name]
			return
		}
		if lit, ok := ast.Unparen(x.Rhs[0]).(*ast.CompositeLit); ok {
			f.storeStruct(x.Lhs[0], lit)
			return
		}
	}
	var values []finite.Value
	if len(x.Rhs) == 1 && len(x.Lhs) > 1 {
		values = f.call(x.Rhs[0])
	} else {
		for _, e := range x.Rhs {
			values = append(values, f.value(e))
		}
	}
	var places []func(finite.Value)
	for _, left := range x.Lhs {
		places = append(places, f.place(left))
	}
	for i, put := range places {
		put(values[i])
	}
}

func (f *frame) store(left ast.Expr, v finite.Value) { f.place(left)(v) }

// place evaluates where an assignment goes.
func (f *frame) place(left ast.Expr) func(finite.Value) {
	switch x := ast.Unparen(left).(type) {
	case *ast.Ident:
		return func(v finite.Value) { f.define(x, v) }
	case *ast.IndexExpr:
		name, i := f.element(x)
		return func(v finite.Value) { f.set(name, i, v) }
	case *ast.SelectorExpr:
		if name, ok := f.s.r.fieldOf(x); ok {
			return func(v finite.Value) { f.this.leaves[name] = v }
		}
		if index, ok := ast.Unparen(x.X).(*ast.IndexExpr); ok {
			name, i := f.element(index)
			return func(v finite.Value) { f.set(name+"."+x.Sel.Name, i, v) }
		}
	}
	giveUp("an assignment cannot be run")
	return nil
}

// set changes one element of a leaf.
func (f *frame) set(name string, i, v finite.Value) {
	a, ok := f.this.leaves[name].(*finite.Array)
	if !ok {
		giveUp("%s cannot be assigned to", name)
	}
	f.this.leaves[name] = a.Set(i, v)
}

// storeStruct assigns a literal to an element, field by field.
func (f *frame) storeStruct(left ast.Expr, lit *ast.CompositeLit) {
	index, ok := ast.Unparen(left).(*ast.IndexExpr)
	st, isStruct := f.m.w.info.TypeOf(lit).Underlying().(*types.Struct)
	if !ok || !isStruct {
		giveUp("a literal cannot be run")
	}
	values := map[string]finite.Value{}
	for v := range st.Fields() {
		values[v.Name()] = f.m.zero(v.Type())
	}
	for i, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			values[kv.Key.(*ast.Ident).Name] = f.value(kv.Value)
		} else {
			values[st.Field(i).Name()] = f.value(e)
		}
	}
	name, i := f.element(index)
	for v := range st.Fields() {
		f.set(name+"."+v.Name(), i, values[v.Name()])
	}
}

func (f *frame) branch(x *ast.IfStmt) (kind, []finite.Value) {
	if x.Init != nil {
		f.statement(x.Init, nil)
	}
	if f.truth(x.Cond) {
		f.path = append(f.path, describe(x.Cond))
		return f.block(x.Body)
	}
	f.path = append(f.path, "!("+describe(x.Cond)+")")
	switch other := x.Else.(type) {
	case nil:
		return falls, nil
	case *ast.BlockStmt:
		return f.block(other)
	default:
		return f.statement(other, nil)
	}
}

// ret runs a return.
func (f *frame) ret(x *ast.ReturnStmt) []finite.Value {
	var values []finite.Value
	switch {
	case f.s.r.constructor():
		if lit := f.s.r.literal(x.Results[0]); lit != nil {
			f.build(lit)
		}
	case len(x.Results) == 0:
		for _, v := range f.s.r.results {
			values = append(values, f.vars[v.Name()])
		}
	case len(x.Results) == 1 && len(f.s.r.results) > 1:
		values = f.call(x.Results[0])
	default:
		for _, e := range x.Results {
			values = append(values, f.value(e))
		}
	}
	f.end(f.m.w.position(x), values)
	return values
}

// loop runs a for statement.
func (f *frame) loop(x *ast.ForStmt, lines []proofLine) (kind, []finite.Value) {
	l, before := f.s.r.loopLines(lines, x)
	f.lines(before)
	if x.Init != nil {
		f.statement(x.Init, nil)
	}
	condition := "another round"
	if x.Cond != nil {
		condition = describe(x.Cond)
	}
	return f.rounds(x, x.Body, l, condition,
		func() bool { return x.Cond == nil || f.truth(x.Cond) },
		func() {
			if x.Post != nil {
				f.statement(x.Post, nil)
			}
		}, x.Cond != nil)
}

// rangeLoop runs for i := range n and for i := range slice.
func (f *frame) rangeLoop(x *ast.RangeStmt, lines []proofLine) (kind, []finite.Value) {
	l, before := f.s.r.loopLines(lines, x)
	f.lines(before)
	var limit *big.Int
	if _, ok := sliceOf(f.m.w.info.TypeOf(x.X)); ok {
		limit = f.length(x.X)
	} else {
		limit = f.number(x.X)
	}
	i := new(big.Int)
	set := func() {
		if key, ok := x.Key.(*ast.Ident); ok {
			f.define(key, new(big.Int).Set(i))
		}
	}
	set()
	return f.rounds(x, x.Body, l, "another round", func() bool { return i.Cmp(limit) < 0 }, func() { i.Add(i, big.NewInt(1)); set() }, true)
}

// rounds runs any loop, and checks its invariants and its measure.
func (f *frame) rounds(x ast.Stmt, body *ast.BlockStmt, l loopLines, condition string, enter func() bool, next func(), ends bool) (kind, []finite.Value) {
	f.invariant(l, "invariant holds before the loop: ")
	here := len(f.path)
	for {
		if !enter() {
			f.path = append(f.path[:here], "!("+condition+")")
			return falls, nil
		}
		if ends {
			f.path = append(f.path[:here], condition)
		}
		before := f.measure(l)
		switch k, values := f.block(body); k {
		case breaks:
			return falls, nil
		case returns:
			return returns, values
		}
		next()
		f.invariant(l, "invariant is kept: ")
		if after := f.measure(l); before != nil && after != nil {
			f.check(f.m.w.position(x), "the loop ends: its measure stays above zero", before.Sign() >= 0)
			f.check(f.m.w.position(x), "the loop ends: its measure falls", after.Cmp(before) < 0)
		}
		if f.m.steps--; f.m.steps < 0 {
			giveUp("a loop takes too long")
		}
	}
}

func (f *frame) invariant(l loopLines, what string) {
	for _, inv := range l.invariants {
		f.claims(inv.Pos, what, f.claimsOf(inv.Tree, func(s *state) []claim { return f.s.r.invariantClaims(inv, s) }))
	}
}

// measure is the value of a decreases line; nil if it has none, or cannot be evaluated.
func (f *frame) measure(l loopLines) *big.Int {
	if l.decreases == nil {
		return nil
	}
	c := f.claimsOf(l.decreases.Tree, func(s *state) []claim {
		return []claim{{"", f.s.r.scope(s, l.decreases.Pos).tree(l.decreases.Tree)}}
	})
	v, err := f.eval(c[0].term.text)
	n, ok := v.(*big.Int)
	if err != nil || !ok {
		f.m.unsaid = true
		return nil
	}
	return n
}
