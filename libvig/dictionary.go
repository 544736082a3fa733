package libvig

// Entry is a key with what belongs to it, as an element of a list in a configuration.
type Entry[K comparable, V any] struct {
	Key   K
	Value V
}

// Dictionary gives each key of a list its place there, and what the list says of it. Once made it does not change: it
// is for what an operator configures, such as static entries of a table. Of entries with the same key the
// last one counts.
//
// The observers are: n, the number of entries; key and val, what entry i holds; dom, the keys in the list, and
// idx, the entry that counts for each.
//
// @ ghost n uint31
// @ ghost key map[int]K
// @ ghost val map[int]V
// @ ghost dom map[K]bool
// @ ghost idx map[K]uint31 on dom
// @ exposes forall k K {dom[k]} :: dom[k] ==> idx[k] < n && key[idx[k]] == k
type Dictionary[K comparable, V any] struct {
	m       *Map[K]
	entries []Entry[K, V]
	// @ represent n = len(entries); key = entries.Key; val = entries.Value; dom = m.dom; idx = m.val
	// @ inv len(entries) <= 536870912
	// @ inv forall i int {m.used[i]} :: m.used[i] ==> i < len(entries) && entries[i].Key == m.key[i]
}

// NewDictionary returns a dictionary of these entries, of which it keeps a copy. It panics when there are more than
// MaxCapacity, or when K is larger than 64 bytes or empty.
//
// @ constructor
// @ requires len(entries) <= 536870912
// @ ensures n == len(entries)
// @ ensures forall k K {dom[k]} :: dom[k] ==> idx[k] < n && key[idx[k]] == k
// @ ensures forall j int {key[j]} :: 0 <= j && j < n ==> key[j] == entries[j].Key && dom[key[j]] && j <= idx[key[j]]
// @ ensures forall j int {val[j]} :: 0 <= j && j < n ==> val[j] == entries[j].Value
func NewDictionary[K comparable, V any](entries []Entry[K, V], secret HashKey) *Dictionary[K, V] {
	checkLength(len(entries))
	d := &Dictionary[K, V]{m: NewMap[K](max(len(entries), 1), secret), entries: make([]Entry[K, V], len(entries))}
	// @ invariant inv
	// @ invariant -1 <= i && i < len(entries) && len(d.entries) == len(entries)
	// @ invariant forall j int {d.m.used[j]} :: d.m.used[j] ==> i < j
	// @ invariant forall j int {d.key[j]} :: i < j && j < len(entries) ==>
	// @  d.key[j] == entries[j].Key && d.dom[d.key[j]] && j <= d.idx[d.key[j]]
	// @ invariant forall j int {d.val[j]} :: i < j && j < len(entries) ==> d.val[j] == entries[j].Value
	// @ decreases i + 1
	for i := len(entries) - 1; i >= 0; i-- {
		d.entries[i] = Entry[K, V]{Key: entries[i].Key, Value: entries[i].Value}
		_, later := d.m.Get(entries[i].Key)
		if !later {
			d.m.Put(entries[i].Key, i)
		}
	}
	return d
}

// Len returns the number of entries.
//
// @ ensures r == n
func (d *Dictionary[K, V]) Len() (r int) {
	return len(d.entries)
}

// Lookup returns the place of a key's entry in the list, and whether there is one.
//
// @ ensures ok == dom[k]
// @ ensures ok ==> i == idx[k]
// @ ensures !ok ==> i == 0
func (d *Dictionary[K, V]) Lookup(k K) (i int, ok bool) {
	if len(d.entries) == 0 { // no need to compute a hash
		return 0, false
	}
	return d.m.get(&k)
}

// Key returns the key of entry i.
//
// @ requires 0 <= i && i < n
// @ ensures r == key[i]
func (d *Dictionary[K, V]) Key(i int) (r K) {
	return d.entries[i].Key
}

// At returns the value of entry i.
//
// @ requires 0 <= i && i < n
// @ ensures r == val[i]
func (d *Dictionary[K, V]) At(i int) (r V) {
	return d.entries[i].Value
}
