package libvig

import (
	"fmt"
	"reflect"
)

// replaySlots is the number of slots of a Maglev that is loaded, a prime.
const replaySlots = 65537

// Cap returns the number of backends.
func (t *Maglev[K]) Cap() int { return len(t.walks) }

// ReplayTypes returns nothing: entries are backends, of which there is a time only.
func (t *Maglev[K]) ReplayTypes() (key, value reflect.Type) { return nil, nil }

// ReplayKey returns the type of keys.
func (t *Maglev[K]) ReplayKey() reflect.Type { return reflect.TypeFor[K]() }

// ReplayLoad sets the last heartbeats of backends.
func (t *Maglev[K]) ReplayLoad(entries []ReplayEntry, free []int, _ Time) error {
	if len(free) > 0 || len(entries) != len(t.walks) {
		return fmt.Errorf("there are %d backends, and %d free ones; New made %d", len(entries), len(free), len(t.walks))
	}
	t.latest = never
	for _, e := range entries {
		if e.Index < 0 || e.Index >= len(t.beats) {
			return fmt.Errorf("backend %d is outside 0..%d", e.Index, len(t.beats)-1)
		}
		t.beats[e.Index] = e.Time
		t.latest = max(t.latest, e.Time)
		t.walks[e.Index].share = max(t.walks[e.Index].share, 1) // whoever has a slot has a share
	}
	return nil
}

// replaySecrets is how many hash functions are tried until keys that meet different backends do not get in each
// other's way.
const replaySecrets = 64

// ReplayWalks makes a table in which keys meet backends as given; all other slots are nobody's. The hash is of its own,
// for under the secret of a case, such as 0, all keys may have the same.
func (t *Maglev[K]) ReplayWalks(walks []ReplayWalk) error {
	var err error
	for number := range uint64(replaySecrets) {
		t.keyed = hasherOf(HashKey{1, 3, 5, 7, 9}, number)
		if err = t.fill(walks); err == nil {
			return nil
		}
	}
	return err
}

// fill makes the table under one hash.
func (t *Maglev[K]) fill(walks []ReplayWalk) error {
	t.entry = make([]int32, replaySlots)
	taken := make([]bool, replaySlots)
	for q := range t.entry {
		t.entry[q] = int32(len(t.walks))
	}
	for _, w := range walks {
		k := w.Key.(K)
		h := int(hashKey(&t.keyed, &k))
		for step, backend := range w.Steps {
			q, backend := (h+step)%replaySlots, min(backend, len(t.walks)) // beyond the last is nobody, too
			if step >= replaySlots || taken[q] && t.entry[q] != int32(backend) {
				return fmt.Errorf("step %d of a key cannot be at backend %d", step, backend)
			}
			t.entry[q], taken[q] = int32(backend), true
		}
	}
	return nil
}

// ReplayDump returns the last heartbeats.
func (t *Maglev[K]) ReplayDump() []ReplayEntry {
	entries := make([]ReplayEntry, len(t.beats))
	for i := range entries {
		entries[i] = ReplayEntry{Index: i, Time: t.beats[i]}
	}
	return entries
}
