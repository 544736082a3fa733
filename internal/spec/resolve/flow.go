package resolve

import (
	"maps"
	"slices"

	"vigor/internal/diag"
	"vigor/internal/source"
	"vigor/internal/spec/syntax"
)

// local is what is known of a local variable at one place.
type local struct {
	result
	missing int // not 0: the branch at this line does not set it
}

// state is what is known at one place of a function.
type state struct {
	alive  bool
	ended  int // the line of the return or pass that ended the path
	locals map[string]local
	open   map[string]int // header fields set to '...', by the line
}

func (s *state) clone() *state {
	return &state{s.alive, s.ended, maps.Clone(s.locals), maps.Clone(s.open)}
}

// frame is the body of one function, or one inlined call of it.
type frame struct {
	*checker
	spec     *Spec // nil in a plain function
	step     bool  // a property run as a step
	full     bool  // the full spec, or a step of it
	params   map[string]*Type
	assigned map[string]bool // names that the body assigns: locals
	now      *state
	looping  bool
	results  []result     // of a plain function's returns
	bare     bool         // a plain function returned nothing
	alone    *syntax.Call // is a whole statement, or all that a statement assigns
}

func newFrame(c *checker, s *Spec) *frame {
	return &frame{checker: c, spec: s, full: s != nil && s.Full, params: map[string]*Type{}, assigned: map[string]bool{},
		now: &state{alive: true, locals: map[string]local{}, open: map[string]int{}}}
}

func (f *frame) point(at source.Span, what string) {
	p := Point{at, what}
	if !slices.Contains(f.points, p) {
		f.checker.points = append(f.checker.points, p)
	}
}

// ends reports a full spec whose end is reached without an outcome.
func (f *frame) ends(last source.Span, s *Spec) {
	if s.Full && f.now.alive {
		at := last
		if !at.Start.IsValid() {
			at = s.Span
		}
		f.report(diag.NoOutcome, at, "the full spec ends here without an outcome: write `return ...` if outputs are open")
	}
}

// block checks statements; tail: Python would reach the end of the function after them. It returns
// the place of the last statement, unless that was dealt with.
func (f *frame) block(body []syntax.Stmt, tail bool) source.Span {
	var last source.Span
	for i, s := range body {
		if !f.now.alive {
			if f.now.ended > 0 {
				f.report(diag.NeverReached, s.Span(), "never reached: the path ends at line %d", f.now.ended)
				f.now.ended = 0
			}
			return last
		}
		last = s.Span()
		f.statement(s, tail && i == len(body)-1, body[i+1:])
	}
	return last
}

func (f *frame) statement(s syntax.Stmt, tail bool, rest []syntax.Stmt) {
	switch s := s.(type) {
	case *syntax.If:
		f.ifStatement(s, tail)
	case *syntax.For:
		f.forStatement(s)
	case *syntax.Return:
		f.returnStatement(s)
	case *syntax.Pass:
		f.pass(s, tail, rest)
	case *syntax.Assert:
		f.point(s.Span(), "assert")
		f.parts(s.Cond)
		f.condition(s.Cond, "assert")
	case *syntax.Delete:
		f.deleteStatement(s)
	case *syntax.ExprStmt:
		f.callStatement(s)
	case *syntax.Assign:
		f.assign(s)
	case *syntax.Annotated:
		if s.Value != nil {
			f.standsAlone(s.Value)
			f.bind(s.Target, f.expr(s.Value))
		}
	case *syntax.Augmented:
		f.augmented(s)
	case *syntax.Import:
		f.importScript(s)
	}
}

// parts notes the parts of an assertion that matter only where others leave the answer open: one that never does
// claims nothing, and what it is to follow from never holds.
func (f *frame) parts(x syntax.Expr) {
	switch x := x.(type) {
	case *syntax.Logic:
		for i, v := range x.Values {
			if i > 0 {
				f.point(v.Span(), "part of the assertion")
			}
			f.parts(v)
		}
	case *syntax.Unary:
		f.parts(x.X)
	case *syntax.Conditional:
		f.point(x.Then.Span(), "part of the assertion")
		f.point(x.Else.Span(), "part of the assertion")
		f.parts(x.Cond)
		f.parts(x.Then)
		f.parts(x.Else)
	case *syntax.Compare:
		f.parts(x.Left)
		for _, v := range x.Right {
			f.parts(v)
		}
	case *syntax.Call:
		for _, v := range x.Args {
			f.parts(v)
		}
	case *syntax.Generator:
		f.point(x.Elem.Span(), "part of the assertion")
		f.parts(x.Elem)
	}
}

