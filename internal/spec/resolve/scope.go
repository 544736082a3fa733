package resolve

import (
	"slices"
	"strings"

	"vigor/internal/diag"
	"vigor/internal/source"
	"vigor/internal/spec/syntax"
)

// Symbol is what a name outside functions stands for: *Object, *RecordOf, *ConfigValue, *Constant,
// *Function, *Step, or Builtin.
type Symbol any

// ConfigValue is an imported configuration field.
type ConfigValue struct{ Field }

// Constant is a constant of the file; its expression has no names but constants.
type Constant struct {
	Value syntax.Expr
	known *result
}

// Function is a plain function, inlined at each call.
type Function struct {
	Def   *syntax.Function
	Scope *Scope
}

// Step is a property of another file that runs as a part of this one.
type Step struct{ Spec *Spec }

// Builtin is a predefined name.
type Builtin string

// Scope holds the names of one file.
type Scope struct {
	names map[string]Symbol
	// Script: the file is in script form, whose extra names are known.
	Script bool
}

// DeviceCount is the configuration value that every NF has.
const DeviceCount = "device_count"

// numbers are the predefined integers.
var numbers = map[string]uint64{
	"SECOND": 1_000_000_000, "ICMP": 1, "TCP": 6, "UDP": 17,
	"TYPE_IPV4": 0x0800, "TYPE_ARP": 0x0806, "TYPE_VLAN": 0x8100, "TYPE_IPV6": 0x86DD,
}

// scriptNumbers are those of scripts alone.
var scriptNumbers = map[string]uint64{"PROTOCOL_ID_TCP": 6, "PROTOCOL_ID_UDP": 17}

// Number gives a predefined integer.
func (s *Scope) Number(name string) (uint64, bool) {
	n, ok := numbers[name]
	if !ok && s.Script {
		n, ok = scriptNumbers[name]
	}
	return n, ok
}

// builtins are the predefined names that are no numbers and no headers.
var builtins = []string{"DROP", "BROADCAST", "ip4", "net4", "mac", "min", "max", "abs", "len", "int", "range", "all",
	"any", "old", "unspecified", "assume", "out"}

// reserved are the names of later versions and of scenarios.
var reserved = []string{"scenario", "Packet", "Device", "Time", "ipv6", "icmpv6", "ip6"}

// oldDialect are names that only the published dialect of the original Vigor has.
var oldDialect = []string{"pop_header", "on_mismatch", "received_on_port", "sent_on_ports", "sent_headers",
	"the_index_allocated", "a_packet_received", "packet_size", "emap", "vector_get", "vector_set"}

// Lookup finds a name that is no local.
func (s *Scope) Lookup(name string) (Symbol, bool) {
	if sym, ok := s.names[name]; ok {
		return sym, true
	}
	if s.predefined(name) {
		return Builtin(name), true
	}
	return nil, false
}

// predefined tells whether the language itself defines the name.
func (s *Scope) predefined(name string) bool {
	_, isNumber := s.Number(name)
	_, isHeader := HeaderNamed(name)
	return isNumber || isHeader || slices.Contains(builtins, name) ||
		s.Script && (name == "next_proto_id" || slices.Contains(scriptFlags, name))
}

// scriptFlags are what `SYN in pkt.tcp.flags` of a script can ask for.
var scriptFlags = []string{"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"}

// declare gives a name of the file its meaning.
func (c *checker) declare(name string, at source.Span, sym Symbol) {
	switch {
	case c.scope.predefined(name) || slices.Contains(reserved, name):
		c.report(diag.NotAssignable, at, "'%s' is predefined and cannot be assigned", name)
	case c.scope.names[name] != nil:
		c.report(diag.NotAssignable, at, "'%s' has a meaning already", name)
	default:
		c.scope.names[name] = sym
	}
}

func (c *checker) importFrom(s *syntax.From) {
	property, isProperty := strings.CutPrefix(s.Module, "properties.")
	for _, a := range s.Names {
		switch {
		case s.Module == "state":
			c.importState(a)
		case s.Module == "config":
			c.importConfig(a)
		case isProperty:
			c.importStep(property, a)
		default:
			c.report(diag.NoSuchImport, s.Span(),
				"there is no module '%s': import from state, config or properties.NAME", s.Module)
			return
		}
	}
}

