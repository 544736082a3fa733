package loadbalancer_test

import (
	"math/bits"
	"testing"

	"vigor/libvig"
	"vigor/nf"
	"vigor/nfs/loadbalancer"
	"vigor/packet"
)

// key selects a hash function: NH and multiply-shift, as libvig describes them.
type key [5]uint64

// number is another function for each number.
func (k key) number(n uint64) key {
	for i, x := range k {
		x += n
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		k[i] = x ^ x>>31
	}
	return k
}

// hash is that of a value of up to eight bytes, little endian.
func (k key) hash(x uint64) int {
	high, low := bits.Mul64(x+k[0], k[1])
	return int(uint32((high*k[2] + low*k[3] + k[4]) >> 32))
}

// reference is the lookup table of the paper, section 3.4, for backends of equal weights: the permutation of each from
// an offset and a skip, and then the turns in which they take their next preferred free entry. Who gets the
// entries that are left when all have had equally many is up to the order of backends there, and to rounding of
// weights in libvig: they are -1.
func reference(k key, names []packet.IPv4, m int) []int {
	permutation := make([][]int, len(names))
	for i, name := range names {
		offset, skip := k.number(1).hash(uint64(name))%m, k.number(2).hash(uint64(name))%(m-1)+1
		for j := range m {
			permutation[i] = append(permutation[i], (offset+j*skip)%m)
		}
	}
	next, entry := make([]int, len(names)), make([]int, m)
	for j := range entry {
		entry[j] = -1
	}
	for range m / len(names) {
		for i := range names {
			c := permutation[i][next[i]]
			for entry[c] >= 0 {
				next[i]++
				c = permutation[i][next[i]]
			}
			entry[c] = i
			next[i]++
		}
	}
	return entry
}

const (
	slots = 5003 // a prime
	many  = 20000
)

// named returns the addresses of n backends, equally weighted.
func named(n int) (names []packet.IPv4, list []libvig.Entry[packet.IPv4, uint16]) {
	for i := range n {
		names = append(names, ip(10, 1, 0, byte(11+i)))
		list = append(list, libvig.Entry[packet.IPv4, uint16]{Key: names[i], Value: 1})
	}
	return names, list
}

// spreadOver makes a balancer of backends, all of them alive.
func spreadOver(t *testing.T, key uint64, names []packet.IPv4, list []libvig.Entry[packet.IPv4, uint16]) *balancer {
	b := newBalancer(t, key, func(c *loadbalancer.Config) { c.Backends, c.Slots, c.Capacity = list, slots, 1 })
	b.beat(t, names...)
	return b
}

// client is the address and port of the n-th client.
func client(n int) (packet.IPv4, uint16) {
	return ip(192, 0, 2, 0) + packet.IPv4(n*2654435761>>7), uint16(n * 40503)
}

// TestReference compares the balancer's choice for each of many flows with the paper's table. The connection
// table has room for one of them, so all others are chosen by hash.
func TestReference(t *testing.T) {
	names, list := named(17)
	b := spreadOver(t, 1, names, list)
	k := key(configuration(t, nil).SharedKey)
	entry := reference(k, names, slots)
	got, chosenFor := map[packet.IPv4]int{}, map[int]packet.IPv4{}
	for n := range many {
		address, port := client(n)
		slot := k.hash(uint64(address)|uint64(port)<<32|uint64(packet.TCP)<<48) % slots
		chosen := b.choose(t, address, port)
		if i := entry[slot]; i >= 0 && chosen != names[i] {
			t.Fatalf("flow %d: got %v, the paper's table says %v", n, chosen, names[i])
		}
		if other, ok := chosenFor[slot]; ok && other != chosen {
			t.Fatalf("slot %d is %v's and %v's", slot, other, chosen)
		}
		chosenFor[slot] = chosen
		got[chosen]++
	}
	shares := map[packet.IPv4]int{}
	for _, backend := range chosenFor {
		shares[backend]++
	}
	for _, name := range names {
		if n := shares[name]; n < slots/len(names)*9/10 || n > slots/len(names)+1 {
			t.Errorf("%v has %d of the %d slots that were met, %d in all", name, n, len(chosenFor), slots)
		}
		if fair := many / len(names); got[name] < fair*8/10 || got[name] > fair*12/10 {
			t.Errorf("%v has %d of %d flows, fair are %d", name, got[name], many, fair)
		}
	}
}

// TestDisruption measures how many flows move that need not, when a backend of 17 leaves: none when it dies, and few
// when it is no more configured, as the table is made anew. A table by remainder would move 16 of 17.
func TestDisruption(t *testing.T) {
	names, list := named(17)
	before, dies := spreadOver(t, 1, names, list), spreadOver(t, 2, names[:16], list)
	leaves := spreadOver(t, 3, names[:16], list[:16])
	stayed, moved, remade := 0, 0, 0
	for n := range many {
		address, port := client(n)
		was := before.choose(t, address, port)
		if was == names[16] {
			continue
		}
		stayed++
		if dies.choose(t, address, port) != was {
			moved++
		}
		if leaves.choose(t, address, port) != was {
			remade++
		}
	}
	t.Logf("of %d flows with other backends %d move when one of 17 dies, and %d (%.1f %%) when it is taken out of the list",
		stayed, moved, remade, 100*float64(remade)/float64(stayed))
	if stayed < many*9/10 || moved != 0 || remade > stayed/20 {
		t.Errorf("of %d flows %d move, and %d; want none, and at most one of 20", stayed, moved, remade)
	}
}

// TestBalancersAgree: with one configuration all choose alike, whatever their own secrets are and in whatever order
// they heard the backends; with another shared key they do not (M4, M19).
func TestBalancersAgree(t *testing.T) {
	names, list := named(17)
	a, b := spreadOver(t, 1, names, list), newBalancer(t, 2, func(c *loadbalancer.Config) { c.Backends, c.Slots = list, slots })
	other := newBalancer(t, 1, func(c *loadbalancer.Config) { c.Backends, c.Slots, c.SharedKey[0] = list, slots, 1 })
	other.beat(t, names...)
	for i := range names {
		b.beat(t, names[len(names)-1-i])
		b.now += nf.Millisecond
	}
	same := 0
	for n := range many {
		address, port := client(n)
		want := a.choose(t, address, port)
		if got := b.choose(t, address, port); got != want {
			t.Fatalf("flow %d: %v and %v", n, got, want)
		}
		if other.choose(t, address, port) == want {
			same++
		}
	}
	if same > many/10 {
		t.Errorf("with another key %d of %d choices are the same: the key does not matter", same, many)
	}
}
