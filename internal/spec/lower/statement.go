package lower

import (
	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/source"
	"vigor/internal/spec/resolve"
	"vigor/internal/spec/syntax"
)

// flowOf tells how a statement ended.
type flowOf int

const (
	next     flowOf = iota
	returned        // from a plain function or a step
	ended           // the path has its outcome
)

func (r *run) block(body []syntax.Stmt) flowOf {
	for _, s := range body {
		if f := r.statement(s); f != next {
			return f
		}
	}
	return next
}

func (r *run) statement(s syntax.Stmt) flowOf {
	switch s := s.(type) {
	case *syntax.If:
		return r.ifStatement(s)
	case *syntax.For:
		return r.forStatement(s)
	case *syntax.Return:
		return r.returnStatement(s)
	case *syntax.Pass:
		r.hole(s.Span(), "everything open")
		r.finish(Unspecified, s.Span())
		return ended
	case *syntax.Assert:
		r.assert(s)
	case *syntax.Delete:
		r.delete(s)
	case *syntax.ExprStmt:
		return r.callStatement(s)
	case *syntax.Assign:
		r.assign(s)
	case *syntax.Annotated:
		if s.Value != nil {
			r.bind(s.Target, r.eval(s.Value), s.Value, s.Span())
		}
	case *syntax.Augmented:
		x := &syntax.Binary{Place: s.Place, Op: s.Op, X: s.Target, Y: s.Value}
		v := r.arithmetic(s.Op, r.eval(s.Target), r.eval(s.Value), x, s.Value)
		r.seen[x] = v
		r.bind(s.Target, v, x, s.Span())
	case *syntax.Import:
		sym, _ := r.frame.scope.Lookup(s.Name)
		return r.step(sym.(*resolve.Step))
	}
	return next
}

func (r *run) ifStatement(s *syntax.If) flowOf {
	body := s.Else
	if r.branch(r.condition(s.Cond)) {
		body = s.Body
	}
	if len(body) == 0 {
		return next
	}
	r.reached(body[0].Span())
	return r.block(body)
}

func (r *run) forStatement(s *syntax.For) flowOf {
	for _, v := range r.rounds(s.Over) {
		r.bind(s.Target, v, s.Target, s.Over.Span())
		if f := r.block(s.Body); f != next {
			return f
		}
	}
	return next
}

// rounds are the values that a loop runs over.
func (r *run) rounds(x syntax.Expr) []value {
	c, ok := x.(*syntax.Call)
	if !ok {
		return elements(r.eval(x))
	}
	if id, ok := c.Fun.(*syntax.Name); !ok || id.Name != "range" {
		return elements(r.eval(x))
	}
	var list []value
	for _, v := range resolve.Range(r.constants(c.Args)) {
		list = append(list, r.b.IntConst(v))
	}
	return list
}

func (r *run) assert(s *syntax.Assert) {
	r.reached(s.Span())
	r.asserting = true
	c := r.condition(s.Cond)
	r.asserting = false
	text := r.text(s.Cond)
	if s.Text != nil {
		text = s.Text.Value
	}
	r.prove(c, r.claim(diag.AssertFails, s.Span(), diag.Text("assertion fails: %s", text), ""))
}

func (r *run) returnStatement(s *syntax.Return) flowOf {
	if r.frame.step {
		r.reached(s.Span())
		return returned
	}
	if r.frame.result != nil { // a plain function
		if s.Value != nil {
			r.frame.result = r.eval(s.Value)
		}
		return returned
	}
	r.reached(s.Span())
	switch x := s.Value.(type) {
	case nil, *syntax.Ellipsis:
		r.hole(s.Span(), "outputs open")
		r.finish(Open, s.Span())
	case *syntax.Name:
		r.finish(Drop, s.Span())
	case *syntax.Tuple:
		r.send(s, x.Elems[0], x.Elems[1])
	}
	return ended
}

// send is `return devices, packet`.
func (r *run) send(s *syntax.Return, to, content syntax.Expr) {
	o := Outcome{Kind: Send, Span: s.Span()}
	switch x := to.(type) {
	case *syntax.Ellipsis:
		o.AnyDevice = true
		r.hole(s.Span(), "devices open")
	case *syntax.Name:
		if x.Name == "BROADCAST" {
			o.Broadcast = true
		} else {
			r.addDevices(&o, r.eval(to), to)
		}
	default:
		r.addDevices(&o, r.eval(to), to)
	}
	r.result.Outcome = o
	if _, open := content.(*syntax.Ellipsis); open {
		r.result.Outcome.AnyContent = true
		r.hole(s.Span(), "content open")
		return
	}
	r.eval(content)
	r.packetOutcome()
}

func (r *run) addDevices(o *Outcome, v value, x syntax.Expr) {
	switch v := v.(type) {
	case devices:
		o.Mask = r.mask(v.set)
	case tuple:
		list, _ := x.(*syntax.Tuple)
		for i, e := range v {
			at := x
			if list != nil {
				at = list.Elems[i]
			}
			o.Devices = append(o.Devices, r.device(e.(smt.Int), at))
		}
	case smt.Int:
		o.Devices = append(o.Devices, r.device(v, x))
	}
}