func (c *checker) importState(a syntax.Alias) {
	var names []string
	for _, o := range c.schema.Objects {
		names = append(names, o.Name)
		if o.Name == a.Name || slices.Contains(o.Aliases, a.Name) {
			c.declare(a.As, a.Span(), o)
			if !slices.Contains(c.objects, o) {
				c.objects = append(c.objects, o)
			}
			return
		}
	}
	for _, r := range c.schema.Records {
		names = append(names, r.Name)
		if r.Name == a.Name {
			c.declare(a.As, a.Span(), r)
			return
		}
	}
	c.report(diag.NoSuchImport, a.Span(), "the NF exports no state '%s', %s%s", a.Name, exports(names), didYouMean(a.Name, names))
}

func exports(names []string) string {
	if len(names) == 0 {
		return "it exports none: tag a field with `spec:\"name\"`"
	}
	return "it exports " + strings.Join(names, ", ")
}

func (c *checker) importConfig(a syntax.Alias) {
	if a.Name == DeviceCount {
		c.declare(a.As, a.Span(), &ConfigValue{Field{Name: DeviceCount, Type: &Type{Kind: Int}}})
		return
	}
	names := []string{DeviceCount}
	for _, f := range c.schema.Config {
		if f.Name == a.Name {
			c.declare(a.As, a.Span(), &ConfigValue{f})
			return
		}
		names = append(names, f.Name)
	}
	c.report(diag.NoSuchConfig, a.Span(), "the configuration has no '%s', it has %s%s", a.Name,
		strings.Join(names, ", "), didYouMean(a.Name, names))
}

// importStep resolves a property of another file, to be run as a step of this one.
func (c *checker) importStep(file string, a syntax.Alias) {
	specs := c.other(file, a.Span())
	for _, s := range specs {
		if s.Name == a.Name {
			c.declare(a.As, a.Span(), &Step{s})
			return
		}
	}
	if specs != nil {
		c.report(diag.NoSuchImport, a.Span(), "properties/%s.py has no property '%s'", file, a.Name)
	}
}

// other resolves properties/name.py; nil if that has been reported.
func (c *checker) other(name string, at source.Span) []*Spec {
	src, ok := c.schema.Properties[name]
	if !ok {
		c.report(diag.NoSuchImport, at, "there is no file properties/%s.py", name)
		return nil
	}
	if slices.Contains(c.active, name) {
		c.report(diag.SelfCall, at, "properties/%s.py imports itself", name)
		return nil
	}
	tree, problems := syntax.Parse(src.File, src.Text)
	*c.problems = append(*c.problems, problems...)
	if len(problems) > 0 {
		return nil
	}
	sub := newChecker(tree, c.schema, c.problems)
	sub.active = append(slices.Clip(c.active), name)
	before := len(*c.problems)
	specs := sub.specs()
	if len(*c.problems) > before {
		return nil
	}
	for _, o := range sub.objects {
		if !slices.Contains(c.objects, o) {
			c.objects = append(c.objects, o)
		}
	}
	return specs
}

// constant declares a module-level `NAME = constant`; false if s is something else.
func (c *checker) constant(s syntax.Stmt) bool {
	var target, value syntax.Expr
	switch s := s.(type) {
	case *syntax.Assign:
		target, value = s.Targets[0], s.Value
		if len(s.Targets) > 1 {
			return false
		}
	case *syntax.Annotated:
		target, value = s.Target, s.Value
	}
	id, ok := target.(*syntax.Name)
	if !ok || value == nil || !c.isConstant(value) {
		return false
	}
	f := newFrame(c, nil)
	r := f.expr(value)
	c.declare(id.Name, id.Span(), &Constant{value, &r})
	return true
}

// isConstant tells whether an expression is made of literals, constants and ip4, net4, mac.
func (c *checker) isConstant(x syntax.Expr) bool {
	switch x := x.(type) {
	case *syntax.Number, *syntax.Bool:
		return true
	case *syntax.Name:
		_, constant := c.scope.names[x.Name].(*Constant)
		_, isNumber := c.scope.Number(x.Name)
		return constant || isNumber
	case *syntax.Tuple:
		return !slices.ContainsFunc(x.Elems, func(e syntax.Expr) bool { return !c.isConstant(e) })
	case *syntax.Unary:
		return c.isConstant(x.X)
	case *syntax.Binary:
		return c.isConstant(x.X) && c.isConstant(x.Y)
	case *syntax.Call:
		id, ok := x.Fun.(*syntax.Name)
		return ok && (id.Name == "ip4" || id.Name == "net4" || id.Name == "mac")
	}
	return false
}

// didYouMean is "; did you mean '…'?" with the nearest name, or "".
func didYouMean(name string, known []string) string {
	best, least := "", 1+min(2, len(name)/2)
	for _, k := range known {
		if d := distance(name, k); d < least {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean '" + best + "'?"
}

// distance counts the letters to insert, remove, change or swap to get from a to b.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	return rows[len(a)][len(b)]
}
