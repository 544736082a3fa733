package libvig

// The methods here give the observers that contracts require something of. The checks that package
// replay adds to the operations call them; integers are int64, and any number may be an index.

func (c *Chain) observeAlloc(i int64) bool { return c.Allocated(int(i)) }

func (m *Map[K]) observeCap() int64 { return int64(m.Cap()) }

func (m *Map[K]) observeDom(k K) bool {
	_, ok := m.Get(k)
	return ok
}

func (m *Map[K]) observeUsed(i int64) bool {
	if i < 0 || i >= int64(len(m.keys)) {
		return false
	}
	j, ok := m.Get(m.keys[i])
	return ok && int64(j) == i
}

func (t *Table[K, V]) observeAlloc(i int64) bool { return t.Allocated(int(i)) }

func (t *Table[K, V]) observeDom(k K) bool {
	_, ok := t.Lookup(k)
	return ok
}

func (v *Vector[T]) observeN() int64 { return int64(v.Len()) }

func (r *PortRange) observeAlloc(n int64) bool { return r.Allocated(int(n)) }

func (r *Ring[T]) observeSize() int64 { return int64(r.Len()) }

func (c *Classifier) observeN() int64 { return int64(c.Len()) }

func (d *Dictionary[K, V]) observeN() int64 { return int64(d.Len()) }

func (t *Maglev[K]) observeN() int64 { return int64(t.Len()) }

func (c *ClassChain) observeAlloc(i int64) bool { return c.Allocated(int(i)) }

func (c *ClassChain) observeClasses() int64 { return int64(c.Classes()) }

func (t *ClassTable[K, V]) observeAlloc(i int64) bool { return t.Allocated(int(i)) }

func (t *ClassTable[K, V]) observeClasses() int64 { return int64(t.Classes()) }

func (t *ClassTable[K, V]) observeDom(k K) bool {
	_, ok := t.Lookup(k)
	return ok
}
