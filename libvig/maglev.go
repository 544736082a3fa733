package libvig

// Maglev spreads keys, such as flows, over backends in proportion to their weights, so that most keys keep their
// backend when another one comes or goes: the lookup table of Eisenbud et al., "Maglev: A Fast and Reliable
// Software Network Load Balancer", NSDI 2016, section 3.4.
//
// Each backend walks over all slots of the table in an order of its own, which the hash of its name decides, and the
// backends take turns: each takes the first slot on its walk that is still free, until it has its share. Of
// m slots a backend of weight w has w*m/W, rounded down, or one more, where W is the sum of all weights; so equal
// weights have shares that differ by one at most, and weight 0 has none. All this is proved, for every number
// of slots and backends, and that a walk meets every slot. How few keys move when the set of backends changes
// is measured (TestMaglevMovesLittle), not proved.
//
// The table is made once, from what is configured. Which backends are alive is known from their heartbeats: one is
// alive since a time if its last heartbeat was not before. A key goes to the first live backend in the slots
// from its own one on. So what [Maglev.Choose] says depends on the key, the table and the set of live backends,
// and not on the order of heartbeats, and a key moves only if its backend dies, or one comes back that it meets
// before.
//
// The observers are: n, the number of backends; hash[k], the hash of key k; order[h*2^24 + s], the backend that
// hash h meets at step s, which is n if no backend has any weight; time, the last heartbeat of a backend, which is the
// least number of 64 bits before the first.
//
// @ ghost n uint31
// @ ghost hash map[K]uint32
// @ ghost order map[int]uint31
// @ ghost time map[int]int64
// @ exposes 0 < n
// @ exposes forall j int {order[j]} :: order[j] <= n
type Maglev[K comparable] struct {
	entry  []int32 // backend of each slot, or the number of backends if there is none; the number of slots is a prime
	walks  []walk  // of each backend
	beats  []Time  // last heartbeat of each backend
	latest Time    // not before the last heartbeat of any backend that has slots
	keyed  hasher
	// share is the number of slots of a backend.
	// @ ghost share map[int]int
	// @ represent n = len(walks); time = beats
	// @ inv prime(len(entry)) && 1 < len(entry) && len(entry) <= 16777216
	// @ inv 0 < len(walks) && len(walks) <= 65536 && len(beats) == len(walks)
	// @ inv forall q int {entry[q]} :: 0 <= q && q < len(entry) ==> 0 <= entry[q] && entry[q] <= len(walks)
	// @ inv forall q int {entry[q]} :: 0 <= q && q < len(entry) && entry[q] < len(walks) ==>
	// @  walks[entry[q]].share > 0 && beats[entry[q]] <= latest
	// @ inv forall i int {share[i]} :: 0 <= i && i < len(walks) ==>
	// @  share[i] == walks[i].share && share[i] == countEq(entry, i, len(entry))
	// @ inv forall j int {order[j]} :: 0 <= j && j < 72057594037927936 ==>
	// @  order[j] == entry[perm(j / 16777216, 1, len(entry), j % 16777216)]
	// @ inv forall k K {hash[k]} :: hash[k] == hashKey(keyed, k)
}

// walk is the order in which a backend meets the slots: step s is at offset + s*skip, modulo their number.
// next is the first step that it has not made, share the number of its slots, and left how many of them it has
// not taken yet.
type walk struct{ offset, skip, next, share, left uint32 }

// MaxSlots is the largest number of slots of a [Maglev], and MaxBackends the largest number of its backends.
const (
	MaxSlots    = 1 << 24
	MaxBackends = 1 << 16
)

