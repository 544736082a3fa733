package prove

import (
	"fmt"
	"go/types"
	"strings"
)

// A struct of integers and bools that is handed on whole is a value of a sort of its own. Its fields are
// functions of that value: equal values have equal fields, and nothing else is known of them but the
// ranges of their types.

// findParts finds the structs of the package without abstract state and with nothing but such fields.
func (w *world) findParts() {
	w.parts = map[string][]field{}
	for _, t := range w.types {
		if t.contract != nil || t.named == nil || t.named.TypeParams().Len() > 0 || len(t.fields) == 0 {
			continue
		}
		plain := true
		for _, f := range t.fields {
			b, ok := f.typ.Underlying().(*types.Basic)
			plain = plain && ok && f.name != "_" && b.Info()&(types.IsInteger|types.IsBoolean) != 0
		}
		if plain {
			w.parts[sortSymbol(t.name)] = t.fields
		}
	}
}

// part is a field of a struct's value; ok is false if the value is none of such a struct.
func (w *world) part(value term, name string) (t term, ok bool) {
	for _, f := range w.parts[value.sort] {
		if f.name == name {
			return apply(partSort(f), value.sort+"."+name, value), true
		}
	}
	return term{}, false
}

func partSort(f field) string {
	if _, _, integer := bounds(f.typ); integer {
		return "Int"
	}
	return "Bool"
}

// partsText declares the fields of a sort.
func (w *world) partsText(sort string) string {
	var b strings.Builder
	for _, f := range w.parts[sort] {
		fmt.Fprintf(&b, "(declare-fun %s.%s (%s) %s)\n", sort, f.name, sort, partSort(f))
		t, _ := w.part(term{boundName("x"), sort}, f.name)
		if r := within(t, f.typ); r.text != "true" {
			fmt.Fprintf(&b, "(assert (forall ((x!q %s)) (! %s :pattern (%s))))\n", sort, r.text, t.text)
		}
	}
	return b.String()
}
