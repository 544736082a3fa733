package libvig

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// flow is a key of 16 bytes, the size of an IPv4 flow.
type flow struct {
	src, dst           uint32
	srcPort, dstPort   uint16
	protocol, incoming uint16
}

// flowAt returns the n-th of a sequence of different keys.
func flowAt(n uint64) flow {
	return flow{uint32(n), uint32(n >> 32), uint16(n * 7), 443, 17, uint16(n & 1)}
}

const benchCapacity = 65536

// secret is a fixed hash key for tests.
var secret = HashKey{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0,
	0x082efa98ec4e6c89, 0x452821e638d01377}

// churned is a table at 90 % of its capacity through which turnovers*capacity entries have gone,
// each new key in place of the oldest. It returns the number of the next key.
func churned(turnovers int) (*Table[flow, uint32], uint64) {
	t := NewTable[flow, uint32](benchCapacity, secret)
	next := uint64(0)
	for ; next < benchCapacity*9/10; next++ {
		t.Insert(flowAt(next), uint32(next), Time(next))
	}
	for end := next + uint64(turnovers)*benchCapacity; next < end; next++ {
		turn(t, next)
	}
	return t, next
}

// turn replaces the oldest entry by a new one.
func turn(t *Table[flow, uint32], next uint64) {
	t.ExpireBefore(Time(next - benchCapacity*9/10 + 1))
	t.Insert(flowAt(next), uint32(next), Time(next))
}

// freshAndWorn runs a benchmark on a new table and on ones after one, five and ten turnovers: the same
// operation must not become slower.
func freshAndWorn(b *testing.B, f func(b *testing.B, t *Table[flow, uint32], next uint64)) {
	for _, turnovers := range []int{0, 1, 5, 10} {
		b.Run(fmt.Sprintf("turnovers=%d", turnovers), func(b *testing.B) {
			t, next := churned(turnovers)
			f(b, t, next)
		})
	}
}

func BenchmarkTableLookup(b *testing.B) {
	freshAndWorn(b, func(b *testing.B, t *Table[flow, uint32], next uint64) {
		oldest := next - uint64(t.Len())
		order := rand.New(rand.NewPCG(1, 2)).Perm(t.Len())
		keys := make([]flow, len(order))
		for i, n := range order {
			keys[i] = flowAt(oldest + uint64(n))
		}
		i := 0
		for b.Loop() {
			if _, ok := t.Lookup(keys[i]); !ok {
				b.Fatal("a key is missing")
			}
			if i++; i == len(keys) {
				i = 0
			}
		}
	})
}

func BenchmarkTableMiss(b *testing.B) {
	freshAndWorn(b, func(b *testing.B, t *Table[flow, uint32], next uint64) {
		for b.Loop() {
			if _, ok := t.Lookup(flowAt(next)); ok {
				b.Fatal("a key is present")
			}
			next++
		}
	})
}

func BenchmarkTableInsert(b *testing.B) {
	freshAndWorn(b, func(b *testing.B, t *Table[flow, uint32], next uint64) {
		for b.Loop() {
			i, ok := t.Insert(flowAt(next), 1, Time(next))
			if !ok {
				b.Fatal("the table is full")
			}
			t.Erase(i)
			next++
		}
	})
}

func BenchmarkTableChurn(b *testing.B) {
	freshAndWorn(b, func(b *testing.B, t *Table[flow, uint32], next uint64) {
		for b.Loop() {
			turn(t, next)
			next++
		}
	})
}

func BenchmarkHash(b *testing.B) {
	h := newHasher(secret)
	b.Run("16 bytes", func(b *testing.B) {
		k, s := flowAt(1), uint32(0)
		for b.Loop() {
			s += hashKey(&h, &k)
			k.src++
		}
		_ = s
	})
	b.Run("6 bytes", func(b *testing.B) {
		k, s := [6]byte{}, uint32(0)
		for b.Loop() {
			s += hashKey(&h, &k)
			k[0]++
		}
		_ = s
	})
	b.Run("40 bytes", func(b *testing.B) {
		k, s := [5]uint64{}, uint32(0)
		for b.Loop() {
			s += hashKey(&h, &k)
			k[0]++
		}
		_ = s
	})
}
