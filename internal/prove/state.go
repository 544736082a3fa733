package prove

import (
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"math/big"
	"strings"

	"vigor/internal/contract"
)

// term is an SMT-LIB term with its sort.
type term struct{ text, sort string }

// apply writes (op args…) of a sort.
func apply(sort, op string, args ...term) term {
	var b strings.Builder
	b.WriteString("(" + op)
	for _, a := range args {
		b.WriteString(" " + a.text)
	}
	return term{b.String() + ")", sort}
}

func boolean(op string, args ...term) term { return apply("Bool", op, args...) }

// integer writes a number; SMT-LIB has no negative literals.
func integer(n *big.Int) term {
	if n.Sign() < 0 {
		return term{"(- " + new(big.Int).Neg(n).String() + ")", "Int"}
	}
	return term{n.String(), "Int"}
}

func small(n int64) term { return integer(big.NewInt(n)) }

// pick reads an array.
func pick(array, index term) term {
	_, value := arraySorts(array.sort)
	return apply(value, "select", array, index)
}

// put changes an array at one index.
func put(array, index, value term) term { return apply(array.sort, "store", array, index, value) }

// arraySorts are the index and the value sort of an array sort.
func arraySorts(sort string) (index, value string) {
	inner := strings.TrimSuffix(strings.TrimPrefix(sort, "(Array "), ")")
	index, value, _ = strings.Cut(inner, " ")
	return index, value
}

// fact is a declaration or an assertion, with those before it.
type fact struct {
	text string
	prev *fact
}

// lines returns the facts in their order.
func (f *fact) lines() []string {
	var list []string
	for ; f != nil; f = f.prev {
		list = append(list, f.text)
	}
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	return list
}

// variable is a Go variable, or a ghost of a function.
type variable struct {
	object types.Object // nil for a ghost
	term   term
}

// state is what is known at a point of a path.
type state struct {
	vars   map[string]variable
	leaves map[string]term // of the receiver, by path
	facts  *fact
	path   []string // the conditions, as in the source
}

func (s *state) clone() *state {
	return &state{maps.Clone(s.vars), maps.Clone(s.leaves), s.facts, append([]string(nil), s.path...)}
}

// note adds a line.
func (s *state) note(text string) { s.facts = &fact{text, s.facts} }

// assume adds an assertion.
func (s *state) assume(t term) {
	if t.text != "true" {
		s.note("(assert " + t.text + ")")
	}
}

// ascii maps what no symbol of SMT-LIB may have; the number that follows tells the names apart.
func ascii(c rune) rune {
	switch {
	case c == ' ':
		return -1
	case c == '#':
		return '.'
	case c >= 0x80:
		return '_'
	}
	return c
}

// fresh declares a constant.
func (r *run) fresh(s *state, name, sort string) term {
	r.counter++
	t := term{fmt.Sprintf("%s!%d", strings.Map(ascii, name), r.counter), sort}
	s.note("(declare-fun " + t.text + " () " + sort + ")")
	return t
}

// bounds are the least and greatest value of a Go integer type; ok is false for another type.
func bounds(t types.Type) (low, high *big.Int, ok bool) {
	b, isBasic := t.Underlying().(*types.Basic)
	if !isBasic || b.Info()&types.IsInteger == 0 {
		return nil, nil, false
	}
	bits := map[types.BasicKind]uint{
		types.Int8: 8, types.Int16: 16, types.Int32: 32, types.Int64: 64, types.Int: 64,
		types.Uint8: 8, types.Uint16: 16, types.Uint32: 32, types.Uint64: 64, types.Uint: 64, types.Uintptr: 64,
	}[b.Kind()]
	if bits == 0 {
		return nil, nil, false
	}
	one := big.NewInt(1)
	if b.Info()&types.IsUnsigned != 0 {
		high = new(big.Int).Lsh(one, bits)
		return new(big.Int), high.Sub(high, one), true
	}
	half := new(big.Int).Lsh(one, bits-1)
	return new(big.Int).Neg(half), new(big.Int).Sub(half, one), true
}

// within says that a term lies in the range of a Go type; true for a type without one.
func within(t term, typ types.Type) term {
	low, high, ok := bounds(typ)
	if !ok {
		return term{"true", "Bool"}
	}
	return between(t, low, high)
}

func between(t term, low, high *big.Int) term {
	return boolean("and", boolean("<=", integer(low), t), boolean("<=", t, integer(high)))
}

// sortOf is the SMT sort of a Go type. Types that the prover does not look into are sorts of their own.
func (w *world) sortOf(t types.Type, pos token.Position) string {
	switch u := types.Unalias(t).(type) {
	case *types.TypeParam:
		return u.Obj().Name()
	case *types.Pointer:
		return w.sortOf(u.Elem(), pos)
	}
	if b, ok := t.Underlying().(*types.Basic); ok {
		switch {
		case b.Info()&types.IsBoolean != 0:
			return "Bool"
		case b.Info()&types.IsInteger != 0:
			return "Int"
		}
	}
	switch t.Underlying().(type) {
	case *types.Struct, *types.Array:
		name := types.TypeString(t, func(p *types.Package) string {
			if p == w.pkg {
				return ""
			}
			return p.Path()
		})
		return sortSymbol(name)
	}
	refuse(pos, "integers, bools, type parameters, and structs and arrays that are handed on whole", "type %s is outside of what can be proved", t)
	return ""
}

