package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"unsafe"
)

// leaf is an integer or bool inside a value, with its path there.
type leaf struct {
	path  string
	value reflect.Value
}

// leaves lists the integers and bools of an addressable value in their order; nil if it holds
// anything else.
func leaves(v reflect.Value) []leaf {
	list, ok := appendLeaves(nil, v, "")
	if !ok {
		return nil
	}
	return list
}

// appendLeaves adds the leaves of v, and says whether v holds nothing else.
func appendLeaves(list []leaf, v reflect.Value, path string) ([]leaf, bool) {
	complete := true
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Field(i)
			f = reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
			name := v.Type().Field(i).Name
			if path != "" {
				name = path + "." + name
			}
			var all bool
			list, all = appendLeaves(list, f, name)
			complete = complete && all
		}
	case reflect.Array, reflect.Slice:
		for i := range v.Len() {
			var all bool
			list, all = appendLeaves(list, v.Index(i), path+"["+strconv.Itoa(i)+"]")
			complete = complete && all
		}
	default:
		if !v.CanInt() && !v.CanUint() && v.Kind() != reflect.Bool {
			return list, false
		}
		list = append(list, leaf{path, v})
	}
	return list, complete
}

// setLeaves sets the leaves of an addressable value that are named, and leaves the others alone.
func setLeaves(v reflect.Value, to Value) error {
	found, err := setLengths(v, to)
	if err != nil {
		return err
	}
	list, _ := appendLeaves(nil, v, "")
	for _, l := range list {
		n, ok := to[l.path]
		if !ok {
			continue
		}
		found++
		if err := setLeaf(l.value, string(n)); err != nil {
			return fmt.Errorf("%q: %w", l.path, err)
		}
	}
	if found < len(to) {
		for _, path := range slices.Sorted(maps.Keys(to)) {
			if !slices.ContainsFunc(list, func(l leaf) bool { return l.path == path }) && !isLength(v, path) {
				return fmt.Errorf("%v has no integer or bool %q", v.Type(), path)
			}
		}
	}
	return nil
}

// setLengths makes the lists of a struct as long as is said, and returns how many there are.
func setLengths(v reflect.Value, to Value) (int, error) {
	found := 0
	if v.Kind() != reflect.Struct {
		return 0, nil
	}
	for i := range v.NumField() {
		f, name := v.Field(i), "len("+v.Type().Field(i).Name+")"
		n, ok := to[name]
		if f.Kind() != reflect.Slice || !ok {
			continue
		}
		length, err := strconv.ParseUint(string(n), 10, 16)
		if err != nil { // nf.MaxList has 16 bits
			return 0, fmt.Errorf("%s is %s, which is no length of a list", name, n)
		}
		f = reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
		f.Set(reflect.MakeSlice(f.Type(), int(length), int(length)))
		found++
	}
	return found, nil
}

// isLength reports whether a path is that of the length of a list of a struct.
func isLength(v reflect.Value, path string) bool {
	if v.Kind() != reflect.Struct {
		return false
	}
	for i := range v.NumField() {
		if v.Field(i).Kind() == reflect.Slice && path == "len("+v.Type().Field(i).Name+")" {
			return true
		}
	}
	return false
}

// setLeaf sets one integer or bool to a decimal number.
func setLeaf(v reflect.Value, text string) error {
	switch {
	case v.CanInt():
		n, err := strconv.ParseInt(text, 10, v.Type().Bits())
		if err != nil {
			return fmt.Errorf("%s is not a value of %v", text, v.Type())
		}
		v.SetInt(n)
	case v.CanUint():
		n, err := strconv.ParseUint(text, 10, v.Type().Bits())
		if err != nil {
			return fmt.Errorf("%s is not a value of %v", text, v.Type())
		}
		v.SetUint(n)
	case text == "0" || text == "1":
		v.SetBool(text == "1")
	default:
		return fmt.Errorf("%s is not a value of %v", text, v.Type())
	}
	return nil
}

// getLeaves returns the leaves of an addressable value.
func getLeaves(v reflect.Value) Value {
	value := Value{}
	for _, l := range leaves(v) {
		switch {
		case l.value.CanInt():
			value[l.path] = json.Number(strconv.FormatInt(l.value.Int(), 10))
		case l.value.CanUint():
			value[l.path] = json.Number(strconv.FormatUint(l.value.Uint(), 10))
		case l.value.Bool():
			value[l.path] = "1"
		default:
			value[l.path] = "0"
		}
	}
	return value
}
