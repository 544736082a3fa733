package libvig

// Calls keeps who rings for a short time, and who talks for a long one.
//
// @ ghost dom map[K]bool
// @ ghost idx map[K]uint31 on dom
// @ ghost alloc map[int]bool
// @ ghost key map[int]K on alloc
// @ ghost state map[int]uint8 on alloc
// @ ghost when map[int]uint63 on alloc
// @ ghost data map[int]V on alloc
// @ ghost cap uint31
// @ ghost last uint63
// @ exposes forall k K {dom[k]} :: dom[k] ==> idx[k] < cap && alloc[idx[k]]
type Calls[K comparable, V any] struct {
	t *ClassTable[K, V]
	// @ represent dom = t.dom; idx = t.idx; alloc = t.alloc; key = t.key; state = t.class; when = t.time; data = t.val; cap = t.cap; last = t.last
	// @ inv t.classes == 2
}

// NewCalls returns no calls.
//
// @ constructor
// @ requires 0 < n && n <= 1000
// @ ensures cap == n && last == 0 && (forall k K :: dom[k] == false) && (forall i int :: alloc[i] == false)
func NewCalls[K comparable, V any](n int, secret HashKey) *Calls[K, V] {
	return &Calls[K, V]{t: NewClassTable[K, V](n, 2, secret)}
}

// Ring begins a call.
//
// @ requires !dom[k] && last <= now
// @ ensures ok == (count(old(alloc), cap) < cap)
// @ ensures ok ==> 0 <= i && i < cap && !old(alloc[i])
// @ ensures ok ==> alloc == old(alloc)[i := true] && key == old(key)[i := k] && state == old(state)[i := 0]
// @ ensures ok ==> when == old(when)[i := now] && data == old(data)[i := v]
// @ ensures ok ==> dom == old(dom)[k := true] && idx == old(idx)[k := i] && last == now
// @ ensures !ok ==> i == 0
func (c *Calls[K, V]) Ring(k K, v V, now Time) (i int, ok bool) {
	return c.t.Insert(k, v, now, 0)
}

// Answer lets a call that rings be talked in.
//
// @ requires last <= now
// @ ensures ok == dom[k]
// @ ensures ok ==> state == old(state)[idx[k] := 1] && when == old(when)[idx[k] := now] && last == now
func (c *Calls[K, V]) Answer(k K, now Time) (ok bool) {
	i, ok := c.t.Lookup(k)
	if !ok {
		return false
	}
	c.t.Refresh(i, now, 1)
	return true
}

// Drop ends what rang for ten, and what was silent for a hundred.
//
// @ requires 100 <= now
// @ ensures forall i int {alloc[i]} :: alloc[i] == old(alloc[i] && when[i] >= (state[i] == 0 ? now - 10 : now - 100))
// @ ensures forall k K {dom[k]} :: dom[k] == old(dom[k] && when[idx[k]] >= (state[idx[k]] == 0 ? now - 10 : now - 100))
func (c *Calls[K, V]) Drop(now Time) {
	c.t.ExpireBefore(0, now-10)
	c.t.ExpireBefore(1, now-100)
}

// HangUp ends a call.
//
// @ ensures ok == old(dom[k])
// @ ensures ok ==> dom == old(dom)[k := false] && alloc == old(alloc)[old(idx[k]) := false]
func (c *Calls[K, V]) HangUp(k K) (ok bool) {
	i, ok := c.t.Lookup(k)
	if ok {
		c.t.Erase(i)
	}
	return ok
}

// Swap keeps something else of a call, and says what it was, whose, and whether somebody talks.
//
// @ requires alloc[i]
// @ ensures was == old(data[i]) && k == key[i] && talks == (state[i] == 1)
// @ ensures data == old(data)[i := v]
func (c *Calls[K, V]) Swap(i int, v V) (was V, k K, talks bool) {
	was = c.t.At(i)
	c.t.Set(i, v)
	return was, c.t.Key(i), int(c.t.Class(i)) == c.t.Classes()-1
}

// Room says how many calls there are, and whether there is room for another.
//
// @ ensures n == count(alloc, cap) && free == (n < cap) && used == alloc[i]
func (c *Calls[K, V]) Room(i int) (n int, free, used bool) {
	// @ countBounds(c.t.alloc, c.t.cap)
	return c.t.Len(), !c.t.Full(), c.t.Allocated(i) && i < c.t.Cap()
}
