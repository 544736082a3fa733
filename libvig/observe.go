package libvig

// This file is for those who watch a network function from outside, while it runs: what is in a
// structure, how full it is, how old. The operation Time is for network functions, too, and has a
// contract like all others. [View] is for watchers alone: it has no contract, and a proof refuses a
// network function that calls [Watch].

// Time returns the time of the last use of index i.
//
// @ requires alloc[i]
// @ ensures r == time[i]
func (c *Chain) Time(i int) (r Time) {
	return c.cells[i].time
}

// Time returns the time of the last use of index i.
//
// @ requires alloc[i]
// @ ensures r == time[i]
func (c *ClassChain) Time(i int) (r Time) {
	return c.cells[i].time
}

// Time returns the time of entry i.
//
// @ requires alloc[i]
// @ ensures r == time[i]
func (t *ClassTable[K, V]) Time(i int) (r Time) {
	return t.c.Time(i)
}

// Time returns the last heartbeat of backend i, and the least number of 64 bits before its first.
//
// @ requires 0 <= i && i < n
// @ ensures r == time[i]
func (t *Maglev[K]) Time(i int) (r Time) {
	return t.beats[i]
}

// Time returns the time of entry i.
//
// @ requires alloc[i]
// @ ensures r == time[i]
func (t *Table[K, V]) Time(i int) (r Time) {
	return t.c.Time(i)
}

// View shows a structure to a watcher: what it is, how full, how old, and its entries. An entry of a
// Vector or Ring is an element, counted from the front; one of a PortRange is a number, one of a
// Classifier a rule, one of a Maglev a slot with its backend. An LPM counts its rules, and has no entries
// to show. The structure must not change during a call.
type View interface {
	// Kind is the name of the type: Table, ClassTable, Map, Chain, ClassChain, Vector, PortRange, Ring, Classifier, Dictionary, LPM or
	// Maglev.
	Kind() string
	// Cap is the number of entries there can be.
	Cap() int
	// Len is the number of entries in use.
	Len() int
	// LastUse is the time of the entry that expires first; false if there is none, or no times.
	LastUse() (at Time, ok bool)
	// Expired counts the entries that ExpireBefore has removed since the structure was made.
	Expired() uint64
	// Entries copies entries from an index on: it looks at no more than scan indices, and stops after
	// most entries. The copies belong to the caller; next is where to go on, Cap at the end.
	Entries(from, scan, most int) (e Entries, next int)
}

// Entries are copies of entries of one structure, in the order of their indices.
type Entries struct {
	Index []int
	Time  []Time // of the last use of each; nil in a structure without times
	// Keys and Values are slices, such as []K and []V of a Table, as long as Index; nil where the
	// structure has none.
	Keys, Values any
}

// Watch returns the view of a structure; ok is false if x is no pointer to one of this package, or
// is nil.
func Watch(x any) (v View, ok bool) {
	s, ok := x.(interface{ watch() View })
	if !ok {
		return nil, false
	}
	v = s.watch()
	return v, v != nil
}

// used collects the indices in use for Entries; use is called with each.
func used(from, limit, scan, most int, inUse func(i int) bool, use func(i int)) (next int) {
	end := min(from+scan, limit)
	for i := from; i < end; i++ {
		if !inUse(i) {
			continue
		}
		if most == 0 {
			return i
		}
		use(i)
		most--
	}
	return end
}

type chainWatch struct{ *Chain }

func (c *Chain) watch() View {
	if c == nil {
		return nil
	}
	return chainWatch{c}
}

func (c chainWatch) Kind() string    { return "Chain" }
func (c chainWatch) Expired() uint64 { return c.expired }

func (c chainWatch) LastUse() (Time, bool) {
	first := c.cells[c.n].next
	if first == c.n {
		return 0, false
	}
	return c.cells[first].time, true
}

func (c chainWatch) Entries(from, scan, most int) (e Entries, next int) {
	room := min(scan, most, c.Len())
	e.Index, e.Time = make([]int, 0, room), make([]Time, 0, room)
	next = used(from, c.Cap(), scan, most, c.Allocated, func(i int) {
		e.Index, e.Time = append(e.Index, i), append(e.Time, c.Time(i))
	})
	return e, next
}

type tableWatch[K comparable, V any] struct{ *Table[K, V] }

func (t *Table[K, V]) watch() View {
	if t == nil {
		return nil
	}
	return tableWatch[K, V]{t}
}

func (t tableWatch[K, V]) Kind() string          { return "Table" }
func (t tableWatch[K, V]) Expired() uint64       { return t.c.expired }
func (t tableWatch[K, V]) LastUse() (Time, bool) { return chainWatch{t.c}.LastUse() }