// never is the last heartbeat of a backend before its first.
const never Time = -1 << 63

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
// @ lemma permRange(off, skip, m, t int)
// @  requires 0 < m
// @  ensures 0 <= perm(off, skip, m, t) && perm(off, skip, m, t) < m
// @  { unfold perm(off, skip, m, t); }
//
// Steps of one slot, from any slot on, come back to it after m steps.
//
// @ lemma permNext(off, m, t int)
// @  requires 0 < m && 0 <= off && 0 <= t
// @  ensures perm(off, 1, m, t+1) == (perm(off, 1, m, t) + 1 == m ? 0 : perm(off, 1, m, t) + 1)
// @  { unfold perm(off, 1, m, t); unfold perm(off, 1, m, t+1); ghost q := (off + t) / m; ghost r := (off + t) % m;
// @    assert off + t == m * q + r;
// @    if r + 1 == m { assert m * (q + 1) == m * q + m; divUnique(off + t + 1, m, q + 1, 0); }
// @    else { divUnique(off + t + 1, m, q, r + 1); } }
//
// @ lemma permFold(off, m, t int)
// @  requires 0 < m && 0 <= off && 0 <= t
// @  ensures perm(off, 1, m, t) == perm(off, 1, m, rem(t, m)) && 0 <= rem(t, m) && rem(t, m) < m
// @  { unfold rem(t, m); unfold perm(off, 1, m, t); unfold perm(off, 1, m, rem(t, m));
// @    ghost a := t / m; ghost r := t % m; ghost q := (off + r) / m; ghost s := (off + r) % m;
// @    assert t == m * a + r; assert off + r == m * q + s; assert m * (a + q) == m * a + m * q;
// @    divUnique(off + t, m, a + q, s); }
//
// sumOf is the sum of the first n numbers of a.
//
// @ pure func sumOf(a []int, n int) int decreases n
// @  { n <= 0 ? 0 : sumOf(a, n-1) + a[n-1] }
//
// @ lemma sumUpd(a []int, n, i, x int)
// @  requires 0 <= i && 0 <= n
// @  ensures sumOf(a[i := x], n) == sumOf(a, n) + (i < n ? x - a[i] : 0)
// @  decreases n
// @  { unfold sumOf(a, n); unfold sumOf(a[i := x], n); if n > 0 { sumUpd(a, n-1, i, x); } }
//
// @ lemma sumPos(a []int, n int) (e int)
// @  requires 0 <= n && sumOf(a, n) > 0
// @  ensures 0 <= e && e < n && a[e] > 0
// @  decreases n
// @  { unfold sumOf(a, n); if n > 0 && a[n-1] <= 0 { e := sumPos(a, n-1); } else { e := n-1; } }
//
// @ lemma sumLe(a []int, k, n int)
// @  requires 0 <= k && k <= n && forall i int {a[i]} :: 0 <= i && i < n ==> 0 <= a[i]
// @  ensures sumOf(a, k) <= sumOf(a, n)
// @  decreases n
// @  { unfold sumOf(a, n); if k < n { sumLe(a, k, n-1); } }
//
// @ lemma sumZero(a []int, n, q int)
// @  requires 0 <= q && q < n && sumOf(a, n) == 0 && forall i int {a[i]} :: 0 <= i && i < n ==> 0 <= a[i]
// @  ensures a[q] == 0
// @  { unfold sumOf(a, 0); unfold sumOf(a, q+1); sumLe(a, 0, q); sumLe(a, q+1, n); }
//
// A quotient of a sum is the sum of the quotients, or one more.
//
// @ lemma divAdd(a, b, d int)
// @  requires 0 <= a && 0 <= b && 0 < d
// @  ensures b / d <= (a + b) / d - a / d && (a + b) / d - a / d <= b / d + 1
// @  { ghost p := a / d; ghost q := b / d; ghost r := a % d; ghost s := b % d;
// @    assert a == d * p + r; assert b == d * q + s; assert d * (p + q) == d * p + d * q;
// @    if r + s < d { divUnique(a + b, d, p + q, r + s); }
// @    else { assert d * (p + q + 1) == d * (p + q) + d; divUnique(a + b, d, p + q + 1, r + s - d); } }

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

