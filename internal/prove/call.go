package prove

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"vigor/internal/contract"
)

// expression executes an expression for its effects.
func (r *run) expression(e ast.Expr, s *state) {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		r.unsupported(e, "statement")
	}
	r.values(call, -1, s)
}

// values evaluates a call with a number of results, any for -1.
func (r *run) values(e ast.Expr, number int, s *state) []term {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		r.unsupported(e, "expression")
	}
	if tv := r.w.info.Types[call.Fun]; tv.IsType() {
		return []term{r.convert(call, tv.Type, s)}
	}
	fun := ast.Unparen(call.Fun)
	for {
		switch x := fun.(type) {
		case *ast.IndexExpr:
			fun = x.X
			continue
		case *ast.IndexListExpr:
			fun = x.X
			continue
		}
		break
	}
	switch x := fun.(type) {
	case *ast.Ident:
		switch object := r.w.info.Uses[x].(type) {
		case *types.Builtin:
			return []term{r.builtin(call, object.Name(), s)}
		case *types.Func:
			if f := r.w.functions[object.Name()]; f != nil && f.object == object {
				return r.plainCall(call, f, s)
			}
		}
	case *ast.SelectorExpr:
		if r.isSelf(x.X) {
			return r.ownCall(call, r.of.name+"."+x.Sel.Name, s)
		}
		if field, ok := ast.Unparen(x.X).(*ast.SelectorExpr); ok {
			if name, ok := r.fieldOf(field); ok {
				return r.componentCall(call, name, x.Sel.Name, s)
			}
		}
	}
	r.unsupported(call, "call")
	return nil
}

// builtin evaluates len, min, max and panic.
func (r *run) builtin(call *ast.CallExpr, name string, s *state) term {
	switch name {
	case "len":
		if t, ok := r.sliceLength(call.Args[0], s); ok {
			return t
		}
		if sel, ok := ast.Unparen(call.Args[0]).(*ast.SelectorExpr); ok {
			if field, ok := r.fieldOf(sel); ok {
				if t, ok := s.leaves[field+"#len"]; ok {
					return t
				}
			}
		}
	case "min", "max":
		if len(call.Args) == 2 {
			a, b := r.value(call.Args[0], s), r.value(call.Args[1], s)
			op := map[string]string{"min": "<=", "max": ">="}[name]
			return apply("Int", "ite", boolean(op, a, b), a, b)
		}
	case "panic":
		r.need(s, r.w.position(call), "this panic is never reached", term{"false", "Bool"})
		return term{"true", "Bool"}
	}
	r.unsupported(call, "call of "+name)
	return term{}
}

// arguments evaluates the arguments of a call of a function of the package.
func (r *run) arguments(call *ast.CallExpr, f *function, s *state) map[string]term {
	sig := f.object.Signature()
	args := map[string]term{}
	if len(call.Args) != sig.Params().Len() || sig.Variadic() {
		r.unsupported(call, "call")
	}
	instance, ok := r.w.info.TypeOf(call.Fun).(*types.Signature) // with the types of this call
	if !ok {
		r.unsupported(call, "call")
	}
	for i, a := range call.Args {
		if !r.listArgument(a, sig.Params().At(i), instance.Params().At(i).Type(), f, s, args) {
			args[sig.Params().At(i).Name()] = r.argument(a, f, s)
		}
	}
	return args
}

// argument evaluates an argument. The address of a variable stands for the value; that of a field or element,
// which the function may change, is only passed to a trusted one.
func (r *run) argument(e ast.Expr, f *function, s *state) term {
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && u.Op == token.AND {
		if _, variable := ast.Unparen(u.X).(*ast.Ident); !variable && !f.trusted {
			refuse(r.w.position(e), "copy it into a variable", "the address of %s is passed on", describe(u.X))
		}
		return r.value(u.X, s)
	}
	return r.value(e, s)
}

