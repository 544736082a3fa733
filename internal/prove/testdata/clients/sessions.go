package libvig

// Sessions keeps users in a table until they are idle, and how often each index was given in a chain of its own.
//
// @ ghost dom map[K]bool
// @ ghost idx map[K]uint31 on dom
// @ ghost alloc map[int]bool
// @ ghost when map[int]uint63 on alloc
// @ ghost key map[int]K on alloc
// @ ghost last uint63
// @ ghost cap uint31
// @ ghost kept map[int]bool
// @ ghost used map[int]uint63 on kept
// @ exposes forall k K {dom[k]} :: dom[k] ==> idx[k] < cap && alloc[idx[k]]
type Sessions[K comparable, V any] struct {
	t *Table[K, V]
	c *Chain
	m *Map[K]
	// @ represent dom = t.dom; idx = t.idx; key = t.key; alloc = t.alloc; last = t.last; cap = t.cap; when = t.time; kept = c.alloc; used = c.time
	// @ inv t.cap == c.cap && m.cap == c.cap
}

// NewSessions returns no sessions.
//
// @ constructor
// @ requires 0 < n && n <= 1000
// @ ensures cap == n && last == 0 && (forall k K :: dom[k] == false) && (forall i int :: alloc[i] == false)
// @ ensures forall i int :: kept[i] == false
func NewSessions[K comparable, V any](n int, secret HashKey) *Sessions[K, V] {
	return &Sessions[K, V]{t: NewTable[K, V](n, secret), c: NewChain(n, secret), m: NewMap[K](n, secret)}
}

// Drop forgets who was idle for long, and says whether a session is free.
//
// @ ensures forall k K {dom[k]} :: dom[k] == old(dom[k] && when[idx[k]] >= before)
// @ ensures forall i int {alloc[i]} :: alloc[i] == old(alloc[i] && when[i] >= before)
// @ ensures forall i int {kept[i]} :: kept[i] == old(kept[i] && used[i] >= before)
// @ ensures n == count(alloc, cap) && free == (n < cap)
func (s *Sessions[K, V]) Drop(before Time) (n int, free bool) {
	s.t.ExpireBefore(before)
	s.c.ExpireBefore(before)
	n = s.t.Len()
	// @ countBounds(s.t.alloc, s.t.cap)
	return n, !s.t.Full()
}

// Touch keeps a session alive, if it is one.
//
// @ requires last <= now
// @ ensures ok == alloc[i]
// @ ensures ok ==> when == old(when)[i := now] && last == now
func (s *Sessions[K, V]) Touch(i int, now Time) (ok bool) {
	if !s.t.Allocated(i) {
		return false
	}
	s.t.Refresh(i, now)
	return true
}

// Whose returns the key of a session, which leads back to it.
//
// @ requires alloc[i]
// @ ensures k == key[i]
// @ ensures same
func (s *Sessions[K, V]) Whose(i int) (k K, same bool) {
	k = s.t.Key(i)
	j, ok := s.t.Lookup(k)
	return k, ok && i == j && j < s.t.Cap()
}

// Room compares the structures.
//
// @ ensures r
func (s *Sessions[K, V]) Room() (r bool) {
	// @ countBounds(s.m.used, s.m.cap); countBounds(s.c.alloc, s.c.cap)
	return s.c.Cap() == s.t.Cap() && s.m.Cap() == s.c.Cap() && s.m.Len() <= s.m.Cap() && s.c.Len() <= s.c.Cap() &&
		s.m.Full() == (s.m.Len() == s.m.Cap()) && s.c.Full() == (s.c.Len() == s.c.Cap())
}
