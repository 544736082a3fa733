package libvig

// PortRange hands out the numbers first to first+n-1, each to one holder at a time, such as the ports of an address. The free
// indices of a [Chain], and so of a table, are one, too.
//
// Each number that it gives is drawn from the half of the free ones that came back first, so that who has seen some cannot
// tell the next (RFC 6056, section 3), and one that has just come back rests for a while. A secret of zeros draws nothing: numbers are
// then given in the order in which they came back.
//
// @ ghost alloc map[int]bool
// @ ghost first uint31
// @ ghost cap uint31
// @ exposes forall i int {alloc[i]} :: alloc[i] ==> first <= i && i < first + cap
// @ exposes count(alloc, first + cap) <= cap
type PortRange struct {
	queue []int32 // the free numbers, next to be given first: a circle with left of them from head on
	used  []bool  // by number minus low
	low   int32
	head  int32
	left  int32
	draw  draws // selects the numbers
	// pos is the place of a free number in the queue.
	// @ ghost pos map[int]int
	// @ represent first = low; cap = len(queue)
	// @ inv 0 < len(queue) && len(queue) <= 536870912 && len(used) == len(queue) && 0 <= low && low <= 536870912
	// @ inv 0 <= head && head < len(queue) && 0 <= left && left <= len(queue)
	// @ inv left == len(queue) - count(alloc, low + len(queue))
	// @ inv forall i int {alloc[i]} :: low <= i && i < low + len(queue) ==> alloc[i] == used[i - low]
	// @ inv forall p int {queue[p]} :: 0 <= p && p < len(queue) && dist(head, p, len(queue)) < left ==>
	// @  low <= queue[p] && queue[p] < low + len(queue) && !alloc[queue[p]] && pos[queue[p]] == p
	// @ inv forall i int {alloc[i]} {pos[i]} :: low <= i && i < low + len(queue) && !alloc[i] ==>
	// @  0 <= pos[i] && pos[i] < len(queue) && dist(head, pos[i], len(queue)) < left && queue[pos[i]] == i
}

// NewPortRange returns the free numbers from to from+n-1. It panics when n is not in 1..MaxCapacity, or
// from not in 0..MaxCapacity.
//
// @ constructor
// @ requires 0 < n && n <= 536870912 && 0 <= from && from <= 536870912
// @ ensures cap == n && first == from && (forall i int :: alloc[i] == false)
func NewPortRange(from, n int, secret HashKey) *PortRange {
	checkCapacity(n)
	if from < 0 || from > MaxCapacity {
		panic("libvig: the first number is outside 0..536870912")
	}
	r := &PortRange{queue: make([]int32, n), used: make([]bool, n), low: int32(from), left: int32(n), draw: newDraws(secret)}
	// @ invariant 0 <= i && i <= n
	// @ invariant forall p int {r.queue[p]} :: 0 <= p && p < i ==> r.queue[p] == from + p
	// @ invariant forall k int {r.pos[k]} :: from <= k && k < from + i ==> r.pos[k] == k - from
	// @ decreases n - i
	for i := 0; i < n; i++ {
		r.queue[i] = int32(from + i)
		// @ r.pos[from+i] = i
	}
	// @ countConst(r.alloc, from + n, false)
	return r
}

// First returns the lowest of the numbers.
//
// @ ensures n == first
func (r *PortRange) First() (n int) {
	return int(r.low)
}

// Cap returns how many numbers there are, free ones and others.
//
// @ ensures n == cap
func (r *PortRange) Cap() (n int) {
	return len(r.queue)
}

// Len returns how many numbers are in use.
//
// @ ensures n == count(alloc, first + cap)
func (r *PortRange) Len() (n int) {
	return len(r.queue) - int(r.left)
}

// Full reports whether every number is in use.
//
// @ ensures full == (count(alloc, first + cap) == cap)
func (r *PortRange) Full() (full bool) {
	return r.left == 0
}

// Allocated reports whether a number is in use; it may be any number.
//
// @ ensures in == alloc[n]
func (r *PortRange) Allocated(n int) (in bool) {
	low := int(r.low)
	return low <= n && n-low < len(r.used) && r.used[n-low]
}

// Allocate takes a free number into use. There is one exactly when the range is not full.
//
// @ ensures ok == (count(old(alloc), first + cap) < cap)
// @ ensures ok ==> first <= n && n < first + cap && !old(alloc[n])
// @ ensures ok ==> alloc == old(alloc)[n := true]
// @ ensures !ok ==> n == 0
func (r *PortRange) Allocate() (n int, ok bool) {
	if r.left == 0 {
		return 0, false
	}
	r.shuffle()
	x := r.queue[r.head]
	r.head = r.after(r.head, 1)
	r.left--
	r.used[x-r.low] = true
	// @ countUpd(r.alloc, r.low + len(r.queue), x, true)
	// @ r.alloc[x] = true
	return int(x), true
}

// shuffle changes the first of the free numbers for one from the first half of the queue, which the secret selects.
//
// @ requires left > 0
// @ modifies queue, pos, draw
func (r *PortRange) shuffle() {
	r.draw = nextDraw(r.draw)
	half := uint32(r.left+1) / 2
	steps := uint64(drawNumber(r.draw)) * uint64(half) >> 32
	p := r.after(r.head, int32(steps))
	x, y := r.queue[r.head], r.queue[p]
	r.queue[r.head], r.queue[p] = y, x
	// @ r.pos[x] = p; r.pos[y] = r.head
}

// Free gives a number back.
//
// @ requires alloc[n]
// @ ensures alloc == old(alloc)[n := false]
func (r *PortRange) Free(n int) {
	// @ countSome(r.alloc, r.low + len(r.queue), n)
	// @ countUpd(r.alloc, r.low + len(r.queue), n, false)
	p := r.after(r.head, r.left)
	r.queue[p] = int32(n)
	r.left++
	r.used[n-int(r.low)] = false
	// @ r.alloc[n] = false; r.pos[n] = p
}

// after is the place a number of steps after another one, in the circle of the queue.
//
// @ pure
// @ requires 0 <= p && p < len(queue) && 0 <= steps && steps <= len(queue)
// @ ensures 0 <= q && q < len(queue) && dist(p, q, len(queue)) == (steps == len(queue) ? 0 : steps)
func (r *PortRange) after(p, steps int32) (q int32) {
	if n := int32(len(r.queue)); steps >= n-p {
		return steps - (n - p)
	}
	return p + steps
}