func (f *frame) pass(s *syntax.Pass, tail bool, rest []syntax.Stmt) {
	switch {
	case f.spec == nil || f.step:
		f.report(diag.MisplacedPass, s.Span(), "pass means \"unspecified from here\": it belongs to a spec or property itself")
	case f.looping:
		f.report(diag.MisplacedPass, s.Span(),
			"pass means \"unspecified from here\", but Python would go on with the loop: use an `if` without it")
	case !tail:
		line := "the next statement"
		if len(rest) > 0 {
			line = "line " + itoa(rest[0].Span().Start.Line)
		}
		f.report(diag.MisplacedPass, s.Span(),
			"pass means \"unspecified from here\", but Python would go on to %s: use else, or assume()", line)
	}
	f.end(s)
}

func (f *frame) end(s syntax.Stmt) { f.now.alive, f.now.ended = false, s.Span().Start.Line }

func (f *frame) ifStatement(s *syntax.If, tail bool) {
	f.condition(s.Cond, "if")
	before := f.now
	f.now = before.clone()
	f.branch(s.Body)
	f.block(s.Body, tail)
	then := f.now
	f.now = before.clone()
	line := s.Span().Start.Line
	if len(s.Else) > 0 {
		f.branch(s.Else)
		f.block(s.Else, tail)
		line = s.Else[0].Span().Start.Line
	}
	f.now = f.merge(then, f.now, s.Body[0].Span().Start.Line, line)
}

// branch notes that the block must be reached; one that begins with a point of its own is that
// point.
func (f *frame) branch(body []syntax.Stmt) {
	if len(body) == 0 {
		return
	}
	switch body[0].(type) {
	case *syntax.Assert, *syntax.If:
		return
	case *syntax.Return:
		if f.spec != nil {
			return
		}
	}
	f.point(body[0].Span(), "branch")
}

// merge joins two branches that begin at the given lines.
func (f *frame) merge(a, b *state, lineA, lineB int) *state {
	switch {
	case !a.alive && !b.alive:
		b.ended = max(a.ended, b.ended)
		return b
	case !a.alive:
		return b
	case !b.alive:
		return a
	}
	out := a.clone()
	maps.Copy(out.open, b.open)
	for name, x := range a.locals {
		y, both := b.locals[name]
		switch {
		case !both:
			x.missing = lineB
		case x.Type != nil && y.Type != nil && !joinable(x.Type, y.Type):
			x.result = result{conflict: x.Type.String() + " in one branch, " + y.Type.String() + " in the other"}
		default:
			x.result = join(x.result, y.result)
			x.missing = max(x.missing, y.missing)
		}
		out.locals[name] = x
	}
	for name, y := range b.locals {
		if _, both := a.locals[name]; !both {
			y.missing = lineA
			out.locals[name] = y
		}
	}
	return out
}

func (f *frame) forStatement(s *syntax.For) {
	elem, rounds := f.rounds(s.Over)
	before := f.now.clone()
	known := len(*f.problems)
	outer := f.looping
	f.looping = true
	// Every round is checked, for it begins with the locals and open fields that the last one left.
	for range max(1, min(rounds, maxRounds)) {
		f.bind(s.Target, elem)
		f.block(s.Body, false)
		if !f.now.alive || len(*f.problems) > known {
			break
		}
	}
	f.looping = outer
	if !f.now.alive {
		f.now = before
		return
	}
	if rounds == 0 {
		f.now = f.merge(f.now, before, s.Body[0].Span().Start.Line, s.Span().Start.Line)
	}
}

func (f *frame) deleteStatement(s *syntax.Delete) {
	sub, ok := s.Target.(*syntax.Subscript)
	if !ok {
		f.report(diag.TypeMismatch, s.Span(), "del removes an entry of a table: del t[k]")
		return
	}
	t := f.expr(sub.X).Type
	if t != nil && (t.Kind != State || !slices.Contains([]ObjectKind{Table, ClassTable, Map}, t.Object.Kind)) {
		f.report(diag.TypeMismatch, s.Span(), "del removes an entry of a table, not of %s", t)
		return
	}
	if t != nil {
		f.writable(t, sub.X)
		f.store(t.Object.Key, sub.Index, t.Object.Name+"'s key")
	}
}

func (f *frame) assign(s *syntax.Assign) {
	if _, open := s.Value.(*syntax.Ellipsis); open {
		for _, t := range s.Targets {
			f.leaveOpen(t, s)
		}
		return
	}
	if tuple, ok := s.Value.(*syntax.Tuple); ok && slices.ContainsFunc(tuple.Elems, isEllipsis) {
		f.assignMixed(s, tuple)
		return
	}
	f.standsAlone(s.Value)
	value := f.expr(s.Value)
	for _, t := range s.Targets {
		f.bindValue(t, value, s.Value)
	}
}

