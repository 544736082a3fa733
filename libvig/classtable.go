package libvig

// ClassTable is a [Table] whose entries have classes, each with a timer of its own: [ClassTable.ExpireBefore] is
// about one class. An entry that changes its class keeps its index. [ClassChain] says what classes are for.
//
// The observers are those of Table, the class of each entry, and classes, how many there are.
//
// @ ghost alloc map[int]bool
// @ ghost key map[int]K on alloc
// @ ghost val map[int]V on alloc
// @ ghost time map[int]uint63 on alloc
// @ ghost class map[int]uint8 on alloc
// @ ghost dom map[K]bool
// @ ghost idx map[K]uint31 on dom
// @ ghost cap uint31
// @ ghost classes uint9
// @ ghost last uint63
// @ exposes forall i int {alloc[i]} :: alloc[i] ==> 0 <= i && i < cap && dom[key[i]] && idx[key[i]] == i
// @ exposes forall k K {dom[k]} :: dom[k] ==> idx[k] < cap && alloc[idx[k]] && key[idx[k]] == k
// @ exposes forall i int {time[i]} :: alloc[i] ==> time[i] <= last
// @ exposes forall i int {class[i]} :: alloc[i] ==> class[i] < classes
// @ exposes 0 < classes && classes <= 256
type ClassTable[K comparable, V any] struct {
	m    *Map[K]
	c    *ClassChain
	vals []V

	lines lines

	// @ represent alloc = c.alloc; time = c.time; class = c.class; classes = c.classes; last = c.last; cap = c.cap; dom = m.dom; idx = m.val; key = m.key; val = vals
	// @ inv len(vals) == c.cap && m.cap == c.cap
	// @ inv forall i int {m.used[i]} {c.alloc[i]} :: m.used[i] == c.alloc[i]
}

// NewClassTable returns an empty table for up to n entries of a number of classes. It panics when n is not in
// 1..MaxCapacity, the number of classes not in 1..256, or K larger than 64 bytes or empty.
//
// @ constructor
// @ requires 0 < n && n <= 536870912 && 0 < number && number <= 256
// @ ensures cap == n && classes == number && last == 0 && (forall i int :: alloc[i] == false) && (forall k K :: dom[k] == false)
func NewClassTable[K comparable, V any](n, number int, secret HashKey) *ClassTable[K, V] {
	var none HashKey
	t := &ClassTable[K, V]{m: NewMap[K](n, secret), c: NewClassChain(n, number, none), vals: make([]V, n)}
	t.collect()
	return t
}

// NewRandomClassTable is NewClassTable, but for the indices of entries: as the numbers of a [PortRange] with the secret, they cannot be told
// in advance. It is for a network function that shows them to others, such as outside ports; a new entry takes longer.
//
// @ constructor
// @ requires 0 < n && n <= 536870912 && 0 < number && number <= 256
// @ ensures cap == n && classes == number && last == 0 && (forall i int :: alloc[i] == false) && (forall k K :: dom[k] == false)
func NewRandomClassTable[K comparable, V any](n, number int, secret HashKey) *ClassTable[K, V] {
	t := &ClassTable[K, V]{m: NewMap[K](n, secret), c: NewClassChain(n, number, secret), vals: make([]V, n)}
	t.collect()
	return t
}

// Cap returns the largest number of entries the table can hold.
//
// @ ensures n == cap
func (t *ClassTable[K, V]) Cap() (n int) {
	return len(t.vals)
}

// Classes returns the number of classes.
//
// @ ensures n == classes
func (t *ClassTable[K, V]) Classes() (n int) {
	return t.c.Classes()
}

// Len returns the number of entries.
//
// @ ensures n == count(alloc, cap)
func (t *ClassTable[K, V]) Len() (n int) {
	return t.c.Len()
}

// Full reports whether every index is in use.
//
// @ ensures r == (count(alloc, cap) == cap)
func (t *ClassTable[K, V]) Full() (r bool) {
	return t.c.Full()
}

// Lookup returns the index of a key's entry, and whether there is one.
//
// @ ensures ok == dom[k]
// @ ensures ok ==> i == idx[k]
// @ ensures !ok ==> i == 0
//
//go:noinline
func (t *ClassTable[K, V]) Lookup(k K) (i int, ok bool) {
	if at := int(t.guess()); t.c.Allocated(at) && t.m.is(at, &k) {
		return at, true
	}
	return t.m.get(&k)
}

// Allocated reports whether index i is in use; i may be any number.
//
// @ ensures r == alloc[i]
func (t *ClassTable[K, V]) Allocated(i int) (r bool) {
	return t.c.Allocated(i)
}

