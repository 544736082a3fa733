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
	case reflect.Array:
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
	list, _ := appendLeaves(nil, v, "")
	found := 0
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
			if !slices.ContainsFunc(list, func(l leaf) bool { return l.path == path }) {
				return fmt.Errorf("%v has no integer or bool %q", v.Type(), path)
			}
		}
	}
	return nil
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
