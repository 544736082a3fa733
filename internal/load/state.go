package load

import (
	"cmp"
	"go/types"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"vigor/internal/diag"
	"vigor/internal/source"
)

// StateField is one field of the NF's struct, or of a struct nested in it by value.
type StateField struct {
	Name    string   // in specs; "" without a tag
	Aliases []string // further names in specs
	Field   []int    // indices from the NF's struct down to the field
	GoName  string   // the same path by name: "flows", "inside.flows"
	// Kind is the name of the libvig type, such as Table, and Cell for integers and bools.
	Kind string
	// Params are the type arguments of a libvig type, nothing else.
	Params []types.Type
	Type   types.Type // of the field
	Span   source.Span
}

// Cell is the Kind of integer and boolean fields, and of arrays of them.
const Cell = "Cell"

// state finds what the NF keeps, and checks it and the configuration.
func (l *loader) state(n *NF) {
	w := walker{l: l, nf: n, names: make(map[string]string)}
	w.structure(n.NFType.Underlying().(*types.Struct), StateField{})
	w.records()
	w.config(n.ConfigType)
}

// walker visits the fields of the NF's struct.
type walker struct {
	l     *loader
	nf    *NF
	names map[string]string // spec name to Go name
}

// structure visits the fields of one struct; above is the field that holds it.
func (w *walker) structure(s *types.Struct, above StateField) {
	for i := range s.NumFields() {
		v := s.Field(i)
		f := StateField{
			Field: append(slices.Clip(above.Field), i), GoName: v.Name(),
			Type: types.Unalias(v.Type()), Span: w.nf.Span(v.Pos()),
		}
		if above.GoName != "" {
			f.GoName = above.GoName + "." + v.Name()
		}
		tagged := w.tag(&f, v, s.Tag(i))
		w.field(f, v, tagged)
	}
}

// field sorts one field into objects, cells and nested structs.
func (w *walker) field(f StateField, v *types.Var, tagged bool) {
	switch t := f.Type.Underlying().(type) {
	case *types.Pointer:
		if library := libraryType(t.Elem()); library != nil {
			f.Kind = library.Obj().Name()
			f.Params = slices.Collect(library.TypeArgs().Types())
			w.nf.Objects = append(w.nf.Objects, f)
			w.addState(f, tagged)
			w.stored(f, v)
			return
		}
	case *types.Basic:
		if isWord(t) {
			f.Kind = Cell
			w.nf.Cells = append(w.nf.Cells, f)
			w.addState(f, tagged)
			return
		}
	case *types.Struct:
		if tagged {
			w.l.reportf(diag.MalformedTag, v.Pos(), "tag the fields inside it",
				"field %s is a struct: a spec tag belongs to a libvig structure, an integer or a bool", f.GoName)
			return
		}
		if library := libraryType(f.Type); library != nil {
			w.l.reportf(diag.NotState, v.Pos(), "write *libvig."+library.Obj().Name(),
				"field %s holds a libvig structure by value", f.GoName)
			return
		}
		if !types.Identical(f.Type, w.nf.ConfigType) {
			w.structure(t, f)
		}
		return
	case *types.Array:
		if notWords(f.Type) == nil && !tagged {
			f.Kind = Cell
			w.nf.Cells = append(w.nf.Cells, f)
			return
		}
	}
	w.l.reportf(diag.NotState, v.Pos(), "keep the data in a libvig structure, an integer or a bool",
		"field %s has type %s, which cannot be kept between packets", f.GoName, w.l.show(f.Type))
}

func (w *walker) addState(f StateField, tagged bool) {
	if tagged {
		w.nf.State = append(w.nf.State, f)
	}
}

// specName is a name of the specification language, which is a Python identifier.
var specName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// tag reads the spec tag of a field into f and reports whether there is a good one.
func (w *walker) tag(f *StateField, v *types.Var, tag string) bool {
	text, ok := reflect.StructTag(tag).Lookup("spec")
	if !ok {
		if strings.Contains(tag, "spec") {
			w.l.reportf(diag.MalformedTag, v.Pos(), "write `spec:\"name\"`",
				"the tag %q of field %s cannot be read", tag, f.GoName)
		}
		return false
	}
	names := strings.Split(text, ",")
	for _, name := range names {
		if !specName.MatchString(name) {
			w.l.reportf(diag.MalformedTag, v.Pos(), "write `spec:\"name\"` or `spec:\"name,other\"`",
				"%q in the tag of field %s is not a name", name, f.GoName)
			return false
		}
		if other, taken := w.names[name]; taken {
			w.l.reportf(diag.DuplicateName, v.Pos(), "rename one of them",
				"field %s has the name %s in specs, and so has %s", f.GoName, name, other)
			return false
		}
		w.names[name] = f.GoName
	}
	f.Name, f.Aliases = names[0], names[1:]
	return true
}

// libraryType returns t as a type of libvig, or nil.
func libraryType(t types.Type) *types.Named {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil || named.Obj().Pkg().Path() != LibraryPath {
		return nil
	}
	if _, isStruct := named.Underlying().(*types.Struct); !isStruct {
		return nil
	}
	return named
}

// records collects the struct types among stored values, by name.
func (w *walker) records() {
	seen := make(map[*types.Named]bool)
	var visit func(t types.Type)
	visit = func(t types.Type) {
		t = types.Unalias(t)
		named, _ := t.(*types.Named)
		switch u := t.Underlying().(type) {
		case *types.Array:
			visit(u.Elem())
		case *types.Struct:
			if named != nil {
				if seen[named] {
					return
				}
				seen[named] = true
				w.nf.Records = append(w.nf.Records, named)
			}
			for i := range u.NumFields() {
				visit(u.Field(i).Type())
			}
		}
	}
	for _, f := range w.nf.Objects {
		for _, t := range f.Params {
			visit(t)
		}
	}
	slices.SortFunc(w.nf.Records, func(a, b *types.Named) int {
		return cmp.Or(cmp.Compare(a.Obj().Name(), b.Obj().Name()),
			cmp.Compare(a.Obj().Pkg().Path(), b.Obj().Pkg().Path()))
	})
	for i, r := range w.nf.Records {
		if i > 0 && r.Obj().Name() == w.nf.Records[i-1].Obj().Name() {
			w.l.reportf(diag.DuplicateName, r.Obj().Pos(), "rename one of them",
				"two types of stored values have the name %s", r.Obj().Name())
		}
	}
}
