package libvig

// Table maps keys to values. Each entry has a dense index, by which it is reached without a search,
// and the time of its last use, by which it expires.
//
// The index of an entry stays the same while the entry exists; which index a new entry gets is not
// specified. The observers are: alloc, the indices in use; key, val and time, what an index in use
// holds; dom, the keys present, and idx, their indices; cap, the capacity; last, the time of the
// latest insertion or refresh.
//
// @ ghost alloc map[int]bool
// @ ghost key map[int]K on alloc
// @ ghost val map[int]V on alloc
// @ ghost time map[int]uint63 on alloc
// @ ghost dom map[K]bool
// @ ghost idx map[K]uint31 on dom
// @ ghost cap uint31
// @ ghost last uint63
// @ exposes forall i int {alloc[i]} :: alloc[i] ==> 0 <= i && i < cap && dom[key[i]] && idx[key[i]] == i
// @ exposes forall k K {dom[k]} :: dom[k] ==> idx[k] < cap && alloc[idx[k]] && key[idx[k]] == k
// @ exposes forall i int {time[i]} :: alloc[i] ==> time[i] <= last
type Table[K comparable, V any] struct {
	m    *Map[K]
	c    *Chain
	vals []V

	lines lines

	// @ represent alloc = c.alloc; time = c.time; last = c.last; cap = c.cap; dom = m.dom; idx = m.val; key = m.key; val = vals
	// @ inv len(vals) == c.cap && m.cap == c.cap
	// @ inv forall i int {m.used[i]} {c.alloc[i]} :: m.used[i] == c.alloc[i]
}

// NewTable returns an empty table for up to n entries. It panics when n is not in 1..MaxCapacity,
// or when K is larger than 64 bytes or empty.
//
// @ constructor
// @ requires 0 < n && n <= 536870912
// @ ensures cap == n && last == 0 && (forall i int :: alloc[i] == false) && (forall k K :: dom[k] == false)
func NewTable[K comparable, V any](n int, secret HashKey) *Table[K, V] {
	var none HashKey
	t := &Table[K, V]{m: NewMap[K](n, secret), c: NewChain(n, none), vals: make([]V, n)}
	t.collect()
	return t
}

// Cap returns the largest number of entries the table can hold.
//
// @ ensures n == cap
func (t *Table[K, V]) Cap() (n int) {
	return len(t.vals)
}

// Len returns the number of entries.
//
// @ ensures n == count(alloc, cap)
func (t *Table[K, V]) Len() (n int) {
	return t.c.Len()
}

// Full reports whether every index is in use.
//
// @ ensures r == (count(alloc, cap) == cap)
func (t *Table[K, V]) Full() (r bool) {
	return t.c.Full()
}

// Lookup returns the index of a key's entry, and whether there is one.
//
// @ ensures ok == dom[k]
// @ ensures ok ==> i == idx[k]
// @ ensures !ok ==> i == 0
//
//go:noinline
func (t *Table[K, V]) Lookup(k K) (i int, ok bool) {
	if at := int(t.guess()); t.c.Allocated(at) && t.m.is(at, &k) {
		return at, true
	}
	return t.m.get(&k)
}

// Allocated reports whether index i is in use; i may be any number.
//
// @ ensures r == alloc[i]
func (t *Table[K, V]) Allocated(i int) (r bool) {
	return t.c.Allocated(i)
}

// Key returns the key of entry i.
//
// @ requires alloc[i]
// @ ensures r == key[i]
func (t *Table[K, V]) Key(i int) (r K) {
	return t.m.Key(i)
}

// At returns the value of entry i.
//
// @ requires alloc[i]
// @ ensures r == val[i]
func (t *Table[K, V]) At(i int) (r V) {
	return t.vals[i]
}

// Set replaces the value of entry i. Its time stays.
//
// @ requires alloc[i]
// @ ensures val == old(val)[i := v]
func (t *Table[K, V]) Set(i int, v V) {
	t.vals[i] = v
}

// Refresh sets the time of entry i to now.
//
// @ requires alloc[i] && last <= now
// @ ensures time == old(time)[i := now] && last == now
func (t *Table[K, V]) Refresh(i int, now Time) {
	t.c.Refresh(i, now)
}

// Insert adds an entry with the time now for a key that has none, and returns its index. It adds
// nothing, and says so, when the table is full.
//
// @ requires !dom[k] && last <= now
// @ ensures ok == (count(old(alloc), cap) < cap)
// @ ensures ok ==> 0 <= i && i < cap && !old(alloc[i])
// @ ensures ok ==> alloc == old(alloc)[i := true] && key == old(key)[i := k]
// @ ensures ok ==> val == old(val)[i := v] && time == old(time)[i := now]
// @ ensures ok ==> dom == old(dom)[k := true] && idx == old(idx)[k := i] && last == now
// @ ensures !ok ==> i == 0
func (t *Table[K, V]) Insert(k K, v V, now Time) (i int, ok bool) {
	i, ok = t.c.Allocate(now)
	if !ok {
		return 0, false
	}
	t.m.Put(k, i)
	t.vals[i] = v
	return i, true
}

// Erase removes entry i.
//
// @ requires alloc[i]
// @ ensures alloc == old(alloc)[i := false] && dom == old(dom)[old(key[i]) := false]
func (t *Table[K, V]) Erase(i int) {
	t.m.eraseAt(i)
	t.c.Free(i)
}

// ExpireBefore removes every entry whose time is before the given one.
//
// @ ensures forall i int {alloc[i]} :: alloc[i] == old(alloc[i] && time[i] >= before)
// @ ensures forall k K {dom[k]} :: dom[k] == old(dom[k] && time[idx[k]] >= before)
func (t *Table[K, V]) ExpireBefore(before Time) {
	// @ invariant inv
	// @ invariant forall j int {t.alloc[j]} :: t.alloc[j] ==> old(t.alloc[j])
	// @ invariant forall j int {old(t.alloc[j])} :: old(t.alloc[j]) && t.time[j] >= before ==> t.alloc[j]
	// @ invariant t.time == old(t.time) && t.key == old(t.key) && t.val == old(t.val) && t.idx == old(t.idx)
	// @ invariant t.cap == old(t.cap) && t.last == old(t.last)
	// @ invariant ok ==> t.alloc[i] && t.time[i] < before
	// @ invariant forall x K {t.dom[x]} :: t.dom[x] == (old(t.dom[x]) && t.alloc[t.idx[x]])
	// @ invariant !ok ==> forall j int {t.time[j]} {t.alloc[j]} :: t.alloc[j] ==> t.time[j] >= before
	// @ decreases count(t.alloc, t.cap)
	for i, ok := t.c.oldest(before); ok; i, ok = t.c.oldest(before) {
		// @ countBounds(t.alloc, t.cap)
		// @ countUpd(t.alloc, t.cap, i, false)
		t.Erase(i)
		t.c.noteExpiry()
	}
}