// sortSymbol is the sort of a type that is handed on whole. Two types have two sorts, so what is no letter or digit
// is written as a number.
func sortSymbol(name string) string {
	var b strings.Builder
	b.WriteString("S_")
	for _, c := range []byte(name) {
		if '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "_%02x", c)
		}
	}
	return b.String()
}

// leaf is one piece of a structure's state.
type leaf struct {
	name, sort string
	typ        types.Type // of a scalar of Go
}

// leavesOf lists the state of a structure, for its own proofs: its fields, the observers of its
// components, its ghosts, and those of its observers that are ghosts.
func (w *world) leavesOf(t *structure, pos token.Position) []leaf {
	var list []leaf
	for _, f := range t.fields {
		list = append(list, w.fieldLeaves(f, pos)...)
	}
	for _, g := range t.ghosts {
		list = append(list, leaf{g.Name, sortName(g.Type, pos), nil})
	}
	if t.contract != nil {
		for _, g := range t.contract.Ghosts {
			if t.represent[g.Name] == nil {
				list = append(list, leaf{g.Name, ghostSort(g), nil})
			}
		}
	}
	return list
}

// fieldLeaves lists the state of one field.
func (w *world) fieldLeaves(f field, pos token.Position) []leaf {
	if c := w.component(f.typ); c != nil {
		var list []leaf
		for _, g := range c.contract.Ghosts {
			list = append(list, leaf{f.name + "." + g.Name, ghostSort(g), nil})
		}
		return list
	}
	slice, ok := f.typ.Underlying().(*types.Slice)
	if !ok {
		w.notPointer(f.typ, pos)
		return []leaf{{f.name, w.sortOf(f.typ, pos), f.typ}}
	}
	w.notPointer(slice.Elem(), pos)
	list := []leaf{{f.name + "#len", "Int", nil}}
	if st, ok := slice.Elem().Underlying().(*types.Struct); ok && w.types[elemName(slice.Elem())] != nil {
		for e := range st.Fields() {
			w.notPointer(e.Type(), pos)
			list = append(list, leaf{f.name + "." + e.Name(), "(Array Int " + w.sortOf(e.Type(), pos) + ")", nil})
		}
		return list
	}
	return append(list, leaf{f.name, "(Array Int " + w.sortOf(slice.Elem(), pos) + ")", nil})
}

// notPointer refuses a pointer that is more than a parameter: it may be nil, and proofs do not know what
// else points there.
func (w *world) notPointer(t types.Type, pos token.Position) {
	if _, ok := types.Unalias(t).Underlying().(*types.Pointer); ok {
		refuse(pos, "keep the value; only parameters, and components with observers, are pointers", "a pointer, %s, is kept", t)
	}
}

// sliceOf is a type as a slice.
func sliceOf(t types.Type) (*types.Slice, bool) {
	s, ok := t.Underlying().(*types.Slice)
	return s, ok
}

// structFields are the fields of a struct; none of another type.
func structFields(t types.Type) []field {
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	var list []field
	for f := range st.Fields() {
		list = append(list, field{f.Name(), f.Type()})
	}
	return list
}

func elemName(t types.Type) string {
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}

// component is the structure with observers that a field points to; nil if it does not.
func (w *world) component(t types.Type) *structure {
	if _, ok := types.Unalias(t).(*types.Pointer); !ok {
		return nil
	}
	n := namedOf(t)
	if n == nil || n.Obj().Pkg() != w.pkg {
		return nil
	}
	if s := w.types[n.Obj().Name()]; s != nil && s.contract != nil {
		return s
	}
	return nil
}

// fieldNamed finds a field of a structure.
func (t *structure) field(name string) (field, bool) {
	for _, f := range t.fields {
		if f.name == name {
			return f, true
		}
	}
	return field{}, false
}

// observerRange is what the declared range of an observer says, in a state.
func (e env) observerRange(g *contract.Ghost) (term, bool) {
	low, high := g.Value.Range()
	if low == nil {
		return term{}, false
	}
	value := e.observer(g.Name)
	if g.Index == nil {
		return between(value, low, high), true
	}
	x := term{boundName("x"), contractSort(*g.Index)}
	body := between(pick(value, x), low, high)
	if g.On != nil {
		body = boolean("=>", pick(e.observer(g.On.Name), x), body)
	}
	return term{fmt.Sprintf("(forall ((%s %s)) (! %s :pattern (%s)))", x.text, x.sort, body.text, pick(value, x).text), "Bool"}, true
}
