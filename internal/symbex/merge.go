package symbex

import (
	"go/types"

	"vigor/internal/smt"
)

// choose is a where c holds, else b.
func (m *Machine) choose(c, a, b *smt.Term) *smt.Term { return m.b.Ite(c, a, b) }

// merge is the value a where c holds, else b; ok is false if no single value can stand for both.
func (m *Machine) merge(c *smt.Term, a, b Value) (v Value, ok bool) {
	if c.IsTrue() {
		return a, true
	}
	if c.IsFalse() {
		return b, true
	}
	switch a := a.(type) {
	case Scalar:
		if b, ok := b.(Scalar); ok && a.Term.Width() == b.Term.Width() {
			return Scalar{m.choose(c, a.Term, b.Term)}, true
		}
	case Aggregate:
		if b, ok := b.(Aggregate); ok && len(a) == len(b) {
			return m.mergeParts(c, a, b)
		}
	case Slice:
		if b, ok := b.(Slice); ok {
			return m.mergeSlices(c, a, b)
		}
	case Pointer:
		if b, ok := b.(Pointer); ok && samePlace(a, b) {
			return a, true
		}
	case Interface:
		if b, ok := b.(Interface); ok {
			return m.mergeInterfaces(c, a, b)
		}
	case Func:
		if b, ok := b.(Func); ok && a.Fn == b.Fn && len(a.Bindings) == 0 && len(b.Bindings) == 0 {
			return a, true
		}
	case String:
		return a, a == b
	case Opaque:
		return a, a == b
	}
	return nil, false
}

func (m *Machine) mergeParts(c *smt.Term, a, b Aggregate) (Value, bool) {
	parts := make(Aggregate, len(a))
	for i := range parts {
		part, ok := m.merge(c, a[i], b[i])
		if !ok {
			return nil, false
		}
		parts[i] = part
	}
	return parts, true
}

// mergeSlices merges two windows of one array; a nil slice has length 0, so it merges with any.
func (m *Machine) mergeSlices(c *smt.Term, a, b Slice) (Value, bool) {
	base := a.Base
	switch {
	case a.Nil.IsTrue():
		base = b.Base
		a.Offset = b.Offset // of no meaning in a nil slice
	case b.Nil.IsTrue():
		b.Offset = a.Offset
	case !samePlace(a.Base, b.Base):
		return nil, false
	}
	return Slice{
		Base:   base,
		Offset: m.choose(c, a.Offset, b.Offset),
		Len:    m.choose(c, a.Len, b.Len),
		Cap:    m.choose(c, a.Cap, b.Cap),
		Nil:    m.choose(c, a.Nil, b.Nil),
	}, true
}

func (m *Machine) mergeInterfaces(c *smt.Term, a, b Interface) (Value, bool) {
	if a.Type == nil || b.Type == nil {
		return a, a.Type == nil && b.Type == nil
	}
	if !types.Identical(a.Type, b.Type) {
		return nil, false
	}
	v, ok := m.merge(c, a.Value, b.Value)
	return Interface{a.Type, v}, ok
}

// samePlace reports whether two pointers are syntactically the same address.
func samePlace(a, b Pointer) bool {
	if a.Object != b.Object || len(a.Path) != len(b.Path) {
		return false
	}
	for i, s := range a.Path {
		if s != b.Path[i] {
			return false
		}
	}
	return true
}

// equal is the Go comparison a == b as a term.
func (m *Machine) equal(a, b Value) *smt.Term {
	switch a := a.(type) {
	case Scalar:
		return m.b.Eq(a.Term, b.(Scalar).Term)
	case Aggregate:
		parts := make([]*smt.Term, len(a))
		for i, part := range a {
			parts[i] = m.equal(part, b.(Aggregate)[i])
		}
		return m.b.And(parts...)
	case Slice: // Go compares a slice with nil only
		if b := b.(Slice); b.Nil.IsTrue() {
			return a.Nil
		}
		return b.(Slice).Nil
	case Pointer:
		return m.equalPointers(a, b.(Pointer))
	case Interface:
		return m.equalInterfaces(a, b)
	case Func:
		return m.b.Bool(a.Fn == b.(Func).Fn)
	case String:
		return m.b.Bool(a == b)
	case Opaque:
		return m.b.Bool(a == b)
	}
	panic(unsupported("a comparison of %ss", describe(a)))
}

func (m *Machine) equalPointers(a, b Pointer) *smt.Term {
	if samePlace(a, b) {
		return m.b.True()
	}
	if a.Object != b.Object {
		return m.b.False()
	}
	panic(unsupported("a comparison of two pointers into one object"))
}

func (m *Machine) equalInterfaces(a Interface, other Value) *smt.Term {
	b, ok := other.(Interface)
	if !ok {
		panic(unsupported("a comparison of an interface value with a %s", describe(other)))
	}
	if a.Type == nil || b.Type == nil || !types.Identical(a.Type, b.Type) {
		return m.b.Bool(a.Type == nil && b.Type == nil)
	}
	return m.equal(a.Value, b.Value)
}
