package libvig

// Map gives each of its keys an index below its capacity; no two keys share one. An index is
// chosen by the caller, commonly by a [Chain].
//
// It is an open-addressing hash table with linear probing, at most half full, whose deletion
// shifts later entries back: no marks of deleted entries build up, so its cost does not depend on
// its past. A slot is 0 when free, else the key's hash and its index plus one; the key itself is
// keys[index].
//
// @ ghost dom map[K]bool
// @ ghost val map[K]uint31 on dom
// @ ghost used map[int]bool
// @ ghost key map[int]K on used
// @ ghost cap uint31
// @ exposes forall k K {dom[k]} :: dom[k] ==> val[k] < cap && used[val[k]] && key[val[k]] == k
// @ exposes forall i int {used[i]} :: used[i] ==> 0 <= i && i < cap && dom[key[i]] && val[key[i]] == i
type Map[K comparable] struct {
	slots []uint64
	keys  []K
	where []uint32 // the slot of the key with each index
	mask  uint32   // number of slots minus one; that number is a power of two
	size  uint32   // number of keys
	hash  hasher
	// pos is the slot of a key; busy, home and at tell of a slot whether it is taken, by which hash and
	// which index.
	// @ ghost pos map[K]int
	// @ ghost busy map[int]bool
	// @ ghost home, at map[int]int
	// @ represent key = keys; cap = len(keys)
	// @ inv ispow2(mask+1) && mask < 2147483647 && len(slots) == mask+1
	// @ inv 0 < len(keys) && len(keys) <= 536870912 && 2*len(keys) <= mask+1 && len(where) == len(keys)
	// @ inv size <= len(keys) && size == count(busy, mask+1) && size == count(used, len(keys))
	// @ inv forall k K {dom[k]} {pos[k]} :: dom[k] ==> 0 <= pos[k] && pos[k] <= mask && busy[pos[k]] &&
	// @  at[pos[k]] == val[k] && used[val[k]] && keys[val[k]] == k
	// @ inv forall i int {used[i]} :: used[i] ==> 0 <= i && i < len(keys) && dom[keys[i]] && val[keys[i]] == i
	// @ inv forall p int {busy[p]} :: 0 <= p && p <= mask && busy[p] ==>
	// @  used[at[p]] && home[p] == hashKey(hash, keys[at[p]]) && pos[keys[at[p]]] == p && where[at[p]] == p
	// @ inv forall p int {slots[p]} :: 0 <= p && p <= mask ==> slots[p] == (busy[p] ? pack(home[p], at[p]) : 0)
	// No search for a key meets a free slot before the key's own.
	// @ inv forall p, q int {busy[p], busy[q]} :: 0 <= p && p <= mask && 0 <= q && q <= mask && busy[p] &&
	// @  dist(home[p] & mask, q, mask+1) < dist(home[p] & mask, p, mask+1) ==> busy[q]
}

// pack returns the slot of a key with hash h and index i.
//
// @ bits
// @ requires 0 <= i && i < 2147483647
// @ ensures 0 < w && hashOf(w) == h && indexOf(w) == i
func pack(h uint32, i int32) (w uint64) { return uint64(h)<<32 | uint64(uint32(i)+1) }

// hashOf returns the hash in a slot.
//
// @ bits
func hashOf(w uint64) uint32 { return uint32(w >> 32) }

// indexOf returns the index in a slot that is not free.
//
// @ bits
func indexOf(w uint64) int32 { return int32(uint32(w) - 1) }

// NewMap returns an empty map for up to n keys. It panics when n is not in 1..MaxCapacity, or when
// K is larger than 64 bytes or empty.
//
// @ constructor
// @ requires 0 < n && n <= 536870912
// @ ensures cap == n && (forall k K :: dom[k] == false) && (forall i int :: used[i] == false)
func NewMap[K comparable](n int, secret HashKey) *Map[K] {
	checkCapacity(n)
	if sizeOf[K]() == 0 || sizeOf[K]() > maxKeySize {
		panic("libvig: the size of a key is outside 1..64 bytes")
	}
	slots := 2
	// @ twoIsPow2()
	// @ invariant ispow2(slots) && 2 <= slots && slots < 4*n
	// @ decreases 2*n - slots
	for slots < 2*n {
		// @ doublePow2(slots)
		slots *= 2
	}
	// @ countConst(everywhere(false), slots, false)
	// @ countConst(everywhere(false), n, false)
	return &Map[K]{
		slots: make([]uint64, slots),
		keys:  make([]K, n),
		where: make([]uint32, n),
		mask:  uint32(slots - 1),
		hash:  newHasher(secret),
	}
}

