package libvig

// Vector is a sequence of n elements.
//
// @ ghost elem map[int]T
// @ ghost n uint31
type Vector[T any] struct {
	elems []T
	// @ represent n = len(elems)
	// @ inv 0 < len(elems) && len(elems) <= 536870912
	// @ inv forall i int {elems[i]} :: 0 <= i && i < len(elems) ==> elems[i] == elem[i]
}

// NewVector returns a vector of size elements that all equal x. It panics when size is not in
// 1..MaxCapacity.
//
// @ constructor
// @ requires 0 < size && size <= 536870912
// @ ensures n == size && (forall i int :: elem[i] == x)
func NewVector[T any](size int, x T) *Vector[T] {
	checkCapacity(size)
	v := &Vector[T]{elems: make([]T, size)}
	// @ invariant forall j int {v.elems[j]} :: 0 <= j && j < i ==> v.elems[j] == x
	for i := range v.elems {
		v.elems[i] = x
	}
	// @ v.elem = everywhere(x)
	return v
}

// Len returns the number of elements.
//
// @ ensures r == n
func (v *Vector[T]) Len() (r int) {
	return len(v.elems)
}

// Get returns element i.
//
// @ requires 0 <= i && i < n
// @ ensures r == elem[i]
func (v *Vector[T]) Get(i int) (r T) {
	return v.elems[i]
}

// Set replaces element i.
//
// @ requires 0 <= i && i < n
// @ ensures elem == old(elem)[i := x]
func (v *Vector[T]) Set(i int, x T) {
	v.elems[i] = x
	// @ v.elem[i] = x
}
