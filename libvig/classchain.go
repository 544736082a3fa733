package libvig

// ClassChain is a [Chain] whose indices in use have classes, each with an order of its own: what expires is
// asked of one class. An index that changes its class stays the same.
//
// Classes are for timers that depend on the state of what an index stands for, such as those of a TCP connection
// that is open or being closed (RFC 5382, section 5). The observers are those of Chain, the class of each index in
// use, and classes, how many there are.
//
// @ ghost alloc map[int]bool
// @ ghost time map[int]uint63 on alloc
// @ ghost class map[int]uint8 on alloc
// @ ghost cap uint31
// @ ghost classes uint9
// @ ghost last uint63
// @ exposes forall i int {alloc[i]} :: alloc[i] ==> 0 <= i && i < cap && class[i] < classes
// @ exposes forall i int {time[i]} :: alloc[i] ==> time[i] <= last
// @ exposes 0 < classes && classes <= 256
type ClassChain struct {
	cells []cell  // cells[n+c] is the sentinel of the list of cells in use of class c
	kind  []uint8 // class of each; apart, for then a cell is no larger than that of a Chain, and lies in one cache line
	n     int32
	kinds int32 // number of classes
	free  *PortRange

	expired uint64 // number of cells that ExpireBefore gave back, for a [View]
	// @ wraps expired

	// rank orders the cells in use of each class as its list does; top is above all ranks. list is the sentinel of a cell's list.
	// @ ghost rank, list map[int]int
	// @ ghost top int
	// @ represent alloc = free.alloc; time = cells.time; class = kind; cap = n; classes = kinds
	// @ inv 0 < n && n <= 536870912 && 0 < kinds && kinds <= 256 && len(cells) == n+kinds && len(kind) == n
	// @ inv forall i int {alloc[i]} :: alloc[i] ==> 0 <= i && i < n
	// @ inv forall i int {kind[i]} :: alloc[i] ==> 0 <= kind[i] && kind[i] < kinds
	// @ inv forall i int {list[i]} :: alloc[i] ==> list[i] == n + kind[i]
	// @ inv forall i int {list[i]} :: n <= i && i < n+kinds ==> list[i] == i
	// @ inv forall i int {cells[i].prev} :: 0 <= i && i < n ==> (alloc[i] <==> cells[i].prev != -1)
	// @ inv free.cap == n && free.first == 0
	// The circles of cells in use.
	// @ inv forall i int {cells[i].next} :: alloc[i] || n <= i && i < n+kinds ==>
	// @  (alloc[cells[i].next] || cells[i].next == list[i]) && list[cells[i].next] == list[i]
	// @ inv forall i int {cells[i].next} :: alloc[i] || n <= i && i < n+kinds ==> cells[cells[i].next].prev == i
	// @ inv forall i int {cells[i].prev} :: alloc[i] || n <= i && i < n+kinds ==>
	// @  (alloc[cells[i].prev] || cells[i].prev == list[i]) && list[cells[i].prev] == list[i]
	// @ inv forall i int {cells[i].prev} :: alloc[i] || n <= i && i < n+kinds ==> cells[cells[i].prev].next == i
	// Ranks rise along each, with no cell left out, and times with them.
	// @ inv forall i int {rank[i]} :: alloc[i] ==> rank[i] < top
	// @ inv forall i, j int {rank[i], rank[j]} :: alloc[i] && alloc[j] && rank[i] == rank[j] ==> i == j
	// @ inv forall i, j int {cells[i].next, rank[j]} :: alloc[i] && alloc[j] && list[i] == list[j] && rank[i] < rank[j] ==>
	// @  cells[i].next < n && rank[cells[i].next] <= rank[j]
	// @ inv forall j int {alloc[j]} {rank[j]} :: alloc[j] ==>
	// @  cells[list[j]].next < n && rank[cells[list[j]].next] <= rank[j]
	// @ inv forall i int {cells[i].next} :: alloc[i] && cells[i].next < n ==> rank[i] < rank[cells[i].next]
	// @ inv forall i, j int {cells[i].time, cells[j].time} {alloc[i], alloc[j]} :: alloc[i] && alloc[j] &&
	// @  list[i] == list[j] && rank[i] < rank[j] ==> cells[i].time <= cells[j].time
}

// NewClassChain returns a chain of n free indices with a number of classes, which it gives as a [PortRange] with the
// secret its numbers. It panics when n is not in 1..MaxCapacity, or the number of classes not in 1..256.
//
// @ constructor
// @ requires 0 < n && n <= 536870912 && 0 < number && number <= 256
// @ ensures cap == n && classes == number && last == 0 && (forall i int :: alloc[i] == false)
func NewClassChain(n, number int, secret HashKey) *ClassChain {
	checkCapacity(n)
	if number < 1 || number > 256 {
		panic("libvig: the number of classes is outside 1..256")
	}
	c := &ClassChain{cells: make([]cell, n+number), kind: make([]uint8, n), n: int32(n), kinds: int32(number),
		free: NewPortRange(0, n, secret)}
	// @ invariant 0 <= i && i <= n + number
	// @ invariant forall j int {c.cells[j].next} :: n <= j && j < i ==> c.cells[j].next == j
	// @ invariant forall j int {c.cells[j].prev} :: 0 <= j && j < i ==> c.cells[j].prev == (j < n ? -1 : j)
	// @ invariant forall j int {c.list[j]} :: n <= j && j < i ==> c.list[j] == j
	// @ invariant forall j int {c.kind[j]} :: c.kind[j] == 0
	// @ invariant forall j int {c.cells[j].time} :: c.cells[j].time == 0
	// @ decreases n + number - i
	for i := range c.cells {
		c.cells[i] = cell{prev: int32(i), next: int32(i)}
		if i < n {
			c.cells[i].prev = none
		}
		// @ c.list[i] = i
	}
	// @ c.top = 0
	return c
}

