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

// prefetch asks the processor for the cache lines where elements begin. It neither waits for them nor faults,
// whatever the indices are.
func (a array) prefetch(index []int32) {
	if len(index) > 0 {
		prefetch(a.start, a.size, &index[0], len(index))
	}
}

// prefetch asks for the cache lines at start + index*size, for n indices.
//
//go:noescape
func prefetch(start, size uintptr, index *int32, n int)
