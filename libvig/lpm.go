package libvig

// Rule gives a value to the IPv4 addresses that begin with the first Length bits of Prefix. The other bits
// of Prefix do not count.
type Rule struct {
	Prefix uint32 // an address in host order: 10.0.0.0 is 0x0a000000
	Length uint8  // in bits, 0..32; with another length a rule is for no address
	Value  uint16
}

// LPM gives an IPv4 address the value of the longest prefix that it begins with.
//
// It is a table by the first 24 bits of the address, whose entries are values or, from firstGroup on, numbers
// of groups of 256 values by the last 8 bits: a lookup reads memory twice at most, and no rule costs it
// anything. Once made it does not change. It takes 64 MiB, and 512 bytes for each rule longer than 24 bits.
//
// The observers are the value of each address, and won, the rule that it has it from, -1 if from none.
//
// @ ghost route map[int]uint16
// @ ghost won map[int]int
type LPM struct {
	table []uint32
	long  []uint16
	used  int // number of groups
	rules int // number of rules, for a [View]
	// owner is the entry of the table that leads to a group; grouped are the entries that lead to one; opened
	// are the rules for which a group was opened.
	// @ ghost owner map[int]int
	// @ ghost grouped, opened map[int]bool
	// @ inv len(table) == 16777216 && 0 <= used && used <= 16777216 && 256 * used <= len(long)
	// @ inv used == count(grouped, 16777216)
	// @ inv forall i int {table[i]} {grouped[i]} :: 0 <= i && i < 16777216 ==> grouped[i] == (table[i] >= 65536)
	// @ inv forall i int {table[i]} :: 0 <= i && i < 16777216 ==> 0 <= table[i] && table[i] < 65536 + used
	// @ inv forall i int {table[i]} :: 0 <= i && i < 16777216 && table[i] >= 65536 ==> owner[table[i] - 65536] == i
	// @ inv forall k int {long[k]} :: 0 <= k && k < len(long) ==> 0 <= long[k] && long[k] < 65536
	// @ inv forall ip int {route[ip]} :: 0 <= ip && ip < 4294967296 ==> route[ip] == routeOf(table, long, ip)
}

// firstGroup is the entry of the table that leads to group 0.
const firstGroup = 1 << 16