func isEllipsis(x syntax.Expr) bool {
	_, ok := x.(*syntax.Ellipsis)
	return ok
}

// assignMixed is `a.x, a.y = ..., v`.
func (f *frame) assignMixed(s *syntax.Assign, values *syntax.Tuple) {
	list, ok := s.Targets[0].(*syntax.Tuple)
	if !ok || len(s.Targets) > 1 || len(list.Elems) != len(values.Elems) {
		f.report(diag.Arity, s.Span(), "each '...' needs a target of its own: one value for each target")
		return
	}
	for i, v := range values.Elems {
		if isEllipsis(v) {
			f.leaveOpen(list.Elems[i], s)
		} else {
			f.bindValue(list.Elems[i], f.expr(v), v)
		}
	}
}

// leaveOpen is `target = ...`: a header field or a whole header.
func (f *frame) leaveOpen(target syntax.Expr, s syntax.Stmt) {
	line := s.Span().Start.Line
	switch t := target.(type) {
	case *syntax.Tuple:
		for _, e := range t.Elems {
			f.leaveOpen(e, s)
		}
		return
	case *syntax.Attribute:
		x := f.expr(t.X).Type
		if x == nil {
			return
		}
		if x.Kind == Packet {
			if h := f.header(t, x); h != nil && f.writable(h, t) {
				for _, field := range h.Header.Fields {
					f.now.open[FieldKey(h.Header.Name, field)] = line
				}
			}
			return
		}
		if x.Kind == Header {
			if field, ok := f.field(t, x); ok && f.assignable(t, x, field) {
				f.now.open[FieldKey(x.Header.Name, field)] = line
			}
			return
		}
	}
	f.report(diag.OpenValue, target.Span(), "only a header or its field can be left open with '...'")
}

// FieldKey names a header field; tcp, udp and l4 share the names of their ports.
func FieldKey(header string, f HeaderField) string {
	switch {
	case header == "tcp" || header == "udp" || header == "l4":
		if f.Name == "src_port" || f.Name == "dst_port" || f.Name == "checksum" {
			header = "l4"
		}
	}
	return header + "." + f.Name
}

func (f *frame) augmented(s *syntax.Augmented) {
	if s.Op == "/" {
		return
	}
	calls := f.inlined
	old := f.expr(s.Target)
	if f.inlined > calls {
		f.report(diag.TypeMismatch, s.Target.Span(), "the target of '%s=' cannot call a function, which would run twice: call it before", s.Op)
		return
	}
	value := f.arithmetic(s.Op, old, f.expr(s.Value), s.Span(), s.Target, s.Value)
	f.bindValue(s.Target, value, s.Value)
}

// bind assigns a value without an expression of its own: a loop's element, an annotated value.
func (f *frame) bind(target syntax.Expr, value result) { f.bindValue(target, value, target) }

// bindValue assigns value, written as x, to a target.
func (f *frame) bindValue(target syntax.Expr, value result, x syntax.Expr) {
	switch t := target.(type) {
	case *syntax.Name:
		f.bindName(t, value, x)
	case *syntax.Tuple:
		f.unpack(t, value, x)
	case *syntax.Attribute:
		f.bindField(t, value, x)
	case *syntax.Subscript:
		f.bindEntry(t, value, x)
	}
}

func (f *frame) bindName(t *syntax.Name, value result, x syntax.Expr) {
	_, isParam := f.params[t.Name]
	if f.scope.predefined(t.Name) || isParam && f.spec != nil {
		f.report(diag.NotAssignable, t.Span(), "'%s' is predefined and cannot be assigned", t.Name)
		return
	}
	if f.scope.names[t.Name] != nil {
		f.report(diag.NotAssignable, t.Span(), "'%s' is defined at the top of the file and cannot be assigned here", t.Name)
		return
	}
	if v := value.Type; v != nil && !v.IsValue() && v.Kind != Header && v.Kind != Packet && v.Kind != Net {
		f.notValue(v, x)
		value = result{}
	}
	f.now.locals[t.Name] = local{result: value}
}

func (f *frame) notValue(t *Type, x syntax.Expr) {
	switch t.Kind {
	case State:
		f.report(diag.NotValue, x.Span(), "a state object is no value: it cannot be stored or compared")
	case Nothing:
		f.report(diag.NotValue, x.Span(), "this call gives no value")
	default:
		f.report(diag.NotValue, x.Span(), "%s is no value: it cannot be stored or compared", t)
	}
}

