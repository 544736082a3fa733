package libvig

import (
	"fmt"
	"reflect"
)

// ReplayTypes returns nothing: numbers have neither keys nor values.
func (r *PortRange) ReplayTypes() (key, value reflect.Type) { return nil, nil }

// ReplayLoad takes the numbers of entries into use, counted from the first, and no others. The next
// ones it will give are those of free, then all others in increasing order.
func (r *PortRange) ReplayLoad(entries []ReplayEntry, free []int, _ Time) error {
	taken := make([]bool, len(r.used))
	take := func(i int) error {
		if i < 0 || i >= len(taken) {
			return fmt.Errorf("index %d is outside 0..%d", i, len(taken)-1)
		}
		if taken[i] {
			return fmt.Errorf("index %d is used twice", i)
		}
		taken[i] = true
		return nil
	}
	clear(r.used)
	for _, e := range entries {
		if err := take(e.Index); err != nil {
			return err
		}
		r.used[e.Index] = true
	}
	r.head, r.left, r.draw = 0, 0, draws{}
	give := func(i int) {
		r.queue[r.left] = r.low + int32(i)
		r.left++
	}
	for _, i := range free {
		if err := take(i); err != nil {
			return err
		}
		give(i)
	}
	for i := range taken {
		if !taken[i] {
			give(i)
		}
	}
	return nil
}

// ReplayDump returns the numbers in use, counted from the first.
func (r *PortRange) ReplayDump() []ReplayEntry {
	var entries []ReplayEntry
	for i, used := range r.used {
		if used {
			entries = append(entries, ReplayEntry{Index: i})
		}
	}
	return entries
}

// ReplayTypes returns the type of the elements.
func (r *Ring[T]) ReplayTypes() (key, value reflect.Type) { return nil, reflect.TypeFor[T]() }

// ReplayLoad makes the elements of entries the queue: numbered from 0, the one to be popped next.
func (r *Ring[T]) ReplayLoad(entries []ReplayEntry, free []int, _ Time) error {
	if len(free) > 0 {
		return fmt.Errorf("a Ring does not choose indices")
	}
	if len(entries) > len(r.elems) {
		return fmt.Errorf("there are %d elements, and room for %d", len(entries), len(r.elems))
	}
	placed := make([]bool, len(entries))
	r.start, r.used = int32(len(r.elems)-1), int32(len(entries))
	for _, e := range entries {
		if e.Index < 0 || e.Index >= len(entries) || placed[e.Index] {
			return fmt.Errorf("%d elements are numbered 0..%d: %d is another, or is there twice",
				len(entries), len(entries)-1, e.Index)
		}
		placed[e.Index] = true
		r.elems[(int(r.start)+e.Index)%len(r.elems)] = e.Value.(T)
	}
	return nil
}

// ReplayDump returns the elements in the order in which they are popped.
func (r *Ring[T]) ReplayDump() []ReplayEntry {
	entries := make([]ReplayEntry, r.used)
	for i := range entries {
		entries[i] = ReplayEntry{Index: i, Value: r.elems[(int(r.start)+i)%len(r.elems)]}
	}
	return entries
}
