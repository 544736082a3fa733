package load

import (
	"fmt"
	"go/types"

	"vigor/internal/diag"
)

// maxStored is the largest key or value in bytes: one cache line.
const maxStored = 64

// stored checks the key and value types of one libvig field and finds their Valid methods.
func (w *walker) stored(f StateField, v *types.Var) {
	for _, t := range f.Params {
		w.storedType(t, v)
		if named, ok := types.Unalias(t).(*types.Named); ok {
			w.valid(named)
		}
	}
}

// storedType checks that t is fixed-size words without padding.
func (w *walker) storedType(t types.Type, v *types.Var) {
	if bad := notWords(t); bad != nil {
		code, cure := diag.NotStorable, "store fixed-size integers, bools, arrays and structs of them"
		if bad.blank {
			code, cure = diag.BlankField, "give the field a name and keep it zero"
		}
		w.l.reportf(code, v.Pos(), cure, "%s cannot be stored in libvig: %s", w.l.show(t),
			bad.text(w.l.show))
		return
	}
	if size := w.nf.Sizes.Sizeof(t); size > maxStored {
		w.l.reportf(diag.StoredTooLarge, v.Pos(), "store an index into a Vector instead",
			"%s has %d bytes, at most %d can be stored", w.l.show(t), size, maxStored)
	}
	if after, bytes := w.padding(t); bytes > 0 {
		w.l.reportf(diag.Padding, v.Pos(), "order the fields by falling size, or name the hole",
			"%s has %d bytes of padding after %s", w.l.show(t), bytes, after)
	}
}

// valid checks the Valid method of a stored type, if it has one.
func (w *walker) valid(t *types.Named) {
	object, index, _ := types.LookupFieldOrMethod(t, true, t.Obj().Pkg(), "Valid")
	f, ok := object.(*types.Func)
	if !ok || w.nf.Valid[t] != nil {
		return
	}
	if len(index) > 1 {
		w.l.reportf(diag.WrongShape, t.Obj().Pos(), "declare "+validShape+" for the type itself, or name the field",
			"%s has Valid from an embedded field", w.l.show(t))
		return
	}
	_, pointer := f.Signature().Recv().Type().(*types.Pointer)
	if pointer || !hasTypes(f.Signature().Params(), isRuntime("Env")) ||
		!hasTypes(f.Signature().Results(), isBool) {
		w.l.reportf(diag.WrongShape, f.Pos(), "write "+validShape,
			"Valid has the wrong signature %s", w.l.show(f.Signature()))
		return
	}
	w.nf.Valid[t] = w.nf.Prog.FuncValue(f)
}

// misfit says which part of a type is no word.
type misfit struct {
	path  string // ".Next.Addr[]", "" for the type itself
	typ   types.Type
	blank bool
}

// text describes the misfit.
func (m *misfit) text(show func(types.Type) string) string {
	switch {
	case m.blank:
		return "it has a blank field"
	case m.path == "":
		return fmt.Sprintf("%s is no fixed-size integer or bool", show(m.typ))
	}
	return fmt.Sprintf("%s has type %s", m.path[1:], show(m.typ))
}

// notWords returns the first part of t that is not an integer or bool, or nil.
func notWords(t types.Type) *misfit {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if isWord(u) {
			return nil
		}
	case *types.Array:
		m := notWords(u.Elem())
		if m != nil {
			m.path = ".[]" + m.path
		}
		return m
	case *types.Struct:
		for i := range u.NumFields() {
			field := u.Field(i)
			if field.Name() == "_" {
				return &misfit{typ: t, blank: true}
			}
			if m := notWords(field.Type()); m != nil {
				m.path = "." + field.Name() + m.path
				return m
			}
		}
		return nil
	}
	return &misfit{typ: t}
}

// isWord reports whether values of b are fixed-size integers or bools. A uintptr is none: it exists
// for unsafe code.
func isWord(b *types.Basic) bool {
	return b.Info()&(types.IsInteger|types.IsBoolean) != 0 && b.Kind() != types.Uintptr
}

// padding returns the first hole in t: the field before it and its size in bytes, 0 if there is none.
func (w *walker) padding(t types.Type) (after string, bytes int64) {
	switch u := t.Underlying().(type) {
	case *types.Array:
		return w.padding(u.Elem())
	case *types.Struct:
		fields := make([]*types.Var, u.NumFields())
		for i := range fields {
			fields[i] = u.Field(i)
		}
		offsets := w.nf.Sizes.Offsetsof(fields)
		for i, f := range fields {
			if name, n := w.padding(f.Type()); n > 0 {
				return f.Name() + "." + name, n
			}
			end := w.nf.Sizes.Sizeof(t)
			if i+1 < len(fields) {
				end = offsets[i+1]
			}
			if hole := end - offsets[i] - w.nf.Sizes.Sizeof(f.Type()); hole > 0 {
				return f.Name(), hole
			}
		}
	}
	return "", 0
}