// device proves that d is a device's number.
func (r *run) device(d smt.Int, x syntax.Expr) *smt.Term {
	count := r.b.IntUnsigned(r.w.DeviceCount)
	inRange := r.b.And(r.b.IntLessEq(r.b.IntConst(zero), d), r.b.IntLess(d, count))
	r.prove(inRange, r.claim(diag.DeviceRange, x.Span(), func(val diag.Valuer) string {
		n := intValue(count, val)
		return "device may be " + showInt(d, val) + "; there are " + n.String() + " (0 to " + n.Sub(n, one).String() + ")"
	}, ""))
	return r.b.IntWrap(d, 16)
}

func (r *run) assign(s *syntax.Assign) {
	if _, open := s.Value.(*syntax.Ellipsis); open {
		for _, t := range s.Targets {
			r.open(t, s.Span())
		}
		return
	}
	if list, ok := s.Value.(*syntax.Tuple); ok && r.mixed(s, list) {
		return
	}
	v := r.eval(s.Value)
	for _, t := range s.Targets {
		r.bind(t, v, s.Value, s.Span())
	}
}

// mixed is `a, b = ..., v`: values are evaluated first, as in Python.
func (r *run) mixed(s *syntax.Assign, list *syntax.Tuple) bool {
	values := make([]value, len(list.Elems))
	found := false
	for _, e := range list.Elems {
		if _, open := e.(*syntax.Ellipsis); open {
			found = true
		}
	}
	if !found {
		return false
	}
	for i, e := range list.Elems {
		if _, open := e.(*syntax.Ellipsis); !open {
			values[i] = r.eval(e)
		}
	}
	targets := s.Targets[0].(*syntax.Tuple)
	for i, t := range targets.Elems {
		if values[i] == nil {
			r.open(t, s.Span())
		} else {
			r.bind(t, values[i], list.Elems[i], s.Span())
		}
	}
	return true
}

// open is `target = ...`.
func (r *run) open(target syntax.Expr, at source.Span) {
	switch t := target.(type) {
	case *syntax.Tuple:
		for _, e := range t.Elems {
			r.open(e, at)
		}
	case *syntax.Attribute:
		switch on := r.eval(t.X).(type) {
		case packet:
			r.openHeader(r.headerOf(t, resolve.View(on)), at, t)
		case header:
			r.openField(on, t, at)
		}
	}
}

// bind assigns v, written as x, to a target.
func (r *run) bind(target syntax.Expr, v value, x syntax.Expr, at source.Span) {
	switch t := target.(type) {
	case *syntax.Name:
		r.frame.locals[t.Name] = v
	case *syntax.Tuple:
		list, _ := x.(*syntax.Tuple)
		for i, e := range elements(v) {
			part := x
			if list != nil && len(list.Elems) == len(t.Elems) {
				part = list.Elems[i]
			}
			r.bind(t.Elems[i], e, part, at)
		}
	case *syntax.Attribute:
		switch on := r.eval(t.X).(type) {
		case header:
			r.writeField(on, t, v, x, at)
		case packet:
			ether, _ := resolve.HeaderNamed("ether")
			r.writeField(header{of: ether}, &syntax.Attribute{Place: t.Place, Name: t.Name[:3]}, v, x, at)
		case object:
			leaves := r.store(on.of.Value, v, x, on.of.Name+".value")
			r.state(on).Call(r.p, "Set", [][]*smt.Term{leaves}, nil, nil, at)
		}
	case *syntax.Subscript:
		r.setEntry(t, v, x, at)
	}
}

// callStatement is a call for what it changes.
func (r *run) callStatement(s *syntax.ExprStmt) flowOf {
	x, ok := s.X.(*syntax.Call)
	if !ok {
		return next
	}
	if id, ok := x.Fun.(*syntax.Name); ok {
		sym, _ := r.frame.scope.Lookup(id.Name)
		switch sym := sym.(type) {
		case *resolve.Step:
			return r.step(sym)
		case resolve.Builtin:
			switch sym {
			case "unspecified":
				on := r.eval(x.Args[0]).(object)
				r.result.Unspecified[on.of.Name] = true
				r.hole(x.Span(), on.of.Name+" unspecified")
				return next
			case "assume":
				return r.assume(x)
			}
		}
	}
	r.eval(x)
	return next
}

func (r *run) assume(x *syntax.Call) flowOf {
	if !r.branch(r.condition(x.Args[0])) {
		r.finish(Excluded, x.Span())
		return ended
	}
	r.reached(x.Span())
	return next
}

// step runs a property of another file as a part of this one.
func (r *run) step(s *resolve.Step) flowOf {
	outer := r.frame
	r.frame = r.specFrame(s.Spec)
	r.frame.step = true
	f := r.block(s.Spec.Body)
	r.frame = outer
	if f == ended {
		return ended
	}
	return next
}
