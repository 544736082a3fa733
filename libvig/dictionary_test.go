package libvig

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// dictionaryOperations are the operations of a Dictionary.
type dictionaryOperations struct {
	Len    func() int
	Lookup func(k flow) (int, bool)
	Key    func(i int) flow
	At     func(i int) uint32
}

// dictionaryOracle runs a dictionary beside the list that it was made of.
type dictionaryOracle struct {
	d      dictionaryOperations
	inside *Dictionary[flow, uint32]
	want   []Entry[flow, uint32]
	pool   []flow
}

// newDictionaryOracle returns an oracle for n entries, some of them with the same key.
func newDictionaryOracle(n int, pool []flow) *dictionaryOracle {
	r := rand.New(rand.NewPCG(uint64(n), 5))
	entries := make([]Entry[flow, uint32], n)
	for i := range entries {
		entries[i] = Entry[flow, uint32]{pool[r.IntN(n)], r.Uint32()}
	}
	d := NewDictionary(entries, secret)
	want := slices.Clone(entries)
	clear(entries) // the dictionary has its own copy
	return &dictionaryOracle{dictionaryOperations{d.Len, d.Lookup, d.Key, d.At}, d, want, pool}
}

// place is the plain description of Lookup.
func (o *dictionaryOracle) place(k flow) (at int, ok bool) {
	for i, e := range o.want {
		if e.Key == k {
			at, ok = i, true
		}
	}
	return at, ok
}

func (o *dictionaryOracle) step(op byte, arg int) error {
	k := o.pool[arg%len(o.pool)]
	i, ok := o.d.Lookup(k)
	if at, there := o.place(k); i != at || ok != there {
		return fmt.Errorf("Lookup of %v is %d, %t; want %d, %t", k, i, ok, at, there)
	}
	if len(o.want) > 0 {
		at := int(op) % len(o.want)
		if got := (Entry[flow, uint32]{o.d.Key(at), o.d.At(at)}); got != o.want[at] {
			return fmt.Errorf("entry %d is %v, want %v", at, got, o.want[at])
		}
	}
	return nil
}

func (o *dictionaryOracle) compare() error {
	if o.d.Len() != len(o.want) {
		return fmt.Errorf("%d entries, want %d", o.d.Len(), len(o.want))
	}
	return o.inside.m.checkInvariant()
}

func TestDictionary(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 5, 8, 300} {
		if err := play(newDictionaryOracle(n, poolOf(2*n+1, flowAt)), scriptOf(uint64(n), 1000)); err != nil {
			t.Errorf("%d entries: %v", n, err)
		}
	}
}

// TestDictionaryLast: of entries with the same key the last one counts, and the others keep their places.
func TestDictionaryLast(t *testing.T) {
	d := NewDictionary([]Entry[uint8, uint32]{{7, 70}, {9, 90}, {7, 71}, {8, 80}}, secret)
	for k, want := range map[uint8]int{7: 2, 8: 3, 9: 1} {
		if i, ok := d.Lookup(k); !ok || i != want {
			t.Errorf("Lookup of %d is %d, %t; want %d", k, i, ok, want)
		}
	}
	if i, ok := d.Lookup(0); ok || i != 0 {
		t.Errorf("Lookup of an absent key is %d, %t", i, ok)
	}
	if d.Len() != 4 || d.Key(0) != 7 || d.At(0) != 70 || d.At(2) != 71 {
		t.Error("an entry is not as in the list")
	}
}

// reverseOf exchanges the keys and values of a list.
func reverseOf[K, V comparable](entries []Entry[K, V]) []Entry[V, K] {
	var list []Entry[V, K]
	for _, e := range entries {
		list = append(list, Entry[V, K]{e.Value, e.Key})
	}
	return list
}

