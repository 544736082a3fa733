package libvig

// Leases are numbers that are lent, to guests for a day and to others for a year.
//
// @ ghost lent map[int]bool
// @ ghost year map[int]uint8 on lent
// @ ghost since map[int]uint63 on lent
// @ ghost cap uint31
// @ ghost last uint63
type Leases struct {
	c *ClassChain
	// @ represent lent = c.alloc; year = c.class; since = c.time; cap = c.cap; last = c.last
	// @ inv c.classes == 2
}

// NewLeases returns numbers nobody has.
//
// @ constructor
// @ requires 0 < n && n <= 1000
// @ ensures cap == n && last == 0 && (forall i int :: lent[i] == false)
func NewLeases(n int) *Leases {
	var secret HashKey
	return &Leases{c: NewClassChain(n, 2, secret)}
}

// Lend lends a number for a day.
//
// @ requires last <= now
// @ ensures ok == (count(old(lent), cap) < cap)
// @ ensures ok ==> 0 <= i && i < cap && !old(lent[i])
// @ ensures ok ==> lent == old(lent)[i := true] && year == old(year)[i := 0] && since == old(since)[i := now] && last == now
// @ ensures !ok ==> i == 0
func (l *Leases) Lend(now Time) (i int, ok bool) {
	return l.c.Allocate(now, 0)
}

// Extend lends a number for a year, if it is lent for a day.
//
// @ requires last <= now
// @ ensures ok == (lent[i] && old(year[i]) == 0)
// @ ensures ok ==> year == old(year)[i := 1] && since == old(since)[i := now] && last == now
func (l *Leases) Extend(i int, now Time) (ok bool) {
	if !l.c.Allocated(i) || l.c.Class(i) != 0 {
		return false
	}
	l.c.Refresh(i, now, 1)
	return true
}

// Return takes a number back.
//
// @ requires lent[i]
// @ ensures lent == old(lent)[i := false]
func (l *Leases) Return(i int) {
	l.c.Free(i)
}

// Sweep takes back what was lent for too long.
//
// @ requires 365 <= now
// @ ensures forall i int {lent[i]} :: lent[i] == old(lent[i] && since[i] >= (year[i] == 1 ? now - 365 : now - 1))
func (l *Leases) Sweep(now Time) {
	l.c.ExpireBefore(1, now-365)
	l.c.ExpireBefore(0, now-1)
}

// Count counts.
//
// @ ensures n == count(lent, cap) && free == (n < cap)
func (l *Leases) Count() (n int, free bool) {
	// @ countBounds(l.c.alloc, l.c.cap)
	return l.c.Len(), !l.c.Full() && l.c.Classes() == 2 && 0 < l.c.Cap()
}
