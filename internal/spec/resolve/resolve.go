// Package resolve gives the names of a spec their meaning and checks its types, widths and flow.
//
// In: a tree of package syntax and a [Schema], what the NF offers (state objects, records,
// configuration). Out: one [Spec] per full spec or property of the file, and diagnostics 1503 to 1536.
// Package lower runs a Spec; it relies on these guarantees: every name has a meaning, every operator
// gets operands it is defined for, every local is assigned before it is used, every path of a full
// spec ends in an outcome, functions do not call themselves, loops have a constant length.
// What depends on packet or state (is the key there, does the value fit) is left to lower.
//
// Start at [Resolve]; scope.go has names and imports, flow.go statements, expression.go and call.go
// expressions, headers.go the packet's fields.
package resolve

import (
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
