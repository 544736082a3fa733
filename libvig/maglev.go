package libvig

// Maglev spreads hashes over backends, in almost equal shares, so that most hashes keep their backend when
// another backend comes or goes: the lookup table of Eisenbud et al., "Maglev: A Fast and Reliable Software
// Network Load Balancer", NSDI 2016, section 3.4.
//
// Each backend walks over all slots of the table in an order of its own, and the backends take turns: each
// takes the first slot on its walk that is still free. So every slot has a backend, and the numbers of
// slots of any two backends differ by at most one. Both are proved, for every number of slots and
// backends, and of the walks it is proved that they meet every slot. How few hashes move when the set of
// backends changes is measured (TestMaglevMovesLittle), not proved.
//
// The observers are: n, the number of backends, and backend[h], the backend of hash h. That backend[h] is
// below n for every hash is proved, too, but not exposed: a constructor's contract could not define it.
//
// @ ghost backend map[int]uint31
// @ ghost n uint31
// @ exposes 0 < n
type Maglev struct {
	entry []int32 // backend of each slot; their number is a prime
	walks []walk  // of each backend
	// @ represent n = len(walks)
	// @ inv prime(len(entry)) && 1 < len(entry) && len(entry) <= 16777216 && 0 < len(walks) && len(walks) <= 16777216
	// @ inv forall q int {entry[q]} :: 0 <= q && q < len(entry) ==> 0 <= entry[q] && entry[q] < len(walks)
	// @ inv forall k, l int {countEq(entry, k, len(entry)), countEq(entry, l, len(entry))} :: 0 <= k && k < len(walks) &&
	// @  0 <= l && l < len(walks) ==> countEq(entry, k, len(entry)) - countEq(entry, l, len(entry)) <= 1
	// @ inv forall h int {backend[h]} :: 0 <= h && h < 4294967296 ==> backend[h] == entry[rem(h, len(entry))] && backend[h] < n
}

// walk is the order in which a backend meets the slots: step s is at offset + s*skip, modulo their number.
// next is the first step that it has not made.
type walk struct{ offset, skip, next uint32 }

// MaxSlots is the largest number of slots of a [Maglev], and the largest number of its backends.
const MaxSlots = 1 << 24

