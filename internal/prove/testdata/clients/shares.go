package libvig

// Shares has a value for each backend.
//
// @ ghost backend map[int]uint31
// @ ghost value map[int]T
// @ ghost n uint31
// @ exposes 0 < n
type Shares[T any] struct {
	pool   *Maglev
	values *Vector[T]
	// @ represent backend = pool.backend; value = values.elem; n = pool.n
	// @ inv pool.n == values.n
}

// NewShares takes a seed for each backend.
//
// @ constructor
// @ requires 0 < len(seeds) && len(seeds) <= 1000
// @ ensures n == len(seeds) && (forall i int :: value[i] == x)
func NewShares[T any](seeds []uint64, x T) *Shares[T] {
	return &Shares[T]{pool: NewMaglev(65537, seeds), values: NewVector[T](len(seeds), x)}
}

// Choose returns the value of a flow's backend.
//
// @ ensures ok == (backend[hash] < n)
// @ ensures ok ==> x == value[backend[hash]]
// @ ensures !ok ==> x == value[0]
func (s *Shares[T]) Choose(hash uint32) (x T, ok bool) {
	b := s.pool.Lookup(hash)
	if b >= s.pool.Len() {
		return s.values.Get(0), false
	}
	return s.values.Get(b), true
}

// Same says whether two flows go to one backend.
//
// @ ensures r == (backend[a] == backend[b])
func (s *Shares[T]) Same(a, b uint32) (r bool) {
	return s.pool.Lookup(a) == s.pool.Lookup(b)
}

// Replace sets the value of backend i, and says how many there are.
//
// @ requires 0 <= i && i < n
// @ ensures value == old(value)[i := x] && r == n
func (s *Shares[T]) Replace(i int, x T) (r int) {
	s.values.Set(i, x)
	return s.values.Len()
}