// quota returns how many of m slots a backend of weight w has, behind others whose weights sum up to before. All
// weights sum up to total.
//
// @ pure
// @ requires 0 <= before && 0 <= w && before + w <= total && 0 < total && total <= 4294901760
// @ requires 0 < m && m <= 16777216
// @ ensures 0 <= r && r <= m && r == (before + w) * m / total - before * m / total
// @ ensures w * m / total <= r && r <= w * m / total + 1 && (w == 0 ==> r == 0)
func quota(before, w, total, m int) (r int) {
	// @ mulLe(before + w, m, total)
	// @ mulLe(before, m, before + w)
	// @ mulLe(total, m, 4294901760)
	// @ mulLe(w, m, total)
	// @ assert (before + w) * m == before * m + w * m
	// @ divAdd(before * m, w * m, total)
	// @ if (before + w) * m / total > m { mulMono(total, m, (before + w) * m / total); }
	return (before+w)*m/total - before*m/total
}

// NewMaglev returns a table for these backends, each with its name as key and its weight as value. The number of
// slots is the largest prime up to size: take one far above the number of backends, such as 65537. The table
// depends on nothing but its arguments: balancers with the same list and the same secret agree.
//
// It panics when size is not in 2..MaxSlots, the number of backends not in 1..MaxBackends, or B larger than 64 bytes
// or empty.
//
// @ constructor
// @ requires 2 <= size && size <= 16777216 && 0 < len(backends) && len(backends) <= 65536
// @ ensures n == len(backends)
// @ ensures forall j int {order[j]} :: order[j] <= n
// @ ensures forall i int :: time[i] == (0 <= i && i < n ? -9223372036854775808 : 0)
// @ ensures forall i int {share[i]} :: 0 <= i && i < n && sumOf(backends.Value, n) > 0 ==>
// @  backends[i].Value * len(entry) / sumOf(backends.Value, n) <= share[i] &&
// @  share[i] <= backends[i].Value * len(entry) / sumOf(backends.Value, n) + 1 && (backends[i].Value == 0 ==> share[i] == 0)
func NewMaglev[K, B comparable](size int, backends []Entry[B, uint16], secret HashKey) *Maglev[K] {
	if size < 2 || size > MaxSlots || len(backends) == 0 || len(backends) > MaxBackends ||
		sizeOf[B]() == 0 || sizeOf[B]() > maxKeySize {
		panic("libvig: the number of slots or of backends, or the size of their names, is out of range")
	}
	m := largestPrime(size)
	total := 0
	// @ unfold sumOf(backends.Value, 0)
	// @ invariant total == sumOf(backends.Value, j) && 0 <= total && total <= 65535 * j
	for j := range backends {
		// @ unfold sumOf(backends.Value, j + 1)
		total += int(backends[j].Value)
	}
	t := &Maglev[K]{
		entry: make([]int32, m), walks: make([]walk, len(backends)), beats: make([]Time, len(backends)),
		latest: never, keyed: newHasher(secret),
	}
	// @ t.hash = everywhere(k, hashKey(t.keyed, k))
	offsets, skips := hasherOf(secret, 1), hasherOf(secret, 2)
	before := 0
	// @ unfold sumOf(t.walks.left, 0)
	// @ invariant before == sumOf(backends.Value, j) && 0 <= before && before <= total
	// @ invariant total > 0 ==> sumOf(t.walks.left, j) == before * m / total
	// @ invariant total == 0 ==> sumOf(t.walks.left, j) == 0
	// @ invariant forall k int {t.walks[k].offset} :: 0 <= k && k < j ==> 0 <= t.walks[k].offset && t.walks[k].offset < m
	// @ invariant forall k int {t.walks[k].skip} :: 0 <= k && k < j ==> 0 < t.walks[k].skip && t.walks[k].skip < m
	// @ invariant forall k int {t.walks[k].next} :: 0 <= k && k < j ==> t.walks[k].next == 0
	// @ invariant forall k int {t.walks[k].left} {t.walks[k].share} {t.share[k]} :: 0 <= k && k < j ==>
	// @  t.walks[k].left == t.walks[k].share && t.walks[k].share == t.share[k] && 0 <= t.share[k]
	// @ invariant forall k int {t.share[k]} :: 0 <= k && k < j && total > 0 ==>
	// @  backends[k].Value * m / total <= t.share[k] && t.share[k] <= backends[k].Value * m / total + 1 &&
	// @  (backends[k].Value == 0 ==> t.share[k] == 0)
	// @ invariant forall i int {t.beats[i]} :: t.beats[i] == (0 <= i && i < j ? -9223372036854775808 : 0)
	for j := range backends {
		name, w, share := backends[j].Key, int(backends[j].Value), 0
		// @ unfold sumOf(backends.Value, j + 1)
		// @ sumLe(backends.Value, j + 1, len(backends))
		if total > 0 {
			share = quota(before, w, total, m)
		}
		before += w
		// @ sumUpd(t.walks.left, j, j, share)
		t.walks[j] = walk{
			offset: hashKey(&offsets, &name) % uint32(m), skip: hashKey(&skips, &name)%uint32(m-1) + 1,
			share: uint32(share), left: uint32(share),
		}
		// @ unfold sumOf(t.walks.left, j + 1)
		// @ t.share[j] = share
		t.beats[j] = never
	}
	left, free := m, int32(none)
	if total == 0 { // no slot is anybody's
		left, free = 0, int32(len(backends))
	}
	// @ if total > 0 { divUnique(total * m, total, m, 0); }
	// @ invariant forall q int {t.entry[q]} :: 0 <= q && q < j ==> t.entry[q] == free
	for j := range t.entry {
		t.entry[j] = free
	}
	i := 0
	// @ apply forall k int {countEq(t.entry, k, m)} :: countEqAll(t.entry, k, free, m)
	// @ countEqAll(t.entry, -1, free, m)
	// @ apply forall q int {t.entry[q]} :: countEqZero(t.entry, -1, m, q)
	// @ if left == 0 { apply forall k int {t.share[k]} :: sumZero(t.walks.left, len(backends), k); }
	// @ invariant 0 <= left && left <= m && 0 <= i && i < len(backends)
	// @ invariant countEq(t.entry, -1, m) == left && sumOf(t.walks.left, len(backends)) == left
	// @ invariant forall q int {t.entry[q]} :: 0 <= q && q < m ==> -1 <= t.entry[q] && t.entry[q] <= len(backends)
	// @ invariant forall q int {t.entry[q]} :: 0 <= q && q < m && 0 <= t.entry[q] && t.entry[q] < len(backends) ==>
	// @  t.walks[t.entry[q]].share > 0
	// @ invariant forall k int {countEq(t.entry, k, m)} {t.share[k]} :: 0 <= k && k < len(backends) ==>
	// @  countEq(t.entry, k, m) == t.share[k] - t.walks[k].left
	// @ invariant forall k int {t.walks[k].left} :: 0 <= k && k < len(backends) ==>
	// @  0 <= t.walks[k].left && t.walks[k].left <= t.walks[k].share
	// @ invariant forall k, u int {perm(t.walks[k].offset, t.walks[k].skip, m, u)} :: 0 <= k && k < len(backends) && 0 <= u &&
	// @  u < t.walks[k].next ==> t.entry[perm(t.walks[k].offset, t.walks[k].skip, m, u)] >= 0
	// @ invariant forall k int {t.walks[k].next} :: 0 <= k && k < len(backends) ==> 0 <= t.walks[k].next && t.walks[k].next <= m
	// @ decreases left
	for left > 0 {
		// @ ghost f := sumPos(t.walks.left, len(backends))
		// @ invariant 0 <= i && i < len(backends)
		// @ decreases dist(i, f, len(backends))
		for t.walks[i].left == 0 { // it has its share
			i++
			if i == len(backends) {
				i = 0
			}
		}
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
		// @ sumUpd(t.walks.left, len(backends), i, t.walks[i].left - 1)
		t.entry[c] = int32(i)
		t.walks[i].next = s + 1
		t.walks[i].left--
		left--
		i++
		if i == len(backends) {
			i = 0
		}
	}
	// @ apply forall q int {t.entry[q]} :: countEqZero(t.entry, -1, m, q)
	// @ apply forall k int {t.share[k]} :: sumZero(t.walks.left, len(backends), k)
	// @ apply forall x int {t.order[x]} :: permRange(x / 16777216, 1, m, x % 16777216)
	// @ t.order = everywhere(x, 0 <= x && x < 72057594037927936 ? t.entry[perm(x / 16777216, 1, m, x % 16777216)] : 0)
	// @ apply forall x int {t.order[x]} :: permRange(x / 16777216, 1, m, x % 16777216)
	return t
}

