package inspect

import (
	"reflect"
	"unsafe"
)

// Reach is the same variable without the mark that it belongs to a field that is not exported. The
// value must be addressable, as what is reached through a pointer or a slice.
func Reach(v reflect.Value) reflect.Value {
	return reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
}

// memory is the memory of a slice's elements. Those of structures have no padding, which proofs check,
// so that equal memory means equal elements.
func memory(slice reflect.Value) []byte {
	if slice.Len() == 0 {
		return nil
	}
	size := slice.Len() * int(slice.Type().Elem().Size())
	return unsafe.Slice((*byte)(slice.UnsafePointer()), size)
}