func (t tableWatch[K, V]) Entries(from, scan, most int) (e Entries, next int) {
	room := min(scan, most, t.Len())
	e.Index, e.Time = make([]int, 0, room), make([]Time, 0, room)
	keys, values := make([]K, 0, room), make([]V, 0, room)
	next = used(from, t.Cap(), scan, most, t.Allocated, func(i int) {
		e.Index, e.Time = append(e.Index, i), append(e.Time, t.Time(i))
		keys, values = append(keys, t.Key(i)), append(values, t.At(i))
	})
	e.Keys, e.Values = keys, values
	return e, next
}

type classChainWatch struct{ *ClassChain }

func (c *ClassChain) watch() View {
	if c == nil {
		return nil
	}
	return classChainWatch{c}
}

func (c classChainWatch) Kind() string    { return "ClassChain" }
func (c classChainWatch) Expired() uint64 { return c.expired }

// LastUse is the oldest one of any class, which need not be the one that expires first.
func (c classChainWatch) LastUse() (at Time, ok bool) {
	for s := c.n; s < c.n+c.kinds; s++ {
		if h := c.cells[s].next; h < c.n && (!ok || c.cells[h].time < at) {
			at, ok = c.cells[h].time, true
		}
	}
	return at, ok
}

func (c classChainWatch) Entries(from, scan, most int) (e Entries, next int) {
	room := min(scan, most, c.Len())
	e.Index, e.Time = make([]int, 0, room), make([]Time, 0, room)
	next = used(from, c.Cap(), scan, most, c.Allocated, func(i int) {
		e.Index, e.Time = append(e.Index, i), append(e.Time, c.Time(i))
	})
	return e, next
}

type classTableWatch[K comparable, V any] struct{ *ClassTable[K, V] }

func (t *ClassTable[K, V]) watch() View {
	if t == nil {
		return nil
	}
	return classTableWatch[K, V]{t}
}

func (t classTableWatch[K, V]) Kind() string          { return "ClassTable" }
func (t classTableWatch[K, V]) Expired() uint64       { return t.c.expired }
func (t classTableWatch[K, V]) LastUse() (Time, bool) { return classChainWatch{t.c}.LastUse() }

func (t classTableWatch[K, V]) Entries(from, scan, most int) (e Entries, next int) {
	room := min(scan, most, t.Len())
	keys, values := make([]K, 0, room), make([]V, 0, room)
	e, next = classChainWatch{t.c}.Entries(from, scan, most)
	for _, i := range e.Index {
		keys, values = append(keys, t.Key(i)), append(values, t.At(i))
	}
	e.Keys, e.Values = keys, values
	return e, next
}

type mapWatch[K comparable] struct{ *Map[K] }

func (m *Map[K]) watch() View {
	if m == nil {
		return nil
	}
	return mapWatch[K]{m}
}

func (m mapWatch[K]) Kind() string          { return "Map" }
func (m mapWatch[K]) Expired() uint64       { return 0 }
func (m mapWatch[K]) LastUse() (Time, bool) { return 0, false }

// Entries looks at fewer indices than it may: whether a key has an index takes a search.
func (m mapWatch[K]) Entries(from, scan, most int) (e Entries, next int) {
	scan = max(scan/16, 1)
	room := min(scan, most, m.Len())
	keys := make([]K, 0, room)
	e.Index = make([]int, 0, room)
	next = used(from, m.Cap(), scan, most, m.holds, func(i int) {
		e.Index, keys = append(e.Index, i), append(keys, m.Key(i))
	})
	e.Keys = keys
	return e, next
}

// holds reports whether a key has index i: the array of keys remembers keys that were erased.
func (m *Map[K]) holds(i int) bool {
	j, ok := m.Get(m.keys[i])
	return ok && i == j
}

type vectorWatch[T any] struct{ *Vector[T] }

func (v *Vector[T]) watch() View {
	if v == nil {
		return nil
	}
	return vectorWatch[T]{v}
}

func (v vectorWatch[T]) Kind() string          { return "Vector" }
func (v vectorWatch[T]) Cap() int              { return v.Len() }
func (v vectorWatch[T]) Expired() uint64       { return 0 }
func (v vectorWatch[T]) LastUse() (Time, bool) { return 0, false }

func (v vectorWatch[T]) Entries(from, scan, most int) (e Entries, next int) {
	room := min(scan, most, v.Len())
	values := make([]T, 0, room)
	e.Index = make([]int, 0, room)
	next = used(from, v.Len(), scan, most, func(int) bool { return true }, func(i int) {
		e.Index, values = append(e.Index, i), append(values, v.Get(i))
	})
	e.Values = values
	return e, next
}

type portRangeWatch struct{ *PortRange }

func (r *PortRange) watch() View {
	if r == nil {
		return nil
	}
	return portRangeWatch{r}
}

func (r portRangeWatch) Kind() string          { return "PortRange" }
func (r portRangeWatch) Expired() uint64       { return 0 }
func (r portRangeWatch) LastUse() (Time, bool) { return 0, false }