func (f *frame) unpack(t *syntax.Tuple, value result, x syntax.Expr) {
	var parts []*Type
	if value.Type != nil {
		if value.Type.Kind != Tuple && value.Type.Kind != Record {
			f.report(diag.TypeMismatch, x.Span(), "%s cannot be unpacked: only tuples and records can", value.Type)
			value = result{}
		} else if parts = value.Type.Parts(); len(parts) != len(t.Elems) {
			f.report(diag.Arity, t.Span(), "%d targets for %d values", len(t.Elems), len(parts))
			parts = nil
		}
	}
	list, _ := x.(*syntax.Tuple)
	for i, e := range t.Elems {
		part, at := result{}, x
		if parts != nil {
			part.Type = parts[i]
		}
		if list != nil && i < len(list.Elems) && len(list.Elems) == len(t.Elems) {
			at = list.Elems[i]
			if i < len(value.parts) {
				part = value.parts[i]
			}
		}
		f.bindValue(e, part, at)
	}
}

func (f *frame) bindField(t *syntax.Attribute, value result, x syntax.Expr) {
	on := f.expr(t.X).Type
	switch {
	case on == nil:
	case on.Kind == Header:
		if field, ok := f.field(t, on); ok && f.assignable(t, on, field) {
			f.fits(field.Type, value, x, on.Header.Name+"."+field.Name)
			delete(f.now.open, FieldKey(on.Header.Name, field))
		}
	case on.Kind == Packet && t.Name == "length":
		f.report(diag.ReadOnlyPacket, t.NameAt, "pkt.length cannot be assigned in this version")
	case on.Kind == Packet && f.packetField(t, on) != nil:
		f.fits(f.packetField(t, on).Type, value, x, t.Name)
	case on.Kind == Packet:
		if f.header(t, on) != nil {
			f.report(diag.TypeMismatch, t.Span(), "a header cannot be assigned: assign its fields, or '...'")
		}
	case on.Kind == State && on.Object.Kind == Cell && t.Name == "value":
		f.writable(on, t)
		f.fits(on.Object.Value, value, x, on.Object.Name+".value")
	case on.Kind == Record:
		f.report(diag.DerivedField, t.Span(), "records do not change: build a new one, %s(…)", on.Record.Name)
	default:
		f.report(diag.DerivedField, t.Span(), "'%s' of %s cannot be assigned", t.Name, on)
	}
}

func (f *frame) bindEntry(t *syntax.Subscript, value result, x syntax.Expr) {
	on := f.expr(t.X).Type
	if on == nil {
		f.expr(t.Index)
		return
	}
	if on.Kind == State && on.Object.Kind == ClassTable {
		f.report(diag.TypeMismatch, t.Span(), "entries of %s cannot be assigned without a timer: write %s.insert(%s)",
			on, on.Object.Name, timerArguments(on.Object))
		return
	}
	if on.Kind != State || on.Object.Kind > Vector {
		f.report(diag.TypeMismatch, t.Span(), "entries of %s cannot be assigned", on)
		return
	}
	f.writable(on, t)
	o := on.Object
	if o.Kind == Vector {
		f.index(t.Index)
	} else {
		f.store(o.Key, t.Index, o.Name+"'s key")
	}
	if o.Value == nil {
		f.report(diag.SetValue, t.Span(), "%s has no values: write %s.add(k)", o.Name, o.Name)
		return
	}
	if f.scope.Script && value.Type != nil && value.Type.Kind == Tuple && len(value.Type.Elems) == 2 &&
		o.Value.Kind != Tuple && o.Value.Kind != Record {
		value = result{Type: value.Type.Elems[0]} // the paper's (value, now)
	}
	f.fits(o.Value, value, x, "the value of "+o.Name)
}

// writable reports a change of something that is only to be looked at.
func (f *frame) writable(t *Type, x syntax.Expr) bool {
	switch t.View {
	case Arrival:
		f.report(diag.ReadOnlyPacket, x.Span(), "old(…) is as it was at arrival and cannot be changed")
	case Left:
		f.report(diag.ReadOnlyPacket, x.Span(), "out is what the NF did and cannot be changed")
	}
	return t.View == Current
}

// importScript is `import learn` in a script: properties/learn.py runs here.
func (f *frame) importScript(s *syntax.Import) {
	if !f.scope.Script {
		f.report(diag.NoSuchImport, s.Span(), "there is no module '%s': import from state, config or properties.NAME", s.Name)
		return
	}
	if f.scope.names[s.Name] != nil {
		return
	}
	specs := f.other(s.Name, s.Span())
	if len(specs) != 1 {
		if specs != nil {
			f.report(diag.NoSuchImport, s.Span(), "properties/%s.py is not one script", s.Name)
		}
		return
	}
	f.scope.names[s.Name] = &Step{specs[0]}
	f.runStep(specs[0], s.Span())
}
