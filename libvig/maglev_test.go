package libvig

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// maglevOperations are the operations of a Maglev.
type maglevOperations struct {
	Len    func() int
	Choose func(k flow, since Time) (int, int, bool)
	Beat   func(i int, now Time)
	Alive  func(i int, since Time) bool
	Time   func(i int) Time
}

// maglevOracle compares a table with a plain description of how it is filled, and of who is alive.
type maglevOracle struct {
	t      maglevOperations
	inside *Maglev[flow]
	list   []Entry[uint32, uint16]
	want   []int // backend of each slot
	times  []Time
	pool   []flow
	now    Time
}

// backendsOf returns n backends with the weights in turn.
func backendsOf(n int, weights ...uint16) []Entry[uint32, uint16] {
	list := make([]Entry[uint32, uint16], n)
	for i := range list {
		list[i] = Entry[uint32, uint16]{uint32(i)*7 + 3, weights[i%len(weights)]}
	}
	return list
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

// filled is the table as the paper describes it: lists of preferences, of which backends take turns until each has
// its share.
func filled(size int, list []Entry[uint32, uint16], secret HashKey) []int {
	all := primes(size)
	m := all[len(all)-1]
	table := make([]int, m)
	for i := range table {
		table[i] = -1
	}
	offsets, skips := hasherOf(secret, 1), hasherOf(secret, 2)
	preferences, shares := make([][]int, len(list)), sharesOf(m, list)
	for b := range list {
		offset := int(hashKey(&offsets, &list[b].Key)) % m
		for range m {
			preferences[b] = append(preferences[b], offset)
			offset = (offset + int(hashKey(&skips, &list[b].Key))%(m-1) + 1) % m
		}
	}
	for taken := true; taken; {
		taken = false
		for b := range list {
			if shares[b] == 0 {
				continue
			}
			for table[preferences[b][0]] >= 0 {
				preferences[b] = preferences[b][1:]
			}
			table[preferences[b][0]] = b
			shares[b]--
			taken = true
		}
	}
	return table
}

// sharesOf cuts m slots at the fractions that the sums of the weights are of their total.
func sharesOf(m int, list []Entry[uint32, uint16]) []int {
	shares := make([]int, len(list))
	total, sum := 0, 0
	for _, e := range list {
		total += int(e.Value)
	}
	for b, e := range list {
		if total > 0 {
			shares[b] = (sum+int(e.Value))*m/total - sum*m/total
		}
		sum += int(e.Value)
	}
	return shares
}

// newMaglevOracle returns an oracle for a table of up to size slots.
func newMaglevOracle(size int, list []Entry[uint32, uint16], secret HashKey, pool []flow) *maglevOracle {
	t := NewMaglev[flow](size, list, secret)
	o := &maglevOracle{inside: t, list: list, want: filled(size, list, secret), times: make([]Time, len(list)), pool: pool}
	o.t = maglevOperations{t.Len, t.Choose, t.Beat, t.Alive, t.Time}
	for i := range o.times {
		o.times[i] = -1 << 63
	}
	return o
}

// chosen is the plain description of Choose.
func (o *maglevOracle) chosen(k flow, since Time) (i, steps int, ok bool) {
	h := int(hashKey(&o.inside.keyed, &k))
	for s := range o.want {
		if b := o.want[(h+s)%len(o.want)]; b >= 0 && o.times[b] >= since {
			return b, s, true
		}
	}
	return 0, 0, false
}

func (o *maglevOracle) step(op byte, arg int) error {
	i := arg % len(o.times)
	o.now += Time(op >> 6)
	if op%4 == 0 {
		o.t.Beat(i, o.now-Time(op%7)) // a heartbeat may be late
		o.times[i] = o.now - Time(op%7)
	}
	since := o.now - Time(arg%24)
	if got, want := o.t.Alive(i, since), o.times[i] >= since; got != want {
		return fmt.Errorf("Alive of %d since %d is %t", i, since, got)
	}
	k := o.pool[arg%len(o.pool)]
	b, steps, ok := o.t.Choose(k, since)
	if wb, ws, wok := o.chosen(k, since); b != wb || steps != ws || ok != wok {
		return fmt.Errorf("Choose of %v is %d, %d, %t; want %d, %d, %t", k, b, steps, ok, wb, ws, wok)
	}
	return nil
}

func (o *maglevOracle) compare() error {
	if o.t.Len() != len(o.times) {
		return fmt.Errorf("Len is %d, want %d", o.t.Len(), len(o.times))
	}
	for i, want := range o.times {
		if got := o.t.Time(i); got != want {
			return fmt.Errorf("the last heartbeat of %d is %d, want %d", i, got, want)
		}
	}
	for slot, want := range o.want {
		if got := int(o.inside.entry[slot]); got != want && (want >= 0 || got != len(o.times)) {
			return fmt.Errorf("the backend of slot %d is %d, want %d", slot, got, want)
		}
	}
	return nil
}

func TestMaglev(t *testing.T) {
	for _, size := range []int{2, 3, 4, 7, 8, 13, 100, 257, 1031} {
		for _, backends := range []int{1, 2, 3, 5, 16, 100} {
			for _, weights := range [][]uint16{{1}, {0, 1, 2}, {65535, 1}, {0}} {
				o := newMaglevOracle(size, backendsOf(backends, weights...), secret, poolOf(50, flowAt))
				if err := play(o, scriptOf(uint64(size), 100)); err != nil {
					t.Errorf("%d slots, %d backends of weights %v: %v", size, backends, weights, err)
				}
			}
		}
	}
}

// TestMaglevShares: every slot has a backend, shares are those of the weights, rounded down, or one more, and the
// number of slots is the largest prime.
func TestMaglevShares(t *testing.T) {
	for size, slots := range map[int]int{2: 2, 4: 3, 100: 97, 1000: 997, 65537: 65537, 65600: 65599} {
		for _, backends := range []int{1, 2, 3, 10, 97, 98, 1000} {
			for _, weights := range [][]uint16{{1}, {7}, {0, 3, 1, 100}, {65535, 0, 65535, 1}} {
				list := backendsOf(backends, weights...)
				table := NewMaglev[flow](size, list, secret)
				if len(table.entry) != slots {
					t.Fatalf("size %d gives %d slots, want %d", size, len(table.entry), slots)
				}
				total := 0
				for _, e := range list {
					total += int(e.Value)
				}
				shares := make([]int, backends+1)
				for _, b := range table.entry {
					shares[b]++
				}
				for b, e := range list {
					least := 0
					if total > 0 {
						least = int(e.Value) * slots / total
					}
					if shares[b] < least || shares[b] > least+1 || e.Value == 0 && shares[b] > 0 {
						t.Errorf("%d slots, %d backends of weights %v: backend %d has %d slots", slots, backends, weights, b, shares[b])
					}
				}
			}
		}
	}
}

// TestMaglevMovesLittle removes one of a hundred backends and counts the slots whose backend was another one
// and changes nevertheless. Of a table by remainder nearly all would. When a backend dies that stays in the list,
// none does.
//
// The backend's own slots must change. Each is taken by somebody who therefore leaves alone a slot further on in an
// order of its own, which goes to another; as quotas grow by the one share that is free, such a chain ends early. So
// not more slots move besides than the backend had: its share is the bound. (Measured: 0.58 to 0.82 of it.)
func TestMaglevMovesLittle(t *testing.T) {
	const backends = 100
	for _, weights := range [][]uint16{{1}, {1, 2, 4}} {
		list := backendsOf(backends, weights...)
		before := NewMaglev[flow](65537, list, secret)
		for _, gone := range []int{0, 41, 99} {
			after := NewMaglev[flow](65537, slices.Delete(slices.Clone(list), gone, gone+1), secret)
			moved, share := 0, 0
			for slot, was := range before.entry {
				is := after.entry[slot]
				if int(is) >= gone {
					is++
				}
				if int(was) == gone {
					share++
				} else if was != is {
					moved++
				}
			}
			t.Logf("weights %v, without backend %d: %d of 65537 slots move besides its own %d", weights, gone, moved, share)
			if moved > share {
				t.Errorf("weights %v, without backend %d: %d slots move besides its own %d", weights, gone, moved, share)
			}
		}
	}
}

// TestMaglevKeeps: while backends die and come back, a key stays with its first backend whenever that is alive, and the
// order of heartbeats does not matter.
func TestMaglevKeeps(t *testing.T) {
	const backends = 20
	list := backendsOf(backends, 1, 3)
	one, other := NewMaglev[flow](1009, list, secret), NewMaglev[flow](1009, list, secret)
	r := rand.New(rand.NewPCG(4, 4))
	for round := range Time(200) {
		alive := map[int]bool{}
		order := r.Perm(backends)[:1+r.IntN(backends)]
		for n, i := range order {
			one.Beat(i, 10*round+Time(n%10))
			alive[i] = true
		}
		slices.Reverse(order)
		for _, i := range order {
			other.Beat(i, 10*round+9)
		}
		for n := range uint64(100) {
			k := flowAt(n)
			i, steps, ok := one.Choose(k, 10*round)
			j, _, same := other.Choose(k, 10*round)
			first := int(one.entry[int(hashKey(&one.keyed, &k))%len(one.entry)])
			if !ok || !same || i != j || !alive[i] || alive[first] && (i != first || steps != 0) {
				t.Fatalf("round %d: flow %d has backend %d and %d, its first is %d", round, n, i, j, first)
			}
		}
	}
}

func FuzzMaglev(f *testing.F) {
	f.Add(uint16(13), []byte{1, 2, 3})
	f.Fuzz(func(t *testing.T, size uint16, weights []byte) {
		if size < 2 || size > 1000 || len(weights) == 0 || len(weights) > 50 {
			t.Skip()
		}
		list := backendsOf(len(weights), 0)
		for i, w := range weights {
			list[i].Value = uint16(w) * 257
		}
		o := newMaglevOracle(int(size), list, secret, poolOf(20, flowAt))
		if err := play(o, scriptOf(uint64(size), 50)); err != nil {
			t.Error(err)
		}
	})
}

// constantHash is the secret for which all keys of a table have the hash 0: a test can go through all steps of that.
var constantHash = HashKey{1}

// maglevView shows a table's abstract state.
type maglevView struct {
	t    *Maglev[flow]
	pool []flow
}

func (v maglevView) Indices() (low, high int) { return -1, 3 * len(v.t.entry) }
func (v maglevView) Keys(string) []any        { return anyOf(v.pool) }
func (v maglevView) Observer(name string, index ...any) any {
	switch name {
	case "n":
		return len(v.t.walks)
	case "hash":
		k := index[0].(flow)
		return hashKey(&v.t.keyed, &k)
	}
	i := index[0].(int)
	if name == "time" {
		if 0 <= i && i < len(v.t.beats) {
			return v.t.beats[i]
		}
		return Time(0)
	}
	if i < 0 {
		return 0
	}
	return int(v.t.entry[(i>>24+i%(1<<24))%len(v.t.entry)])
}

// maglevMutants are tables with one fault each.
var maglevMutants = []struct {
	fault string
	plant func(t *Maglev[flow], ops *maglevOperations)
}{
	{"Len is the number of slots", func(t *Maglev[flow], ops *maglevOperations) {
		ops.Len = func() int { return len(t.entry) }
	}},
	{"Choose of the dead", func(t *Maglev[flow], ops *maglevOperations) {
		ops.Choose = func(k flow, _ Time) (int, int, bool) { return t.Choose(k, never) }
	}},
	{"Choose of the oldest only", func(t *Maglev[flow], ops *maglevOperations) {
		ops.Choose = func(k flow, since Time) (int, int, bool) { return t.Choose(k, since+1) }
	}},
	{"Choose of the first alive", func(t *Maglev[flow], ops *maglevOperations) {
		ops.Choose = func(k flow, since Time) (int, int, bool) {
			_, steps, ok := t.Choose(k, since)
			return max(slices.IndexFunc(t.beats, func(at Time) bool { return ok && at >= since }), 0), steps, ok
		}
	}},
	{"Choose skips a slot", func(t *Maglev[flow], ops *maglevOperations) {
		ops.Choose = func(k flow, since Time) (int, int, bool) {
			if i, steps, ok := t.Choose(k, since); !ok || steps+1 == len(t.entry) {
				return i, steps, ok
			}
			h := int(hashKey(&t.keyed, &k)) + 1
			for s := 1; ; s++ {
				if b := t.entry[(h+s-1)%len(t.entry)]; int(b) < len(t.beats) && t.beats[b] >= since {
					return int(b), s, true
				}
			}
		}
	}},
	{"Choose gives up early", func(t *Maglev[flow], ops *maglevOperations) {
		ops.Choose = func(k flow, since Time) (int, int, bool) {
			if i, steps, ok := t.Choose(k, since); steps < 2 {
				return i, steps, ok
			}
			return 0, 0, false
		}
	}},
	{"Choose names a backend where there is none", func(t *Maglev[flow], ops *maglevOperations) {
		ops.Choose = func(k flow, since Time) (int, int, bool) {
			if i, steps, ok := t.Choose(k, since); ok {
				return i, steps, ok
			}
			return 1, 0, false
		}
	}},
	{"Beat of all", func(t *Maglev[flow], ops *maglevOperations) {
		ops.Beat = func(i int, now Time) {
			for i := range t.beats {
				t.Beat(i, now)
			}
		}
	}},
	{"Beat only forward", func(t *Maglev[flow], ops *maglevOperations) {
		ops.Beat = func(i int, now Time) { t.Beat(i, max(now, t.beats[i])) }
	}},
	{"Beat without effect on Choose", func(t *Maglev[flow], ops *maglevOperations) {
		ops.Beat = func(i int, now Time) { t.beats[i] = now }
	}},
	{"Alive after the time only", func(t *Maglev[flow], ops *maglevOperations) {
		ops.Alive = func(i int, since Time) bool { return t.Time(i) > since }
	}},
	{"Time of the first", func(t *Maglev[flow], ops *maglevOperations) {
		ops.Time = func(int) Time { return t.Time(0) }
	}},
}

func TestMaglevDoesNotAllocate(t *testing.T) {
	table := NewMaglev[flow](97, backendsOf(5, 1), secret)
	n := uint64(0)
	if got := testing.AllocsPerRun(1000, func() {
		n++
		table.Beat(int(n%5), Time(n))
		i, _, _ := table.Choose(flowAt(n), Time(n)-2)
		table.Alive(i, Time(n))
	}); got != 0 {
		t.Errorf("%v allocations, want none", got)
	}
}

// BenchmarkMaglevChoose chooses among a hundred backends, of which some are alive.
func BenchmarkMaglevChoose(b *testing.B) {
	for _, alive := range []int{100, 50, 1, 0} {
		b.Run(fmt.Sprint(alive, " alive"), func(b *testing.B) {
			table := NewMaglev[flow](65537, backendsOf(100, 1), secret)
			for i := range alive {
				table.Beat(i, 1)
			}
			n := uint64(0)
			b.ReportAllocs()
			for b.Loop() {
				n++
				table.Choose(flowAt(n), 1)
			}
		})
	}
}

// BenchmarkNewMaglev makes the table that the paper takes for a hundred backends, and a large one.
func BenchmarkNewMaglev(b *testing.B) {
	for _, size := range []int{65537, 655373} {
		b.Run(fmt.Sprint(size, " slots"), func(b *testing.B) {
			list := backendsOf(100, 1, 5)
			for b.Loop() {
				NewMaglev[flow](size, list, secret)
			}
		})
	}
}
