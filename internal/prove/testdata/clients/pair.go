package libvig

// Pair keeps two tables of the same keys.
//
// @ ghost ldom map[K]bool
// @ ghost rdom map[K]bool
// @ ghost rlast uint63
type Pair[K comparable, V any] struct {
	l, r *Table[K, V]
	// @ represent ldom = l.dom; rdom = r.dom; rlast = r.last
}

// NewPair returns two empty tables.
//
// @ constructor
// @ requires 0 < n && n <= 1000
// @ ensures (forall k K :: ldom[k] == false) && (forall k K :: rdom[k] == false) && rlast == 0
func NewPair[K comparable, V any](n int, secret HashKey) *Pair[K, V] {
	return &Pair[K, V]{l: NewTable[K, V](n, secret), r: NewTable[K, V](n, secret)}
}

// Copy brings the entry of a key from left to right, if there is one and the right table has room.
//
// @ requires rlast <= now
// @ ensures ok ==> (forall j K {rdom[j]} :: rdom[j] == (j == k || old(rdom[j]))) && rlast == now
// @ ensures !ok || old(ldom[k])
// @ ensures ok || !old(ldom[k]) || !old(rdom[k])
func (p *Pair[K, V]) Copy(k K, now Time) (ok bool) {
	i, found := p.l.Lookup(k)
	if !found {
		return false
	}
	j, there := p.r.Lookup(k)
	if there {
		p.r.Set(j, p.l.At(i))
		p.r.Refresh(j, now)
		return true
	}
	_, ok = p.r.Insert(p.l.Key(i), p.l.At(i), now)
	return ok
}

// Drop removes a key from the left table.
//
// @ ensures forall j K {ldom[j]} :: ldom[j] == (j != k && old(ldom[j]))
func (p *Pair[K, V]) Drop(k K) {
	i, found := p.l.Lookup(k)
	if found {
		p.l.Erase(i)
	}
}