// Cap returns the number of indices.
//
// @ ensures n == cap
func (c *ClassChain) Cap() (n int) {
	return int(c.n)
}

// Classes returns the number of classes.
//
// @ ensures n == classes
func (c *ClassChain) Classes() (n int) {
	return int(c.kinds)
}

// Len returns the number of indices in use.
//
// @ ensures n == count(alloc, cap)
func (c *ClassChain) Len() (n int) {
	return c.free.Len()
}

// Full reports whether every index is in use.
//
// @ ensures r == (count(alloc, cap) == cap)
func (c *ClassChain) Full() (r bool) {
	return c.free.Full()
}

// Allocated reports whether index i is in use; i may be any number.
//
// @ ensures r == alloc[i]
func (c *ClassChain) Allocated(i int) (r bool) {
	return 0 <= i && i < int(c.n) && c.cells[i].prev != none
}

// Class returns the class of index i.
//
// @ requires alloc[i]
// @ ensures r == class[i]
func (c *ClassChain) Class(i int) (r uint8) {
	return c.kind[i]
}

// Allocate takes a free index into use at the time now, in a class. There is one exactly when the chain is not
// full.
//
// @ requires last <= now && of < classes
// @ ensures ok == (count(old(alloc), cap) < cap)
// @ ensures ok ==> 0 <= i && i < cap && !old(alloc[i])
// @ ensures ok ==> alloc == old(alloc)[i := true] && time == old(time)[i := now] && last == now
// @ ensures ok ==> class == old(class)[i := of]
// @ ensures !ok ==> i == 0
func (c *ClassChain) Allocate(now Time, of uint8) (i int, ok bool) {
	i, ok = c.free.Allocate()
	if !ok {
		return 0, false
	}
	f, s := int32(i), c.n+int32(of)
	t := c.cells[s].prev
	c.cells[f] = cell{prev: t, next: s, time: now}
	c.kind[f] = of
	// @ c.list[f] = s
	c.cells[t].next = f
	c.cells[s].prev = f
	// @ c.last = now; c.rank[f] = c.top; c.top = c.top + 1
	return i, true
}

// Refresh makes index i the most recently used of a class, at the time now.
//
// @ requires alloc[i] && last <= now && of < classes
// @ ensures time == old(time)[i := now] && class == old(class)[i := of] && last == now
func (c *ClassChain) Refresh(i int, now Time, of uint8) {
	p := c.cells[i].prev
	x := c.cells[i].next
	c.cells[p].next = x
	c.cells[x].prev = p
	s := c.n + int32(of)
	t := c.cells[s].prev
	c.cells[i] = cell{prev: t, next: s, time: now}
	c.kind[i] = of
	// @ c.list[i] = s
	c.cells[t].next = int32(i)
	c.cells[s].prev = int32(i)
	// @ c.last = now; c.rank[i] = c.top; c.top = c.top + 1
}

// Free gives index i back.
//
// @ requires alloc[i]
// @ ensures alloc == old(alloc)[i := false]
func (c *ClassChain) Free(i int) {
	p := c.cells[i].prev
	s := c.cells[i].next
	c.cells[p].next = s
	c.cells[s].prev = p
	c.cells[i].prev = none
	c.free.Free(i)
}

// ExpireBefore gives back every index of a class that was last used before a time.
//
// @ requires of < classes
// @ ensures forall i int {alloc[i]} :: alloc[i] == old(alloc[i] && (class[i] != of || time[i] >= before))
func (c *ClassChain) ExpireBefore(of uint8, before Time) {
	// @ invariant inv
	// @ invariant forall j int {c.alloc[j]} :: c.alloc[j] ==> old(c.alloc[j])
	// @ invariant forall j int {old(c.alloc[j])} :: old(c.alloc[j]) && (c.class[j] != of || c.time[j] >= before) ==> c.alloc[j]
	// @ invariant c.time == old(c.time) && c.class == old(c.class) && c.n == old(c.n) && c.last == old(c.last)
	// @ invariant c.kinds == old(c.kinds)
	// @ invariant ok ==> c.alloc[i] && c.class[i] == of && c.time[i] < before
	// @ invariant !ok ==> forall j int {c.alloc[j]} :: c.alloc[j] && c.class[j] == of ==> c.time[j] >= before
	// @ decreases count(c.alloc, c.cap)
	for i, ok := c.oldest(of, before); ok; i, ok = c.oldest(of, before) {
		// @ countBounds(c.alloc, c.cap)
		// @ countUpd(c.alloc, c.cap, i, false)
		c.Free(i)
		c.noteExpiry()
	}
}

// noteExpiry counts an index that was given back for its age.
//
// @ modifies expired
func (c *ClassChain) noteExpiry() { c.expired++ }

// oldest returns the least recently used index of a class, and whether there is one whose last use was before a
// time. As times follow the list's order, no index of the class is older than before once it says no.
//
// @ pure
// @ requires of < classes
// @ ensures ok ==> alloc[i] && class[i] == of && time[i] < before
// @ ensures !ok ==> forall j int {alloc[j]} :: alloc[j] && class[j] == of ==> time[j] >= before
func (c *ClassChain) oldest(of uint8, before Time) (i int, ok bool) {
	h := c.cells[c.n+int32(of)].next
	return int(h), h < c.n && c.cells[h].time < before
}
