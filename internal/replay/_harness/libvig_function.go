package libvig

import (
	"fmt"
	"reflect"
)

// ReplayWalk is the way of a key through the slots of a Maglev: the backends by steps.
type ReplayWalk struct {
	Key   any
	Steps map[int]int
}

// Cap returns 0: a function has no places.
func (l *LPM) Cap() int { return 0 }

// ReplayTypes returns the types of addresses and values.
func (l *LPM) ReplayTypes() (key, value reflect.Type) {
	return reflect.TypeFor[uint32](), reflect.TypeFor[uint16]()
}

// ReplayLoad gives the addresses of entries their values, and all others the value 0.
func (l *LPM) ReplayLoad(entries []ReplayEntry, free []int, _ Time) error {
	if len(free) > 0 {
		return fmt.Errorf("an LPM has no free indices")
	}
	if l.rules > 0 { // else it is empty, and touching all of it would take long
		clear(l.table)
	}
	l.used, l.rules, l.long = 0, len(entries), make([]uint16, 256*len(entries))
	for _, e := range entries {
		if v := e.Value.(uint16); v != 0 {
			l.addLong(int(e.Key.(uint32)), 32, v)
		}
	}
	return nil
}

// ReplayUnchanged names an address that has another value than in entries.
func (l *LPM) ReplayUnchanged(entries []ReplayEntry) string {
	for _, e := range entries {
		ip := e.Key.(uint32)
		if v := l.Lookup(ip); v != e.Value.(uint16) {
			return fmt.Sprintf("the configuration gives %d.%d.%d.%d the value %d, not %d", ip>>24, ip>>16&255, ip>>8&255, ip&255, v, e.Value)
		}
	}
	return ""
}

// ReplayDump returns nothing: an LPM does not change.
func (l *LPM) ReplayDump() []ReplayEntry { return nil }

// Cap returns the number of rules.
func (c *Classifier) Cap() int { return len(c.rules) }

// ReplayTypes returns the type of rules.
func (c *Classifier) ReplayTypes() (key, value reflect.Type) {
	return nil, reflect.TypeFor[ClassifierRule]()
}

// ReplayLoad makes the rules those of entries.
func (c *Classifier) ReplayLoad(entries []ReplayEntry, free []int, _ Time) error {
	if len(free) > 0 {
		return fmt.Errorf("a Classifier has no free indices")
	}
	c.rules = make([]ClassifierRule, len(entries))
	for n, e := range entries {
		if e.Index != n {
			return fmt.Errorf("rule %d is missing", n)
		}
		c.rules[n] = e.Value.(ClassifierRule)
	}
	return nil
}

// ReplayUnchanged names a rule that is another one in entries.
func (c *Classifier) ReplayUnchanged(entries []ReplayEntry) string {
	if len(entries) != len(c.rules) {
		return fmt.Sprintf("the configuration has %d rules, not %d", len(c.rules), len(entries))
	}
	for i, r := range c.rules {
		if e := entries[i]; e.Index != i || e.Value.(ClassifierRule) != r {
			return fmt.Sprintf("rule %d of the configuration is %v, not %v", i, r, e.Value)
		}
	}
	return ""
}

// ReplayDump returns nothing: a Classifier does not change.
func (c *Classifier) ReplayDump() []ReplayEntry { return nil }

// Cap returns the number of entries.
func (d *Dictionary[K, V]) Cap() int { return len(d.entries) }

// ReplayTypes returns the types of keys and values.
func (d *Dictionary[K, V]) ReplayTypes() (key, value reflect.Type) {
	return reflect.TypeFor[K](), reflect.TypeFor[V]()
}

// ReplayLoad makes the list that of entries.
func (d *Dictionary[K, V]) ReplayLoad(entries []ReplayEntry, free []int, _ Time) error {
	if len(free) > 0 {
		return fmt.Errorf("a Dictionary has no free indices")
	}
	m := NewMap[K](max(len(entries), 1), HashKey{})
	m.hash = d.m.hash
	d.m, d.entries = m, make([]Entry[K, V], len(entries))
	for n := len(entries) - 1; n >= 0; n-- {
		e := entries[n]
		if e.Index != n {
			return fmt.Errorf("entry %d is missing", n)
		}
		k := e.Key.(K)
		d.entries[n] = Entry[K, V]{Key: k, Value: e.Value.(V)}
		if _, later := m.Get(k); !later {
			m.Put(k, n)
		}
	}
	return m.checkInvariant()
}

// ReplayUnchanged names an entry that is another one in entries.
func (d *Dictionary[K, V]) ReplayUnchanged(entries []ReplayEntry) string {
	if len(entries) != len(d.entries) {
		return fmt.Sprintf("the configuration has %d entries, not %d", len(d.entries), len(entries))
	}
	for i, has := range d.entries {
		if e := entries[i]; e.Index != i || e.Key.(K) != has.Key || any(e.Value.(V)) != any(has.Value) {
			return fmt.Sprintf("entry %d of the configuration is %v, not %v", i, has, e)
		}
	}
	return ""
}

// ReplayDump returns nothing: a Dictionary does not change.
func (d *Dictionary[K, V]) ReplayDump() []ReplayEntry { return nil }
