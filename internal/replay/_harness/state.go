package main

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"unsafe"

	"vigor/libvig"
	"vigor/nf"
)

// structure is a libvig structure with the operations that replay adds to it.
type structure interface {
	Cap() int
	ReplayTypes() (key, value reflect.Type)
	ReplayLoad(entries []libvig.ReplayEntry, free []int, last libvig.Time) error
	ReplayDump() []libvig.ReplayEntry
}

// fixed is a structure of which a case lists some elements only: the others are as New left them.
type fixed interface{ ReplayFixed() }

// state is what an NF keeps between packets, by field: its structures, and its integers and bools.
type state struct {
	objects map[string]structure
	fresh   map[string][]libvig.ReplayEntry // what New put into a Vector
	cells   map[string]reflect.Value
	other   string                   // what New made of the configuration and a case does not say
	config  map[string]reflect.Value // the NF's copy of its configuration: state only if a case sets it
}

// find collects the state of an NF, which is a pointer to a struct.
func (s *state) find(function reflect.Value, config reflect.Type) error {
	s.objects = map[string]structure{}
	s.fresh = map[string][]libvig.ReplayEntry{}
	s.cells, s.config = map[string]reflect.Value{}, map[string]reflect.Value{}
	if function.Kind() != reflect.Pointer || function.IsNil() || function.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("New returns no pointer to a struct")
	}
	return s.findIn(function.Elem(), config, "", s.cells)
}

// findIn collects the state in one struct.
func (s *state) findIn(v reflect.Value, config reflect.Type, prefix string, cells map[string]reflect.Value) error {
	for i := range v.NumField() {
		f, name := v.Field(i), prefix+v.Type().Field(i).Name
		f = reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
		switch object, ok := f.Interface().(structure); {
		case ok && f.IsNil(): // New left it so, and so it stays
		case ok:
			s.objects[name] = object
			if _, ok := object.(fixed); ok {
				s.fresh[name] = object.ReplayDump()
			}
		case f.Kind() == reflect.Pointer && f.Type().Elem().PkgPath() == "vigor/libvig":
			return fmt.Errorf("%s is a %v, whose state cannot be loaded", name, f.Type())
		case f.Kind() == reflect.Struct:
			inner := cells
			if f.Type() == config {
				inner = s.config
			}
			if err := s.findIn(f, config, name+".", inner); err != nil {
				return err
			}
		case len(leaves(f)) > 0:
			cells[name] = f
		}
	}
	return nil
}

