package replay

import (
	"maps"
	"slices"

	"vigor/internal/contract"
	"vigor/internal/symbex"
)

// Choices compares the structures that an NF left with those that were wanted, up to the indices of
// new entries, which a structure chooses. It returns, by structure, the index that was chosen for
// each index that was wanted in its place; and whether there is no other difference: the same keys,
// times and number of entries, and what is as in the case in one is so in the other.
//
// What can follow from a choice is not compared: values, vectors, cells, frame and action. To know
// whether it does, state the choices as wanted and compare again with [Differences].
//
// An entry may be new when it is not in the case, or is there with another time. New entries are
// told apart by their keys. Those of a chain, which has none, and those whose own keys follow from
// a choice are paired by their times, then in the order of their indices.
func Choices(c *Case, want, got *Result) (chosen map[string]map[int]int, ok bool) {
	if want.Status != Ran || got.Status != Ran {
		return nil, false
	}
	chosen = map[string]map[int]int{}
	for _, name := range slices.Sorted(maps.Keys(want.Objects)) {
		w, g := want.Objects[name], got.Objects[name]
		if g == nil || w.Cap != 0 && w.Cap != g.Cap {
			return nil, false
		}
		if isVector(w.Entries) && isVector(g.Entries) {
			continue
		}
		var before []Entry
		if o := c.Objects[name]; o != nil {
			before = o.Entries
		}
		moved, ok := pairEntries(before, w.Entries, g.Entries)
		if !ok {
			return nil, false
		}
		if len(moved) > 0 {
			chosen[name] = moved
		}
	}
	return chosen, true
}

// Reuses reports whether a run has a structure choose an index after it has freed some: the compiled structure then
// gives those first, whatever a case asks for.
func Reuses(run *symbex.Run) bool {
	for _, o := range run.Objects {
		freed := false
		for _, m := range o.Made {
			op := o.Before.Object().Type.Operations[m.Operation]
			chooses := slices.ContainsFunc(op.Order, func(t contract.Target) bool {
				return t.Result != nil && !slices.ContainsFunc(op.Defs, func(d *contract.Def) bool {
					return d.Target.Result == t.Result && len(d.Guards) == 0
				})
			})
			if chooses && !op.Pure() && freed {
				return true
			}
			freed = freed || !chooses && !op.Pure()
		}
	}
	return false
}

// isVector reports whether entries are the elements of a vector, or none.
func isVector(entries []Entry) bool {
	return !slices.ContainsFunc(entries, func(e Entry) bool { return e.Key != nil || e.Value == nil })
}

// pairEntries returns the indices that differ, and whether nothing else does.
func pairEntries(before, want, got []Entry) (moved map[int]int, ok bool) {
	wanted, kept := touched(before, want)
	found, alsoKept := touched(before, got)
	if !slices.EqualFunc(kept, alsoKept, sameEntry) || len(wanted) != len(found) {
		return nil, false
	}
	moved = map[int]int{}
	for _, same := range []func(w, g Entry) bool{
		sameEntry,
		func(w, g Entry) bool { return len(g.Key) > 0 && sameKey(w, g) && sameUse(w, g) },
		func(w, g Entry) bool { return len(g.Key) == len(w.Key) && sameUse(w, g) },
	} {
		wanted = slices.DeleteFunc(wanted, func(w Entry) bool {
			n := slices.IndexFunc(found, func(g Entry) bool { return same(w, g) })
			if n < 0 {
				return false
			}
			if g := found[n]; g.Index != w.Index {
				moved[w.Index] = g.Index
			}
			found = slices.Delete(found, n, n+1)
			return true
		})
	}
	return moved, len(wanted) == 0
}

// touched splits entries, in the order of their indices, into those that are not as before and
// those that are, but for their values.
func touched(before, entries []Entry) (changed, kept []Entry) {
	was := byIndex(before)
	for _, e := range slices.SortedFunc(slices.Values(entries), func(a, b Entry) int { return a.Index - b.Index }) {
		if b, ok := was[e.Index]; ok && sameEntry(b, e) {
			kept = append(kept, e)
		} else {
			changed = append(changed, e)
		}
	}
	return changed, kept
}

// sameEntry reports whether two entries differ at most in their values.
func sameEntry(a, b Entry) bool {
	return a.Index == b.Index && sameUse(a, b) && sameKey(a, b)
}

// sameKey reports whether two entries have one key, of which one may leave out zeros.
func sameKey(a, b Entry) bool {
	covers := func(a, b Value) bool {
		for path, n := range a {
			if m, ok := b[path]; ok && m != n || !ok && n != "0" {
				return false
			}
		}
		return true
	}
	return covers(a.Key, b.Key) && covers(b.Key, a.Key)
}

// sameUse reports whether two entries were last used alike.
func sameUse(a, b Entry) bool { return a.Time == b.Time && a.Class == b.Class }
