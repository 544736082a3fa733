// Package inspect shows the state of a network function while it runs.
//
// In goes a network function, the pointer that its New returned; out come its [Structure]s, the
// libvig structures that its fields point to, under the names that specs give them. A [Live]
// ties it to its loop: whatever reads or changes state does so in [Live.Do], between two bursts.
// [Live.Scan] goes through a large table in steps of a few microseconds each, so that the loop is never
// kept waiting. What it shows is therefore not the state at one moment: packets are processed between
// two steps, and an entry may have moved on when the next one is read.
//
// Packages metrics, control and reload use it. Only inspect_unsafe.go goes past Go's rules about
// fields that are not exported; it reads and replaces pointers and scalars of their own types.
//
// Start at [NewLive].
package inspect

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"vigor/libvig"
	"vigor/nf"
)

// Structure is a libvig structure of a network function.
type Structure struct {
	Name string // in specs; without a tag, the path of the Go field
	libvig.View
}

// Age is how long ago the entry that expires first was used, at a moment; false if there is none, or
// no times.
func (s Structure) Age(now nf.Time) (age nf.Time, ok bool) {
	at, ok := s.LastUse()
	if !ok {
		return 0, false
	}
	return max(now-at, 0), true
}

// HasTimes reports whether entries of the structure have times, and so can expire.
func (s Structure) HasTimes() bool {
	none, _ := s.Entries(0, 0, 0)
	return none.Time != nil
}

// Field is what a network function keeps in one field: a pointer to a structure, or a scalar.
type Field struct {
	Path string // of Go names: inside.flows, limits[3]
	Name string // as in [Structure]
	// Value can be read and set, whether the field is exported or not.
	Value reflect.Value

	tagged bool
}

// Structure is the structure that the field points to; false if it is a scalar, or nil.
func (f Field) Structure() (Structure, bool) {
	if f.Value.Kind() != reflect.Pointer {
		return Structure{}, false
	}
	view, ok := libvig.Watch(f.Value.Interface())
	return Structure{f.Name, view}, ok
}

// Fields lists the fields of a network function, those of nested structs and arrays included, in the
// order of their declaration. It fails for anything that proofs do not allow a network function to
// keep.
func Fields(function any) ([]Field, error) {
	v := reflect.ValueOf(function)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("inspecting %T: a network function is a pointer to a struct", function)
	}
	var fields []Field
	if err := walk(v.Elem(), "", "", &fields); err != nil {
		return nil, fmt.Errorf("inspecting %T: %w", function, err)
	}
	return fields, nil
}

// walk lists the fields below a value.
func walk(v reflect.Value, path, tag string, fields *[]Field) error {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if isList(v.Type(), field.Type) {
				continue
			}
			name, _, _ := strings.Cut(field.Tag.Get("spec"), ",")
			if err := walk(v.Field(i), strings.TrimPrefix(path+"."+field.Name, "."), name, fields); err != nil {
				return err
			}
		}
		return nil
	case reflect.Array:
		for i := range v.Len() {
			if err := walk(v.Index(i), path+"["+strconv.Itoa(i)+"]", "", fields); err != nil {
				return err
			}
		}
		return nil
	case reflect.Pointer:
		if !isStructure(v.Type()) {
			return fmt.Errorf("field %s has type %v, which is no structure of libvig", path, v.Type())
		}
	default:
		if !v.CanInt() && !v.CanUint() && v.Kind() != reflect.Bool {
			return fmt.Errorf("field %s has type %v, which no network function can keep", path, v.Type())
		}
	}
	*fields = append(*fields, Field{path, cmp.Or(tag, path), Reach(v), tag != ""})
	return nil
}

// isList reports whether a field is a list of a configuration, which never changes.
func isList(of, field reflect.Type) bool {
	return of.Implements(reflect.TypeFor[interface{ Validate() error }]()) && field.Kind() == reflect.Slice && plain(field.Elem())
}

// plain reports whether values of a type are integers and bools, or structs and arrays of them.
func plain(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if !plain(t.Field(i).Type) {
				return false
			}
		}
		return true
	case reflect.Array:
		return plain(t.Elem())
	}
	return t.Kind() >= reflect.Bool && t.Kind() <= reflect.Uint64
}

// isStructure reports whether a type is a pointer to a structure of libvig.
func isStructure(t reflect.Type) bool {
	_, ok := libvig.Watch(reflect.New(t.Elem()).Interface())
	return ok && t.Elem().PkgPath() == reflect.TypeFor[libvig.Chain]().PkgPath()
}

// sorted lists what a watcher sees of fields, by name: the structures, those left nil left out, and the
// scalars with a tag.
func sorted(fields []Field) (structures []Structure, scalars []Field) {
	for _, f := range fields {
		if s, ok := f.Structure(); ok {
			structures = append(structures, s)
		} else if f.tagged && f.Value.Kind() != reflect.Pointer {
			scalars = append(scalars, f)
		}
	}
	slices.SortFunc(structures, func(a, b Structure) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(scalars, func(a, b Field) int { return cmp.Compare(a.Name, b.Name) })
	return structures, scalars
}
