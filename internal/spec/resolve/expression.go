package resolve

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"vigor/internal/diag"
	"vigor/internal/source"
	"vigor/internal/spec/syntax"
)

// maxRounds bounds the rounds of one loop.
const maxRounds = 256

// result is what is known of an expression. A nil Type is an error that has been reported.
type result struct {
	*Type
	value    *big.Int // of a constant Int
	parts    []result // of a tuple written out
	conflict string   // the types that two branches gave a local
}

func itoa(n int) string { return strconv.Itoa(n) }

func of(k Kind) result { return result{Type: &Type{Kind: k}} }

// joinable tells whether one place may hold either type.
func joinable(a, b *Type) bool {
	if a.Kind == AnyValue || b.Kind == AnyValue {
		return true
	}
	if (a.Kind == Tuple || a.Kind == Record) && (b.Kind == Tuple || b.Kind == Record) {
		p, q := a.Parts(), b.Parts()
		if a.Kind == Record && b.Kind == Record && a.Record != b.Record || len(p) != len(q) {
			return false
		}
		for i := range p {
			if !joinable(p[i], q[i]) {
				return false
			}
		}
		return true
	}
	return a.Kind == b.Kind && a.View == b.View && a.Object == b.Object && a.Header == b.Header
}

// join is the type of a place that holds a or b.
func join(a, b result) result {
	if a.Type == nil || b.Type == nil {
		return result{}
	}
	out := result{Type: a.Type}
	switch {
	case a.Kind == Int:
		out.Type = &Type{Kind: Int}
		if a.value != nil && b.value != nil && a.value.Cmp(b.value) == 0 {
			out.value = a.value
		}
	case a.Kind == Record && b.Kind == Tuple:
		out.Type = b.Type
	}
	return out
}

// condition checks that x is a bool.
func (f *frame) condition(x syntax.Expr, where string) {
	f.truth(f.expr(x), x, "'"+where+"'")
}

func (f *frame) truth(r result, x syntax.Expr, where string) {
	if r.Type == nil || r.Kind == Bool || r.Kind == AnyValue {
		return
	}
	hint := ""
	switch r.Kind {
	case Int:
		hint = ": write " + f.text(x) + " != 0"
	case State:
		hint = ": write len(" + f.text(x) + ") != 0"
	}
	f.report(diag.NotBool, x.Span(), "%s needs bool, got %s%s", where, r.Type, hint)
}

// text is the expression as written, shortened.
func (c *checker) text(x syntax.Expr) string { return Text(c.file.Text, x.Span()) }

// Text is the source text of a span of one file, on one line.
func Text(file []byte, at source.Span) string {
	var parts []string
	for n := at.Start.Line; n <= at.End.Line; n++ {
		line := source.Line(file, n)
		if n == at.End.Line && at.End.Column-1 <= len(line) {
			line = line[:at.End.Column-1]
		}
		if n == at.Start.Line && at.Start.Column-1 <= len(line) {
			line = line[at.Start.Column-1:]
		}
		parts = append(parts, strings.TrimSpace(line))
	}
	return strings.Join(parts, " ")
}

// expr checks an expression and gives its type.
func (f *frame) expr(x syntax.Expr) result {
	switch x := x.(type) {
	case *syntax.Name:
		return f.name(x)
	case *syntax.Number:
		return result{Type: &Type{Kind: Int}, value: x.Value}
	case *syntax.Bool:
		return of(Bool)
	case *syntax.Tuple:
		return f.tuple(x)
	case *syntax.Attribute:
		return f.attribute(x)
	case *syntax.Subscript:
		return f.subscript(x)
	case *syntax.Call:
		return f.call(x)
	case *syntax.Unary:
		return f.unary(x)
	case *syntax.Binary:
		return f.arithmetic(x.Op, f.expr(x.X), f.expr(x.Y), x.Span(), x.X, x.Y)
	case *syntax.Logic:
		for _, v := range x.Values {
			f.condition(v, x.Op)
		}
		return of(Bool)
	case *syntax.Compare:
		return f.compare(x)
	case *syntax.Conditional:
		return f.conditional(x)
	case *syntax.Ellipsis:
		f.report(diag.OpenValue, x.Span(), "'...' has no value: it leaves a header field open, or an outcome")
	case *syntax.String:
		f.report(diag.TypeMismatch, x.Span(), "strings are docstrings, assertion texts and addresses only")
	case *syntax.Generator:
		f.report(diag.TypeMismatch, x.Span(), "a generator is the only argument of all() or any()")
	}
	return result{}
}

