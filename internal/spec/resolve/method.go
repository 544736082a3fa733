package resolve

import (
	"slices"
	"strings"

	"vigor/internal/diag"
	"vigor/internal/source"
	"vigor/internal/spec/syntax"
)

// callStatement checks a call that stands alone.
func (f *frame) callStatement(s *syntax.ExprStmt) {
	x, ok := s.X.(*syntax.Call)
	if !ok {
		f.report(diag.TypeMismatch, s.Span(), "a text here has no effect: a docstring comes first")
		return
	}
	if id, ok := x.Fun.(*syntax.Name); ok {
		switch id.Name {
		case "unspecified":
			f.unspecified(x)
			return
		case "assume":
			f.assume(x)
			return
		}
	}
	f.standsAlone(x)
	if r := f.call(x); r.Type != nil && r.Kind != Nothing && !f.mayChange(x) {
		f.report(diag.NotValue, x.Span(), "the value of this call is not used")
	}
}

// mayChange tells whether a call with a value may be there for what it changes.
func (f *frame) mayChange(x *syntax.Call) bool {
	if fun, ok := x.Fun.(*syntax.Attribute); ok {
		on := f.expr(fun.X).Type
		if on == nil || on.Kind != State {
			return false
		}
		m, _ := MethodOf(on.Object, fun.Name)
		return m.Changes
	}
	id, ok := x.Fun.(*syntax.Name)
	if !ok {
		return false
	}
	sym, _ := f.scope.Lookup(id.Name)
	_, plain := sym.(*Function)
	return plain
}

func (f *frame) unspecified(x *syntax.Call) {
	if !f.plain(x, "unspecified", 1) {
		return
	}
	if t := f.expr(x.Args[0]).Type; t != nil && (t.Kind != State || t.View != Current) {
		f.report(diag.TypeMismatch, x.Args[0].Span(), "unspecified(…) takes a state object, got %s", t)
	}
}

func (f *frame) assume(x *syntax.Call) {
	if f.spec == nil || f.full {
		f.report(diag.PropertyOnly, x.Span(), "assume and out belong to properties: a full spec says what must happen, for every packet")
		return
	}
	if f.plain(x, "assume", 1) {
		f.point(x.Span(), "assume")
		f.condition(x.Args[0], "assume")
	}
}

// methodParams are the parameters of each method of a table: k key, v value, i int, t timer class.
var methodParams = map[string]string{"index": "k", "time": "k", "key": "i", "add": "k", "refresh": "k", "set": "kv",
	"expire_before": "i"}

// scriptMethods are the names that scripts may use in place of ours.
var scriptMethods = map[string]string{"expireOlder": "expire_before"}

// MethodName gives the language's name of a method as written in a file.
func (s *Scope) MethodName(name string) string {
	if ours, ok := scriptMethods[name]; ok && s.Script {
		return ours
	}
	return name
}

// timerParams are the parameters of those methods that are others in a table with timer classes.
var timerParams = map[string]string{"insert": "kvt", "refresh": "kt", "expire_before": "it", "timer": "k"}

// paramsOf gives the parameters of a method of o.
func paramsOf(o *Object, name string) (params string, ok bool) {
	if o.Kind == ClassTable {
		if params, ok = timerParams[name]; ok && o.Value == nil {
			params = strings.Replace(params, "v", "", 1)
		}
	}
	if !ok {
		params, ok = methodParams[name]
	}
	return params, ok
}

// timerArguments names the arguments of insert for messages.
func timerArguments(o *Object) string {
	if o.Value == nil {
		return "k, timer"
	}
	return "k, v, timer"
}

func (f *frame) method(x *syntax.Call, fun *syntax.Attribute) result {
	on := f.expr(fun.X)
	if on.Type == nil {
		return result{}
	}
	switch {
	case on.Kind == Packet && fun.Name == "has":
		return f.has(x)
	case on.Kind == Packet && (fun.Name == "push" || fun.Name == "pop"):
		f.report(diag.ReadOnlyPacket, fun.NameAt, "pkt.%s is reserved for a later version", fun.Name)
	case on.Kind == State:
		return f.stateMethod(x, fun, on.Type)
	default:
		f.report(diag.NoField, fun.NameAt, "%s has no method '%s'", on.Type, fun.Name)
	}
	return result{}
}

func (f *frame) has(x *syntax.Call) result {
	if !f.plain(x, "has", 1) {
		return of(Bool)
	}
	id, ok := x.Args[0].(*syntax.Name)
	if ok {
		_, ok = HeaderNamed(id.Name)
	}
	if !ok {
		var names []string
		for _, h := range Headers[:9] {
			names = append(names, h.Name)
		}
		wanted := f.text(x.Args[0])
		f.report(diag.NoField, x.Args[0].Span(), "there is no header '%s'%s", wanted, didYouMean(wanted, names))
	}
	return of(Bool)
}

func (f *frame) stateMethod(x *syntax.Call, fun *syntax.Attribute, on *Type) result {
	o := on.Object
	name := f.scope.MethodName(fun.Name)
	if m, ok := MethodOf(o, name); ok {
		return f.structureMethod(x, fun, on, m)
	}
	params, ok := paramsOf(o, name)
	if o.Kind != ClassTable && (name == "insert" || name == "timer" || ok && len(x.Args) == len(params)+1) {
		f.report(diag.NoField, fun.NameAt, "%s has no timer classes", o.Name)
		return result{}
	}
	if !ok || !slices.Contains(members[o.Kind], name) {
		return f.noField(fun, on, members[o.Kind])
	}
	if slices.Contains([]string{"add", "insert", "refresh", "set", "expire_before"}, name) {
		f.writable(on, fun.X)
	}
	if !f.plain(x, name, len(params)) {
		return result{}
	}
	if o.Value == nil && name == "set" {
		f.report(diag.SetValue, x.Span(), "%s has no values: write %s.refresh(…)", o.Name, o.Name)
		return result{}
	}
	if o.Value != nil && name == "add" {
		f.report(diag.SetValue, x.Span(), "%s has values: write %s[k] = v", o.Name, o.Name)
		return result{}
	}
	for i, p := range params {
		switch p {
		case 'k':
			f.store(o.Key, x.Args[i], o.Name+"'s key")
		case 'v':
			f.store(o.Value, x.Args[i], "the value of "+o.Name)
		case 'i', 't':
			f.integer(f.expr(x.Args[i]), x.Args[i], name)
		}
	}
	switch name {
	case "index", "time", "timer":
		return of(Int)
	case "key":
		return result{Type: o.Key}
	}
	return of(Nothing)
}

// runStep checks the body of a property that runs as a step here.
func (f *frame) runStep(s *Spec, at source.Span) {
	if f.spec == nil {
		f.report(diag.NotOutcome, at, "a property runs as a step of a spec or property, not of a plain function")
		return
	}
	sub := newChecker(&syntax.File{Text: s.Text}, f.schema, f.problems)
	sub.scope = s.Scope
	frame := newFrame(sub, s)
	frame.step, frame.full = true, f.full
	frame.now.open = f.now.open
	for _, name := range []string{"pkt", "device", "now"} {
		frame.params[name] = f.params[name]
	}
	if s.Scope.Script {
		frame.params["port"] = frame.params["device"]
	}
	frame.block(s.Body, false)
	f.now.open = frame.now.open
	for _, p := range sub.points {
		f.point(p.Span, p.What)
	}
}
