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
	mask  uint32 // number of slots minus one; that number is a power of two
	size  uint32 // number of keys
	hash  hasher
}

// pack returns the slot of a key with hash h and index i.
func pack(h uint32, i int32) uint64 { return uint64(h)<<32 | uint64(uint32(i)+1) }

// hashOf returns the hash in a slot.
func hashOf(w uint64) uint32 { return uint32(w >> 32) }

// indexOf returns the index in a slot that is not free.
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
	for slots < 2*n {
		slots *= 2
	}
	return &Map[K]{
		slots: make([]uint64, slots),
		keys:  make([]K, n),
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

// Put adds a key under an index that no key has.
//
// @ requires !dom[k] && 0 <= i && i < cap && !used[i]
// @ ensures dom == old(dom)[k := true] && val == old(val)[k := i]
// @ ensures used == old(used)[i := true] && key == old(key)[i := k]
func (m *Map[K]) Put(k K, i int) {
	m.keys[i] = k
	h := hashKey(&m.hash, &k)
	p := h & m.mask
	for m.slots[p] != 0 {
		p = (p + 1) & m.mask
	}
	m.slots[p] = pack(h, int32(i))
	m.size++
}

// Erase removes a key; its index is free again.
//
// @ requires dom[k]
// @ ensures dom == old(dom)[k := false] && used == old(used)[old(val[k]) := false]
func (m *Map[K]) Erase(k K) {
	i, _ := m.find(&k, hashKey(&m.hash, &k))
	m.slots[i] = 0
	m.size--
	// Slot i is the hole and j the last slot scanned. An entry moves into the hole when its probe
	// path, from its home slot to j, leads through it.
	j := i
	for {
		j = (j + 1) & m.mask
		w := m.slots[j]
		if w == 0 {
			break
		}
		home := hashOf(w) & m.mask
		if (j+m.mask+1-home)&m.mask >= (j+m.mask+1-i)&m.mask {
			m.slots[i] = w
			m.slots[j] = 0
			i = j
		}
	}
}

// find returns the slot of a key whose hash is h, and whether the map has the key. It ends because
// at least half of the slots are free.
func (m *Map[K]) find(k *K, h uint32) (p uint32, ok bool) {
	p = h & m.mask
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
