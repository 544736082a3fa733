package libvig

// Ring is a queue of bounded length: what was pushed first is popped first.
//
// Its elements are elem[head], elem[head+1] and so on, size of them, around a circle of cap places.
//
// @ ghost elem map[int]T
// @ ghost head uint31
// @ ghost size uint31
// @ ghost cap uint31
// @ exposes size <= cap && head < cap
type Ring[T any] struct {
	elems []T
	start int32
	used  int32
	// @ represent head = start; size = used; cap = len(elems)
	// @ inv 0 < len(elems) && len(elems) <= 536870912
	// @ inv forall i int {elems[i]} :: 0 <= i && i < len(elems) ==> elems[i] == elem[i]
	// @ inv 0 <= start && start < len(elems) && 0 <= used && used <= len(elems)
}

// NewRing returns an empty queue for up to n elements; its free places hold x until something is pushed
// there. It panics when n is not in 1..MaxCapacity.
//
// @ constructor
// @ requires 0 < n && n <= 536870912
// @ ensures cap == n && head == 0 && size == 0 && (forall i int :: elem[i] == x)
func NewRing[T any](n int, x T) *Ring[T] {
	checkCapacity(n)
	r := &Ring[T]{elems: make([]T, n)}
	// @ invariant forall j int {r.elems[j]} :: 0 <= j && j < i ==> r.elems[j] == x
	for i := range r.elems {
		r.elems[i] = x
	}
	// @ r.elem = everywhere(x)
	return r
}

// Cap returns the largest number of elements the queue can hold.
//
// @ ensures n == cap
func (r *Ring[T]) Cap() (n int) {
	return len(r.elems)
}

// Len returns the number of elements.
//
// @ ensures n == size
func (r *Ring[T]) Len() (n int) {
	return int(r.used)
}

// Full reports whether there is no room for another element.
//
// @ ensures full == (size == cap)
func (r *Ring[T]) Full() (full bool) {
	return int(r.used) == len(r.elems)
}

// Front returns the element that will be popped next.
//
// @ requires 0 < size
// @ ensures x == elem[head]
func (r *Ring[T]) Front() (x T) {
	return r.elems[r.start]
}

// Push adds an element at the end. It adds nothing, and says so, when the queue is full.
//
// @ ensures ok == (old(size) < cap)
// @ ensures ok ==> size == old(size) + 1
// @ ensures ok ==>
// @  elem == old(elem)[(old(head) < cap - old(size) ? old(head) + old(size) : old(size) - (cap - old(head))) := x]
func (r *Ring[T]) Push(x T) (ok bool) {
	n := int32(len(r.elems))
	if r.used == n {
		return false
	}
	if r.start < n-r.used {
		r.elems[r.start+r.used] = x
		// @ r.elem[r.start+r.used] = x
	} else {
		r.elems[r.used-(n-r.start)] = x
		// @ r.elem[r.used-(n-r.start)] = x
	}
	r.used++
	return true
}

// Pop removes the element that was pushed first, and returns it.
//
// @ requires 0 < size
// @ ensures x == elem[old(head)] && size == old(size) - 1
// @ ensures head == (old(head) == cap - 1 ? 0 : old(head) + 1)
func (r *Ring[T]) Pop() (x T) {
	x = r.elems[r.start]
	if r.start++; int(r.start) == len(r.elems) {
		r.start = 0
	}
	r.used--
	return x
}