// rem is the remainder of p and d, perm the slot at step t of a walk through m slots.
//
// @ opaque func rem(p, d int) int { p % d }
//
// @ opaque func perm(off, skip, m, t int) int { (off + t * skip) % m }
//
// @ opaque func prime(p int) bool { p > 1 && forall d int {rem(p, d)} :: 1 < d && d < p ==> rem(p, d) != 0 }
//
// countEq is the number of i in 0..n-1 at which a is v.
//
// @ pure func countEq(a []int, v, n int) int decreases n
// @  { n <= 0 ? 0 : countEq(a, v, n-1) + (a[n-1] == v ? 1 : 0) }
//
// @ lemma countEqUpd(a []int, v, n, i, x int)
// @  requires 0 <= i && 0 <= n
// @  ensures countEq(a[i := x], v, n) == countEq(a, v, n) + (i < n ? (x == v ? 1 : 0) - (a[i] == v ? 1 : 0) : 0)
// @  decreases n
// @  { unfold countEq(a, v, n); unfold countEq(a[i := x], v, n); if n > 0 { countEqUpd(a, v, n-1, i, x); } }
//
// @ lemma countEqPos(a []int, v, n int) (e int)
// @  requires 0 <= n && countEq(a, v, n) > 0
// @  ensures 0 <= e && e < n && a[e] == v
// @  decreases n
// @  { unfold countEq(a, v, n); if n > 0 && a[n-1] != v { e := countEqPos(a, v, n-1); } else { e := n-1; } }
//
// @ lemma countEqNonneg(a []int, v, n int)
// @  requires 0 <= n
// @  ensures countEq(a, v, n) >= 0
// @  decreases n
// @  { unfold countEq(a, v, n); if n > 0 { countEqNonneg(a, v, n-1); } }
//
// @ lemma countEqZero(a []int, v, n, q int)
// @  requires 0 <= q && q < n && countEq(a, v, n) == 0
// @  ensures a[q] != v
// @  decreases n
// @  { unfold countEq(a, v, n); countEqNonneg(a, v, n-1); if q < n-1 { countEqZero(a, v, n-1, q); } }
//
// @ lemma countEqAll(a []int, v, w, n int)
// @  requires 0 <= n && forall i int {a[i]} :: 0 <= i && i < n ==> a[i] == w
// @  ensures countEq(a, v, n) == (v == w ? n : 0)
// @  decreases n
// @  { unfold countEq(a, v, n); if n > 0 { countEqAll(a, v, w, n-1); } }
//
// Products of two variables, which solvers are not left alone with.
//
// @ lemma mulLe(a, b, c int)
// @  requires 0 <= a && a <= c && 0 <= b
// @  ensures 0 <= a * b && a * b <= c * b
// @  {}
//
// A number below a prime has an inverse modulo that prime (Bézout), so a walk meets every slot.
//
// @ lemma one() (x, k int)
// @  ensures x == 1 && k == 0
// @  { x := 1; k := 0; }
//
// @ lemma inverse(a, p int) (x, k int)
// @  requires prime(p) && 0 < a && a < p
// @  ensures a * x == 1 + p * k
// @  decreases a
// @  { unfold prime(p); if a == 1 { x, k := one(); }
// @    else { ghost r := p % a; ghost q := p / a; unfold rem(p, a); assert p == a * q + r; assert 0 < r && r < a;
// @      y, k1 := inverse(r, p);
// @      x := 0 - q * y; k := k1 - y;
// @      assert a * x == 0 - (a * q) * y; assert (a * q) * y == p * y - r * y; assert p * k == p * k1 - p * y; } }
//
// @ lemma surj(off, skip, p, b int) (t int)
// @  requires prime(p) && 0 < skip && skip < p && 0 <= b && b < p
// @  ensures 0 <= t && t < p && perm(off, skip, p, t) == b
// @  { x, k := inverse(skip, p); ghost z := b - off; ghost m := (z * x) / p; t := (z * x) % p;
// @    assert z * x == p * m + t;
// @    assert t * skip == z * (skip * x) - (p * m) * skip;
// @    assert z * (skip * x) == z + z * (p * k);
// @    assert z * (p * k) == p * (z * k);
// @    assert (p * m) * skip == p * (m * skip);
// @    assert p * (z * k - m * skip) == p * (z * k) - p * (m * skip);
// @    assert off + t * skip == p * (z * k - m * skip) + b;
// @    divUnique(off + t * skip, p, z * k - m * skip, b); unfold perm(off, skip, p, t); }
//
// @ lemma remRange(p, d int)
// @  requires 0 < d
// @  ensures 0 <= rem(p, d) && rem(p, d) < d
// @  { unfold rem(p, d); }
//
// spread lays a table of m slots out over the hashes below k.
//
// @ lemma spread(a []int, m, k int) (b map[int]int)
// @  requires 0 <= k
// @  ensures forall h int {rem(h, m)} :: b[h] == (0 <= h && h < k ? a[rem(h, m)] : 0)
// @  decreases k
// @  { if k > 0 { ghost c := spread(a, m, k-1); b := c[k-1 := a[rem(k-1, m)]]; } else { b := everywhere(0); } }

// largestPrime returns the largest prime up to n.
//
// @ pure
// @ requires 2 <= n
// @ ensures 2 <= p && p <= n && prime(p)
// @ ensures forall q int {prime(q)} :: p < q && q <= n ==> !prime(q)
func largestPrime(n int) (p int) {
	p = n
	// @ unfold prime(2); assert prime(2)
	// @ invariant 2 <= p && p <= n
	// @ invariant forall q int {prime(q)} :: p < q && q <= n ==> !prime(q)
	// @ decreases p
	for !isPrime(p) {
		p--
	}
	return p
}

// isPrime reports whether a number is a prime, by trial division.
//
// @ pure
// @ requires 2 <= p
// @ ensures r == prime(p)
func isPrime(p int) (r bool) {
	// @ unfold prime(p)
	// @ invariant 2 <= d && d <= p
	// @ invariant forall e int {rem(p, e)} :: 1 < e && e < d ==> rem(p, e) != 0
	// @ decreases p - d
	for d := 2; d < p; d++ {
		// @ unfold rem(p, d)
		if p%d == 0 {
			return false
		}
	}
	return true
}

// slotAt is the slot at step s of a walk through m slots.
//
// @ pure
// @ requires 0 < m && m <= 16777216 && offset < m && skip < m && s <= m
// @ ensures 0 <= c && c < m && c == perm(offset, skip, m, s)
func slotAt(offset, skip, s uint32, m int) (c int) {
	// @ mulLe(s, skip, 16777216)
	// @ unfold perm(offset, skip, m, s)
	return (int(offset) + int(s)*int(skip)) % m
}

