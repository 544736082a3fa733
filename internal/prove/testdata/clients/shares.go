package libvig

// Shares has a value for each backend.
//
// @ ghost hash map[K]uint32
// @ ghost order map[int]uint31
// @ ghost heard map[int]int64
// @ ghost value map[int]T
// @ ghost n uint31
// @ exposes 0 < n
type Shares[K comparable, T any] struct {
	pool   *Maglev[K]
	values *Vector[T]
	// @ represent hash = pool.hash; order = pool.order; heard = pool.time; value = values.elem; n = pool.n
	// @ inv pool.n == values.n
}

// NewShares takes a weight for each backend.
//
// @ constructor
// @ requires 0 < len(backends) && len(backends) <= 1000
// @ ensures n == len(backends) && (forall i int :: value[i] == x)
func NewShares[K comparable, T any](backends []Entry[K, uint16], x T, secret HashKey) *Shares[K, T] {
	return &Shares[K, T]{pool: NewMaglev[K, K](65537, backends, secret), values: NewVector[T](len(backends), x)}
}

// Choose returns a live backend for a flow, and its value.
//
// @ ensures ok ==> 0 <= i && i < n && heard[i] >= since
// @ ensures ok ==> x == value[i]
// @ ensures !ok ==> i == 0 && x == value[0]
// @ ensures ok || order[hash[k]*16777216] == n || heard[order[hash[k]*16777216]] < since
func (s *Shares[K, T]) Choose(k K, since Time) (i int, x T, ok bool) {
	i, _, ok = s.pool.Choose(k, since)
	if !ok {
		return 0, s.values.Get(0), false
	}
	return i, s.values.Get(i), true
}

// Heard notes a heartbeat of backend i.
//
// @ requires 0 <= i && i < n
// @ ensures heard == old(heard)[i := now] && r
func (s *Shares[K, T]) Heard(i int, now Time) (r bool) {
	s.pool.Beat(i, now)
	return s.pool.Alive(i, now)
}

// Replace sets the value of backend i, and says how many there are.
//
// @ requires 0 <= i && i < n
// @ ensures value == old(value)[i := x] && r == n
func (s *Shares[K, T]) Replace(i int, x T) (r int) {
	s.values.Set(i, x)
	return s.values.Len()
}