func (f *frame) name(x *syntax.Name) result {
	if l, ok := f.now.locals[x.Name]; ok {
		switch {
		case l.missing > 0:
			f.report(diag.Unassigned, x.Span(), "'%s' may be unassigned: the branch at line %d does not set it", x.Name, l.missing)
			return result{}
		case l.conflict != "":
			f.report(diag.TypeMismatch, x.Span(), "'%s' is %s", x.Name, l.conflict)
			return result{}
		}
		return l.result
	}
	if t, ok := f.params[x.Name]; ok {
		return result{Type: t}
	}
	sym, ok := f.scope.Lookup(x.Name)
	if !ok {
		f.unknown(x)
		return result{}
	}
	switch sym := sym.(type) {
	case *Object:
		return result{Type: &Type{Kind: State, Object: sym}}
	case *ConfigValue:
		return result{Type: sym.Type}
	case *Constant:
		return *sym.known
	case Builtin:
		return f.builtin(x, string(sym))
	}
	f.report(diag.NotValue, x.Span(), "'%s' is to be called: %s(…)", x.Name, x.Name)
	return result{}
}

func (f *frame) builtin(x *syntax.Name, name string) result {
	if n, ok := f.scope.Number(name); ok {
		return result{Type: &Type{Kind: Int}, value: new(big.Int).SetUint64(n)}
	}
	switch name {
	case "out":
		if f.spec == nil || f.full {
			f.report(diag.PropertyOnly, x.Span(), "assume and out belong to properties: a full spec says what must happen, for every packet")
			return result{}
		}
		return of(Output)
	case "next_proto_id":
		return of(Int)
	case "DROP", "BROADCAST":
		f.report(diag.NotOutcome, x.Span(), "%s is an outcome: it stands behind `return` only", name)
	default:
		if _, header := HeaderNamed(name); header {
			f.report(diag.NotValue, x.Span(), "'%s' names a header: write pkt.%s or pkt.has(%s)", name, name, name)
		} else {
			f.report(diag.NotValue, x.Span(), "'%s' is to be called: %s(…)", name, name)
		}
	}
	return result{}
}

// unknown reports a name without meaning, with what it may have been meant to be.
func (f *frame) unknown(x *syntax.Name) {
	for _, o := range f.schema.Objects {
		if o.Name == x.Name || slices.Contains(o.Aliases, x.Name) {
			f.report(diag.NotImported, x.Span(), "'%s' is state but not imported: `from state import %s`", x.Name, x.Name)
			return
		}
	}
	for _, r := range f.schema.Records {
		if r.Name == x.Name {
			f.report(diag.NotImported, x.Span(), "'%s' is a record but not imported: `from state import %s`", x.Name, x.Name)
			return
		}
	}
	for _, v := range f.schema.Config {
		if v.Name == x.Name {
			f.report(diag.NotImported, x.Span(), "'%s' is configuration but not imported: `from config import %s`", x.Name, x.Name)
			return
		}
	}
	if slices.Contains(oldDialect, x.Name) {
		f.report(diag.OldDialect, x.Span(), "%s belongs to the original Vigor's dialect, which this version does not run", x.Name)
		return
	}
	if slices.Contains(reserved, x.Name) {
		f.report(diag.UnknownName, x.Span(), "'%s' is reserved for a later version", x.Name)
		return
	}
	f.report(diag.UnknownName, x.Span(), "unknown name '%s'%s", x.Name, didYouMean(x.Name, f.visible()))
}

