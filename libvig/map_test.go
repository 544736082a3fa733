package libvig

import (
	"fmt"
	"testing"
)

// mapOperations are the operations of a Map.
type mapOperations struct {
	Cap   func() int
	Len   func() int
	Full  func() bool
	Get   func(k flow) (int, bool)
	Key   func(i int) flow
	Put   func(k flow, i int)
	Erase func(k flow)
}

// mapOracle runs a map beside a Go map.
type mapOracle struct {
	m      mapOperations
	inside *Map[flow]
	pool   []flow
	want   map[flow]int
}

// newMapOracle returns an oracle for an empty map.
func newMapOracle(m *Map[flow], pool []flow) *mapOracle {
	ops := mapOperations{m.Cap, m.Len, m.Full, m.Get, m.Key, m.Put, m.Erase}
	return &mapOracle{ops, m, pool, map[flow]int{}}
}

// step performs one operation.
func (o *mapOracle) step(op byte, arg int) error {
	k := o.pool[arg%len(o.pool)]
	_, present := o.want[k]
	i := int(op) % o.inside.Cap()
	switch {
	case present && op < 128:
		o.m.Erase(k)
		delete(o.want, k)
	case !present && !o.taken(i):
		o.m.Put(k, i)
		o.want[k] = i
	}
	return nil
}

func (o *mapOracle) taken(i int) bool {
	for _, j := range o.want {
		if i == j {
			return true
		}
	}
	return false
}

func (o *mapOracle) compare() error {
	n := o.inside.Cap()
	if o.m.Cap() != n || o.m.Len() != len(o.want) || o.m.Full() != (len(o.want) == n) {
		return fmt.Errorf("Len is %d, Full is %t with %d keys", o.m.Len(), o.m.Full(), len(o.want))
	}
	for _, k := range o.pool {
		i, ok := o.m.Get(k)
		want, present := o.want[k]
		if ok != present || i != want {
			return fmt.Errorf("Get(%v) is %d, %t; want %d, %t", k, i, ok, want, present)
		}
		if ok && o.m.Key(i) != k {
			return fmt.Errorf("Key(%d) is %v, want %v", i, o.m.Key(i), k)
		}
	}
	return o.inside.checkInvariant()
}

func TestMap(t *testing.T) {
	for n := 1; n <= 8; n++ {
		o := newMapOracle(NewMap[flow](n, secret), poolOf(2*n+1, flowAt))
		if err := play(o, scriptOf(uint64(n), 2000)); err != nil {
			t.Errorf("capacity %d: %v", n, err)
		}
	}
}

// TestMapCollisions uses keys that all have the same home slot, for every home slot: the longest
// probe paths there are, also across the end of the slots.
func TestMapCollisions(t *testing.T) {
	for home := range uint32(16) {
		m := NewMap[flow](8, secret)
		var pool []flow
		for n := uint64(0); len(pool) < 12; n++ {
			if k := flowAt(n); hashKey(&m.hash, &k)&m.mask == home {
				pool = append(pool, k)
			}
		}
		if err := play(newMapOracle(m, pool), scriptOf(uint64(home), 1000)); err != nil {
			t.Errorf("home slot %d: %v", home, err)
		}
	}
}

func FuzzMap(f *testing.F) { fuzz(f, "Map") }

// TestHashSpreads counts keys per home slot for regular keys: sequential, strided, and with only
// high bits set. At most 30 of 4096 keys may share one of 8192 slots; an unkeyed or truncated hash
// puts hundreds there.
func TestHashSpreads(t *testing.T) {
	keys := map[string]func(n uint64) [2]uint64{
		"first word":       func(n uint64) [2]uint64 { return [2]uint64{n, 0} },
		"second word":      func(n uint64) [2]uint64 { return [2]uint64{0, n} },
		"stride of 2^32":   func(n uint64) [2]uint64 { return [2]uint64{n << 32, 0} },
		"high bits":        func(n uint64) [2]uint64 { return [2]uint64{0, n << 52} },
		"both words alike": func(n uint64) [2]uint64 { return [2]uint64{n, n} },
	}
	for name, key := range keys {
		t.Run(name, func(t *testing.T) {
			m := NewMap[[2]uint64](4096, secret)
			count := make([]int, len(m.slots))
			for n := range uint64(4096) {
				k := key(n)
				p := hashKey(&m.hash, &k) & m.mask
				if count[p]++; count[p] > 30 {
					t.Fatalf("slot %d is the home of more than 30 keys", p)
				}
			}
		})
	}
}

// TestHashReadsEveryByte changes each byte of keys of every size: the hash must change.
func TestHashReadsEveryByte(t *testing.T) {
	h := newHasher(secret)
	for size := uintptr(1); size <= maxKeySize; size++ {
		var k [maxKeySize]byte
		w := wordsOf(&k)
		w.size = size
		before := h.sum(w)
		for i := range k {
			k[i] ^= 0x55
			if changed := h.sum(w) != before; changed != (uintptr(i) < size) {
				t.Errorf("key of %d bytes, byte %d: hash changes is %t", size, i, changed)
			}
			k[i] ^= 0x55
		}
	}
	k, want := [2]uint64{3, 4}, uint32(0)
	if want = h.sum(wordsOf(&k)); hashKey(&h, &k) != want {
		t.Error("the inlined hash of 16 bytes differs from the general one")
	}
	other := newHasher(HashKey{1, 2, 3, 4, 5})
	if other.sum(wordsOf(&k)) == want {
		t.Error("the hash does not depend on the secret")
	}
}

// TestMapInvariantRefuses a map that notes a key for a slot that is not its own.
func TestMapInvariantRefuses(t *testing.T) {
	m := NewMap[flow](4, secret)
	m.Put(flowAt(0), 2)
	if err := m.checkInvariant(); err != nil {
		t.Fatal(err)
	}
	m.where[2] ^= 1
	if err := m.checkInvariant(); err == nil {
		t.Error("another slot is noted, and nothing is wrong")
	}
}
