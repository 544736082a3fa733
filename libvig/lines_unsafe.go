package libvig

import "unsafe"

// array tells where the elements of a slice lie, whatever their type. What is computed from it are
// numbers, which are given to the processor as hints and never turned into pointers.
type array struct {
	start uintptr
	size  uintptr // of an element, in bytes
}

// arrayOf describes a slice, which the caller keeps alive.
func arrayOf[T any](s []T) array {
	var t T
	return array{uintptr(unsafe.Pointer(unsafe.SliceData(s))), unsafe.Sizeof(t)}
}

// at is the address of element i.
func (a array) at(i int32) uintptr { return a.start + uintptr(uint32(i))*a.size }

// addressOf is the address of element i of a slice.
func addressOf[T any](s []T, i uint32) uintptr {
	var t T
	return uintptr(unsafe.Pointer(unsafe.SliceData(s))) + uintptr(i)*unsafe.Sizeof(t)
}
