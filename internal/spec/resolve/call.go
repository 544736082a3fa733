package resolve

import (
	"math/big"
	"slices"
	"strings"

	"vigor/internal/diag"
	"vigor/internal/spec/syntax"
)

// header gives the type of pkt.NAME, reporting what is no header.
func (f *frame) header(x *syntax.Attribute, on *Type) *Type {
	name := x.Name
	if f.scope.Script && name == "ip" {
		name = "ipv4"
	}
	h, ok := HeaderNamed(name)
	if !ok {
		var names []string
		for _, h := range Headers {
			if !strings.Contains(h.Name, ".") {
				names = append(names, h.Name)
			}
		}
		f.report(diag.NoField, x.NameAt, "pkt has no '%s', it has %s, length%s", x.Name, strings.Join(names, ", "),
			didYouMean(x.Name, names))
		return nil
	}
	return &Type{Kind: Header, Header: h, View: on.View}
}

// packetField is a header field that a script reads from the packet itself.
func (f *frame) packetField(x *syntax.Attribute, on *Type) *HeaderField {
	if !f.scope.Script || on.Kind != Packet {
		return nil
	}
	ether, _ := HeaderNamed("ether")
	for _, name := range []string{"src", "dst"} {
		if x.Name == name+"_mac" {
			field, _ := ether.Field(name)
			return &field
		}
	}
	return nil
}

func (f *frame) field(x *syntax.Attribute, on *Type) (HeaderField, bool) {
	field, ok := on.Header.Field(x.Name)
	if !ok {
		var names []string
		for _, g := range on.Header.Fields {
			names = append(names, g.Name)
		}
		f.report(diag.NoField, x.NameAt, "%s has no field '%s', it has %s%s", on.Header.Name, x.Name,
			strings.Join(names, ", "), didYouMean(x.Name, names))
	}
	return field, ok
}

// assignable reports fields that are computed from others, and views that are to be looked at.
func (f *frame) assignable(x *syntax.Attribute, on *Type, field HeaderField) bool {
	if field.Assign != "" {
		f.report(diag.DerivedField, x.Span(), "%s.%s is derived: assign %s", on.Header.Name, field.Name, field.Assign)
		return false
	}
	return f.writable(on, x)
}

func (f *frame) attribute(x *syntax.Attribute) result {
	on := f.expr(x.X)
	if on.Type == nil {
		return result{}
	}
	switch on.Kind {
	case Packet:
		return f.packetAttribute(x, on.Type)
	case Header:
		return f.headerAttribute(x, on.Type)
	case Record:
		for _, field := range on.Record.Fields {
			if field.Name == x.Name {
				return result{Type: field.Type}
			}
		}
		names := fieldNames(on.Record)
		return f.noField(x, on.Type, names)
	case MAC:
		return f.attributeOf(x, on.Type, map[string]Kind{"is_group": Bool, "is_zero": Bool, "is_broadcast": Bool, "is_multicast": Bool})
	case IP4:
		return f.attributeOf(x, on.Type, map[string]Kind{"is_zero": Bool, "is_broadcast": Bool, "is_multicast": Bool})
	case Output:
		return f.outAttribute(x)
	case State:
		return f.stateAttribute(x, on.Type)
	case AnyValue:
		return result{}
	}
	f.report(diag.NoField, x.NameAt, "%s has no '%s'", on.Type, x.Name)
	return result{}
}

func fieldNames(r *RecordOf) []string {
	var names []string
	for _, g := range r.Fields {
		names = append(names, g.Name)
	}
	return names
}

func (f *frame) noField(x *syntax.Attribute, on *Type, names []string) result {
	f.report(diag.NoField, x.NameAt, "%s has no field '%s', it has %s%s", on, x.Name, strings.Join(names, ", "),
		didYouMean(x.Name, names))
	return result{}
}

func (f *frame) attributeOf(x *syntax.Attribute, on *Type, known map[string]Kind) result {
	if k, ok := known[x.Name]; ok {
		return of(k)
	}
	var names []string
	for n := range known {
		names = append(names, n)
	}
	slices.Sort(names)
	return f.noField(x, on, names)
}

func (f *frame) packetAttribute(x *syntax.Attribute, on *Type) result {
	switch {
	case x.Name == "length":
		return of(Int)
	case x.Name == "has":
		f.report(diag.NotValue, x.Span(), "has is to be called: pkt.has(ipv4)")
		return result{}
	case f.scope.Script && x.Name == "flow":
		return of(FlowKey)
	}
	if field := f.packetField(x, on); field != nil {
		return result{Type: field.Type}
	}
	if h := f.header(x, on); h != nil {
		return result{Type: h}
	}
	return result{}
}

