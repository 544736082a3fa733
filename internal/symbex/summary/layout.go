package summary

import (
	"fmt"
	"go/types"

	"vigor/internal/contract"
	"vigor/internal/smt"
)

// Value is a Go value as terms, one per leaf in the order of declaration.
type Value = []*smt.Term

// Leaf is one scalar part of a type.
type Leaf struct {
	Name   string // path of fields and indices, such as Src or MAC[3]; empty if the type is a scalar
	Width  int    // in bits; 0 for a bool
	Signed bool
}

// Layout is the leaves of a type.
type Layout []Leaf

// maxLeaves bounds a type that is stored whole.
const maxLeaves = 256

// LayoutOf flattens a type made of integers, bools, structs and arrays.
func LayoutOf(t types.Type) (Layout, error) {
	var l Layout
	if err := l.add("", t); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *Layout) add(name string, t types.Type) error {
	if len(*l) > maxLeaves {
		return fmt.Errorf("it has more than %d parts", maxLeaves)
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		leaf, ok := basicLeaf(u)
		if !ok {
			return fmt.Errorf("%s is neither integer nor bool", t)
		}
		leaf.Name = name
		*l = append(*l, leaf)
		return nil
	case *types.Struct:
		for i := range u.NumFields() {
			f := u.Field(i)
			if f.Name() == "_" {
				return fmt.Errorf("it has a field without a name")
			}
			if err := l.add(joined(name, f.Name()), f.Type()); err != nil {
				return err
			}
		}
		return nil
	case *types.Array:
		if u.Len() > maxLeaves {
			return fmt.Errorf("it has more than %d parts", maxLeaves)
		}
		for i := range u.Len() {
			if err := l.add(fmt.Sprintf("%s[%d]", name, i), u.Elem()); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("%s is not made of integers, bools, structs and arrays", t)
}

func basicLeaf(b *types.Basic) (Leaf, bool) {
	unsigned := b.Info()&types.IsUnsigned != 0
	switch b.Kind() {
	case types.Bool:
		return Leaf{}, true
	case types.Int8, types.Uint8:
		return Leaf{Width: 8, Signed: !unsigned}, true
	case types.Int16, types.Uint16:
		return Leaf{Width: 16, Signed: !unsigned}, true
	case types.Int32, types.Uint32:
		return Leaf{Width: 32, Signed: !unsigned}, true
	case types.Int, types.Uint, types.Int64, types.Uint64, types.Uintptr:
		return Leaf{Width: 64, Signed: !unsigned}, true
	}
	return Leaf{}, false
}

// indexWidth is the width of an index of sort int.
const indexWidth = 64

// layout gives the leaves of a contract's sort.
func (o *Object) layout(s contract.Sort) Layout {
	switch s.Kind {
	case contract.Bool:
		return Layout{{}}
	case contract.Int:
		return Layout{{Width: s.Bits, Signed: s.Signed}}
	case contract.Param:
		return o.Params[s.Name]
	}
	return mustLayout(s.Go)
}

// elementLayout gives the leaves of the elements of a slice, in terms of the object's type parameters.
func (o *Object) elementLayout(t types.Type) Layout {
	if param, ok := types.Unalias(t).(*types.TypeParam); ok {
		return o.Params[param.Obj().Name()]
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return mustLayout(t)
	}
	var out Layout
	for f := range st.Fields() {
		out = append(out, o.elementLayout(f.Type())...)
	}
	return out
}

// shape writes the leaves of the type parameters: on another path the same name may go to an object of
// another shape, and functions of one name have one signature.
func (o *Object) shape() string {
	s := ""
	for _, p := range o.Type.TypeParams {
		s += "["
		for _, l := range o.Params[p] {
			s += fmt.Sprintf(" %d", l.Width)
		}
		s += " ]"
	}
	return s
}

// mustLayout is LayoutOf a type whose values an operation was given as leaves.
func mustLayout(t types.Type) Layout {
	l, err := LayoutOf(t)
	if err != nil {
		panic("summary: a value of " + t.String() + ": " + err.Error())
	}
	return l
}

// equalLeaves is the equality of two values with the same leaves.
func equalLeaves(b *smt.Builder, x, y Value) *smt.Term {
	parts := make([]*smt.Term, len(x))
	for i := range x {
		parts[i] = b.Eq(x[i], y[i])
	}
	return b.And(parts...)
}

func iteLeaves(b *smt.Builder, c *smt.Term, x, y Value) Value {
	out := make(Value, len(x))
	for i := range x {
		out[i] = b.Ite(c, x[i], y[i])
	}
	return out
}

// ids identifies a value by its terms.
func ids(v Value) string {
	s := ""
	for _, t := range v {
		s += fmt.Sprintf("%d,", t.ID())
	}
	return s
}