// visible lists the names that can be used here, in a fixed order.
func (f *frame) visible() []string {
	names := slices.Clone(builtins)
	for n := range numbers {
		names = append(names, n)
	}
	for n := range f.scope.names {
		names = append(names, n)
	}
	for n := range f.now.locals {
		names = append(names, n)
	}
	for n := range f.params {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func (f *frame) tuple(x *syntax.Tuple) result {
	r := of(Tuple)
	for _, e := range x.Elems {
		p := f.expr(e)
		if p.Type == nil {
			p = of(AnyValue)
		}
		if !p.IsValue() && p.Kind != Header && p.Kind != Packet {
			f.notValue(p.Type, e)
			p = of(AnyValue)
		}
		r.parts = append(r.parts, p)
		r.Elems = append(r.Elems, p.Type)
	}
	return r
}

func (f *frame) conditional(x *syntax.Conditional) result {
	f.condition(x.Cond, "if")
	a, b := f.expr(x.Then), f.expr(x.Else)
	if a.Type == nil || b.Type == nil {
		return result{}
	}
	if !joinable(a.Type, b.Type) {
		f.report(diag.TypeMismatch, x.Span(), "one side is %s, the other %s", a.Type, b.Type)
		return result{}
	}
	if !a.IsValue() {
		f.notValue(a.Type, x.Then)
		return result{}
	}
	return join(a, b)
}

func (f *frame) unary(x *syntax.Unary) result {
	r := f.expr(x.X)
	if x.Op == "not" {
		f.truth(r, x.X, "'not'")
		return of(Bool)
	}
	if r.Type == nil || !f.integer(r, x.X, "'"+x.Op+"'") {
		return result{}
	}
	out := of(Int)
	if r.value != nil {
		switch x.Op {
		case "-":
			out.value = new(big.Int).Neg(r.value)
		case "~":
			out.value = new(big.Int).Not(r.value)
		default:
			out.value = r.value
		}
	}
	return out
}

// integer checks that r is an int.
func (f *frame) integer(r result, x syntax.Expr, where string) bool {
	if r.Type == nil || r.Kind == Int || r.Kind == AnyValue {
		return r.Type != nil
	}
	hint := ""
	switch r.Kind {
	case MAC, IP4:
		hint = ": write int(" + f.text(x) + ")"
	case Bool:
		hint = ": write 1 if … else 0"
	}
	f.report(diag.TypeMismatch, x.Span(), "%s needs int, got %s%s", where, r.Type, hint)
	return false
}

// arithmetic checks `x op y`.
func (f *frame) arithmetic(op string, a, b result, at source.Span, x, y syntax.Expr) result {
	if op == "/" {
		f.report(diag.Division, at, "'/' on integers gives a fraction: write '//'")
		return result{}
	}
	if a.Type != nil && b.Type != nil && a.Kind == Set && b.Kind == Set && (op == "|" || op == "-") {
		return of(Set)
	}
	okX, okY := f.integer(a, x, "'"+op+"'"), f.integer(b, y, "'"+op+"'")
	if !okX || !okY {
		return result{}
	}
	out := of(Int)
	if op == "**" {
		if b.value == nil || b.value.Sign() < 0 || b.value.BitLen() > 8 {
			f.report(diag.Division, y.Span(), "the exponent of '**' is a constant from 0 to 255")
			return result{}
		}
	}
	if (op == "<<" || op == ">>") && b.value != nil && b.value.Sign() < 0 {
		f.report(diag.Division, y.Span(), "the shift is negative")
		return result{}
	}
	if (op == "//" || op == "%") && b.value != nil && b.value.Sign() == 0 {
		f.report(diag.Division, y.Span(), "the divisor is 0")
		return result{}
	}
	if a.value != nil && b.value != nil {
		out.value = fold(op, a.value, b.value)
	}
	return out
}

// fold computes on constants; nil if the result is too large to be of use.
func fold(op string, a, b *big.Int) *big.Int {
	z := new(big.Int)
	switch op {
	case "+":
		return z.Add(a, b)
	case "-":
		return z.Sub(a, b)
	case "*":
		return z.Mul(a, b)
	case "//":
		q, m := z.DivMod(a, b, new(big.Int)) // Euclidean: differs from floor if b < 0
		if b.Sign() < 0 && m.Sign() != 0 {
			q.Sub(q, big.NewInt(1))
		}
		return q
	case "%":
		m := z.Mod(a, b)
		if b.Sign() < 0 && m.Sign() != 0 {
			m.Add(m, b)
		}
		return m
	case "&":
		return z.And(a, b)
	case "|":
		return z.Or(a, b)
	case "^":
		return z.Xor(a, b)
	case "**":
		if a.BitLen()*int(b.Int64()) > 1024 {
			return nil
		}
		return z.Exp(a, b, nil)
	case "<<":
		if !b.IsInt64() || b.Int64() > 1024 {
			return nil
		}
		return z.Lsh(a, uint(b.Int64()))
	case ">>":
		if !b.IsInt64() || b.Int64() > 1024 {
			return nil
		}
		return z.Rsh(a, uint(b.Int64()))
	}
	return nil
}

func (f *frame) compare(x *syntax.Compare) result {
	left, leftX := f.compareOperand(x.Left, x.Ops[0]), x.Left
	for i, op := range x.Ops {
		rightX := x.Right[i]
		var right result
		if op == "in" || op == "not in" {
			f.membership(left, leftX, rightX, op)
			if i < len(x.Ops)-1 {
				f.report(diag.TypeMismatch, rightX.Span(), "'%s' ends a chain of comparisons: join them with 'and'", op)
				return of(Bool)
			}
		} else {
			right = f.compareOperand(rightX, op)
			f.comparable(left, right, op, x, leftX, rightX)
		}
		left, leftX = right, rightX
	}
	return of(Bool)
}

// compareOperand checks an operand; names of flags stand only left of `in`.
func (f *frame) compareOperand(x syntax.Expr, op string) result {
	if id, ok := x.(*syntax.Name); ok && f.scope.Script && op == "in" && slices.Contains(scriptFlags, id.Name) {
		return of(Flags)
	}
	return f.expr(x)
}

func (f *frame) comparable(a, b result, op string, x *syntax.Compare, leftX, rightX syntax.Expr) {
	if a.Type == nil || b.Type == nil {
		return
	}
	for _, side := range []struct {
		r result
		x syntax.Expr
	}{{a, leftX}, {b, rightX}} {
		if !side.r.IsValue() && side.r.Kind != FlowKey {
			f.notValue(side.r.Type, side.x)
			return
		}
	}
	if !joinable(a.Type, b.Type) {
		f.report(diag.TypeMismatch, x.Span(), "%s compared with %s%s", a.Type, b.Type, mixHint(a.Type, b.Type))
		return
	}
	if ordered := op != "==" && op != "!="; ordered && !isOrdered(a.Type) {
		f.report(diag.TypeMismatch, x.Span(), "'%s' is not defined on %s", op, a.Type)
	}
}

// isOrdered tells whether values of the type have an order.
func isOrdered(t *Type) bool {
	if t.Kind == Tuple || t.Kind == Record {
		return !slices.ContainsFunc(t.Parts(), func(e *Type) bool { return !isOrdered(e) })
	}
	return t.Kind == Int || t.Kind == MAC || t.Kind == IP4 || t.Kind == AnyValue
}

// mixHint says how to compare what cannot be compared as it stands.
func mixHint(a, b *Type) string {
	if a.Kind == Int {
		a, b = b, a
	}
	switch {
	case a.Kind == IP4 && b.Kind == Int:
		return ": write ip4(\"10.0.0.1\"), or int(…) on the other side"
	case a.Kind == MAC && b.Kind == Int:
		return ": write mac(\"02:00:00:00:00:01\"), or int(…) on the other side"
	case a.Kind == Bool && b.Kind == Int:
		return ": a bool is a condition by itself"
	}
	return ""
}

// membership checks `left in x`.
func (f *frame) membership(left result, leftX, x syntax.Expr, op string) {
	if id, ok := x.(*syntax.Name); ok && (id.Name == "range" || id.Name == "net4") {
		f.report(diag.NotValue, x.Span(), "'%s' is to be called: %s(…)", id.Name, id.Name)
		return
	}
	over := f.expr(x)
	if left.Type == nil || over.Type == nil {
		return
	}
	var want *Type
	switch over.Kind {
	case Tuple:
		for _, e := range over.Elems {
			if !joinable(left.Type, e) {
				f.report(diag.TypeMismatch, x.Span(), "%s compared with %s%s", left.Type, e, mixHint(left.Type, e))
				return
			}
		}
		if !left.IsValue() {
			f.notValue(left.Type, leftX)
		}
		return
	case Net:
		want = &Type{Kind: IP4}
	case Set, Indices:
		want = &Type{Kind: Int}
	case Flags:
		want = over.Type
	case State:
		switch over.Object.Kind {
		case Table, ClassTable, Map, LPM, Dictionary:
			f.key(over.Object, left, leftX)
			return
		case PortRange:
			want = &Type{Kind: Int}
		}
	}
	if want == nil {
		f.report(diag.TypeMismatch, x.Span(), "'%s' is not defined on %s", op, over.Type)
	} else if !joinable(left.Type, want) {
		f.report(diag.TypeMismatch, leftX.Span(), "'%s' needs %s on the left, got %s", op, want, left.Type)
	}
}
