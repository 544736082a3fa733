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
	case r.Kind == State && r.Object.Kind != Cell && r.Object.Kind != LPM, r.Kind == List:
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
