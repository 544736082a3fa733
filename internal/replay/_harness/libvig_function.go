package libvig

import (
	"fmt"
	"reflect"
)

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

// ReplayDump returns nothing: a Classifier does not change.
func (c *Classifier) ReplayDump() []ReplayEntry { return nil }
