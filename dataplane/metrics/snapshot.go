package metrics

import (
	"context"

	"vigor/dataplane"
	"vigor/dataplane/inspect"
	"vigor/nf"
)

// snapshot is a copy of all that one shard counts, of one moment.
type snapshot struct {
	counters   dataplane.Counters
	tables     []table
	neighbours int
}

// table is what a structure says of itself.
type table struct {
	name, kind    string
	entries, room int
	expires       bool
	oldest        nf.Time // age; less than 0 if there is none
	expired       uint64
}

// read copies what a shard counts.
func (c *collector) read(ctx context.Context, shard int) (*snapshot, error) {
	s := &snapshot{tables: make([]table, 0, 16)}
	err := c.cfg.Live[shard].Do(ctx, func(m inspect.Moment) {
		s.counters = *m.Counters
		for _, structure := range m.Structures {
			t := table{name: structure.Name, kind: structure.Kind(), entries: structure.Len(),
				room: structure.Cap(), expires: structure.HasTimes(), oldest: -1, expired: structure.Expired()}
			if age, ok := structure.Age(m.Now); ok {
				t.oldest = age
			}
			s.tables = append(s.tables, t)
		}
		if c.cfg.Neighbours != nil {
			s.neighbours = c.cfg.Neighbours(shard)
		}
	})
	return s, err
}
