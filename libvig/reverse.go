package libvig

// NewReverseDictionary returns a dictionary of the values in a list, which gives each the key that it belongs to: with
// [NewDictionary] of the same list, keys are found by values, too. Places are those of the list, and of entries with the
// same value the last one counts. It panics as NewDictionary does.
//
// @ constructor
// @ requires len(entries) <= 536870912
// @ ensures n == len(entries)
// @ ensures forall k K {dom[k]} :: dom[k] ==> idx[k] < n && key[idx[k]] == k
// @ ensures forall j int {key[j]} :: 0 <= j && j < n ==> key[j] == entries[j].Value && dom[key[j]] && j <= idx[key[j]]
// @ ensures forall j int {val[j]} :: 0 <= j && j < n ==> val[j] == entries[j].Key
func NewReverseDictionary[K, V comparable](entries []Entry[V, K], secret HashKey) *Dictionary[K, V] {
	checkLength(len(entries))
	d := &Dictionary[K, V]{m: NewMap[K](max(len(entries), 1), secret), entries: make([]Entry[K, V], len(entries))}
	// @ invariant inv
	// @ invariant -1 <= i && i < len(entries) && len(d.entries) == len(entries)
	// @ invariant forall j int {d.m.used[j]} :: d.m.used[j] ==> i < j
	// @ invariant forall j int {d.key[j]} :: i < j && j < len(entries) ==>
	// @  d.key[j] == entries[j].Value && d.dom[d.key[j]] && j <= d.idx[d.key[j]]
	// @ invariant forall j int {d.val[j]} :: i < j && j < len(entries) ==> d.val[j] == entries[j].Key
	// @ decreases i + 1
	for i := len(entries) - 1; i >= 0; i-- {
		d.entries[i] = Entry[K, V]{Key: entries[i].Value, Value: entries[i].Key}
		_, later := d.m.Get(entries[i].Value)
		if !later {
			d.m.Put(entries[i].Value, i)
		}
	}
	return d
}
