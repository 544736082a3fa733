package libvig

import (
	"fmt"
	"slices"
	"testing"
)

// maglevOperations are the operations of a Maglev.
type maglevOperations struct {
	Len    func() int
	Lookup func(h uint32) int
}

// maglevOracle compares a table with a plain description of how it is filled.
type maglevOracle struct {
	t      maglevOperations
	inside *Maglev
	want   []int // backend of each slot
	n      int
}

// seedsOf returns n seeds.
func seedsOf(n int) []uint64 {
	seeds := make([]uint64, n)
	for i := range seeds {
		seeds[i] = mix(uint64(i) + 77)
	}
	return seeds
}

// primes are those up to n.
func primes(n int) []int {
	var list []int
	for p := 2; p <= n; p++ {
		if !slices.ContainsFunc(list, func(d int) bool { return p%d == 0 }) {
			list = append(list, p)
		}
	}
	return list
}

// filled is the table as the paper describes it: lists of preferences, of which backends take turns.
func filled(m int, seeds []uint64) []int {
	table := make([]int, m)
	for i := range table {
		table[i] = -1
	}
	preferences := make([][]int, len(seeds))
	for b, seed := range seeds {
		offset, skip := int(seed>>32)%m, int(seed&(1<<32-1))%(m-1)+1
		for range m {
			preferences[b] = append(preferences[b], offset)
			offset = (offset + skip) % m
		}
	}
	for taken := 0; taken < m; taken++ {
		b := taken % len(seeds)
		for table[preferences[b][0]] >= 0 {
			preferences[b] = preferences[b][1:]
		}
		table[preferences[b][0]] = b
	}
	return table
}

// newMaglevOracle returns an oracle for a table of up to size slots.
func newMaglevOracle(size, backends int) *maglevOracle {
	seeds := seedsOf(backends)
	t := NewMaglev(size, seeds)
	all := primes(size)
	return &maglevOracle{maglevOperations{t.Len, t.Lookup}, t, filled(all[len(all)-1], seeds), backends}
}

func (o *maglevOracle) step(op byte, arg int) error {
	h := uint32(op) << 24 * uint32(arg+1)
	if got, want := o.t.Lookup(h), o.want[uint64(h)%uint64(len(o.want))]; got != want {
		return fmt.Errorf("Lookup of %d is %d, want %d", h, got, want)
	}
	return nil
}

func (o *maglevOracle) compare() error {
	if o.t.Len() != o.n {
		return fmt.Errorf("Len is %d, want %d", o.t.Len(), o.n)
	}
	for slot, want := range o.want {
		if got := o.t.Lookup(uint32(slot)); got != want {
			return fmt.Errorf("Lookup of %d is %d, want %d", slot, got, want)
		}
	}
	return nil
}

func TestMaglev(t *testing.T) {
	for _, size := range []int{2, 3, 4, 7, 8, 13, 100, 257, 1031} {
		for _, backends := range []int{1, 2, 3, 5, 16, 100} {
			if err := play(newMaglevOracle(size, backends), scriptOf(uint64(size), 100)); err != nil {
				t.Errorf("%d slots, %d backends: %v", size, backends, err)
			}
		}
	}
}

// TestMaglevShares: every slot has a backend, no two shares differ by more than one, and the number of slots
// is the largest prime.
func TestMaglevShares(t *testing.T) {
	for size, slots := range map[int]int{2: 2, 4: 3, 100: 97, 1000: 997, 65537: 65537, 65600: 65599} {
		for _, backends := range []int{1, 2, 3, 10, 97, 98, 1000} {
			table := NewMaglev(size, seedsOf(backends))
			if len(table.entry) != slots {
				t.Fatalf("size %d gives %d slots, want %d", size, len(table.entry), slots)
			}
			shares := make([]int, backends)
			for h := range uint32(slots) {
				shares[table.Lookup(h)]++
			}
			if slices.Max(shares)-slices.Min(shares) > 1 {
				t.Errorf("%d slots, %d backends: shares from %d to %d", slots, backends, slices.Min(shares), slices.Max(shares))
			}
		}
	}
}

// TestMaglevExtremes: seeds of all zeros and all ones, and all alike.
func TestMaglevExtremes(t *testing.T) {
	for _, size := range []int{2, 3, 13, 97} {
		seeds := []uint64{0, 0, 1<<64 - 1, 1<<64 - 1, 1 << 32, 1<<32 - 1}
		all := primes(size)
		want := filled(all[len(all)-1], seeds)
		table := NewMaglev(size, seeds)
		for slot, backend := range want {
			if got := table.Lookup(uint32(slot)); got != backend {
				t.Errorf("%d slots: Lookup of %d is %d, want %d", size, slot, got, backend)
			}
		}
	}
}

