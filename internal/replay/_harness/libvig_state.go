package libvig

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
)

// ReplayEntry is one entry of a structure; what the structure does not have is nil or 0.
type ReplayEntry struct {
	Index      int
	Key, Value any
	Time       Time
	Class      uint8
}

// ReplayTypes returns nothing: a chain has neither keys nor values.
func (c *Chain) ReplayTypes() (key, value reflect.Type) { return nil, nil }

// ReplayLoad puts entries into c, which it empties first. The next indices it will hand out are
// those of free, then all others in increasing order. Entries of equal time are in use order. The
// latest use of any index was at the time last.
func (c *Chain) ReplayLoad(entries []ReplayEntry, free []int, last Time) error {
	c.ghostLast = last
	slices.SortStableFunc(entries, func(a, b ReplayEntry) int { return cmp.Compare(a.Time, b.Time) })
	if err := c.free.ReplayLoad(entries, free, last); err != nil {
		return err
	}
	for i := range c.n {
		c.cells[i] = cell{prev: none, next: none}
	}
	p := c.n
	for _, e := range entries {
		i := int32(e.Index)
		c.cells[p].next, c.cells[i].prev = i, p
		c.cells[i].time = e.Time
		p = i
	}
	c.cells[p].next, c.cells[c.n].prev = c.n, p
	return c.checkInvariant()
}

// ReplayDump returns the entries in use, by index.
func (c *Chain) ReplayDump() []ReplayEntry {
	var entries []ReplayEntry
	for i := range c.Cap() {
		if c.Allocated(i) {
			entries = append(entries, ReplayEntry{Index: i, Time: c.cells[i].time})
		}
	}
	return entries
}

// ReplayTypes returns the type of the keys.
func (m *Map[K]) ReplayTypes() (key, value reflect.Type) { return reflect.TypeFor[K](), nil }

// ReplayLoad puts entries into m, which it empties first.
func (m *Map[K]) ReplayLoad(entries []ReplayEntry, free []int, _ Time) error {
	if len(free) > 0 {
		return fmt.Errorf("a Map does not choose indices")
	}
	clear(m.slots)
	clear(m.keys)
	m.size = 0
	taken := make([]bool, m.Cap())
	for _, e := range entries {
		if e.Index < 0 || e.Index >= m.Cap() {
			return fmt.Errorf("index %d is outside 0..%d", e.Index, m.Cap()-1)
		}
		if taken[e.Index] {
			return fmt.Errorf("index %d is used twice", e.Index)
		}
		taken[e.Index] = true
		if err := m.replayPut(e); err != nil {
			return err
		}
	}
	return m.checkInvariant()
}

// replayPut adds a key that must be new, under an index that is free.
func (m *Map[K]) replayPut(e ReplayEntry) error {
	k := e.Key.(K)
	if i, ok := m.Get(k); ok {
		return fmt.Errorf("indices %d and %d have the same key", i, e.Index)
	}
	m.Put(k, e.Index)
	return nil
}

// ReplayDump returns the entries, by index.
func (m *Map[K]) ReplayDump() []ReplayEntry {
	var entries []ReplayEntry
	for _, w := range m.slots {
		if w != 0 {
			i := int(indexOf(w))
			entries = append(entries, ReplayEntry{Index: i, Key: m.Key(i)})
		}
	}
	slices.SortFunc(entries, func(a, b ReplayEntry) int { return cmp.Compare(a.Index, b.Index) })
	return entries
}

// ReplayTypes returns the types of keys and values.
func (t *Table[K, V]) ReplayTypes() (key, value reflect.Type) {
	return reflect.TypeFor[K](), reflect.TypeFor[V]()
}

// ReplayLoad puts entries into t, which it empties first; free and last are as for a Chain.
func (t *Table[K, V]) ReplayLoad(entries []ReplayEntry, free []int, last Time) error {
	t.ghostLast = last
	if err := t.c.ReplayLoad(entries, free, last); err != nil {
		return err
	}
	if err := t.m.ReplayLoad(entries, nil, last); err != nil {
		return err
	}
	for _, e := range entries {
		t.vals[e.Index] = e.Value.(V)
	}
	return t.checkInvariant()
}

// ReplayDump returns the entries, by index.
func (t *Table[K, V]) ReplayDump() []ReplayEntry {
	entries := t.c.ReplayDump()
	for n, e := range entries {
		entries[n].Key, entries[n].Value = t.Key(e.Index), t.At(e.Index)
	}
	return entries
}

// Cap returns the number of elements, under the name the other structures have for it.
func (v *Vector[T]) Cap() int { return v.Len() }

// ReplayTypes returns the type of the elements.
func (v *Vector[T]) ReplayTypes() (key, value reflect.Type) { return nil, reflect.TypeFor[T]() }

// ReplayFixed says that elements that a case does not list are as they were made.
func (v *Vector[T]) ReplayFixed() {}

// ReplayLoad sets the elements listed.
func (v *Vector[T]) ReplayLoad(entries []ReplayEntry, free []int, _ Time) error {
	if len(free) > 0 {
		return fmt.Errorf("a Vector has no free indices")
	}
	for _, e := range entries {
		if e.Index < 0 || e.Index >= v.Len() {
			return fmt.Errorf("index %d is outside 0..%d", e.Index, v.Len()-1)
		}
		v.Set(e.Index, e.Value.(T))
	}
	return nil
}

// ReplayDump returns all elements.
func (v *Vector[T]) ReplayDump() []ReplayEntry {
	entries := make([]ReplayEntry, v.Len())
	for i := range entries {
		entries[i] = ReplayEntry{Index: i, Value: v.Get(i)}
	}
	return entries
}
