package libvig

// none is an index of nothing: the prev of a free cell.
const none = -1

// cell holds the two links of an index, and the time of its last use: side by side, for a refresh changes
// all three, and one cache line holds them. A cell in use is in a circular list, least recently used
// first; a free one has prev == none.
type cell struct {
	prev, next int32
	time       Time
}

// Chain hands out the indices 0 to n-1 and keeps those in use in the order of their last use, each
// with the time of it.
//
// @ ghost alloc map[int]bool
// @ ghost time map[int]uint63 on alloc
// @ ghost cap uint31
// @ ghost last uint63
// @ exposes forall i int {alloc[i]} :: alloc[i] ==> 0 <= i && i < cap
// @ exposes forall i int {time[i]} :: alloc[i] ==> time[i] <= last
type Chain struct {
	cells []cell // cells[n] is the sentinel of the list of cells in use
	n     int32
	free  *PortRange

	expired uint64 // number of cells that ExpireBefore gave back, for a [View]
	// @ wraps expired

	// rank orders the cells in use as the list does; top is above all ranks.
	// @ ghost rank map[int]int
	// @ ghost top int
	// @ represent alloc = free.alloc; time = cells.time; cap = n
	// @ inv 0 < n && n <= 536870912 && len(cells) == n+1
	// @ inv forall i int {alloc[i]} :: alloc[i] ==> 0 <= i && i < n
	// @ inv forall i int {cells[i].prev} :: 0 <= i && i < n ==> (alloc[i] <==> cells[i].prev != -1)
	// @ inv free.cap == n && free.first == 0
	// The circle of cells in use.
	// @ inv forall i int {cells[i].next} :: alloc[i] || i == n ==> alloc[cells[i].next] || cells[i].next == n
	// @ inv forall i int {cells[i].next} :: alloc[i] || i == n ==> cells[cells[i].next].prev == i
	// @ inv forall i int {cells[i].prev} :: alloc[i] || i == n ==> alloc[cells[i].prev] || cells[i].prev == n
	// @ inv forall i int {cells[i].prev} :: alloc[i] || i == n ==> cells[cells[i].prev].next == i
	// Ranks rise along it, with no cell left out, and times with them.
	// @ inv forall i int {rank[i]} :: alloc[i] ==> rank[i] < top
	// @ inv forall i, j int {rank[i], rank[j]} :: alloc[i] && alloc[j] && rank[i] == rank[j] ==> i == j
	// @ inv forall i, j int {cells[i].next, rank[j]} :: alloc[i] && alloc[j] && rank[i] < rank[j] ==>
	// @  cells[i].next != n && rank[cells[i].next] <= rank[j]
	// @ inv forall j int {alloc[j]} {rank[j]} :: alloc[j] ==> cells[n].next != n && rank[cells[n].next] <= rank[j]
	// @ inv forall i int {cells[i].next} :: alloc[i] && cells[i].next != n ==> rank[i] < rank[cells[i].next]
	// @ inv forall i, j int {cells[i].time, cells[j].time} {alloc[i], alloc[j]} :: alloc[i] && alloc[j] && rank[i] < rank[j] ==> cells[i].time <= cells[j].time
}

// NewChain returns a chain of n free indices, which it gives as a [PortRange] with the secret its numbers. It panics when n
// is not in 1..MaxCapacity.
//
// @ constructor
// @ requires 0 < n && n <= 536870912
// @ ensures cap == n && last == 0 && (forall i int :: alloc[i] == false)
func NewChain(n int, secret HashKey) *Chain {
	checkCapacity(n)
	c := &Chain{cells: make([]cell, n+1), n: int32(n), free: NewPortRange(0, n, secret)}
	// @ invariant 0 <= i && i <= n
	// @ invariant forall j int {c.cells[j].prev} :: 0 <= j && j < i ==> c.cells[j].prev == -1
	// @ decreases n - i
	for i := int32(0); i < c.n; i++ {
		c.cells[i].prev = none
	}
	c.cells[n] = cell{prev: c.n, next: c.n}
	// @ c.top = 0
	return c
}

// Cap returns the number of indices.
//
// @ ensures n == cap
func (c *Chain) Cap() (n int) {
	return int(c.n)
}