func (f *frame) headerAttribute(x *syntax.Attribute, on *Type) result {
	if on.Header.Name == "inner" {
		if h, ok := HeaderNamed("inner." + x.Name); ok {
			return result{Type: &Type{Kind: Header, Header: h, View: on.View}}
		}
		return f.noField(x, on, []string{"ipv4", "l4", "icmp"})
	}
	if f.scope.Script && on.Header.Name == "tcp" && x.Name == "flags" {
		return of(Flags)
	}
	field, ok := f.field(x, on)
	if !ok {
		return result{}
	}
	if line := f.now.open[FieldKey(on.Header.Name, field)]; line > 0 && on.View == Current {
		f.report(diag.OpenValue, x.Span(), "%s.%s was set to '...' at line %d and has no value to read", on.Header.Name, field.Name, line)
		return result{}
	}
	return result{Type: field.Type}
}

func (f *frame) outAttribute(x *syntax.Attribute) result {
	switch x.Name {
	case "sent":
		return of(Bool)
	case "devices":
		return of(Set)
	case "device":
		return of(Int)
	case "pkt":
		return result{Type: &Type{Kind: Packet, View: Left}}
	}
	return f.noField(x, &Type{Kind: Output}, []string{"sent", "devices", "device", "pkt"})
}

// members are the attributes and methods of each kind of state object.
var members = map[ObjectKind][]string{
	Table: {"capacity", "full", "indices", "index", "time", "key", "add", "refresh", "set", "expire_before"},
	ClassTable: {"capacity", "full", "timers", "indices", "index", "time", "timer", "key", "insert", "refresh", "set",
		"expire_before"},
	Map:    {"capacity", "full"},
	Vector: {},
	Cell:   {"value"},

	PortRange: {"capacity", "full", "first", "take", "give_back"},
	LPM:       {},

	Classifier: {"match", "value"},
	Dictionary: {"index", "key"},
	Maglev:     {"choose", "alive", "beat"},

	Ring: {"capacity", "full", "front", "push", "pop"},
}

func (f *frame) stateAttribute(x *syntax.Attribute, on *Type) result {
	o := on.Object
	if !slices.Contains(members[o.Kind], x.Name) {
		return f.noField(x, on, members[o.Kind])
	}
	switch x.Name {
	case "capacity", "first", "timers":
		return of(Int)
	case "front":
		return result{Type: o.Value}
	case "full":
		return of(Bool)
	case "indices":
		return result{Type: &Type{Kind: Indices, Object: o, View: on.View}}
	case "value":
		return result{Type: o.Value}
	}
	f.report(diag.NotValue, x.Span(), "%s is to be called: %s.%s(…)", x.Name, o.Name, x.Name)
	return result{}
}

func (f *frame) subscript(x *syntax.Subscript) result {
	on := f.expr(x.X)
	if on.Type == nil {
		f.expr(x.Index)
		return result{}
	}
	switch on.Kind {
	case Tuple:
		return f.element(on, x)
	case List:
		f.index(x.Index)
		if on.Elems[0].Kind == Int {
			return of(Int)
		}
		return result{Type: on.Elems[0]}
	case State:
		switch o := on.Object; o.Kind {
		case Table, ClassTable, Map, LPM, Dictionary:
			f.store(o.Key, x.Index, o.Name+"'s key")
			if o.Value == nil {
				f.report(diag.SetValue, x.Span(), "%s has no values: write k in %s", o.Name, o.Name)
				return result{}
			}
			return result{Type: o.Value}
		case Vector:
			f.index(x.Index)
			return result{Type: o.Value}
		}
	}
	f.report(diag.TypeMismatch, x.Span(), "%s has no entries", on.Type)
	return result{}
}

func (f *frame) element(on result, x *syntax.Subscript) result {
	i := f.expr(x.Index)
	if i.Type == nil {
		return result{}
	}
	n := int64(len(on.Elems))
	if i.value == nil || !i.value.IsInt64() || i.value.Int64() < -n || i.value.Int64() >= n {
		f.report(diag.Arity, x.Index.Span(), "the index of a tuple of %d is a constant from 0 to %d", n, n-1)
		return result{}
	}
	at := (i.value.Int64() + n) % n
	if on.parts != nil {
		return on.parts[at]
	}
	return result{Type: on.Elems[at]}
}

// index checks the index of a vector.
func (f *frame) index(x syntax.Expr) { f.integer(f.expr(x), x, "an index") }

// store checks an expression that is stored as t.
func (f *frame) store(t *Type, x syntax.Expr, what string) { f.fits(t, f.expr(x), x, what) }

// key checks a key that has been evaluated.
func (f *frame) key(o *Object, r result, x syntax.Expr) {
	if r.Type != nil && r.Kind == FlowKey {
		return
	}
	if r.Type != nil && !joinable(r.Type, o.Key) {
		f.report(diag.TypeMismatch, x.Span(), "%s has keys of type %s, got %s%s", o.Name, o.Key, r.Type, mixHint(r.Type, o.Key))
	}
}