// NewLPM returns a structure with these rules, in any order; of rules for the same addresses the last one
// counts. An address for which there is no rule has the value 0.
//
// @ constructor
// @ ensures forall ip int {route[ip]} :: 0 <= ip && ip < 4294967296 ==>
// @  route[ip] == (won[ip] < 0 ? 0 : rules[won[ip]].Value)
// @ ensures forall ip int {won[ip]} :: 0 <= ip && ip < 4294967296 && won[ip] >= 0 ==>
// @  won[ip] < len(rules) && rules[won[ip]].Length <= 32
// @ ensures forall ip int {won[ip]} :: 0 <= ip && ip < 4294967296 && won[ip] >= 0 ==>
// @  inRange(ip, rules[won[ip]].Prefix, rules[won[ip]].Length)
// @ ensures forall ip int {won[ip]} :: 0 <= ip && ip < 4294967296 ==> (forall j int {rules[j].Prefix} ::
// @  0 <= j && j < len(rules) && rules[j].Length <= 32 && inRange(ip, rules[j].Prefix, rules[j].Length) ==>
// @  won[ip] >= 0 && (rules[j].Length < rules[won[ip]].Length || rules[j].Length == rules[won[ip]].Length && j <= won[ip]))
func NewLPM(rules []Rule) *LPM {
	groups := 0
	// @ unfold longer(rules.Length, 0)
	// @ invariant 0 <= groups && groups <= i && groups == longer(rules.Length, i)
	for i := range rules {
		// @ unfold longer(rules.Length, i+1)
		if rules[i].Length > 24 {
			groups++
		}
	}
	l := &LPM{table: make([]uint32, 1<<24), long: make([]uint16, 256*min(groups, 1<<24)), rules: len(rules)}
	// @ l.route = everywhere(0); l.won = everywhere(-1)
	// @ countConst(l.grouped, 16777216, false)
	// @ countConst(l.opened, len(rules), false)
	// @ apply forall ip int {l.route[ip]} :: bestNone(rules.Prefix, rules.Length, len(rules), ip)
	// @ invariant inv
	// @ invariant 0 <= length && length <= 33 && (length <= 25 ==> l.used == 0)
	// @ invariant l.used == count(l.opened, len(rules)) && len(l.long) == 256 * (groups <= 16777216 ? groups : 16777216)
	// @ invariant forall j int {l.opened[j]} :: l.opened[j] ==> 0 <= j && j < len(rules) && rules[j].Length > 24 && rules[j].Length < length
	// @ invariant forall ip int {l.route[ip]} :: 0 <= ip && ip < 4294967296 ==>
	// @  l.route[ip] == valueOf(rules.Value, best(rules.Prefix, rules.Length, len(rules), ip, length, 0))
	// @ decreases 33 - length
	for length := uint8(0); length <= 32; length++ {
		// @ invariant inv
		// @ invariant length <= 24 ==> l.used == 0
		// @ invariant l.used == count(l.opened, len(rules)) && len(l.long) == 256 * (groups <= 16777216 ? groups : 16777216)
		// @ invariant forall j int {l.opened[j]} :: l.opened[j] ==> 0 <= j && j < len(rules) && rules[j].Length > 24 &&
		// @  (rules[j].Length < length || rules[j].Length == length && j < i)
		// @ invariant forall ip int {l.route[ip]} :: 0 <= ip && ip < 4294967296 ==>
		// @  l.route[ip] == valueOf(rules.Value, best(rules.Prefix, rules.Length, len(rules), ip, length, i))
		for i := range rules {
			// @ apply forall ip int {l.route[ip]} :: bestStep(rules.Prefix, rules.Length, len(rules), ip, length, i)
			if rules[i].Length != length {
				continue
			}
			if length <= 24 {
				l.addShort(int(rules[i].Prefix), int(length), rules[i].Value)
				continue
			}
			// @ countSome(l.grouped, 16777216, rules[i].Prefix / 256)
			// @ longerThan(l.opened, rules.Length, len(rules), i)
			// @ ghost before := l.used
			l.addLong(int(rules[i].Prefix), int(length), rules[i].Value)
			// @ if l.used > before { countUpd(l.opened, len(rules), i, true); l.opened[i] = true; }
		}
		// @ apply forall ip int {l.route[ip]} :: bestNext(rules.Prefix, rules.Length, len(rules), ip, length, len(rules))
	}
	// @ l.won = everywhere(ip, best(rules.Prefix, rules.Length, len(rules), ip, 33, 0))
	// @ apply forall ip int {l.won[ip]} :: bestMatches(rules.Prefix, rules.Length, len(rules), ip, 33, 0)
	// @ apply forall ip, j int {l.won[ip], rules[j].Prefix} :: bestLongest(rules.Prefix, rules.Length, len(rules), ip, 33, 0, j)
	return l
}

// Lookup returns the value of an address.
//
// @ ensures v == route[ip]
func (l *LPM) Lookup(ip uint32) (v uint16) {
	e := l.table[ip>>8]
	if e < firstGroup {
		return uint16(e)
	}
	return l.long[(e-firstGroup)<<8+ip%256]
}

// addShort gives all addresses of a prefix of at most 24 bits a value.
//
// @ requires 0 <= prefix && prefix < 4294967296 && 0 <= length && length <= 24 && used == 0
// @ modifies table, route
// @ ensures forall ip int {route[ip]} :: 0 <= ip && ip < 4294967296 ==>
// @  route[ip] == (inRange(ip, prefix, length) ? value : old(route[ip]))
func (l *LPM) addShort(prefix, length int, value uint16) {
	n := powerOf2(24 - length)
	p := prefix >> 8
	// @ pow2Val()
	// @ pow2Add(24 - length, length)
	// @ fits(p, n, pow2(length), 16777216)
	first := p - p%n
	// @ ghost t0 := l.table
	// @ invariant first <= i && i <= first + n
	// @ invariant forall j int {l.table[j]} :: l.table[j] == (first <= j && j < i ? value : t0[j])
	// @ decreases first + n - i
	for i := first; i < first+n; i++ {
		l.table[i] = uint32(value)
	}
	// @ assert rsize(length) == 256 * n
	// @ divDiv(prefix, 256, n)
	// @ l.route = everywhere(ip, 0 <= ip && ip < 4294967296 ? routeOf(l.table, l.long, ip) : 0)
	// @ apply forall ip int {l.route[ip]} :: divDiv(ip, 256, n)
	// @ apply forall ip int {l.route[ip]} :: divRange(ip / 256, p, n)
}