// Len returns the number of indices in use.
//
// @ ensures n == count(alloc, cap)
func (c *Chain) Len() (n int) {
	return c.free.Len()
}

// Full reports whether every index is in use.
//
// @ ensures r == (count(alloc, cap) == cap)
func (c *Chain) Full() (r bool) {
	return c.free.Full()
}

// Allocated reports whether index i is in use; i may be any number.
//
// @ ensures r == alloc[i]
func (c *Chain) Allocated(i int) (r bool) {
	return 0 <= i && i < int(c.n) && c.cells[i].prev != none
}

// Allocate takes a free index into use at the time now. There is one exactly when the chain is not
// full.
//
// @ requires last <= now
// @ ensures ok == (count(old(alloc), cap) < cap)
// @ ensures ok ==> 0 <= i && i < cap && !old(alloc[i])
// @ ensures ok ==> alloc == old(alloc)[i := true] && time == old(time)[i := now] && last == now
// @ ensures !ok ==> i == 0
func (c *Chain) Allocate(now Time) (i int, ok bool) {
	i, ok = c.free.Allocate()
	if !ok {
		return 0, false
	}
	f := int32(i)
	t := c.cells[c.n].prev
	c.cells[f].next = c.n
	c.cells[f].prev = t
	c.cells[f].time = now
	c.cells[t].next = f
	c.cells[c.n].prev = f
	// @ c.last = now; c.rank[f] = c.top; c.top = c.top + 1
	return i, true
}

// Refresh makes index i the most recently used, at the time now.
//
// @ requires alloc[i] && last <= now
// @ ensures time == old(time)[i := now] && last == now
func (c *Chain) Refresh(i int, now Time) {
	c.cells[i].time = now
	p := c.cells[i].prev
	s := c.cells[i].next
	c.cells[p].next = s
	c.cells[s].prev = p
	t := c.cells[c.n].prev
	c.cells[i].next = c.n
	c.cells[i].prev = t
	c.cells[t].next = int32(i)
	c.cells[c.n].prev = int32(i)
	// @ c.last = now; c.rank[i] = c.top; c.top = c.top + 1
}

// Free gives index i back.
//
// @ requires alloc[i]
// @ ensures alloc == old(alloc)[i := false]
func (c *Chain) Free(i int) {
	p := c.cells[i].prev
	s := c.cells[i].next
	c.cells[p].next = s
	c.cells[s].prev = p
	c.cells[i].prev = none
	c.free.Free(i)
}

// ExpireBefore gives back every index last used before a time.
//
// @ ensures forall i int {alloc[i]} :: alloc[i] == old(alloc[i] && time[i] >= before)
func (c *Chain) ExpireBefore(before Time) {
	// @ invariant inv
	// @ invariant forall j int {c.alloc[j]} :: c.alloc[j] ==> old(c.alloc[j])
	// @ invariant forall j int {old(c.alloc[j])} :: old(c.alloc[j]) && c.time[j] >= before ==> c.alloc[j]
	// @ invariant c.time == old(c.time) && c.n == old(c.n) && c.last == old(c.last)
	// @ invariant ok ==> c.alloc[i] && c.time[i] < before
	// @ invariant !ok ==> forall j int {c.alloc[j]} :: c.alloc[j] ==> c.time[j] >= before
	// @ decreases count(c.alloc, c.cap)
	for i, ok := c.oldest(before); ok; i, ok = c.oldest(before) {
		// @ countBounds(c.alloc, c.cap)
		// @ countUpd(c.alloc, c.cap, i, false)
		c.Free(i)
		c.noteExpiry()
	}
}

// noteExpiry counts an index that was given back for its age.
//
// @ modifies expired
func (c *Chain) noteExpiry() { c.expired++ }

// oldest returns the least recently used index, and whether there is one whose last use was before a
// time. As times follow the list's order, no index is older than before once it says no.
//
// @ pure
// @ ensures ok ==> alloc[i] && time[i] < before
// @ ensures !ok ==> forall j int {alloc[j]} :: alloc[j] ==> time[j] >= before
func (c *Chain) oldest(before Time) (i int, ok bool) {
	h := c.cells[c.n].next
	return int(h), h != c.n && c.cells[h].time < before
}