// fits checks that r, written as x, can be stored as t; constants must fit the width.
func (f *frame) fits(t *Type, r result, x syntax.Expr, what string) {
	if r.Type == nil || r.Kind == FlowKey {
		return
	}
	if !r.IsValue() {
		f.notValue(r.Type, x)
		return
	}
	if t.Kind == Bool && r.Kind == Int {
		f.report(diag.NotBool, x.Span(), "%s needs bool, got int: write x != 0", what)
		return
	}
	if !joinable(r.Type, t) {
		f.report(diag.TypeMismatch, x.Span(), "%s needs %s, got %s%s", what, t, r.Type, mixHint(t, r.Type))
		return
	}
	if r.value != nil && t.Kind == Int && t.Width > 0 {
		if lo, hi := t.Bounds(); r.value.Cmp(lo) < 0 || r.value.Cmp(hi) > 0 {
			f.report(diag.ConstantRange, x.Span(), "%v does not fit %s (%d bits)", r.value, what, t.Width)
		}
	}
	for i, p := range r.parts {
		f.fits(t.Parts()[i], p, x, what)
	}
}

// Bounds gives the least and greatest value of a stored Int.
func (t *Type) Bounds() (lo, hi *big.Int) {
	one := big.NewInt(1)
	if t.Signed {
		half := new(big.Int).Lsh(one, uint(t.Width-1))
		return new(big.Int).Neg(half), new(big.Int).Sub(half, one)
	}
	return new(big.Int), new(big.Int).Sub(new(big.Int).Lsh(one, uint(t.Width)), one)
}

// arguments checks a call of something with named parameters; nil after an error.
func (f *frame) arguments(x *syntax.Call, params []string, what string) []result {
	if len(x.Args)+len(x.Keywords) != len(params) {
		f.report(diag.Arity, x.Span(), "%s takes %d values (%s), got %d", what, len(params), strings.Join(params, ", "),
			len(x.Args)+len(x.Keywords))
		return nil
	}
	args := make([]result, len(params))
	given := make([]bool, len(params))
	for i, a := range x.Args {
		args[i], given[i] = f.expr(a), true
	}
	for _, k := range x.Keywords {
		i := slices.Index(params, k.Name)
		if i < 0 || given[i] {
			f.report(diag.Arity, k.Span(), "%s has no open parameter '%s', it takes %s%s", what, k.Name,
				strings.Join(params, ", "), didYouMean(k.Name, params))
			return nil
		}
		args[i], given[i] = f.expr(k.Value), true
	}
	return args
}

// Argument finds the expression that a call passes for parameter i.
func Argument(x *syntax.Call, params []string, i int) syntax.Expr {
	if i < len(x.Args) {
		return x.Args[i]
	}
	for _, k := range x.Keywords {
		if k.Name == params[i] {
			return k.Value
		}
	}
	return x
}

// plain checks that a call has n arguments by position.
func (f *frame) plain(x *syntax.Call, what string, n int) bool {
	if len(x.Keywords) > 0 || len(x.Args) != n {
		f.report(diag.Arity, x.Span(), "%s takes %d argument%s, got %d", what, n, plural(n), len(x.Args)+len(x.Keywords))
		return false
	}
	return true
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

func (f *frame) call(x *syntax.Call) result {
	switch fun := x.Fun.(type) {
	case *syntax.Attribute:
		return f.method(x, fun)
	case *syntax.Name:
		_, local := f.now.locals[fun.Name]
		if _, param := f.params[fun.Name]; local || param {
			break
		}
		sym, ok := f.scope.Lookup(fun.Name)
		if !ok {
			f.unknown(fun)
			return result{}
		}
		switch sym := sym.(type) {
		case *Function:
			return f.inline(sym, x)
		case *RecordOf:
			return f.construct(sym, x)
		case *Step:
			return f.step1(sym, x)
		case Builtin:
			return f.builtinCall(string(sym), x)
		}
	}
	f.report(diag.TypeMismatch, x.Fun.Span(), "'%s' cannot be called", f.text(x.Fun))
	return result{}
}

func (f *frame) construct(r *RecordOf, x *syntax.Call) result {
	names := fieldNames(r)
	args := f.arguments(x, names, r.Name)
	for i, a := range args {
		f.fits(r.Fields[i].Type, a, Argument(x, names, i), r.Name+"."+names[i])
	}
	return result{Type: &Type{Kind: Record, Record: r}}
}

func (f *frame) step1(s *Step, x *syntax.Call) result {
	names := []string{"pkt", "device", "now"}
	given := make([]string, len(x.Args))
	for i, a := range x.Args {
		given[i] = f.text(a)
	}
	if !slices.Equal(given, names) || len(x.Keywords) > 0 {
		f.report(diag.Arity, x.Span(), "a property runs as a step on the same packet: write %s(pkt, device, now)", f.text(x.Fun))
		return result{}
	}
	f.runStep(s.Spec, x.Span())
	return result{Type: &Type{Kind: Nothing}}
}