func (r portRangeWatch) Entries(from, scan, most int) (e Entries, next int) {
	room := min(scan, most, r.Len())
	values := make([]int, 0, room)
	e.Index = make([]int, 0, room)
	next = used(from, r.Cap(), scan, most, func(i int) bool { return r.used[i] }, func(i int) {
		e.Index, values = append(e.Index, i), append(values, r.First()+i)
	})
	e.Values = values
	return e, next
}

type ringWatch[T any] struct{ *Ring[T] }

func (r *Ring[T]) watch() View {
	if r == nil {
		return nil
	}
	return ringWatch[T]{r}
}

func (r ringWatch[T]) Kind() string          { return "Ring" }
func (r ringWatch[T]) Expired() uint64       { return 0 }
func (r ringWatch[T]) LastUse() (Time, bool) { return 0, false }

func (r ringWatch[T]) Entries(from, scan, most int) (e Entries, next int) {
	room := min(scan, most, r.Len())
	values := make([]T, 0, room)
	e.Index = make([]int, 0, room)
	next = used(from, r.Cap(), scan, most, func(i int) bool { return i < r.Len() }, func(i int) {
		e.Index, values = append(e.Index, i), append(values, r.elems[(int(r.start)+i)%len(r.elems)])
	})
	e.Values = values
	return e, next
}

type classifierWatch struct{ *Classifier }

func (c *Classifier) watch() View {
	if c == nil {
		return nil
	}
	return classifierWatch{c}
}

func (c classifierWatch) Kind() string          { return "Classifier" }
func (c classifierWatch) Cap() int              { return c.Len() }
func (c classifierWatch) Expired() uint64       { return 0 }
func (c classifierWatch) LastUse() (Time, bool) { return 0, false }

func (c classifierWatch) Entries(from, scan, most int) (e Entries, next int) {
	room := min(scan, most, c.Len())
	values := make([]ClassifierRule, 0, room)
	e.Index = make([]int, 0, room)
	next = used(from, c.Len(), scan, most, func(int) bool { return true }, func(i int) {
		e.Index, values = append(e.Index, i), append(values, c.rules[i])
	})
	e.Values = values
	return e, next
}

type dictionaryWatch[K comparable, V any] struct{ *Dictionary[K, V] }

func (d *Dictionary[K, V]) watch() View {
	if d == nil {
		return nil
	}
	return dictionaryWatch[K, V]{d}
}

func (d dictionaryWatch[K, V]) Kind() string          { return "Dictionary" }
func (d dictionaryWatch[K, V]) Cap() int              { return d.Len() }
func (d dictionaryWatch[K, V]) Expired() uint64       { return 0 }
func (d dictionaryWatch[K, V]) LastUse() (Time, bool) { return 0, false }

func (d dictionaryWatch[K, V]) Entries(from, scan, most int) (e Entries, next int) {
	room := min(scan, most, d.Len())
	keys, values := make([]K, 0, room), make([]V, 0, room)
	e.Index = make([]int, 0, room)
	next = used(from, d.Len(), scan, most, func(int) bool { return true }, func(i int) {
		e.Index, keys, values = append(e.Index, i), append(keys, d.Key(i)), append(values, d.At(i))
	})
	e.Keys, e.Values = keys, values
	return e, next
}

type lpmWatch struct{ *LPM }

func (l *LPM) watch() View {
	if l == nil {
		return nil
	}
	return lpmWatch{l}
}

func (l lpmWatch) Kind() string          { return "LPM" }
func (l lpmWatch) Cap() int              { return l.rules }
func (l lpmWatch) Len() int              { return l.rules }
func (l lpmWatch) Expired() uint64       { return 0 }
func (l lpmWatch) LastUse() (Time, bool) { return 0, false }

func (l lpmWatch) Entries(from, scan, _ int) (e Entries, next int) {
	return Entries{}, min(from+scan, l.rules)
}

type maglevWatch[K comparable] struct{ *Maglev[K] }

func (t *Maglev[K]) watch() View {
	if t == nil {
		return nil
	}
	return maglevWatch[K]{t}
}

func (t maglevWatch[K]) Kind() string          { return "Maglev" }
func (t maglevWatch[K]) Cap() int              { return len(t.entry) }
func (t maglevWatch[K]) Len() int              { return len(t.entry) }
func (t maglevWatch[K]) Expired() uint64       { return 0 }
func (t maglevWatch[K]) LastUse() (Time, bool) { return 0, false }

func (t maglevWatch[K]) Entries(from, scan, most int) (e Entries, next int) {
	room := min(scan, most, t.Len())
	values := make([]int, 0, room)
	e.Index = make([]int, 0, room)
	next = used(from, t.Cap(), scan, most, func(int) bool { return true }, func(i int) {
		e.Index, values = append(e.Index, i), append(values, int(t.entry[i]))
	})
	e.Values = values
	return e, next
}