// Key returns the key of entry i.
//
// @ requires alloc[i]
// @ ensures r == key[i]
func (t *ClassTable[K, V]) Key(i int) (r K) {
	return t.m.Key(i)
}

// At returns the value of entry i.
//
// @ requires alloc[i]
// @ ensures r == val[i]
func (t *ClassTable[K, V]) At(i int) (r V) {
	return t.vals[i]
}

// Class returns the class of entry i.
//
// @ requires alloc[i]
// @ ensures r == class[i]
func (t *ClassTable[K, V]) Class(i int) (r uint8) {
	return t.c.Class(i)
}

// Set replaces the value of entry i. Its time and class stay.
//
// @ requires alloc[i]
// @ ensures val == old(val)[i := v]
func (t *ClassTable[K, V]) Set(i int, v V) {
	t.vals[i] = v
}

// Refresh sets the time of entry i to now, and its class.
//
// @ requires alloc[i] && last <= now && of < classes
// @ ensures time == old(time)[i := now] && class == old(class)[i := of] && last == now
func (t *ClassTable[K, V]) Refresh(i int, now Time, of uint8) {
	t.c.Refresh(i, now, of)
}

// Insert adds an entry of a class with the time now for a key that has none, and returns its index. It adds
// nothing, and says so, when the table is full.
//
// @ requires !dom[k] && last <= now && of < classes
// @ ensures ok == (count(old(alloc), cap) < cap)
// @ ensures ok ==> 0 <= i && i < cap && !old(alloc[i])
// @ ensures ok ==> alloc == old(alloc)[i := true] && key == old(key)[i := k]
// @ ensures ok ==> val == old(val)[i := v] && time == old(time)[i := now] && class == old(class)[i := of]
// @ ensures ok ==> dom == old(dom)[k := true] && idx == old(idx)[k := i] && last == now
// @ ensures !ok ==> i == 0
func (t *ClassTable[K, V]) Insert(k K, v V, now Time, of uint8) (i int, ok bool) {
	i, ok = t.c.Allocate(now, of)
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
func (t *ClassTable[K, V]) Erase(i int) {
	t.m.eraseAt(i)
	t.c.Free(i)
}

// ExpireBefore removes every entry of a class whose time is before the given one.
//
// @ requires of < classes
// @ ensures forall i int {alloc[i]} :: alloc[i] == old(alloc[i] && (class[i] != of || time[i] >= before))
// @ ensures forall k K {dom[k]} :: dom[k] == old(dom[k] && (class[idx[k]] != of || time[idx[k]] >= before))
func (t *ClassTable[K, V]) ExpireBefore(of uint8, before Time) {
	_, found := t.c.oldest(of, before)
	if found { // seldom: what comes before is inlined
		t.expire(of, before)
	}
}

// expire is ExpireBefore, for when there is something to remove.
//
// @ requires of < classes
// @ modifies m, c
// @ ensures time == old(time) && class == old(class) && key == old(key) && idx == old(idx)
// @ ensures cap == old(cap) && classes == old(classes) && last == old(last)
// @ ensures forall i int {alloc[i]} :: alloc[i] == old(alloc[i] && (class[i] != of || time[i] >= before))
// @ ensures forall k K {dom[k]} :: dom[k] == old(dom[k] && (class[idx[k]] != of || time[idx[k]] >= before))
func (t *ClassTable[K, V]) expire(of uint8, before Time) {
	// @ invariant inv
	// @ invariant forall j int {t.alloc[j]} :: t.alloc[j] ==> old(t.alloc[j])
	// @ invariant forall j int {old(t.alloc[j])} :: old(t.alloc[j]) && (t.class[j] != of || t.time[j] >= before) ==> t.alloc[j]
	// @ invariant t.time == old(t.time) && t.key == old(t.key) && t.val == old(t.val) && t.idx == old(t.idx)
	// @ invariant t.cap == old(t.cap) && t.last == old(t.last) && t.class == old(t.class) && t.classes == old(t.classes)
	// @ invariant ok ==> t.alloc[i] && t.class[i] == of && t.time[i] < before
	// @ invariant forall x K {t.dom[x]} :: t.dom[x] == (old(t.dom[x]) && t.alloc[t.idx[x]])
	// @ invariant !ok ==> forall j int {t.time[j]} {t.alloc[j]} :: t.alloc[j] && t.class[j] == of ==> t.time[j] >= before
	// @ decreases count(t.alloc, t.cap)
	for i, ok := t.c.oldest(of, before); ok; i, ok = t.c.oldest(of, before) {
		// @ countBounds(t.alloc, t.cap)
		// @ countUpd(t.alloc, t.cap, i, false)
		t.Erase(i)
		t.c.noteExpiry()
	}
}