// Cap returns the largest number of keys the map can hold.
//
// @ ensures n == cap
func (m *Map[K]) Cap() (n int) {
	return len(m.keys)
}

// Len returns the number of keys.
//
// @ ensures n == count(used, cap)
func (m *Map[K]) Len() (n int) {
	return int(m.size)
}

// Full reports whether every index is taken.
//
// @ ensures r == (count(used, cap) == cap)
func (m *Map[K]) Full() (r bool) {
	return int(m.size) == len(m.keys)
}

// Get returns the index of a key, and whether the map has the key.
//
// @ ensures ok == dom[k]
// @ ensures ok ==> i == val[k]
// @ ensures !ok ==> i == 0
func (m *Map[K]) Get(k K) (i int, ok bool) {
	return m.get(&k)
}

// get is Get of a key in memory.
//
// @ pure
// @ ensures ok == dom[k] && i == (ok ? val[k] : 0)
func (m *Map[K]) get(k *K) (i int, ok bool) {
	p, ok := m.find(k, hashKey(&m.hash, k))
	if !ok {
		return 0, false
	}
	return int(indexOf(m.slots[p])), true
}

// Key returns the key with index i.
//
// @ requires used[i]
// @ ensures r == key[i]
func (m *Map[K]) Key(i int) (r K) {
	return m.keys[i]
}

// is reports whether the key with index i is k.
//
// @ pure
// @ requires used[i]
// @ ensures r == (key[i] == k)
func (m *Map[K]) is(i int, k *K) (r bool) {
	return m.keys[i] == *k
}

// Put adds a key under an index that no key has.
//
// @ requires !dom[k] && 0 <= i && i < cap && !used[i]
// @ ensures dom == old(dom)[k := true] && val == old(val)[k := i]
// @ ensures used == old(used)[i := true] && key == old(key)[i := k]
func (m *Map[K]) Put(k K, i int) {
	// @ countSome(m.used, len(m.keys), i)
	// @ ghost e := countFree(m.busy, m.mask+1)
	m.keys[i] = k
	h := hashKey(&m.hash, &k)
	p := h & m.mask
	// @ ghost h0 := p
	// @ invariant 0 <= p && p <= m.mask && dist(h0, p, m.mask+1) <= dist(h0, e, m.mask+1)
	// @ invariant forall q int {m.busy[q]} :: 0 <= q && q <= m.mask && dist(h0, q, m.mask+1) < dist(h0, p, m.mask+1) ==> m.busy[q]
	// @ decreases dist(p, e, m.mask+1)
	for m.slots[p] != 0 {
		p = (p + 1) & m.mask
	}
	m.slots[p] = pack(h, int32(i))
	m.where[i] = p
	m.size++
	// @ countUpd(m.busy, m.mask+1, p, true)
	// @ countUpd(m.used, len(m.keys), i, true)
	// @ m.busy[p] = true; m.home[p] = h; m.at[p] = i
	// @ m.dom[k] = true; m.val[k] = i; m.used[i] = true; m.pos[k] = p
}

// Erase removes a key; its index is free again.
//
// @ requires dom[k]
// @ ensures dom == old(dom)[k := false] && used == old(used)[old(val[k]) := false]
func (m *Map[K]) Erase(k K) {
	p, _ := m.find(&k, hashKey(&m.hash, &k))
	m.eraseAt(int(indexOf(m.slots[p])))
}

