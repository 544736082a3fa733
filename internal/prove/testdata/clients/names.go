package libvig

// Names keeps what was said last of each name of a list, by its place there.
//
// @ ghost dom map[K]bool
// @ ghost place map[K]uint31 on dom
// @ ghost uses map[int]T
// @ ghost n uint31
type Names[K comparable, V, T any] struct {
	known *Dictionary[K, V]
	count *Vector[T]
	// @ represent dom = known.dom; place = known.idx; uses = count.elem; n = known.n
	// @ inv known.n == count.n
}

// NewNames takes the list.
//
// @ constructor
// @ requires 0 < len(list) && len(list) <= 1000
// @ ensures n == len(list)
func NewNames[K comparable, V, T any](list []Entry[K, V], x T, secret HashKey) *Names[K, V, T] {
	return &Names[K, V, T]{known: NewDictionary[K, V](list, secret), count: NewVector[T](len(list), x)}
}

// Use keeps what is said of a name, if it is in the list.
//
// @ ensures ok == dom[k]
// @ ensures ok ==> uses == old(uses)[place[k] := x]
func (s *Names[K, V, T]) Use(k K, x T) (ok bool) {
	i, ok := s.known.Lookup(k)
	if !ok {
		return false
	}
	s.count.Set(i, x)
	return true
}
