package resolve

import (
	"fmt"
	"math/big"
	"net/netip"
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
	Table:  {"capacity", "full", "indices", "index", "time", "key", "add", "refresh", "set", "expire_before"},
	Map:    {"capacity", "full"},
	Vector: {},
	Cell:   {"value"},
}

func (f *frame) stateAttribute(x *syntax.Attribute, on *Type) result {
	o := on.Object
	if !slices.Contains(members[o.Kind], x.Name) {
		return f.noField(x, on, members[o.Kind])
	}
	switch x.Name {
	case "capacity":
		return of(Int)
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
	case State:
		switch o := on.Object; o.Kind {
		case Table, Map:
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

func (f *frame) builtinCall(name string, x *syntax.Call) result {
	switch name {
	case "ip4", "mac", "net4":
		return f.address(name, x)
	case "min", "max":
		return f.extreme(name, x)
	case "abs":
		if f.plain(x, name, 1) {
			f.integer(f.expr(x.Args[0]), x.Args[0], name)
		}
		return of(Int)
	case "int":
		return f.toInt(x)
	case "len":
		return f.length(x)
	case "all", "any":
		return f.quantified(name, x)
	case "old":
		return f.old(x)
	case "range":
		f.report(diag.NotValue, x.Span(), "range(…) stands behind the 'in' of a loop only")
		return result{}
	case "unspecified", "assume":
		f.report(diag.NotValue, x.Span(), "%s(…) is a statement and has no value", name)
		return result{}
	}
	f.report(diag.TypeMismatch, x.Fun.Span(), "'%s' cannot be called", name)
	return result{}
}

// ParseAddress reads the text of ip4("…") and mac("…"): the value and its bits.
func ParseAddress(kind, text string) (*big.Int, error) {
	if kind == "ip4" {
		a, err := netip.ParseAddr(text)
		if err != nil || !a.Is4() {
			return nil, fmt.Errorf("%q is no IPv4 address", text)
		}
		return new(big.Int).SetBytes(a.AsSlice()), nil
	}
	parts := strings.Split(text, ":")
	value := new(big.Int)
	for _, p := range parts {
		var octet uint64
		if len(p) != 2 || strings.Trim(p, "0123456789abcdefABCDEF") != "" {
			parts = nil
			break
		}
		fmt.Sscanf(p, "%x", &octet)
		value.Or(value.Lsh(value, 8), new(big.Int).SetUint64(octet))
	}
	if len(parts) != 6 {
		return nil, fmt.Errorf("%q is no MAC address", text)
	}
	return value, nil
}

// ParseNet reads the text of net4("…"): the network's address and the length of its prefix.
func ParseNet(text string) (*big.Int, int, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil || !p.Addr().Is4() || p.Masked() != p {
		return nil, 0, fmt.Errorf("%q is no IPv4 network such as 10.0.0.0/8", text)
	}
	return new(big.Int).SetBytes(p.Addr().AsSlice()), p.Bits(), nil
}

func (f *frame) address(kind string, x *syntax.Call) result {
	if !f.plain(x, kind, 1) {
		return result{}
	}
	s, ok := x.Args[0].(*syntax.String)
	if !ok {
		f.report(diag.TypeMismatch, x.Args[0].Span(), "%s takes a text in quotes", kind)
		return result{}
	}
	var err error
	if kind == "net4" {
		_, _, err = ParseNet(s.Value)
	} else {
		_, err = ParseAddress(kind, s.Value)
	}
	if err != nil {
		f.report(diag.TypeMismatch, s.Span(), "%v", err)
		return result{}
	}
	return of(map[string]Kind{"ip4": IP4, "mac": MAC, "net4": Net}[kind])
}

func (f *frame) extreme(name string, x *syntax.Call) result {
	if len(x.Keywords) > 0 || len(x.Args) == 0 {
		f.report(diag.Arity, x.Span(), "%s takes two or more ints, or a tuple of them", name)
		return result{}
	}
	if len(x.Args) == 1 {
		r := f.expr(x.Args[0])
		if r.Type != nil && (r.Kind != Tuple || len(r.Elems) == 0 ||
			slices.ContainsFunc(r.Elems, func(t *Type) bool { return t.Kind != Int && t.Kind != AnyValue })) {
			f.report(diag.TypeMismatch, x.Args[0].Span(), "%s takes two or more ints, or a tuple of them", name)
		}
		return of(Int)
	}
	for _, a := range x.Args {
		f.integer(f.expr(a), a, name)
	}
	return of(Int)
}

func (f *frame) toInt(x *syntax.Call) result {
	if !f.plain(x, "int", 1) {
		return result{}
	}
	r := f.expr(x.Args[0])
	if r.Type == nil {
		return result{}
	}
	switch r.Kind {
	case Int:
		return r
	case MAC, IP4, Bool, AnyValue:
		return of(Int)
	}
	f.report(diag.TypeMismatch, x.Args[0].Span(), "int(…) takes an address, a bool or an int, got %s", r.Type)
	return result{}
}

func (f *frame) length(x *syntax.Call) result {
	if !f.plain(x, "len", 1) {
		return result{}
	}
	r := f.expr(x.Args[0])
	switch {
	case r.Type == nil:
	case r.Kind == Tuple:
		return result{Type: &Type{Kind: Int}, value: big.NewInt(int64(len(r.Elems)))}
	case r.Kind == State && r.Object.Kind != Cell:
		return of(Int)
	default:
		f.report(diag.TypeMismatch, x.Args[0].Span(), "%s has no length", r.Type)
	}
	return result{}
}

func (f *frame) quantified(name string, x *syntax.Call) result {
	if !f.plain(x, name, 1) {
		return result{}
	}
	g, ok := x.Args[0].(*syntax.Generator)
	if !ok {
		r := f.expr(x.Args[0])
		if r.Type != nil && (r.Kind != Tuple || slices.ContainsFunc(r.Elems, func(t *Type) bool { return t.Kind != Bool })) {
			f.report(diag.NotBool, x.Args[0].Span(), "%s takes a tuple of bools, or an element and a 'for'", name)
		}
		return of(Bool)
	}
	elem, _ := f.rounds(g.Over)
	before := f.now
	f.now = before.clone()
	f.bind(g.Target, elem)
	f.condition(g.Elem, name)
	f.now = before
	return of(Bool)
}

// rounds gives the element of what a loop runs over, and how many there are.
func (f *frame) rounds(x syntax.Expr) (result, int) {
	if c, ok := x.(*syntax.Call); ok {
		if id, ok := c.Fun.(*syntax.Name); ok && id.Name == "range" {
			return of(Int), f.rangeRounds(c)
		}
	}
	r := f.expr(x)
	if r.Type == nil {
		return result{}, 1
	}
	if r.Kind != Tuple {
		f.report(diag.TypeMismatch, x.Span(), "a loop runs over a tuple or a range, got %s", r.Type)
		return result{}, 1
	}
	if len(r.Elems) > maxRounds {
		f.report(diag.Arity, x.Span(), "this loop has %d rounds, at most %d are unrolled", len(r.Elems), maxRounds)
	}
	if len(r.Elems) == 0 {
		return of(AnyValue), 0
	}
	elem := result{Type: r.Elems[0]}
	for _, e := range r.Elems[1:] {
		if !joinable(elem.Type, e) {
			f.report(diag.TypeMismatch, x.Span(), "a loop runs over values of one type, here are %s and %s", elem.Type, e)
			return result{}, 1
		}
		elem = join(elem, result{Type: e})
	}
	return elem, len(r.Elems)
}

func (f *frame) rangeRounds(x *syntax.Call) int {
	if len(x.Keywords) > 0 || len(x.Args) < 1 || len(x.Args) > 3 {
		f.report(diag.Arity, x.Span(), "range takes one to three ints")
		return 1
	}
	var bounds []*big.Int
	for _, a := range x.Args {
		r := f.expr(a)
		if r.Type == nil {
			return 1
		}
		if r.value == nil {
			f.report(diag.TypeMismatch, a.Span(), "the bounds of a range are constants: loops have a fixed length")
			return 1
		}
		bounds = append(bounds, r.value)
	}
	n := len(Range(bounds))
	if n > maxRounds {
		f.report(diag.Arity, x.Span(), "this loop has more than %d rounds", maxRounds)
	}
	return n
}

// Range lists the values of Python's range, and not more than a loop may have, plus one.
func Range(bounds []*big.Int) []*big.Int {
	from, step := new(big.Int), big.NewInt(1)
	to := bounds[0]
	if len(bounds) > 1 {
		from, to = bounds[0], bounds[1]
	}
	if len(bounds) > 2 {
		step = bounds[2]
	}
	var list []*big.Int
	for v := new(big.Int).Set(from); len(list) <= maxRounds && step.Sign() != 0; v = new(big.Int).Add(v, step) {
		if step.Sign() > 0 && v.Cmp(to) >= 0 || step.Sign() < 0 && v.Cmp(to) <= 0 {
			break
		}
		list = append(list, v)
	}
	return list
}

func (f *frame) old(x *syntax.Call) result {
	if !f.plain(x, "old", 1) {
		return result{}
	}
	r := f.expr(x.Args[0])
	if r.Type == nil {
		return result{}
	}
	if (r.Kind != Packet && r.Kind != State) || r.View != Current {
		f.report(diag.TypeMismatch, x.Args[0].Span(), "old(…) takes pkt or a state object: write old(pkt).ipv4.src")
		return result{}
	}
	t := *r.Type
	t.View = Arrival
	return result{Type: &t}
}