// Len returns the number of backends.
//
// @ ensures r == n
func (t *Maglev[K]) Len() (r int) {
	return len(t.walks)
}

// Choose returns the first live backend for a key, and the number of slots that were passed over, which is 0 for
// the backend that the key has when all are alive. Alive is who had a heartbeat at the time since or later.
// It says so when there is none: nobody is alive, or nobody who is has a slot.
//
// It takes as many steps as slots are passed over: with a share of one in k alive, k on average.
//
// @ ensures ok ==> 0 <= steps && steps < 16777216 && order[hash[k]*16777216 + steps] < n
// @ ensures ok ==> time[order[hash[k]*16777216 + steps]] >= since
// @ ensures ok ==> i == order[hash[k]*16777216 + steps]
// @ ensures !ok ==> i == 0 && steps == 0
// @ ensures forall j int {order[j]} :: hash[k]*16777216 <= j && j < hash[k]*16777216 + (ok ? steps : 16777216) ==>
// @  order[j] == n || time[order[j]] < since
func (t *Maglev[K]) Choose(k K, since Time) (i, steps int, ok bool) {
	m := len(t.entry)
	h := int(hashKey(&t.keyed, &k))
	if t.latest < since {
		// @ apply forall x int {t.order[x]} :: permRange(x / 16777216, 1, m, x % 16777216)
		return 0, 0, false
	}
	p := h % m
	// @ unfold perm(h, 1, m, 0)
	// @ invariant 0 <= s && s <= m && p == perm(h, 1, m, s) && 0 <= p && p < m
	// @ invariant forall u int {perm(h, 1, m, u)} :: 0 <= u && u < s ==>
	// @  t.entry[perm(h, 1, m, u)] == len(t.walks) || t.beats[t.entry[perm(h, 1, m, u)]] < since
	// @ decreases m - s
	for s := 0; s < m; s++ {
		b := int(t.entry[p])
		// @ assert t.order[h*16777216 + s] == b
		if b < len(t.beats) && t.beats[b] >= since {
			return b, s, true
		}
		// @ permNext(h, m, s)
		p++
		if p == m {
			p = 0
		}
	}
	// @ apply forall x int {t.order[x]} :: permFold(x / 16777216, m, x % 16777216)
	return 0, 0, false
}

// Beat notes a heartbeat of backend i at the time now.
//
// @ requires 0 <= i && i < n
// @ ensures time == old(time)[i := now]
func (t *Maglev[K]) Beat(i int, now Time) {
	t.beats[i] = now
	if t.walks[i].share > 0 {
		t.latest = max(t.latest, now)
	}
}

// Alive reports whether backend i had a heartbeat at the time since or later.
//
// @ requires 0 <= i && i < n
// @ ensures r == (time[i] >= since)
func (t *Maglev[K]) Alive(i int, since Time) (r bool) {
	return t.beats[i] >= since
}
