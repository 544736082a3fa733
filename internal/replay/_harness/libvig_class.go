package libvig

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
)

// ReplayTypes returns nothing: a chain has neither keys nor values.
func (c *ClassChain) ReplayTypes() (key, value reflect.Type) { return nil, nil }

// ReplayLoad puts entries into c, which it empties first: each behind those of its class that are as old or
// older. The rest is as for a Chain.
func (c *ClassChain) ReplayLoad(entries []ReplayEntry, free []int, last Time) error {
	c.ghostLast = last
	slices.SortStableFunc(entries, func(a, b ReplayEntry) int { return cmp.Compare(a.Time, b.Time) })
	for s := c.n; s < c.n+c.kinds; s++ {
		c.cells[s].prev, c.cells[s].next = s, s
	}
	if err := c.free.ReplayLoad(entries, free, last); err != nil {
		return err
	}
	for i := range c.n {
		c.cells[i] = cell{prev: none, next: none}
	}
	for _, e := range entries {
		if int(e.Class) >= c.Classes() {
			return fmt.Errorf("index %d: class %d is outside 0..%d", e.Index, e.Class, c.Classes()-1)
		}
		i, s := int32(e.Index), c.n+int32(e.Class)
		p := c.cells[s].prev
		c.cells[i] = cell{prev: p, next: s, time: e.Time}
		c.kind[i] = e.Class
		c.cells[p].next, c.cells[s].prev = i, i
	}
	return c.checkInvariant()
}

// ReplayDump returns the entries in use, by index.
func (c *ClassChain) ReplayDump() []ReplayEntry {
	var entries []ReplayEntry
	for i := range c.Cap() {
		if c.Allocated(i) {
			entries = append(entries, ReplayEntry{Index: i, Time: c.cells[i].time, Class: c.kind[i]})
		}
	}
	return entries
}

// ReplayTypes returns the types of keys and values.
func (t *ClassTable[K, V]) ReplayTypes() (key, value reflect.Type) {
	return reflect.TypeFor[K](), reflect.TypeFor[V]()
}

// ReplayLoad puts entries into t, which it empties first; free and last are as for a ClassChain.
func (t *ClassTable[K, V]) ReplayLoad(entries []ReplayEntry, free []int, last Time) error {
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
func (t *ClassTable[K, V]) ReplayDump() []ReplayEntry {
	entries := t.c.ReplayDump()
	for n, e := range entries {
		entries[n].Key, entries[n].Value = t.Key(e.Index), t.At(e.Index)
	}
	return entries
}