// plainCall evaluates the call of a plain function: one marked bits or trusted is a function of proofs, one
// with a contract is replaced by it.
func (r *run) plainCall(call *ast.CallExpr, f *function, s *state) []term {
	if f == nil {
		r.unsupported(call, "call")
	}
	if f.bits || f.trusted && f.object.Signature().Results().Len() == 1 && r.ownTypes(call, f) {
		args := r.arguments(call, f, s)
		sig := f.object.Signature()
		var list []term
		for i := range sig.Params().Len() {
			list = append(list, args[sig.Params().At(i).Name()])
		}
		r.required(f, env{r: r, st: s, pos: r.w.position(call), closed: true}.with(args), s, r.w.position(call))
		result := sig.Results().At(0)
		t := term{"f_" + f.owner, r.w.sortOf(result.Type(), r.w.position(call))}
		if len(list) > 0 {
			t = apply(t.sort, t.text, list...)
		}
		s.assume(within(t, result.Type()))
		return []term{t}
	}
	if f.op != nil && f.op.Constructor {
		refuse(r.w.position(call), "call it in the literal that constructs: a component belongs to one structure alone",
			"what %s makes may be shared", f.owner)
	}
	if f.op == nil && len(f.lines) == 0 {
		refuse(r.w.position(call), "give it one, or write its body here", "%s has no contract", f.owner)
	}
	for i, a := range call.Args {
		if u, ok := ast.Unparen(a).(*ast.UnaryExpr); ok && u.Op == token.AND && !f.trusted {
			refuse(r.w.position(call.Args[i]), "only trusted functions take addresses", "the address of %s is passed on", describe(u.X))
		}
	}
	r.sameTypes(call, f)
	e := env{r: r, st: s, old: s.clone(), pos: r.w.position(call), closed: true}
	return r.apply(call, f, e, s, func() {})
}

// ownCall evaluates the call of a method on the receiver itself.
func (r *run) ownCall(call *ast.CallExpr, owner string, s *state) []term {
	f := r.w.functions[owner]
	pos := r.w.position(call)
	if f == nil {
		r.unsupported(call, "call")
	}
	if f.op == nil && len(f.lines) == 0 {
		refuse(pos, "give it one", "%s has no contract", owner)
	}
	for _, c := range r.invariants(s, pos) {
		r.oblige(s, pos, "before "+owner+": "+c.what, c.term)
	}
	e := env{r: r, st: s, old: s.clone(), of: r.of, pos: pos, closed: true, self: "_"}
	if names := f.decl.Recv.List[0].Names; len(names) > 0 {
		e.self = names[0].Name
	}
	return r.apply(call, f, e, s, func() {
		if f.pure || f.op != nil && !changes(f.op) {
			return
		}
		r.change(f, s)
		for _, c := range r.invariants(s, pos) {
			s.assume(c.term)
		}
		r.assumeComponents(s, pos)
	})
}

// changes reports whether an operation may change an observer.
func changes(op *contract.Operation) bool {
	for _, g := range op.Type.Ghosts {
		if op.Modified(g) {
			return true
		}
	}
	return false
}

// change gives what a method of the receiver may modify any value.
func (r *run) change(f *function, s *state) {
	for _, l := range r.changed(f) {
		r.havoc(s, l)
	}
}

// changed lists what a method of the receiver may modify: what its lines name, and all that can change in the
// case of an exported one, whose contract speaks of observers.
func (r *run) changed(f *function) []leaf {
	var list []leaf
	names := f.modifies()
	for _, l := range r.w.leavesOf(r.of, r.w.position(f.decl)) {
		base, _, isLen := strings.Cut(l.name, "#")
		root, _, _ := strings.Cut(base, ".")
		switch {
		case isLen: // set when it was constructed
		case f.op != nil, slices.Contains(names, base), slices.Contains(names, root):
			list = append(list, l)
		}
	}
	return list
}

// componentCall evaluates the call of a method on a component.
func (r *run) componentCall(call *ast.CallExpr, fieldName, method string, s *state) []term {
	fd, _ := r.of.field(fieldName)
	c := r.w.component(fd.typ)
	pos := r.w.position(call)
	if c == nil {
		r.unsupported(call, "call")
	}
	f := r.w.functions[c.name+"."+method]
	if f == nil || f.op == nil && len(f.lines) == 0 {
		refuse(pos, "give it one", "%s.%s has no contract", c.name, method)
	}
	e := env{r: r, st: s, old: s.clone(), of: c, prefix: fieldName + ".", pos: pos, closed: true}
	return r.apply(call, f, e, s, func() {
		for _, g := range c.contract.Ghosts {
			if r.modified(f, c, g) {
				path := fieldName + "." + g.Name
				s.leaves[path] = r.fresh(s, path, ghostSort(g))
			}
		}
		r.assumeComponent(s, fd, pos)
	})
}