// TestMaglevMovesLittle removes one of a hundred backends and counts the slots whose backend was another one
// and changes nevertheless: 6 of 1,000. Of a table by remainder nearly all would.
func TestMaglevMovesLittle(t *testing.T) {
	const backends = 100
	seeds := seedsOf(backends)
	before := NewMaglev(65537, seeds)
	for _, gone := range []int{0, 41, 99} {
		after := NewMaglev(65537, slices.Delete(slices.Clone(seeds), gone, gone+1))
		moved := 0
		for h := range uint32(65537) {
			was, is := before.Lookup(h), after.Lookup(h)
			if is >= gone {
				is++
			}
			if was != gone && was != is {
				moved++
			}
		}
		t.Logf("without backend %d, %d of 65537 slots move besides its own", gone, moved)
		if moved > 65537/100 {
			t.Errorf("without backend %d, %d slots move besides its own", gone, moved)
		}
	}
}

func FuzzMaglev(f *testing.F) {
	f.Add(uint16(13), []byte{1, 2, 3})
	f.Fuzz(func(t *testing.T, size uint16, bytes []byte) {
		if size < 2 || size > 1000 || len(bytes) == 0 || len(bytes) > 50 {
			t.Skip()
		}
		seeds := make([]uint64, len(bytes))
		for i, b := range bytes {
			seeds[i] = uint64(b) * 0x0101_0203_0507_0b0d
		}
		all := primes(int(size))
		table := NewMaglev(int(size), seeds)
		for slot, want := range filled(all[len(all)-1], seeds) {
			if got := table.Lookup(uint32(slot)); got != want {
				t.Fatalf("Lookup of %d is %d, want %d", slot, got, want)
			}
		}
	})
}

// maglevView shows a table's abstract state.
type maglevView struct{ t *Maglev }

func (v maglevView) Indices() (low, high int) { return 0, 3 * len(v.t.entry) }
func (v maglevView) Keys(string) []any        { return nil }
func (v maglevView) Observer(name string, index ...any) any {
	if name == "n" {
		return len(v.t.walks)
	}
	return int(v.t.entry[index[0].(int)%len(v.t.entry)])
}

// maglevMutants are tables with one fault each.
var maglevMutants = []struct {
	fault string
	plant func(t *Maglev, ops *maglevOperations)
}{
	{"Len is the number of slots", func(t *Maglev, ops *maglevOperations) {
		ops.Len = func() int { return len(t.entry) }
	}},
	{"Lookup of the next slot", func(t *Maglev, ops *maglevOperations) {
		ops.Lookup = func(h uint32) int { return t.Lookup(h + 1) }
	}},
	{"Lookup by remainder", func(t *Maglev, ops *maglevOperations) {
		ops.Lookup = func(h uint32) int { return int(h % uint32(t.Len())) }
	}},
	{"Lookup of the low bits", func(t *Maglev, ops *maglevOperations) {
		ops.Lookup = func(h uint32) int { return t.Lookup(h & 7) }
	}},
	{"Lookup of the first alone", func(t *Maglev, ops *maglevOperations) {
		ops.Lookup = func(uint32) int { return 0 }
	}},
	{"backend out of range", func(t *Maglev, ops *maglevOperations) { t.entry[1] = 9 }},
}

func TestMaglevDoesNotAllocate(t *testing.T) {
	table := NewMaglev(97, seedsOf(5))
	h := uint32(0)
	if got := testing.AllocsPerRun(1000, func() { h += uint32(table.Lookup(h*2654435761)) + 1 }); got != 0 {
		t.Errorf("%v allocations, want none", got)
	}
}

func BenchmarkMaglevLookup(b *testing.B) {
	table := NewMaglev(65537, seedsOf(100))
	h := uint32(1)
	b.ReportAllocs()
	for b.Loop() {
		h = h*2654435761 + uint32(table.Lookup(h))
	}
}

// BenchmarkNewMaglev makes the table that the paper takes for a hundred backends, and a large one.
func BenchmarkNewMaglev(b *testing.B) {
	for _, size := range []int{65537, 655373} {
		b.Run(fmt.Sprint(size, " slots"), func(b *testing.B) {
			seeds := seedsOf(100)
			for b.Loop() {
				NewMaglev(size, seeds)
			}
		})
	}
}
