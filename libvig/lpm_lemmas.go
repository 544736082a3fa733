package libvig

// This file holds what the proofs of [LPM] need: which rule an address has its value from, and arithmetic. There is
// no code in it.

// routeOf is the value of an address in the tables of an LPM; valueOf is that of a rule, 0 without one; inRange says
// that an address begins with the first bits of a prefix; rsize is the number of addresses that do; longer is the
// number of rules longer than 24 bits.
//
// @ pure func pow2(k int) int decreases k
// @  { k <= 0 ? 1 : 2 * pow2(k - 1) }
//
// @ pure func routeOf(t, g map[int]int, ip int) int
// @  { t[ip / 256] < 65536 ? t[ip / 256] : g[(t[ip / 256] - 65536) * 256 + ip % 256] }
//
// @ pure func valueOf(v map[int]int, r int) int { r < 0 ? 0 : v[r] }
//
// @ pure func rsize(length int) int { length <= 24 ? 256 * pow2(24 - length) : pow2(32 - length) }
//
// @ pure func inRange(ip, prefix, length int) bool { ip / rsize(length) == prefix / rsize(length) }
//
// @ pure func longer(l map[int]int, n int) int decreases n
// @  { n <= 0 ? 0 : longer(l, n-1) + (l[n-1] > 24 ? 1 : 0) }
//
// best is the longest of the first n rules for an address, the last of the equally long ones, or -1; of the rules
// only those count that are shorter than m bits, or as long and before rule i: they are in the tables when that rule's
// turn comes.
//
// @ pure func best(p, l map[int]int, n, ip, m, i int) int decreases n
// @  { n <= 0 ? -1 : ((l[n-1] < m || l[n-1] == m && n-1 < i) && inRange(ip, p[n-1], l[n-1]) &&
// @   (best(p, l, n-1, ip, m, i) < 0 || l[best(p, l, n-1, ip, m, i)] <= l[n-1]) ? n-1 : best(p, l, n-1, ip, m, i)) }
//
// @ lemma bestMatches(p, l map[int]int, n, ip, m, i int)
// @  requires 0 <= n
// @  ensures -1 <= best(p, l, n, ip, m, i) && best(p, l, n, ip, m, i) < n
// @  ensures best(p, l, n, ip, m, i) >= 0 ==> inRange(ip, p[best(p, l, n, ip, m, i)], l[best(p, l, n, ip, m, i)]) &&
// @   (l[best(p, l, n, ip, m, i)] < m || l[best(p, l, n, ip, m, i)] == m && best(p, l, n, ip, m, i) < i)
// @  decreases n
// @  { unfold best(p, l, n, ip, m, i); if n > 0 { bestMatches(p, l, n-1, ip, m, i); } }
//
// @ lemma bestLongest(p, l map[int]int, n, ip, m, i, j int)
// @  requires 0 <= j && j < n && (l[j] < m || l[j] == m && j < i) && inRange(ip, p[j], l[j])
// @  ensures best(p, l, n, ip, m, i) >= 0 && (l[j] < l[best(p, l, n, ip, m, i)] ||
// @   l[j] == l[best(p, l, n, ip, m, i)] && j <= best(p, l, n, ip, m, i))
// @  decreases n
// @  { unfold best(p, l, n, ip, m, i); bestMatches(p, l, n-1, ip, m, i);
// @   if j < n-1 { bestLongest(p, l, n-1, ip, m, i, j); } }
//
// No rule has less than 0 bits.
//
// @ lemma bestNone(p, l map[int]int, n, ip int)
// @  requires 0 <= n && forall j int {l[j]} :: 0 <= j && j < n ==> l[j] >= 0
// @  ensures best(p, l, n, ip, 0, 0) == -1
// @  decreases n
// @  { unfold best(p, l, n, ip, 0, 0); if n > 0 { bestNone(p, l, n-1, ip); } }
//
// After rule i of m bits, it is the best one for its addresses.
//
// @ lemma bestStep(p, l map[int]int, n, ip, m, i int)
// @  requires 0 <= i && 0 <= n
// @  ensures best(p, l, n, ip, m, i+1) == (i < n && l[i] == m && inRange(ip, p[i], m) ? i : best(p, l, n, ip, m, i))
// @  decreases n
// @  { unfold best(p, l, n, ip, m, i); unfold best(p, l, n, ip, m, i+1);
// @   if n > 0 { bestStep(p, l, n-1, ip, m, i); bestMatches(p, l, n-1, ip, m, i); bestMatches(p, l, n-1, ip, m, i+1); } }
//
// After all rules of m bits, those of m+1 follow.
//
// @ lemma bestNext(p, l map[int]int, n, ip, m, k int)
// @  requires 0 <= n && n <= k
// @  ensures best(p, l, n, ip, m+1, 0) == best(p, l, n, ip, m, k)
// @  decreases n
// @  { unfold best(p, l, n, ip, m, k); unfold best(p, l, n, ip, m+1, 0); if n > 0 { bestNext(p, l, n-1, ip, m, k); } }
//
// A set of rules longer than 24 bits that lacks one of them is smaller than all of them.
//
// @ lemma longerAll(a map[int]bool, l map[int]int, n int)
// @  requires 0 <= n && forall j int {a[j]} :: 0 <= j && j < n && a[j] ==> l[j] > 24
// @  ensures count(a, n) <= longer(l, n)
// @  decreases n
// @  { unfold count(a, n); unfold longer(l, n); if n > 0 { longerAll(a, l, n-1); } }
//
// @ lemma longerThan(a map[int]bool, l map[int]int, n, i int)
// @  requires 0 <= i && i < n && l[i] > 24 && !a[i] && forall j int {a[j]} :: 0 <= j && j < n && a[j] ==> l[j] > 24
// @  ensures count(a, n) < longer(l, n)
// @  decreases n
// @  { unfold count(a, n); unfold longer(l, n); if i < n-1 { longerThan(a, l, n-1, i); } else { longerAll(a, l, n-1); } }
//
// Products and quotients: solvers are not left alone with two unknown factors.
//
// @ lemma mulMono(s, a, b int)
// @  requires 0 <= s && a < b
// @  ensures s * a + s <= s * b
// @  decreases b - a
// @  { if a + 1 < b { mulMono(s, a, b-1); assert s * b == s * (b-1) + s; } else { assert s * b == s * a + s; } }
//
// @ lemma divUnique(x, s, q, r int)
// @  requires s > 0 && 0 <= r && r < s && x == s * q + r
// @  ensures x / s == q && x % s == r
// @  { if x / s < q { mulMono(s, x / s, q); } else if x / s > q { mulMono(s, q, x / s); } }
//
// @ lemma divDiv(x, a, b int)
// @  requires x >= 0 && a > 0 && b > 0
// @  ensures x / (a * b) == (x / a) / b
// @  { assert x == a * (x / a) + x % a; assert x / a == b * (x / a / b) + (x / a) % b;
// @   assert x == a * (b * (x / a / b) + (x / a) % b) + x % a;
// @   assert a * ((x / a) % b) <= a * (b - 1);
// @   assert 0 <= a * ((x / a) % b);
// @   assert a * (b - 1) == a * b - a;
// @   assert a * (b * (x / a / b)) == (a * b) * (x / a / b);
// @   divUnique(x, a * b, x / a / b, a * ((x / a) % b) + x % a); }
//
// @ lemma divRange(x, p, s int)
// @  requires s > 0 && x >= 0 && p >= 0
// @  ensures (x / s == p / s) <==> (p - p % s <= x && x < p - p % s + s)
// @  { if x / s < p / s { mulMono(s, x / s, p / s); } else if x / s > p / s { mulMono(s, p / s, x / s); } }
//
// @ lemma fits(p, n, t, m int)
// @  requires n > 0 && t > 0 && n * t == m && 0 <= p && p < m
// @  ensures 0 <= p - p % n && p - p % n + n <= m
// @  { if p / n > t { mulMono(n, t, p / n); } else if p / n < t { mulMono(n, p / n, t); } }
//
// @ lemma modMod(p, s, t int)
// @  requires p >= 0 && s > 0 && t > 0
// @  ensures (p % (s * t)) % s == p % s
// @  { assert p == (s * t) * (p / (s * t)) + p % (s * t); assert p % (s*t) == s * (p % (s*t) / s) + (p % (s*t)) % s;
// @   assert (s * t) * (p / (s * t)) == s * (t * (p / (s * t)));
// @   assert p == s * (t * (p / (s * t)) + p % (s*t) / s) + (p % (s*t)) % s;
// @   divUnique(p, s, t * (p / (s * t)) + p % (s*t) / s, (p % (s*t)) % s); }
//
// @ lemma pow2Pos(a int)
// @  requires 0 <= a
// @  ensures pow2(a) >= 1
// @  decreases a
// @  { unfold pow2(a); if a > 0 { pow2Pos(a-1); } }
//
// @ lemma pow2Add(a, b int)
// @  requires 0 <= a && 0 <= b
// @  ensures pow2(a) * pow2(b) == pow2(a + b) && pow2(a) >= 1 && pow2(b) >= 1
// @  decreases a
// @  { unfold pow2(a); unfold pow2(a + b);
// @   if a > 0 { pow2Add(a-1, b); assert pow2(a) * pow2(b) == 2 * (pow2(a-1) * pow2(b)); } else { pow2Pos(b); } }
//
// @ lemma pow2Val()
// @  ensures pow2(24) == 16777216 && pow2(8) == 256
// @  { unfold pow2(0); unfold pow2(1); unfold pow2(2); unfold pow2(3); unfold pow2(4); unfold pow2(5);
// @   unfold pow2(6); unfold pow2(7); unfold pow2(8); unfold pow2(9); unfold pow2(10); unfold pow2(11);
// @   unfold pow2(12); unfold pow2(13); unfold pow2(14); unfold pow2(15); unfold pow2(16); unfold pow2(17);
// @   unfold pow2(18); unfold pow2(19); unfold pow2(20); unfold pow2(21); unfold pow2(22); unfold pow2(23);
// @   unfold pow2(24); }