// addLong gives all addresses of a prefix of more than 24 bits a value. It may open a group, in which the other
// addresses keep theirs.
//
// @ requires 0 <= prefix && prefix < 4294967296 && 24 < length && length <= 32
// @ requires grouped[prefix / 256] || 256 * used + 256 <= len(long)
// @ modifies table, long, used, route, owner, grouped
// @ ensures used == old(used) || used == old(used) + 1
// @ ensures forall ip int {route[ip]} :: 0 <= ip && ip < 4294967296 ==>
// @  route[ip] == (inRange(ip, prefix, length) ? value : old(route[ip]))
func (l *LPM) addLong(prefix, length int, value uint16) {
	g := l.group(prefix >> 8)
	n := powerOf2(32 - length)
	low := prefix % 256
	// @ pow2Val()
	// @ pow2Add(32 - length, length - 24)
	// @ fits(low, n, pow2(length - 24), 256)
	first := 256*g + low - low%n
	// @ ghost g0 := l.long
	// @ invariant first <= k && k <= first + n
	// @ invariant forall j int {l.long[j]} :: l.long[j] == (first <= j && j < k ? value : g0[j])
	// @ decreases first + n - k
	for k := first; k < first+n; k++ {
		l.long[k] = value
	}
	// @ assert rsize(length) == n
	// @ modMod(prefix, n, pow2(length - 24))
	// @ l.route = everywhere(ip, 0 <= ip && ip < 4294967296 ? routeOf(l.table, l.long, ip) : 0)
	// @ apply forall ip int {l.route[ip]} :: divRange(ip, prefix, n)
}

// group returns the group of entry i of the table, and makes one if there is none.
//
// @ requires 0 <= i && i < 16777216
// @ requires grouped[i] || 256 * used + 256 <= len(long)
// @ modifies table, long, used, owner, grouped
// @ ensures (used == old(used) || used == old(used) + 1) && 0 <= g && g < used && table[i] == 65536 + g
func (l *LPM) group(i int) (g int) {
	e := l.table[i]
	if e >= firstGroup {
		return int(e) - firstGroup
	}
	g = l.used
	// @ ghost g0 := l.long
	// @ invariant 0 <= k && k <= 256
	// @ invariant forall j int {l.long[j]} :: l.long[j] == (256 * g <= j && j < 256 * g + k ? e : g0[j])
	// @ decreases 256 - k
	for k := 0; k < 256; k++ {
		l.long[256*g+k] = uint16(e)
	}
	// @ countSome(l.grouped, 16777216, i)
	// @ countUpd(l.grouped, 16777216, i, true)
	l.used++
	l.table[i] = firstGroup + uint32(g)
	// @ l.owner[g] = i; l.grouped[i] = true
	return g
}

// powerOf2 returns 2 to the power k.
//
// @ requires 0 <= k && k <= 24
// @ ensures n == pow2(k) && 1 <= n && n <= 16777216
func powerOf2(k int) (n int) {
	n = 1
	// @ pow2Val()
	// @ unfold pow2(0)
	// @ pow2Add(0, 24)
	// @ invariant 0 <= i && i <= k && n == pow2(i) && 1 <= n && n <= 16777216
	// @ decreases k - i
	for i := 0; i < k; i++ {
		// @ unfold pow2(i + 1)
		// @ pow2Add(i + 1, 23 - i)
		// @ mulMono(pow2(i + 1), 0, pow2(23 - i))
		n *= 2
	}
	return n
}
