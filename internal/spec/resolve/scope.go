package resolve

import (
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
	Type  *Type
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

// Lookup finds a name that is no local.
func (s *Scope) Lookup(name string) (Symbol, bool) {
	sym, ok := s.names[name]
	return sym, ok
}
