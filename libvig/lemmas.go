package libvig

// This file holds what the proofs of several structures share: functions that exist in proofs only, and
// lemmas about them. There is no code in it.

// dist is the number of steps from slot a forward to slot b in a circle of cap slots; count is the
// number of i in 0..n-1 at which a holds, as in contracts.
//
// @ pure func dist(a, b, cap int) int { b >= a ? b - a : b - a + cap }
//
// @ pure func count(a map[int]bool, n int) int decreases n
// @  { n <= 0 ? 0 : count(a, n-1) + (a[n-1] ? 1 : 0) }
//
// @ lemma countUpd(a map[int]bool, n, i int, v bool)
// @  requires 0 <= i && 0 <= n
// @  ensures count(a[i := v], n) == count(a, n) + (i < n ? (v ? 1 : 0) - (a[i] ? 1 : 0) : 0)
// @  decreases n
// @  { unfold count(a, n); unfold count(a[i := v], n); if n > 0 { countUpd(a, n-1, i, v); } }
//
// @ lemma countFree(a map[int]bool, n int) (e int)
// @  requires 0 <= n && count(a, n) < n
// @  ensures 0 <= e && e < n && !a[e]
// @  decreases n
// @  { unfold count(a, n); if n > 0 && a[n-1] { e := countFree(a, n-1); } else { e := n-1; } }
//
// @ lemma countBounds(a map[int]bool, n int)
// @  requires 0 <= n
// @  ensures 0 <= count(a, n) && count(a, n) <= n
// @  decreases n
// @  { unfold count(a, n); if n > 0 { countBounds(a, n-1); } }
//
// @ lemma countSome(a map[int]bool, n, i int)
// @  requires 0 <= i && i < n
// @  ensures (a[i] ==> count(a, n) > 0) && (!a[i] ==> count(a, n) < n)
// @  decreases n
// @  { unfold count(a, n); if i < n-1 { countSome(a, n-1, i); } else { countBounds(a, n-1); } }
//
// @ lemma countConst(a map[int]bool, n int, v bool)
// @  requires 0 <= n && forall i int {a[i]} :: 0 <= i && i < n ==> a[i] == v
// @  ensures count(a, n) == (v ? n : 0)
// @  decreases n
// @  { unfold count(a, n); if n > 0 { countConst(a, n-1, v); } }
//
// A number below 2^k, or once around it, masked by 2^k-1.
//
// @ pure func ispow2(n int) bool { n > 0 && (n & (n - 1)) == 0 }
//
// @ bits lemma maskLow(x, m uint64) {x & m}
// @  requires m < 9223372036854775808 && ispow2(m + 1)
// @  ensures 0 <= (x & m) && (x & m) <= m && (x <= m ==> (x & m) == x)
// @  ensures m < x && x <= 2*m + 1 ==> (x & m) == x - m - 1
//
// @ bits lemma doublePow2(n uint32)
// @  requires ispow2(n)
// @  ensures ispow2(2 * n)
//
// @ bits lemma twoIsPow2()
// @  ensures ispow2(2)
