package load

import (
	"go/types"
	"strconv"

	"golang.org/x/tools/go/ssa"

	"vigor/internal/diag"
)

// maxElement is the largest element of a list in the configuration in bytes.
const maxElement = 256

// config checks that every field of the configuration can be symbolic, and finds the lists among them.
func (w *walker) config(t *types.Named) {
	for i, s := 0, t.Underlying().(*types.Struct); i < s.NumFields(); i++ {
		field := s.Field(i)
		list, ok := field.Type().Underlying().(*types.Slice)
		if ok {
			w.listOf(field, list)
			continue
		}
		m := notWords(field.Type())
		if m == nil || m.blank {
			continue
		}
		name := strconv.Quote(field.Name() + m.path)
		cure := "use integers, bools, addresses, arrays and structs of them, and lists of those"
		if _, slice := m.typ.Underlying().(*types.Slice); slice {
			cure = "make it a field []T of Config itself, or an array of fixed length"
		}
		w.l.reportf(diag.NotConfig, field.Pos(), cure, "configuration field %s has type %s", name,
			w.l.show(m.typ))
	}
}

// listOf checks a list: its elements are words.
func (w *walker) listOf(field *types.Var, list *types.Slice) {
	if m := notWords(list.Elem()); m != nil {
		what := m.text(w.l.show)
		w.l.reportf(diag.NotConfig, field.Pos(), "use elements of integers, bools, addresses, arrays and structs of them",
			"an element of the list %q cannot be symbolic: %s", field.Name(), what)
		return
	}
	if size := w.nf.Sizes.Sizeof(list.Elem()); size > maxElement {
		w.l.reportf(diag.StoredTooLarge, field.Pos(), "make elements smaller, or several lists",
			"an element of the list %q has %d bytes, at most %d are supported", field.Name(), size, maxElement)
		return
	}
	w.nf.Lists = append(w.nf.Lists, List{Name: field.Name(), Elem: list.Elem()})
}

// List is a field of the configuration that is a list.
type List struct {
	Name string // of the Go field
	Elem types.Type
}

// isList reports whether t is the type of a list of the configuration. Slices of bytes are packets, too.
func (n *NF) isList(t types.Type) bool {
	slice, ok := t.Underlying().(*types.Slice)
	if !ok || types.Identical(slice.Elem(), types.Typ[types.Uint8]) {
		return false
	}
	for _, l := range n.Lists {
		if types.Identical(l.Elem, slice.Elem()) {
			return true
		}
	}
	return false
}

// elementMethods are the functions of package nf that validate lists, each with the method that it calls
// for every element; without one it calls its second argument. The executor takes them as what they
// mean; their bodies, which have loops over any number of elements, are not run.
var elementMethods = map[string]string{"ValidateAll": "Validate", "ValidateAllIn": "ValidateIn", "ValidateEach": ""}

// ValidatesList reports whether fn is one of nf's functions that validate lists, and which method of the
// elements it calls; "" if it is given a function.
func ValidatesList(fn *ssa.Function) (method string, ok bool) {
	origin := fn.Origin()
	if origin == nil || origin.Pkg == nil || origin.Pkg.Pkg.Path() != RuntimePath || fn.Signature.Recv() != nil {
		return "", false
	}
	method, ok = elementMethods[origin.Name()]
	return method, ok
}

// validatesList is ValidatesList without the method.
func validatesList(fn *ssa.Function) bool {
	_, ok := ValidatesList(fn)
	return ok
}
