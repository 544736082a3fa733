package inspect

import (
	"reflect"
	"unsafe"
)

// settable is the same variable without the mark that it belongs to a field that is not exported. The
// value must be addressable: it is part of a struct that was reached through a pointer, so that the
// collector sees whatever is stored.
func settable(v reflect.Value) reflect.Value {
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