// modified reports whether a method may change an observer of its type.
func (r *run) modified(f *function, c *structure, g *contract.Ghost) bool {
	if f.op != nil {
		return f.op.Modified(g)
	}
	if f.pure {
		return false
	}
	for _, n := range f.modifies() {
		root, _, _ := strings.Cut(n, ".")
		if n == g.Name || c.shows(g.Name, root, nil) {
			return true
		}
	}
	return false
}

// shows reports whether a name stands for another one: that is what it is represented by, perhaps through observers.
func (t *structure) shows(name, other string, seen []string) bool {
	if name == other {
		return true
	}
	by := t.represent[name]
	if by == nil || slices.Contains(seen, name) {
		return false
	}
	if mentions(by, other) {
		return true
	}
	for observer := range t.represent {
		if observer != name && mentions(by, observer) && t.shows(observer, other, append(seen, name)) {
			return true
		}
	}
	return false
}

// mentions reports whether a name occurs in an expression.
func mentions(t *contract.Tree, name string) bool {
	if t.Text == name && (t.Op == "name" || t.Op == "field") {
		return true
	}
	for _, k := range t.Kids {
		if mentions(k, name) {
			return true
		}
	}
	return false
}

// required proves the preconditions of a function.
func (r *run) required(f *function, e env, s *state, pos token.Position) {
	if f.op != nil {
		for _, q := range f.op.Requires {
			r.need(s, pos, "precondition of "+f.owner+": "+q.Text(), e.quantified(q))
		}
	}
	for _, l := range f.trees("requires") {
		for _, part := range split(l.Tree) {
			r.need(s, pos, "precondition of "+f.owner+": "+part.String(), e.tree(part))
		}
	}
}

// apply replaces a call by the contract of the function: preconditions are proved, the state changes as
// change does it, and postconditions are assumed.
func (r *run) apply(call *ast.CallExpr, f *function, e env, s *state, change func()) []term {
	pos := r.w.position(call)
	args := r.arguments(call, f, s)
	e.old = s.clone()
	r.required(f, e.with(args), s, pos)
	change()
	sig := f.object.Signature()
	var values []term
	for i := range sig.Results().Len() {
		if f.op != nil && f.op.Constructor {
			break // the object is the component
		}
		v := sig.Results().At(i)
		name := resultName(v)
		t := r.fresh(s, f.decl.Name.Name+"."+name, r.w.sortOf(v.Type(), pos))
		s.assume(within(t, v.Type()))
		args[name] = t
		values = append(values, t)
	}
	if e.prefix != "" && f.op != nil && f.op.Constructor {
		e = e.with(r.chosen(e.of, s, pos))
	}
	e = e.with(args)
	if f.op != nil {
		for _, c := range e.effects(f.op) {
			s.assume(c.term)
		}
	}
	for _, l := range f.trees("ensures") {
		for _, part := range split(l.Tree) {
			if r.visible(part, e) {
				s.assume(e.tree(part))
			}
		}
	}
	return values
}

// chosen are the ghosts of proofs of a new component: they have some value when its constructor ends, and what the
// constructor promises of it tells what can be seen. Nothing else speaks of them.
func (r *run) chosen(c *structure, s *state, pos token.Position) map[string]term {
	values := map[string]term{}
	for _, g := range c.ghosts {
		values[g.Name] = r.fresh(s, g.Name, sortName(g.Type, pos))
	}
	return values
}

// visible reports whether a postcondition speaks of nothing that the caller cannot see: of a component,
// ghosts of proofs and fields. Ghosts that are chosen have a value here, and a parameter hides a field.
func (r *run) visible(t *contract.Tree, e env) bool {
	if e.prefix == "" {
		return true
	}
	for _, g := range e.of.ghosts {
		if _, ok := e.names[g.Name]; !ok && mentions(t, g.Name) {
			return false
		}
	}
	for _, f := range e.of.fields {
		_, list := e.names[f.name+"#len"]
		if _, ok := e.names[f.name]; !ok && !list && mentions(t, f.name) {
			return false
		}
	}
	return true
}
