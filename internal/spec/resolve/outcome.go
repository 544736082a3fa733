package resolve

import (
	"slices"

	"vigor/internal/diag"
	"vigor/internal/spec/syntax"
)

// returnStatement checks an outcome, or the result of a plain function.
func (f *frame) returnStatement(s *syntax.Return) {
	defer f.end(s)
	if f.spec == nil {
		f.functionResult(s)
		return
	}
	f.point(s.Span(), "return")
	if f.step && s.Value != nil {
		f.report(diag.NotOutcome, s.Span(), "a property that runs as a step may change state, but not return an outcome")
		return
	}
	switch x := s.Value.(type) {
	case nil:
		if f.spec.Full {
			f.report(diag.NoOutcome, s.Span(), "the full spec ends here without an outcome: write `return ...` if outputs are open")
		}
	case *syntax.Ellipsis:
	case *syntax.Name:
		if x.Name != "DROP" {
			f.notOutcome(x)
		}
	case *syntax.Tuple:
		if len(x.Elems) != 2 {
			f.notOutcome(x)
			return
		}
		if !f.devices(x.Elems[0]) || !f.content(x.Elems[1]) {
			f.notOutcome(x)
		}
	default:
		f.notOutcome(x)
	}
}

func (f *frame) notOutcome(x syntax.Expr) {
	f.report(diag.NotOutcome, x.Span(), "not an outcome: expected DROP, `...`, or devices, pkt")
}

func (f *frame) devices(x syntax.Expr) bool {
	if id, ok := x.(*syntax.Name); ok && id.Name == "BROADCAST" || isEllipsis(x) {
		return true
	}
	t := f.expr(x).Type
	if t == nil || t.Kind == Int || t.Kind == Set || t.Kind == AnyValue {
		return true
	}
	return t.Kind == Tuple && len(t.Elems) > 0 && !slices.ContainsFunc(t.Elems, func(e *Type) bool { return e.Kind != Int })
}

func (f *frame) content(x syntax.Expr) bool {
	if isEllipsis(x) {
		return true
	}
	t := f.expr(x).Type
	return t == nil || t.Kind == Packet && t.View == Current
}

func (f *frame) functionResult(s *syntax.Return) {
	if s.Value == nil {
		f.bare = true
		return
	}
	r := f.expr(s.Value)
	if r.Type != nil && !r.Type.IsValue() && r.Type.Kind != Header && r.Type.Kind != Packet {
		f.notValue(r.Type, s.Value)
		r = result{}
	}
	f.results = append(f.results, r)
}

// call checks the body of a plain function as inlined here.
func (f *frame) inline(fn *Function, x *syntax.Call) result {
	f.inlined++
	name := fn.Def.Name
	for _, a := range f.active {
		if a == "def "+name {
			f.report(diag.SelfCall, x.Span(), "%s calls itself: functions are inlined", name)
			return result{}
		}
	}
	args := f.arguments(x, paramNames(fn.Def), name)
	if args == nil {
		return result{}
	}
	sub := newFrame(f.checker, nil)
	sub.now.open = f.now.open
	for i, p := range fn.Def.Params {
		sub.now.locals[p.Name] = local{result: args[i]}
		sub.params[p.Name] = &Type{Kind: AnyValue}
	}
	outer := f.checker.active
	f.checker.active = append(outer[:len(outer):len(outer)], "def "+name)
	body := fn.Def.Body
	if syntax.Doc(body) != nil {
		body = body[1:]
	}
	sub.block(body, true)
	f.checker.active = outer
	f.now.open = sub.now.open
	return sub.result(fn)
}

func paramNames(def *syntax.Function) []string {
	var names []string
	for _, p := range def.Params {
		names = append(names, p.Name)
	}
	return names
}

// result joins what the returns of a plain function give.
func (f *frame) result(fn *Function) result {
	if len(f.results) == 0 {
		return result{Type: &Type{Kind: Nothing}}
	}
	if f.bare || f.now.alive {
		f.report(diag.Unassigned, fn.Def.NameAt, "%s returns a value on some paths and none on others", fn.Def.Name)
		return result{}
	}
	r := f.results[0]
	for _, next := range f.results[1:] {
		if r.Type == nil || next.Type == nil {
			return result{}
		}
		if !joinable(r.Type, next.Type) {
			f.report(diag.TypeMismatch, fn.Def.NameAt, "%s returns %s on one path and %s on another", fn.Def.Name, r.Type, next.Type)
			return result{}
		}
		r = join(r, next)
	}
	return r
}