// eraseAt removes the key with index n, which is free again.
//
// @ requires used[n]
// @ modifies slots, where, size, dom, used, pos, busy, home, at
// @ ensures dom == old(dom)[old(key[n]) := false] && used == old(used)[n := false]
func (m *Map[K]) eraseAt(n int) {
	i := m.where[n]
	// @ ghost e := countFree(m.busy, m.mask+1)
	// @ countUpd(m.busy, m.mask+1, i, false)
	// @ countUpd(m.used, len(m.keys), n, false)
	m.slots[i] = 0
	// @ m.busy[i] = false
	// @ countBounds(m.busy, m.mask+1)
	m.size--
	// @ m.dom[m.keys[n]] = false; m.used[n] = false
	// Slot i is the hole and j the last slot scanned. An entry moves into the hole when its probe
	// path, from its home slot to j, leads through it.
	j := i
	// @ invariant 0 <= i && i <= m.mask && 0 <= j && j <= m.mask && !m.busy[i] && !m.busy[e] && e != i
	// @ invariant dist(i, j, m.mask+1) < dist(i, e, m.mask+1) && m.size == count(m.busy, m.mask+1)
	// @ invariant forall x K {m.dom[x]} {m.pos[x]} :: m.dom[x] ==> 0 <= m.pos[x] && m.pos[x] <= m.mask && m.busy[m.pos[x]] && m.at[m.pos[x]] == m.val[x]
	// @ invariant forall p int {m.busy[p]} :: 0 <= p && p <= m.mask && m.busy[p] ==>
	// @  m.used[m.at[p]] && m.home[p] == hashKey(m.hash, m.keys[m.at[p]]) && m.pos[m.keys[m.at[p]]] == p && m.where[m.at[p]] == p
	// @ invariant forall p int {m.slots[p]} :: 0 <= p && p <= m.mask ==> m.slots[p] == (m.busy[p] ? pack(m.home[p], m.at[p]) : 0)
	// A search may meet the hole, and only for entries that are still to be scanned.
	// @ invariant forall p, q int {m.busy[p], m.busy[q]} :: 0 <= p && p <= m.mask && 0 <= q && q <= m.mask && q != i && m.busy[p] &&
	// @  dist(m.home[p] & m.mask, q, m.mask+1) < dist(m.home[p] & m.mask, p, m.mask+1) ==> m.busy[q]
	// @ invariant forall p int {m.busy[p]} :: 0 <= p && p <= m.mask && m.busy[p] &&
	// @  dist(m.home[p] & m.mask, i, m.mask+1) < dist(m.home[p] & m.mask, p, m.mask+1) ==> dist(i, p, m.mask+1) > dist(i, j, m.mask+1)
	// @ decreases dist(j, e, m.mask+1)
	for {
		j = (j + 1) & m.mask
		w := m.slots[j]
		if w == 0 {
			// @ assert !m.busy[j]
			break
		}
		home := hashOf(w) & m.mask
		// @ assert m.busy[j] && home == m.home[j] & m.mask
		if (j+m.mask+1-home)&m.mask >= (j+m.mask+1-i)&m.mask {
			m.slots[i] = w
			m.slots[j] = 0
			m.where[indexOf(w)] = i
			// @ countUpd(m.busy, m.mask+1, i, true)
			// @ m.busy[i] = true; m.home[i] = m.home[j]; m.at[i] = m.at[j]
			// @ countUpd(m.busy, m.mask+1, j, false)
			// @ m.busy[j] = false; m.pos[m.keys[m.at[j]]] = i
			i = j
		}
	}
}

// find returns the slot of a key whose hash is h, and whether the map has the key. It ends because
// at least half of the slots are free.
//
// @ pure
// @ requires h == hashKey(hash, k)
// @ ensures ok == dom[k] && (ok ? 0 <= p && p <= mask && busy[p] && pos[k] == p : p == 0)
func (m *Map[K]) find(k *K, h uint32) (p uint32, ok bool) {
	// @ ghost e := countFree(m.busy, m.mask+1)
	p = h & m.mask
	// @ ghost h0 := p
	// @ invariant 0 <= p && p <= m.mask && dist(h0, p, m.mask+1) <= dist(h0, e, m.mask+1)
	// @ invariant m.dom[k] ==> dist(h0, p, m.mask+1) <= dist(h0, m.pos[k], m.mask+1)
	// @ decreases dist(p, e, m.mask+1)
	for {
		w := m.slots[p]
		if w == 0 {
			return 0, false
		}
		if hashOf(w) == h && m.keys[indexOf(w)] == *k {
			return p, true
		}
		p = (p + 1) & m.mask
	}
}
