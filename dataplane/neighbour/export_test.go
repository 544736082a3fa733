package neighbour

import "fmt"

// Check returns what is wrong with the table, the lists and the copies of frames.
func (l *Layer) Check() error {
	if l.addressed == 0 {
		return nil
	}
	t := &l.table
	held, inUse := 0, 0
	seen := make([]bool, len(l.frames.slots))
	for list := range lists {
		size := 0
		for n := t.entries[t.head(list)].next; n != t.head(list); n = t.entries[n].next {
			e := &t.entries[n]
			if size++; size > len(t.entries) || e.list() != list || t.entries[e.next].prev != n {
				return fmt.Errorf("entry %d does not belong into list %d", n, list)
			}
			if i, ok := t.index.Get(e.key); list != listFree && (!ok || i != int(n)) {
				return fmt.Errorf("entry %d has index %d, %v", n, i, ok)
			}
			if list == listFree {
				if e.waiting != 0 {
					return fmt.Errorf("frames wait for entry %d, which is free", n)
				}
				continue
			}
			inUse++
			i := e.first
			for range e.waiting {
				if seen[i] {
					return fmt.Errorf("slot %d is in two queues", i)
				}
				seen[i] = true
				held++
				i = l.frames.slots[i].next
			}
		}
		if size != t.sizes[list] {
			return fmt.Errorf("list %d has %d entries, counted %d", list, size, t.sizes[list])
		}
	}
	for _, list := range []int16{l.frames.free, l.frames.used} {
		for i := list; i != noFrame; i = l.frames.slots[i].next {
			if seen[i] {
				return fmt.Errorf("slot %d is in a second list", i)
			}
			seen[i] = true
		}
	}
	for i := range seen {
		if !seen[i] {
			return fmt.Errorf("slot %d is lost", i)
		}
	}
	if held != l.frames.held || held > maxHeld || inUse != t.index.Len() || t.sizes[listOpen] > maxOpen {
		return fmt.Errorf("%d frames wait, counted %d; %d entries, index has %d, %d open",
			held, l.frames.held, inUse, t.index.Len(), t.sizes[listOpen])
	}
	return nil
}
