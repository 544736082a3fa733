package reload

import (
	"fmt"
	"reflect"
	"slices"

	"vigor/dataplane/inspect"
)

// snapshot is what a function keeps before the first packet.
type snapshot struct {
	fields   []inspect.Field
	contents []inspect.Content // of fields that are structures
	scalars  []any             // of the others; nil for a structure, and for a pointer left nil
}

// take lists and reads the fields of a function.
func take(function any) (*snapshot, error) {
	fields, err := inspect.Fields(function)
	if err != nil {
		return nil, err
	}
	s := &snapshot{fields, make([]inspect.Content, len(fields)), make([]any, len(fields))}
	for i, f := range fields {
		if structure, ok := f.Structure(); ok {
			s.contents[i] = inspect.ContentOf(structure)
		} else if f.Value.Kind() != reflect.Pointer {
			s.scalars[i] = f.Value.Interface()
		}
	}
	return s, nil
}

// untouched reports whether field i still has the content of the snapshot.
func (s *snapshot) untouched(i int) bool {
	f := s.fields[i]
	structure, ok := f.Structure()
	switch {
	case ok:
		return s.contents[i].Is(structure)
	case f.Value.Kind() == reflect.Pointer:
		return true // Process makes no structure
	}
	return s.scalars[i] == f.Value.Interface()
}

// move is a field whose content is carried over.
type move struct{ from, to inspect.Field }

// Report says what became of the state.
type Report struct {
	Kept []string // names of structures that were carried over, sorted
	// Entries is how many entries they have.
	Entries int
}

// carry copies pointers and scalars into the new function.
func carry(moves []move) Report {
	var r Report
	for _, m := range moves {
		if s, ok := m.from.Structure(); ok {
			r.Kept = append(r.Kept, s.Name)
			r.Entries += s.Len()
		}
		m.to.Value.Set(m.from.Value)
	}
	slices.Sort(r.Kept)
	return r
}

// moves decides about each field of the function that runs. It is called between two bursts.
func (p *Plan[Config]) moves() ([]move, error) {
	old := p.r.fresh
	if len(old.fields) != len(p.fresh.fields) {
		return nil, fmt.Errorf("%T is built in another shape: restart it", p.function)
	}
	var moves []move
	pristine := true
	for i, from := range old.fields {
		to := p.fresh.fields[i]
		if from.Path != to.Path || from.Value.Type() != to.Value.Type() {
			return nil, fmt.Errorf("%T is built in another shape: restart it", p.function)
		}
		carried, err := p.field(i)
		if err != nil {
			return nil, err
		}
		if carried {
			moves = append(moves, move{from, to})
		}
		pristine = pristine && (p.objects == nil || old.untouched(i))
	}
	switch {
	case p.objects == nil:
		return moves, nil
	case pristine:
		return nil, nil
	}
	return nil, p.objects
}

// configured are the kinds of structures that New makes of lists in the configuration, and that packets do not
// change. They are taken from the new configuration.
var configured = []string{"Classifier", "Dictionary", "LPM", "Maglev"}

// field reports whether field i is carried over, or refuses.
func (p *Plan[Config]) field(i int) (bool, error) {
	old, from, to := p.r.fresh, p.r.fresh.fields[i], p.fresh.fields[i]
	before, structure := from.Structure()
	after, still := to.Structure()
	switch {
	case !structure && from.Value.Kind() == reflect.Pointer: // left nil: nothing to carry
		return false, nil
	case !structure && old.untouched(i):
		return false, nil
	case !structure && old.scalars[i] == p.fresh.scalars[i]:
		return true, nil
	case !structure:
		return false, fmt.Errorf("packets have changed %s, and the new configuration starts it from another value: "+
			"restart to give it up, or leave what it depends on", from.Name)
	case structure && slices.Contains(configured, before.Kind()):
		return false, nil
	case still && old.contents[i] == p.fresh.contents[i]:
		return true, nil
	case old.untouched(i):
		return false, nil
	case !still:
		return false, fmt.Errorf("of %s %d entries are in use, and under the new configuration there is no %s: "+
			"restart to give up what is there", from.Name, before.Len(), from.Name)
	case before.Cap() != after.Cap():
		return false, fmt.Errorf("the capacity of %s would change from %d to %d, and %d are in use: "+
			"leave the capacity, or restart to give up what is there", from.Name, before.Cap(), after.Cap(), before.Len())
	}
	return false, fmt.Errorf("the new configuration fills %s otherwise, and packets have changed it since: "+
		"restart to give that up, or leave what it is filled from", from.Name)
}
