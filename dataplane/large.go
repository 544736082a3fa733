package dataplane

import "reflect"

// LargeState is the size in bytes from which the state of a network function does not fit into the
// cache next to a core beside everything else: half of a second-level cache of 1 MB. From there on
// following hints (Hints of package libvig) can save more time than it takes; see [Warmed].
const LargeState = 512 << 10

// IsLarge reports whether a network function keeps at least [LargeState] bytes: the elements of all
// slices that it leads to. It is asked once, before the first packet.
func IsLarge(function any) bool {
	return stateSize(reflect.ValueOf(function), map[uintptr]bool{}) >= LargeState
}

// stateSize adds up the elements of the slices that a value leads to through pointers and structs.
func stateSize(v reflect.Value, seen map[uintptr]bool) uintptr {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || seen[v.Pointer()] {
			return 0
		}
		seen[v.Pointer()] = true
		return stateSize(v.Elem(), seen)
	case reflect.Struct:
		size := uintptr(0)
		for i := range v.NumField() {
			size += stateSize(v.Field(i), seen)
		}
		return size
	case reflect.Slice:
		if v.Len() == 0 || seen[v.Pointer()] {
			return 0
		}
		seen[v.Pointer()] = true
		return uintptr(v.Len()) * v.Type().Elem().Size()
	}
	return 0
}
