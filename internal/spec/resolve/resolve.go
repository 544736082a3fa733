// Package resolve gives the names of a spec their meaning and checks its types, widths and flow.
//
// In: a tree of package syntax and a [Schema], what the NF offers (state objects, records,
// configuration). Out: one [Spec] per full spec or property of the file, and diagnostics 1503 to
// 1535. Package lower runs a Spec; it relies on these guarantees: every name has a meaning, every
// operator gets operands it is defined for, every local is assigned before it is used, every path
// of a full spec ends in an outcome, functions do not call themselves, loops have a constant
// length. What depends on packet or state (is the key there, does the value fit) is left to lower.
//
// Start at [Resolve]; scope.go has names and imports, flow.go statements, expression.go and call.go
// expressions, headers.go the packet's fields.
package resolve

import (
	"path"
	"slices"
	"strings"

	"vigor/internal/diag"
	"vigor/internal/source"
	"vigor/internal/spec/syntax"
)

// Spec is one full spec or property, checked.
type Spec struct {
	Name  string
	Title string // the docstring's first line
	// Full: everything the NF does, else one property.
	Full  bool
	Span  source.Span // of its name
	Text  []byte      // of the file
	Body  []syntax.Stmt
	Scope *Scope
	// Objects are the imported state objects, in the order of import: they are compared at the end.
	Objects []*Object
	// Points are what some packet, state and configuration must reach.
	Points []Point
}

// Point is a place that must be reached: a statement, or the first statement of a branch.
type Point struct {
	Span source.Span
	What string // "return", "assert", "assume", "branch"
}

// checker checks one file; those of the files it imports share schema and problems.
type checker struct {
	schema   *Schema
	file     *syntax.File
	scope    *Scope
	objects  []*Object
	problems *[]diag.Diagnostic
	active   []string // files being imported, functions being called
	points   []Point
	inlined  int // calls of plain functions so far
}

// Resolve checks a file and returns its specs in the order of the text: the full spec or the
// properties. With any diagnostic the specs must not be run.
func Resolve(file *syntax.File, schema *Schema) ([]*Spec, []diag.Diagnostic) {
	var problems []diag.Diagnostic
	c := newChecker(file, schema, &problems)
	specs := c.specs()
	if len(specs) == 0 && len(problems) == 0 {
		c.report(diag.SpecForm, file.Span(), "this file has no spec: write `def spec(pkt, device, now):`")
	}
	return specs, diag.Sort(problems)
}

func newChecker(file *syntax.File, schema *Schema, problems *[]diag.Diagnostic) *checker {
	return &checker{schema: schema, file: file, problems: problems, scope: &Scope{names: map[string]Symbol{}}}
}

func (c *checker) report(code diag.Code, at source.Span, format string, args ...any) {
	*c.problems = append(*c.problems, diag.New(code, at, format, args...))
}

// specs checks the whole file.
func (c *checker) specs() []*Spec {
	var functions []*syntax.Function
	var script []syntax.Stmt
	for i, s := range c.file.Body {
		switch s := s.(type) {
		case *syntax.From:
			c.importFrom(s)
		case *syntax.Function:
			functions = append(functions, s)
		case *syntax.ExprStmt:
			if _, doc := s.X.(*syntax.String); !doc || i > 0 {
				script = append(script, s)
			}
		default:
			if !c.constant(s) {
				script = append(script, s)
			}
		}
	}
	var defs []*syntax.Function
	for _, f := range functions {
		if c.isSpec(f) {
			defs = append(defs, f)
		} else {
			c.declare(f.Name, f.NameAt, &Function{f, c.scope})
		}
	}
	if len(script) > 0 {
		return c.script(script, defs)
	}
	var specs []*Spec
	for _, f := range defs {
		if s := c.spec(f); s != nil {
			specs = append(specs, s)
		}
	}
	return specs
}

// isSpec tells specs and properties from plain functions, and reports what looks like a spec but is
// none.
func (c *checker) isSpec(f *syntax.Function) bool {
	var names []string
	for _, p := range f.Params {
		names = append(names, p.Name)
	}
	if f.Decorator != nil {
		c.report(diag.SpecRefused, f.Decorator.Span(), "scenarios are not in this version: a property is about one packet")
		return false
	}
	is := slices.Equal(names, []string{"pkt", "device", "now"})
	if f.Name == "spec" && !is {
		c.report(diag.SpecForm, f.NameAt, "the full spec is `def spec(pkt, device, now)`, got spec(%s)",
			strings.Join(names, ", "))
	}
	return is
}

// baseName is the name of the file without folder and suffix: the name of a script.
func (c *checker) baseName() string { return strings.TrimSuffix(path.Base(c.file.Name), ".py") }

// script makes one spec of the statements of a file in script form.
func (c *checker) script(body []syntax.Stmt, defs []*syntax.Function) []*Spec {
	for _, f := range defs {
		c.report(diag.MixedForms, f.NameAt,
			"module-level statements (line %d) make this a script: it cannot also define %s()", body[0].Span().Start.Line, f.Name)
	}
	c.scope.Script = true
	name := c.baseName()
	s := &Spec{Name: name, Title: name, Full: name == "spec", Span: body[0].Span(), Body: body}
	if doc := syntax.Doc(c.file.Body); doc != nil {
		s.Title = firstLine(doc)
	}
	c.check(s)
	return []*Spec{s}
}

func (c *checker) spec(f *syntax.Function) *Spec {
	s := &Spec{Name: f.Name, Full: f.Name == "spec", Span: f.NameAt, Body: f.Body}
	doc := syntax.Doc(f.Body)
	if doc == nil {
		c.report(diag.NoTitle, f.NameAt, "%s has no docstring: its first line is the title", f.Name)
	} else {
		s.Title = firstLine(doc)
		s.Body = f.Body[1:]
	}
	c.check(s)
	return s
}

func firstLine(s *syntax.String) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s.Value), "\n")
	return strings.TrimSpace(line)
}

// check walks the spec's body as a function of pkt, device and now.
func (c *checker) check(s *Spec) {
	s.Scope, s.Text = c.scope, c.file.Text
	c.points = nil
	f := newFrame(c, s)
	for _, name := range []string{"pkt", "device", "now"} {
		t := &Type{Kind: Int}
		if name == "pkt" {
			t = &Type{Kind: Packet}
		}
		f.params[name] = t
	}
	if s.Scope.Script {
		f.params["port"] = f.params["device"]
	}
	f.ends(f.block(s.Body, true), s)
	s.Objects = slices.Clone(c.objects)
	s.Points = slices.Clone(c.points)
}
