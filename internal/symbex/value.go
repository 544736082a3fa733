package symbex

import (
	"fmt"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"vigor/internal/smt"
	"vigor/internal/symbex/summary"
)

// Value is the symbolic value of a Go expression. Values are immutable: an update builds a new one.
type Value interface{ isValue() }

type (
	// Scalar is an integer of its Go width, or a bool (width 0).
	Scalar struct{ Term *smt.Term }

	// Aggregate is a struct (one value per field), an array of known length, or a tuple of results.
	Aggregate []Value

	// Bytes is the content of a byte array of symbolic content: the frame.
	Bytes struct{ Array smt.Array }

	// Structure is the content of a libvig object: its abstract state.
	Structure struct{ State *summary.State }

	// Pointer is the address of a place in an object. The zero Pointer is nil.
	Pointer struct {
		Object *Object
		Path   []step
	}

	// Slice is a window of an array. Offset, Len and Cap are 64-bit terms; Nil is true for the nil
	// slice, whose Len and Cap are 0.
	Slice struct {
		Base             Pointer // the array's first element lies at offset 0
		Offset, Len, Cap *smt.Term
		Nil              *smt.Term
	}

	// Interface is an interface value of known dynamic type; a nil Type is the nil interface.
	Interface struct {
		Type  types.Type
		Value Value
	}

	// Func is a function value with its captured variables.
	Func struct {
		Fn       *ssa.Function
		Bindings []Value
	}

	// String is a constant string; its only uses are messages.
	String struct{ Text string }

	// Elements is the content of a list of the configuration.
	Elements struct{ List *List }

	// Opaque is a value without content but with an identity: an error made by errors.New.
	Opaque struct{ ID int }
)

func (Scalar) isValue()    {}
func (Aggregate) isValue() {}
func (Bytes) isValue()     {}
func (Structure) isValue() {}
func (Pointer) isValue()   {}
func (Slice) isValue()     {}
func (Interface) isValue() {}
func (Func) isValue()      {}
func (String) isValue()    {}
func (Opaque) isValue()    {}
func (Elements) isValue()  {}

// Object is one variable in memory: a global, a local whose address is taken, or what New allocated.
// Its identity is its address; its content is kept by the machine.
type Object struct {
	Name string
	Type types.Type
}

// step leads from a composite to a part of it: a field by number, or an element by a 64-bit index.
type step struct {
	field int
	index *smt.Term // nil: field
}

// at returns the pointer one step further.
func (p Pointer) at(s step) Pointer {
	path := make([]step, len(p.Path)+1)
	copy(path, p.Path)
	path[len(p.Path)] = s
	return Pointer{p.Object, path}
}

// width returns the bit width of a Go integer type, and whether it is signed; bool has width 0.
func width(t types.Type) (bits int, signed, ok bool) {
	basic, isBasic := t.Underlying().(*types.Basic)
	if !isBasic {
		return 0, false, false
	}
	switch basic.Kind() {
	case types.Bool, types.UntypedBool:
		return 0, false, true
	case types.Int8:
		return 8, true, true
	case types.Int16:
		return 16, true, true
	case types.Int32, types.UntypedRune:
		return 32, true, true
	case types.Int, types.Int64, types.UntypedInt:
		return 64, true, true
	case types.Uint8:
		return 8, false, true
	case types.Uint16:
		return 16, false, true
	case types.Uint32:
		return 32, false, true
	case types.Uint, types.Uint64, types.Uintptr:
		return 64, false, true
	}
	return 0, false, false
}

// zero returns the zero value of a Go type.
func zero(b *smt.Builder, t types.Type) Value {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if u.Info()&types.IsString != 0 {
			return String{}
		}
		if w, _, ok := width(t); ok {
			return Scalar{zeroTerm(b, w)}
		}
	case *types.Struct:
		fields := make(Aggregate, u.NumFields())
		for i := range fields {
			fields[i] = zero(b, u.Field(i).Type())
		}
		return fields
	case *types.Array:
		elems := make(Aggregate, u.Len())
		for i := range elems {
			elems[i] = zero(b, u.Elem())
		}
		return elems
	case *types.Pointer:
		return Pointer{}
	case *types.Slice:
		return nilSlice(b)
	case *types.Interface:
		return Interface{}
	case *types.Signature:
		return Func{}
	}
	panic(unsupported("a variable of type %s", t))
}

func zeroTerm(b *smt.Builder, w int) *smt.Term {
	if w == 0 {
		return b.False()
	}
	return b.Word(0, w)
}

func nilSlice(b *smt.Builder) Slice {
	none := b.Word(0, 64)
	return Slice{Offset: none, Len: none, Cap: none, Nil: b.True()}
}

// leaves appends the scalars of v in declaration order: the form that contracts speak about.
func leaves(v Value, out []*smt.Term) []*smt.Term {
	switch v := v.(type) {
	case Scalar:
		return append(out, v.Term)
	case Aggregate:
		for _, part := range v {
			out = leaves(part, out)
		}
		return out
	}
	panic(unsupported("a %s inside a key or value", describe(v)))
}

// compose builds the value of Go type t from its leaves and returns those left over.
func compose(t types.Type, from []*smt.Term) (Value, []*smt.Term) {
	switch u := t.Underlying().(type) {
	case *types.Struct:
		fields := make(Aggregate, u.NumFields())
		for i := range fields {
			fields[i], from = compose(u.Field(i).Type(), from)
		}
		return fields, from
	case *types.Array:
		elems := make(Aggregate, u.Len())
		for i := range elems {
			elems[i], from = compose(u.Elem(), from)
		}
		return elems, from
	}
	if _, _, ok := width(t); !ok {
		panic(unsupported("a %s inside a key or value", t))
	}
	return Scalar{from[0]}, from[1:]
}

// symbolic returns a value of Go type t whose leaves are made by leaf, called in declaration order.
func symbolic(t types.Type, name string, leaf func(name string, t types.Type, width int) *smt.Term) Value {
	switch u := t.Underlying().(type) {
	case *types.Struct:
		fields := make(Aggregate, u.NumFields())
		for i := range fields {
			fields[i] = symbolic(u.Field(i).Type(), name+"."+u.Field(i).Name(), leaf)
		}
		return fields
	case *types.Array:
		elems := make(Aggregate, u.Len())
		for i := range elems {
			elems[i] = symbolic(u.Elem(), fmt.Sprintf("%s[%d]", name, i), leaf)
		}
		return elems
	}
	w, _, ok := width(t)
	if !ok {
		panic(unsupported("%s of type %s, which has no symbolic form", name, t))
	}
	return Scalar{leaf(name, t, w)}
}

// describe names the kind of a value for messages.
func describe(v Value) string {
	switch v.(type) {
	case Scalar:
		return "number"
	case Aggregate:
		return "struct or array"
	case Bytes, Slice, Elements:
		return "slice"
	case Structure, Pointer:
		return "pointer"
	case Interface:
		return "interface value"
	case Func:
		return "function value"
	case String:
		return "string"
	}
	return "value"
}