// TestReverseDictionary compares it with the dictionary of a list that is reversed by hand.
func TestReverseDictionary(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 7))
	for _, n := range []int{0, 1, 2, 7, 300} {
		entries := make([]Entry[flow, uint8], n)
		for i := range entries {
			entries[i] = Entry[flow, uint8]{flowAt(r.Uint64N(9)), uint8(r.UintN(40))}
		}
		want := NewDictionary(reverseOf(entries), secret)
		got := NewReverseDictionary(entries, secret)
		clear(entries) // it has its own copy
		if got.Len() != n || !slices.Equal(got.entries, want.entries) {
			t.Errorf("entries are %v, want %v", got.entries, want.entries)
		}
		for v := range 50 {
			i, ok := got.Lookup(uint8(v))
			if at, there := want.Lookup(uint8(v)); i != at || ok != there {
				t.Errorf("%d entries: Lookup of %d is %d, %t; want %d, %t", n, v, i, ok, at, there)
			}
		}
		if err := got.m.checkInvariant(); err != nil {
			t.Error(err)
		}
	}
}

func FuzzDictionary(f *testing.F) { fuzz(f, "Dictionary") }

// dictionaryView shows a dictionary's abstract state, which repeats the last entry beyond the list.
type dictionaryView struct {
	d    *Dictionary[flow, uint32]
	pool []flow
}

func (v dictionaryView) Indices() (low, high int) { return -1, len(v.d.entries) + 1 }
func (v dictionaryView) Keys(param string) []any {
	if param == "V" {
		return nil
	}
	return anyOf(v.pool)
}
func (v dictionaryView) Observer(name string, index ...any) any {
	e := v.d.entries
	switch name {
	case "n":
		return len(e)
	case "dom":
		return slices.ContainsFunc(e, func(e Entry[flow, uint32]) bool { return e.Key == index[0] })
	case "idx":
		i := len(e) - 1
		for i > 0 && e[i].Key != index[0] {
			i--
		}
		return i
	}
	at := e[min(max(index[0].(int), 0), len(e)-1)]
	if name == "key" {
		return at.Key
	}
	return at.Value
}

// dictionaryMutants are dictionaries with one fault each.
var dictionaryMutants = []struct {
	fault string
	plant func(d *Dictionary[flow, uint32], ops *dictionaryOperations)
}{
	{"Len counts keys", func(d *Dictionary[flow, uint32], ops *dictionaryOperations) {
		ops.Len = func() int { return d.m.Len() }
	}},
	{"Lookup of the first with a key", func(d *Dictionary[flow, uint32], ops *dictionaryOperations) {
		ops.Lookup = func(k flow) (int, bool) {
			i := slices.IndexFunc(d.entries, func(e Entry[flow, uint32]) bool { return e.Key == k })
			return max(i, 0), i >= 0
		}
	}},
	{"Lookup of an absent key gives the last place", func(d *Dictionary[flow, uint32], ops *dictionaryOperations) {
		ops.Lookup = func(k flow) (int, bool) {
			if i, ok := d.Lookup(k); ok {
				return i, ok
			}
			return d.Len() - 1, false
		}
	}},
	{"Lookup finds everything", func(d *Dictionary[flow, uint32], ops *dictionaryOperations) {
		ops.Lookup = func(k flow) (int, bool) { i, _ := d.Lookup(k); return i, true }
	}},
	{"Key of the next", func(d *Dictionary[flow, uint32], ops *dictionaryOperations) {
		ops.Key = func(i int) flow { return d.Key((i + 1) % d.Len()) }
	}},
	{"At of the entry that counts", func(d *Dictionary[flow, uint32], ops *dictionaryOperations) {
		ops.At = func(i int) uint32 { j, _ := d.Lookup(d.Key(i)); return d.At(j) }
	}},
}

func TestDictionaryDoesNotAllocate(t *testing.T) {
	d := newDictionaryOracle(8, poolOf(9, flowAt)).inside
	if got := testing.AllocsPerRun(1000, func() {
		i, _ := d.Lookup(flowAt(3))
		d.Key(i)
		d.At(i)
	}); got != 0 {
		t.Errorf("%v allocations, want none", got)
	}
}

// BenchmarkDictionary looks up keys of which half are there.
func BenchmarkDictionary(b *testing.B) {
	for _, n := range []int{16, 1 << 16} {
		b.Run(fmt.Sprint(n, " entries"), func(b *testing.B) {
			entries := make([]Entry[flow, uint32], n)
			for i := range entries {
				entries[i].Key = flowAt(uint64(2 * i))
			}
			d := NewDictionary(entries, secret)
			k := uint64(0)
			b.ReportAllocs()
			for b.Loop() {
				d.Lookup(flowAt(k & uint64(2*n-1)))
				k += 7
			}
		})
	}
}
