package libvig

import (
	"reflect"
	"slices"
	"testing"

	"vigor/internal/contract"
	"vigor/internal/contract/check"
)

// contracts returns the contracts of this package.
func contracts(t testing.TB) *contract.Package {
	t.Helper()
	p, err := check.Load(".")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// witness evaluates the contract of each operation that is called, and keeps the first failure. It
// carries the only part of the abstract state that no structure stores.
type witness struct {
	checker *check.Checker
	last    Time
	err     error
}

func (w *witness) note(err error) {
	if w.err == nil {
		w.err = err
	}
}

// watched returns operations, the fields of a struct, that a witness watches.
func watched[O any](w *witness, operations O) O {
	v := reflect.ValueOf(&operations).Elem()
	for i := range v.NumField() {
		f, name := v.Field(i), v.Type().Field(i).Name
		inner := reflect.ValueOf(f.Interface())
		f.Set(reflect.MakeFunc(f.Type(), func(args []reflect.Value) []reflect.Value {
			call, err := w.checker.Before(name, plain(args)...)
			w.note(err)
			results := inner.Call(args)
			w.advance(name, args, results)
			if err == nil {
				w.note(call.After(plain(results)...))
			}
			return results
		}))
	}
	return operations
}

// advance keeps the time of the latest insertion or refresh.
func (w *witness) advance(name string, args, results []reflect.Value) {
	switch {
	case name == "Refresh", name == "Insert" && results[1].Bool(), name == "Allocate" && len(args) > 0 && results[1].Bool():
		for _, a := range args {
			if a.Type() == reflect.TypeFor[Time]() {
				w.last = a.Int()
			}
		}
	}
}

func plain(values []reflect.Value) []any {
	list := make([]any, len(values))
	for i, v := range values {
		list[i] = v.Interface()
	}
	return list
}

// anyOf returns keys as the checker takes them.
func anyOf[K any](pool []K) []any {
	list := make([]any, len(pool))
	for i, k := range pool {
		list[i] = k
	}
	return list
}

// chainView shows a chain's abstract state.
type chainView struct {
	c *Chain
	w *witness
}

func (v chainView) Indices() (low, high int) { return -1, v.c.Cap() + 1 }
func (v chainView) Keys(string) []any        { return nil }
func (v chainView) Observer(name string, index ...any) any {
	switch name {
	case "cap":
		return v.c.Cap()
	case "last":
		return v.w.last
	case "alloc":
		i := index[0].(int)
		return 0 <= i && i < v.c.Cap() && v.c.cells[i].prev != none
	}
	return v.c.cells[index[0].(int)].time
}

// mapView shows a map's abstract state, as a search of all slots finds it.
type mapView[K comparable] struct {
	m    *Map[K]
	pool []K
}

func (v mapView[K]) Indices() (low, high int) { return -1, len(v.m.keys) + 1 }
func (v mapView[K]) Keys(string) []any        { return anyOf(v.pool) }
func (v mapView[K]) Observer(name string, index ...any) any {
	switch name {
	case "cap":
		return len(v.m.keys)
	case "dom":
		_, ok := v.search(func(i int) bool { return v.m.keys[i] == index[0] })
		return ok
	case "val":
		i, _ := v.search(func(i int) bool { return v.m.keys[i] == index[0] })
		return i
	case "used":
		_, ok := v.search(func(i int) bool { return i == index[0] })
		return ok
	}
	return v.m.keys[index[0].(int)]
}

// search returns the first index in a slot that has a property.
func (v mapView[K]) search(is func(i int) bool) (int, bool) {
	for _, w := range v.m.slots {
		if w != 0 && is(int(indexOf(w))) {
			return int(indexOf(w)), true
		}
	}
	return 0, false
}

// tableView shows a table's abstract state.
type tableView[K comparable] struct {
	t    *Table[K, uint32]
	pool []K
	w    *witness
}

func (v tableView[K]) Indices() (low, high int) { return chainView{v.t.c, v.w}.Indices() }
func (v tableView[K]) Keys(param string) []any {
	if param == "V" {
		return nil
	}
	return anyOf(v.pool)
}
func (v tableView[K]) Observer(name string, index ...any) any {
	switch name {
	case "val":
		return v.t.vals[index[0].(int)]
	case "idx":
		return mapView[K]{v.t.m, v.pool}.Observer("val", index...)
	case "dom", "key":
		return mapView[K]{v.t.m, v.pool}.Observer(name, index...)
	}
	return chainView{v.t.c, v.w}.Observer(name, index...)
}

// vectorView shows a vector's abstract state. Beyond its end it repeats the first element: elem is
// total there, and nothing may depend on it.
type vectorView struct{ v *Vector[uint16] }

func (v vectorView) Indices() (low, high int) { return 0, len(v.v.elems) - 1 }
func (v vectorView) Keys(string) []any        { return nil }
func (v vectorView) Observer(name string, index ...any) any {
	if name == "n" {
		return len(v.v.elems)
	}
	return v.v.elems[index[0].(int)]
}

// watchedOracles makes, for a capacity, an oracle of each type whose operations are watched, after
// they went through plant if that fits the type.
func watchedOracles(t testing.TB, p *contract.Package, name string, n int, plant any) (oracle, *witness) {
	w := &witness{}
	pool := poolOf(2*n+1, flowAt)
	switch name {
	case "Table":
		o := newTableOracle(n, pool)
		o.table = planted(w, p, "Table", tableView[flow]{o.inside, pool, w}, o.inside, o.table, plant, n, secret)
		return o, w
	case "Map":
		o := newMapOracle(NewMap[flow](n, secret), pool)
		o.m = planted(w, p, "Map", mapView[flow]{o.inside, pool}, o.inside, o.m, plant, n, secret)
		return o, w
	case "Chain":
		o := newChainOracle(n)
		o.c = planted(w, p, "Chain", chainView{o.inside, w}, o.inside, o.c, plant, n, HashKey{})
		return o, w
	case "Vector":
		o := newVectorOracle(n)
		o.v = planted(w, p, "Vector", vectorView{o.inside}, o.inside, o.v, plant, n, uint16(7))
		return o, w
	case "PortRange":
		o := newPortRangeOracle(n, secret)
		o.r = planted(w, p, "PortRange", portRangeView{o.inside}, o.inside, o.r, plant, testFirst, n, secret)
		return o, w
	case "Ring":
		o := newRingOracle(n)
		o.r = planted(w, p, "Ring", ringView{o.inside}, o.inside, o.r, plant, n, uint16(ringFill))
		return o, w
	case "Classifier":
		o := newClassifierOracle(n)
		o.c = planted(w, p, "Classifier", classifierView{o.inside}, o.inside, o.c, plant, o.want)
		return o, w
	case "ClassTable":
		o := newClassTableOracle(n, pool)
		o.table = planted(w, p, "ClassTable", classTableView{o.inside, pool, w}, o.inside, o.table, plant, n, testClasses, secret)
		if plant == nil {
			w.note(w.checker.Constructed("NewRandomClassTable", n, testClasses, secret))
		}
		return o, w
	case "ClassChain":
		o := newClassChainOracle(n)
		o.c = planted(w, p, "ClassChain", classChainView{o.inside, w}, o.inside, o.c, plant, n, testClasses, HashKey{})
		return o, w
	case "Dictionary":
		o := newDictionaryOracle(n, pool)
		o.d = planted(w, p, "Dictionary", dictionaryView{o.inside, pool}, o.inside, o.d, plant, o.want, secret)
		if plant == nil {
			w.note(w.checker.Constructed("NewReverseDictionary", reverseOf(o.want), secret))
		}
		return o, w
	case "LPM":
		o := newLPMOracle(n)
		o.l = planted(w, p, "LPM", lpmView{o.rules}, o.inside, o.l, plant, o.rules)
		return o, w
	case "Maglev":
		o := newMaglevOracle(n+10, backendsOf(n, 2, 1, 0), constantHash, pool)
		o.t = planted(w, p, "Maglev", maglevView{o.inside, pool}, o.inside, o.t, plant, n+10, o.list, constantHash)
		return o, w
	}
	t.Fatalf("no oracle for %s", name)
	return nil, nil
}

// planted evaluates the contract of the constructor that made a structure from args, plants a fault if it
// is one for this type, and returns the operations watched.
func planted[S, O any](w *witness, p *contract.Package, name string, view check.Structure, inside S, operations O,
	plant any, args ...any) O {
	w.checker = check.New(p.Types[name], view)
	w.note(w.checker.Constructed("New"+name, args...))
	if plant, ok := plant.(func(S, *O)); ok {
		plant(inside, &operations)
	}
	return watched(w, operations)
}

// TestContractsHold evaluates every contract after every step of random operations.
func TestContractsHold(t *testing.T) {
	p := contracts(t)
	for _, name := range []string{"Table", "Map", "Chain", "Vector", "PortRange", "Ring", "Classifier", "Dictionary", "ClassTable", "ClassChain", "LPM", "Maglev"} {
		t.Run(name, func(t *testing.T) {
			for n := 1; n <= 8; n++ {
				o, w := watchedOracles(t, p, name, n, nil)
				if err := play(o, scriptOf(uint64(n), 80)); err != nil {
					t.Fatal(err)
				}
				if w.err != nil {
					t.Fatalf("capacity %d: %v", n, w.err)
				}
			}
		})
	}
}

// fuzz plays scripts on a structure, and evaluates its contracts in the first hundred operations.
func fuzz(f *testing.F, name string) {
	p := contracts(f)
	f.Add(uint8(3), scriptOf(1, 20))
	f.Fuzz(func(t *testing.T, n uint8, script []byte) {
		o, w := watchedOracles(t, p, name, int(n%8)+1, nil)
		if err := play(o, script[:min(len(script), 200)]); err != nil {
			t.Error(err)
		}
		if w.err != nil {
			t.Error(w.err)
		}
	})
}

// TestEveryOperationHasAContract compares the exported methods with the contracts, and with what the
// tests call.
func TestEveryOperationHasAContract(t *testing.T) {
	p := contracts(t)
	for name, c := range map[string]struct{ structure, operations reflect.Type }{
		"LPM":        {reflect.TypeFor[*LPM](), reflect.TypeFor[lpmOperations]()},
		"PortRange":  {reflect.TypeFor[*PortRange](), reflect.TypeFor[portRangeOperations]()},
		"Ring":       {reflect.TypeFor[*Ring[uint16]](), reflect.TypeFor[ringOperations]()},
		"ClassTable": {reflect.TypeFor[*ClassTable[flow, uint32]](), reflect.TypeFor[classTableOperations]()},
		"ClassChain": {reflect.TypeFor[*ClassChain](), reflect.TypeFor[classChainOperations]()},
		"Dictionary": {reflect.TypeFor[*Dictionary[flow, uint32]](), reflect.TypeFor[dictionaryOperations]()},
		"Maglev":     {reflect.TypeFor[*Maglev[flow]](), reflect.TypeFor[maglevOperations]()},
		"Classifier": {reflect.TypeFor[*Classifier](), reflect.TypeFor[classifierOperations]()},
		"Table":      {reflect.TypeFor[*Table[flow, uint32]](), reflect.TypeFor[tableOperations[flow]]()},
		"Map":        {reflect.TypeFor[*Map[flow]](), reflect.TypeFor[mapOperations]()},
		"Chain":      {reflect.TypeFor[*Chain](), reflect.TypeFor[chainOperations]()},
		"Vector":     {reflect.TypeFor[*Vector[uint16]](), reflect.TypeFor[vectorOperations]()},
	} {
		var methods, called []string
		for i := range c.structure.NumMethod() {
			methods = append(methods, c.structure.Method(i).Name)
		}
		for i := range c.operations.NumField() {
			called = append(called, c.operations.Field(i).Name)
		}
		slices.Sort(called)
		if contracts := p.Types[name].OperationNames(); !slices.Equal(methods, contracts) {
			t.Errorf("%s has methods %v and contracts of %v", name, methods, contracts)
		}
		if !slices.Equal(methods, called) {
			t.Errorf("%s has methods %v, and tests call %v", name, methods, called)
		}
	}
}