// NewMaglev returns a table for as many backends as there are seeds. The number of slots is the largest
// prime up to size: take one far above the number of backends, such as 65537. A seed decides on the order
// in which its backend meets the slots and should be a keyed hash of the backend's name. The table depends
// on nothing but size and seeds, in their order: balancers that sort the same backends agree.
//
// It panics when size is not in 2..MaxSlots, or the number of seeds not in 1..MaxSlots.
//
// @ constructor
// @ requires 2 <= size && size <= 16777216 && 0 < len(seeds) && len(seeds) <= 16777216
// @ ensures n == len(seeds)
func NewMaglev(size int, seeds []uint64) *Maglev {
	if size < 2 || size > MaxSlots || len(seeds) == 0 || len(seeds) > MaxSlots {
		panic("libvig: the number of slots or of backends is out of range")
	}
	m := largestPrime(size)
	t := &Maglev{entry: make([]int32, m), walks: make([]walk, len(seeds))}
	// @ invariant forall q int {t.entry[q]} :: 0 <= q && q < j ==> t.entry[q] == -1
	for j := range t.entry {
		t.entry[j] = none
	}
	// @ invariant 0 <= j && j <= len(seeds)
	// @ invariant forall k int {t.walks[k].offset} :: 0 <= k && k < j ==> 0 <= t.walks[k].offset && t.walks[k].offset < m
	// @ invariant forall k int {t.walks[k].skip} :: 0 <= k && k < j ==> 0 < t.walks[k].skip && t.walks[k].skip < m
	// @ invariant forall k int {t.walks[k].next} :: 0 <= k && k < j ==> t.walks[k].next == 0
	// @ decreases len(seeds) - j
	for j := 0; j < len(seeds); j++ {
		t.walks[j] = walk{
			offset: uint32((seeds[j] >> 32) % uint64(m)),
			skip:   uint32(seeds[j]%(1<<32)%uint64(m-1)) + 1,
		}
	}
	i := 0
	// @ ghost r := 0
	// @ countEqAll(t.entry, -1, -1, m)
	// @ apply forall k int {countEq(t.entry, k, m)} :: countEqAll(t.entry, k, -1, m)
	// @ invariant 0 <= done && done <= m && 0 <= i && i < len(seeds)
	// @ invariant countEq(t.entry, -1, m) == m - done
	// @ invariant forall q int {t.entry[q]} :: 0 <= q && q < m ==> -1 <= t.entry[q] && t.entry[q] < len(seeds)
	// @ invariant forall k int {countEq(t.entry, k, m)} :: 0 <= k && k < len(seeds) ==> countEq(t.entry, k, m) == r + (k < i ? 1 : 0)
	// @ invariant forall k, u int {perm(t.walks[k].offset, t.walks[k].skip, m, u)} :: 0 <= k && k < len(seeds) && 0 <= u &&
	// @  u < t.walks[k].next ==> t.entry[perm(t.walks[k].offset, t.walks[k].skip, m, u)] >= 0
	// @ invariant forall k int {t.walks[k].next} :: 0 <= k && k < len(seeds) ==> 0 <= t.walks[k].next && t.walks[k].next <= m
	// @ decreases m - done
	for done := 0; done < m; done++ {
		// @ ghost e := countEqPos(t.entry, -1, m)
		// @ ghost te := surj(t.walks[i].offset, t.walks[i].skip, m, e)
		s := t.walks[i].next
		c := slotAt(t.walks[i].offset, t.walks[i].skip, s, m)
		// @ invariant 0 <= s && s <= te && c == perm(t.walks[i].offset, t.walks[i].skip, m, s) && 0 <= c && c < m
		// @ invariant forall u int {perm(t.walks[i].offset, t.walks[i].skip, m, u)} :: 0 <= u && u < s ==>
		// @  t.entry[perm(t.walks[i].offset, t.walks[i].skip, m, u)] >= 0
		// @ decreases te - s
		for t.entry[c] >= 0 {
			s++
			c = slotAt(t.walks[i].offset, t.walks[i].skip, s, m)
		}
		// @ countEqUpd(t.entry, -1, m, c, i)
		// @ apply forall k int {countEq(t.entry[c := i], k, m)} :: countEqUpd(t.entry, k, m, c, i)
		t.entry[c] = int32(i)
		t.walks[i].next = s + 1
		i++
		if i == len(seeds) {
			i = 0
			// @ r = r + 1
		}
	}
	// @ apply forall q int {t.entry[q]} :: countEqZero(t.entry, -1, m, q)
	// @ ghost b := spread(t.entry, m, 4294967296)
	// @ apply forall h int {b[h]} :: remRange(h, m)
	// @ t.backend = b
	return t
}

// Len returns the number of backends.
//
// @ ensures r == n
func (t *Maglev) Len() (r int) {
	return len(t.walks)
}

// Lookup returns the backend of a hash.
//
// @ ensures r == backend[h]
func (t *Maglev) Lookup(h uint32) (r int) {
	// @ unfold rem(h, len(t.entry))
	return int(t.entry[int(h)%len(t.entry)])
}