// load puts the state of a case into the NF.
func (s *state) load(env nf.Env, c *Case) error {
	for _, name := range slices.Sorted(maps.Keys(c.Objects)) {
		object, ok := s.objects[name]
		if !ok {
			return fmt.Errorf("the NF has no libvig structure named %s", name)
		}
		other, err := loadObject(env, object, c.Objects[name], c.Packet.Time)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if other != "" && s.other == "" {
			s.other = name + ": " + other
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Cells)) {
		cell, ok := s.cells[name]
		if !ok {
			if cell, ok = s.config[name]; !ok {
				return fmt.Errorf("the NF has no integer or bool named %s", name)
			}
			s.cells[name] = cell
		}
		if err := setLeaves(cell, c.Cells[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// loadObject puts the state of one structure into it. If no operation changes it, it returns what it was
// before, where that is something else.
func loadObject(env nf.Env, object structure, o *Object, now int64) (other string, err error) {
	if o.Cap != 0 && o.Cap != object.Cap() {
		return "", fmt.Errorf("the capacity is %d, and New chose %d", o.Cap, object.Cap())
	}
	if n := first(object); o.First != 0 && o.First != n {
		return "", fmt.Errorf("the first number is %d, and New chose %d", o.First, n)
	}
	key, value := object.ReplayTypes()
	entries := make([]libvig.ReplayEntry, len(o.Entries))
	for n, e := range o.Entries {
		if _, ok := object.(walker); e.Time > now && !ok { // a heartbeat may be noted of any time
			return "", fmt.Errorf("index %d: time %d is after the packet's time %d", e.Index, e.Time, now)
		}
		k, err := decode(env, key, e.Key)
		if err != nil {
			return "", fmt.Errorf("index %d: key: %w", e.Index, err)
		}
		v, err := decode(env, value, e.Value)
		if err != nil {
			return "", fmt.Errorf("index %d: value: %w", e.Index, err)
		}
		entries[n] = libvig.ReplayEntry{Index: e.Index, Key: k, Value: v, Time: e.Time, Class: e.Class}
	}
	last, err := lastOf(o, now)
	if _, ok := object.(walker); err != nil && !ok {
		return "", err
	}
	if u, ok := object.(unchanging); ok {
		other = u.ReplayUnchanged(entries)
	}
	if err := object.ReplayLoad(entries, o.Free, last); err != nil {
		return "", err
	}
	return other, loadWalks(env, object, o.Walks)
}

// unchanging is a structure that no operation changes: New makes it of the configuration. ReplayUnchanged
// says what it is where that is not what entries say, else nothing.
type unchanging interface {
	ReplayUnchanged(entries []libvig.ReplayEntry) string
}

// walker is a structure that keys walk through.
type walker interface {
	ReplayKey() reflect.Type
	ReplayWalks(walks []libvig.ReplayWalk) error
}

// loadWalks lets keys meet backends.
func loadWalks(env nf.Env, object structure, walks []Walk) error {
	w, ok := object.(walker)
	if !ok {
		return nil
	}
	list := make([]libvig.ReplayWalk, len(walks))
	for i, walk := range walks {
		k, err := decode(env, w.ReplayKey(), walk.Key)
		if err != nil {
			return fmt.Errorf("walk %d: key: %w", i, err)
		}
		list[i] = libvig.ReplayWalk{Key: k, Steps: map[int]int{}}
		for _, s := range walk.Steps {
			list[i].Steps[s.Step] = s.Backend
		}
	}
	return w.ReplayWalks(list)
}

// first is the first number of a structure that hands out numbers, else 0.
func first(object structure) int {
	if r, ok := object.(interface{ First() int }); ok {
		return r.First()
	}
	return 0
}

// lastOf returns the time of the latest insertion or refresh in a structure.
func lastOf(o *Object, now int64) (int64, error) {
	last := int64(0)
	for _, e := range o.Entries {
		last = max(last, e.Time)
	}
	switch {
	case o.Last == 0:
		return last, nil
	case o.Last < last:
		return 0, fmt.Errorf("last use at %d is before that of an entry, %d", o.Last, last)
	case o.Last > now:
		return 0, fmt.Errorf("last use at %d is after the packet's time %d", o.Last, now)
	}
	return o.Last, nil
}

// decode makes a Go value of a type, nil where there is no type, and asks its Valid method.
func decode(env nf.Env, t reflect.Type, v Value) (any, error) {
	if t == nil {
		if len(v) > 0 {
			return nil, fmt.Errorf("the structure has none")
		}
		return nil, nil
	}
	made := reflect.New(t).Elem()
	if err := setLeaves(made, v); err != nil {
		return nil, err
	}
	if constrained, ok := made.Interface().(interface{ Valid(nf.Env) bool }); ok && !constrained.Valid(env) {
		return nil, fmt.Errorf("%v is not Valid", made.Interface())
	}
	return made.Interface(), nil
}

// mentioned returns the entries of a structure that a case gives or expects.
func mentioned(c *Case, name string) []Entry {
	var entries []Entry
	if o := c.Objects[name]; o != nil {
		entries = o.Entries
	}
	if c.Expected != nil && c.Expected.Objects[name] != nil {
		entries = append(slices.Clip(entries), c.Expected.Objects[name].Entries...)
	}
	return entries
}

// dump returns the state of every structure that can change. Of a Vector it lists the elements that the case
// mentions or that are not as New left them.
func (s *state) dump(c *Case) map[string]*Object {
	objects := map[string]*Object{}
	for name, object := range s.objects {
		if _, ok := object.(unchanging); ok {
			continue
		}
		o := &Object{Cap: object.Cap(), First: first(object)}
		_, some := object.(fixed)
		listed := map[int]bool{}
		for _, e := range mentioned(c, name) {
			listed[e.Index] = true
		}
		for n, e := range object.ReplayDump() {
			if some && e == s.fresh[name][n] && !listed[e.Index] {
				continue
			}
			o.Entries = append(o.Entries, Entry{e.Index, encode(e.Key), encode(e.Value), e.Time, e.Class})
		}
		objects[name] = o
	}
	return objects
}

// dumpCells returns the NF's integers and bools.
func (s *state) dumpCells() map[string]Value {
	cells := map[string]Value{}
	for name, cell := range s.cells {
		cells[name] = getLeaves(cell)
	}
	return cells
}

// encode is the reverse of decode.
func encode(v any) Value {
	if v == nil {
		return nil
	}
	made := reflect.New(reflect.TypeOf(v)).Elem()
	made.Set(reflect.ValueOf(v))
	return getLeaves(made)
}
