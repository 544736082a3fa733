package libvig

import (
	"errors"
	"fmt"
)

// This file is self-contained: package internal/replay compiles it into the programs that load a
// state into the structures, to refuse a state that no sequence of operations could have left.

// checkInvariant returns what is wrong with the links, times and size of a chain, or nil.
func (c *Chain) checkInvariant() error {
	if len(c.cells) != int(c.n)+1 {
		return errors.New("chain: the number of cells is wrong")
	}
	used, err := c.checkUsed()
	if err != nil {
		return err
	}
	return checkFree(c.cells[:c.n], int(used), c.free)
}

// checkFree returns what is wrong with the cells that are in no list, or with the numbers of the free ones, or nil.
func checkFree(cells []cell, used int, free *PortRange) error {
	for i, c := range cells {
		if (c.prev == none) == free.Allocated(i) {
			return fmt.Errorf("chain: cell %d is in a list and free, or neither", i)
		}
	}
	if used != free.Len() || free.Cap() != len(cells) || free.First() != 0 {
		return fmt.Errorf("chain: %d cells are in use, and %d of %d numbers", used, free.Len(), free.Cap())
	}
	return free.checkInvariant()
}

// checkUsed follows the list of cells in use and returns their number.
func (c *Chain) checkUsed() (int32, error) {
	used, last := int32(0), Time(0)
	p := c.n
	for i := c.cells[c.n].next; i != c.n; i = c.cells[i].next {
		if i < 0 || i > c.n || c.cells[i].prev != p {
			return 0, errors.New("chain: a link forward has no link back")
		}
		if c.cells[i].time < last {
			return 0, errors.New("chain: times are negative or out of order")
		}
		if used++; used > c.n {
			return 0, errors.New("chain: the list of cells in use does not return to its start")
		}
		p, last = i, c.cells[i].time
	}
	if c.cells[c.n].prev != p {
		return 0, errors.New("chain: the last link back is wrong")
	}
	return used, nil
}

// checkInvariant returns what is wrong with the slots and keys of a map, or nil.
func (m *Map[K]) checkInvariant() error {
	if uint64(len(m.slots)) != uint64(m.mask)+1 || m.mask&(m.mask+1) != 0 || 2*len(m.keys) > len(m.slots) {
		return errors.New("map: the number of slots is wrong")
	}
	taken, size := make([]bool, len(m.keys)), uint32(0)
	for p, w := range m.slots {
		if w == 0 {
			continue
		}
		size++
		i := indexOf(w)
		if i < 0 || int(i) >= len(m.keys) || taken[i] {
			return errors.New("map: a slot holds an index that is out of range or taken twice")
		}
		taken[i] = true
		if hashOf(w) != hashKey(&m.hash, &m.keys[i]) {
			return errors.New("map: a slot does not hold the hash of its key")
		}
		if q, ok := m.find(&m.keys[i], hashOf(w)); !ok || q != uint32(p) {
			return errors.New("map: a key is not found from its home slot, or is there twice")
		}
		if m.where[i] != uint32(p) {
			return errors.New("map: a key is noted for another slot")
		}
	}
	if size != m.size {
		return errors.New("map: the size is wrong")
	}
	return nil
}

// checkInvariant returns what is wrong with a table or its parts, or nil.
func (t *Table[K, V]) checkInvariant() error {
	if err := t.c.checkInvariant(); err != nil {
		return err
	}
	if err := t.m.checkInvariant(); err != nil {
		return err
	}
	if len(t.vals) != int(t.c.n) || len(t.m.keys) != int(t.c.n) || int(t.m.size) != t.c.Len() {
		return errors.New("table: its parts differ in size")
	}
	for _, w := range t.m.slots {
		if w != 0 && !t.c.Allocated(int(indexOf(w))) {
			return errors.New("table: a key has an index that is not in use")
		}
	}
	return nil
}

// checkInvariant returns what is wrong with the lists of a chain with classes, or nil.
func (c *ClassChain) checkInvariant() error {
	used := int32(0)
	for s := c.n; s < c.n+c.kinds; s++ {
		p, last := s, Time(0)
		for i := c.cells[s].next; i != s; i = c.cells[i].next {
			if i < 0 || i >= c.n {
				return fmt.Errorf("chain: the list of class %d leads to %d", s-c.n, i)
			}
			x := c.cells[i]
			if used++; used > c.n || x.prev != p || int32(c.kind[i]) != s-c.n || x.time < last {
				return fmt.Errorf("chain: cell %d of class %d is %v after %d at %d", i, s-c.n, x, p, last)
			}
			p, last = i, x.time
		}
		if c.cells[s].prev != p {
			return fmt.Errorf("chain: the last link back of class %d is wrong", s-c.n)
		}
	}
	return checkFree(c.cells[:c.n], int(used), c.free)
}

// checkInvariant returns what is wrong with a table with classes or its parts, or nil.
func (t *ClassTable[K, V]) checkInvariant() error {
	if err := errors.Join(t.c.checkInvariant(), t.m.checkInvariant()); err != nil {
		return err
	}
	if len(t.vals) != int(t.c.n) || len(t.m.keys) != int(t.c.n) || int(t.m.size) != t.c.Len() {
		return errors.New("table: its parts differ in size")
	}
	for _, w := range t.m.slots {
		if w != 0 && !t.c.Allocated(int(indexOf(w))) {
			return errors.New("table: a key has an index that is not in use")
		}
	}
	return nil
}

// checkInvariant returns what is wrong with the queue of a range, or nil.
func (r *PortRange) checkInvariant() error {
	n := len(r.queue)
	if len(r.used) != n || r.head < 0 || int(r.head) >= n || r.left < 0 || int(r.left) > n {
		return errors.New("port range: the queue lies outside of its places")
	}
	free := make([]bool, n)
	for i := range int(r.left) {
		x := int(r.queue[(int(r.head)+i)%n] - r.low)
		if x < 0 || x >= n || free[x] || r.used[x] {
			return errors.New("port range: a number in the queue is in use, twice there or outside")
		}
		free[x] = true
	}
	for i, used := range r.used {
		if used == free[i] {
			return errors.New("port range: a number is neither in use nor in the queue")
		}
	}
	return nil
}
