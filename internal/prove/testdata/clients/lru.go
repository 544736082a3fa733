package libvig

// LRU is a cache: a Map finds the index of a key, a Chain hands it out, a Vector has the value.
//
// @ ghost dom map[K]bool
// @ ghost idx map[K]uint31 on dom
// @ ghost elem map[int]T
// @ ghost size uint31
// @ ghost last uint63
type LRU[K comparable, T any] struct {
	m *Map[K]
	c *Chain
	v *Vector[T]
	// @ represent dom = m.dom; idx = m.val; elem = v.elem; size = c.cap; last = c.last
	// @ inv 0 < c.cap && m.cap == c.cap && v.n == c.cap
	// @ inv forall i int {c.alloc[i]} {m.used[i]} :: c.alloc[i] == m.used[i]
}

// NewLRU returns an empty cache.
//
// @ constructor
// @ requires 0 < n && n <= 1000
// @ ensures size == n && last == 0 && (forall k K :: dom[k] == false) && (forall i int :: elem[i] == x)
func NewLRU[K comparable, T any](n int, x T, secret HashKey) *LRU[K, T] {
	return &LRU[K, T]{m: NewMap[K](n, secret), c: NewChain(n, secret), v: NewVector[T](n, x)}
}

// Put keeps a value, if there is room.
//
// @ requires last <= now
// @ ensures ok ==> dom == old(dom)[k := true] && idx == old(idx)[k := i] && elem == old(elem)[i := x] && last == now
// @ ensures ok ==> 0 <= i && i < size
// @ ensures !ok ==> i == 0
// @ ensures ok || !old(dom[k])
func (l *LRU[K, T]) Put(k K, x T, now Time) (i int, ok bool) {
	i, found := l.m.Get(k)
	if found {
		l.c.Refresh(i, now)
		l.v.Set(i, x)
		return i, true
	}
	i, ok = l.c.Allocate(now)
	if !ok {
		return 0, false
	}
	l.m.Put(k, i)
	l.v.Set(i, x)
	return i, true
}

// Get returns the value of a key, and the default without one.
//
// @ ensures ok == dom[k]
// @ ensures ok ==> x == elem[idx[k]]
// @ ensures !ok ==> x == elem[0]
func (l *LRU[K, T]) Get(k K) (x T, ok bool) {
	i, found := l.m.Get(k)
	if !found {
		return l.v.Get(0), false
	}
	return l.v.Get(i), true
}

// Remove takes a key out.
//
// @ ensures forall j K {dom[j]} :: dom[j] == (j != k && old(dom[j]))
func (l *LRU[K, T]) Remove(k K) {
	i, found := l.m.Get(k)
	if found {
		l.m.Erase(k)
		l.c.Free(i)
	}
}
