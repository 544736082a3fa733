package prove_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vigor/internal/prove"
)

// bodyFault is an edit of libvig with which a function must not be proved.
type bodyFault struct {
	name, file, owner string
	old, new          string
}

var bodyFaults = []bodyFault{
	{"previous link not set", "chain.go", "Chain.Free", "	c.cells[s].prev = p\n	c.cells[i].prev = none", "	c.cells[i].prev = none"},
	{"cell that stays in use", "chain.go", "Chain.Free", "	c.cells[i].prev = none\n	c.free.Free(i)\n", "	c.free.Free(i)\n"},
	{"freed index not given back", "chain.go", "Chain.Free", "	c.free.Free(i)\n", ""},
	{"next for prev", "chain.go", "Chain.Allocate", "	t := c.cells[c.n].prev\n	c.cells[f].next", "	t := c.cells[c.n].next\n	c.cells[f].next"},
	{"index with a failure", "chain.go", "Chain.Allocate", "		return 0, false", "		return 1, false"},
	{"oldest compared with <=", "chain.go", "Chain.oldest", "time < before", "time <= before"},
	{"probing in steps of two", "map.go", "Map.find", "return p, true\n		}\n		p = (p + 1) & m.mask", "return p, true\n		}\n		p = (p + 2) & m.mask"},
	{"hash compared, key not", "map.go", "Map.find", " && m.keys[indexOf(w)] == *k", ""},
	{"hole shifted too eagerly", "map.go", "Map.eraseAt", "home)&m.mask >= (j", "home)&m.mask > (j"},
	{"old slot not cleared", "map.go", "Map.eraseAt", "			m.slots[j] = 0\n", ""},
	{"hole not advanced", "map.go", "Map.eraseAt", "			i = j\n", ""},
	{"slot of a moved key not noted", "map.go", "Map.eraseAt", "			m.where[indexOf(w)] = i\n", ""},
	{"slot of a moved key noted before it moves", "map.go", "Map.eraseAt", "m.where[indexOf(w)] = i", "m.where[indexOf(w)] = j"},
	{"slot of another key noted", "map.go", "Map.eraseAt", "m.where[indexOf(w)] = i", "m.where[n] = i"},
	{"key of an index not in use erased", "map.go", "Map.eraseAt", "// @ requires used[n]\n// @ modifies slots", "// @ modifies slots"},
	{"slot of a key not noted", "map.go", "Map.Put", "	m.where[i] = p\n", ""},
	{"home noted as the slot", "map.go", "Map.Put", "m.where[i] = p", "m.where[i] = h & m.mask"},
	{"slot erased for an index", "map.go", "Map.Erase", "m.eraseAt(int(indexOf(m.slots[p])))", "m.eraseAt(int(p))"},
	{"key not stored", "map.go", "Map.Put", "	m.keys[i] = k\n", ""},
	{"slots for one key too few", "map.go", "NewMap", "for slots < 2*n {", "for slots < n {"},
	{"put left out", "table.go", "Table.Insert", "	t.m.Put(k, i)\n", ""},
	{"value not stored", "table.go", "Table.Insert", "	t.vals[i] = v\n	return", "	return"},
	{"index not freed", "table.go", "Table.Erase", "	t.c.Free(i)\n", ""},
	{"contract that promises more", "table.go", "Table.Full", "// @ ensures r == (count(alloc, cap) == cap)", "// @ ensures r == (count(alloc, cap) >= cap - 1)"},
	{"element beside", "vector.go", "Vector.Get", "return v.elems[i]", "return v.elems[0]"},
	{"number not marked", "portrange.go", "PortRange.Allocate", "	r.used[x-r.low] = true\n", ""},
	{"number given twice", "portrange.go", "PortRange.Allocate", "	r.head = r.after(r.head, 1)\n", ""},
	{"number not counted", "portrange.go", "PortRange.Allocate", "	r.left--\n", ""},
	{"number drawn twice", "portrange.go", "PortRange.shuffle", "r.queue[r.head], r.queue[p] = y, x", "r.queue[r.head], r.queue[p] = y, max(x, y)"},
	{"half of more than all", "portrange.go", "PortRange.shuffle", "uint32(r.left+1) / 2", "uint32(r.left+1) * 2"},
	{"number drawn from anywhere", "portrange.go", "PortRange.shuffle", "uint64(half) >> 32", "uint64(half+uint32(len(r.queue))) >> 32"},
	{"number drawn by the wrong half of a product", "portrange.go", "PortRange.shuffle", "uint64(half) >> 32", "uint64(half) >> 31"},
	{"number put on another", "portrange.go", "PortRange.Free", "r.after(r.head, r.left)", "r.after(r.head, 0)"},
	{"number lost", "portrange.go", "PortRange.Free", "	r.queue[p] = int32(n)\n", "	r.queue[p] = r.low\n"},
	{"a circle too long", "portrange.go", "PortRange.after", "steps >= n-p", "steps > n-p"},
	{"numbers from zero", "portrange.go", "NewPortRange", "int32(from + i)", "int32(i)"},
	{"number below the range", "portrange.go", "PortRange.Allocated", "low <= n && ", ""},
	{"element on another", "ring.go", "Ring.Push", "r.start < n-r.used", "r.start <= n-r.used"},
	{"one place unused", "ring.go", "Ring.Push", "	if r.used == n {", "	if r.used == n-1 {"},
	{"last in, first out", "ring.go", "Ring.Pop", "x = r.elems[r.start]", "x = r.elems[r.used-1]"},
	{"end not passed", "ring.go", "Ring.Pop", "		r.start = 0\n", ""},
	{"element stays", "ring.go", "Ring.Pop", "	r.used--\n", ""},
	{"slot given to the next backend", "maglev.go", "NewMaglev", "		t.entry[c] = int32(i)\n", "		t.entry[c] = int32(i + 1)\n"},
	{"taken slot taken again", "maglev.go", "NewMaglev", "		for t.entry[c] >= 0 {\n", "		for t.entry[c] > 0 {\n"},
	{"walk that starts again too late", "maglev.go", "NewMaglev", "		t.walks[i].next = s + 1\n", "		t.walks[i].next = s + 2\n"},
	{"one backend left out", "maglev.go", "NewMaglev", "		left--\n		i++\n		if i == len(backends) {\n", "		left--\n		i++\n		if i == len(backends)-1 {\n"},
	{"turn not ended", "maglev.go", "NewMaglev", "				i = 0\n", "				i = 1\n"},
	{"skip of zero", "maglev.go", "NewMaglev", "%uint32(m-1) + 1,", "%uint32(m),"},
	{"skip of all slots", "maglev.go", "NewMaglev", "%uint32(m-1) + 1,", "%uint32(m) + 1,"},
	{"last slot left out", "maglev.go", "NewMaglev", "	for left > 0 {\n", "	for left > 1 {\n"},
	{"slots not marked free", "maglev.go", "NewMaglev", "left, free := m, int32(none)", "left, free := m, int32(0)"},
	{"number of slots no prime", "maglev.go", "NewMaglev", "	m := largestPrime(size)\n", "	m := size\n"},
	{"no slots asked for", "maglev.go", "NewMaglev", "requires 2 <= size && ", "requires "},
	{"shares promised exact", "maglev.go", "quota", "r <= w * m / total + 1 &&", "r <= w * m / total &&"},
	{"share rounded up", "maglev.go", "quota", "return (before+w)*m/total - before*m/total", "return w*m/total + 1"},
	{"share of those before", "maglev.go", "quota", "return (before+w)*m/total", "return before*m/total"},
	{"shares that do not sum up", "maglev.go", "NewMaglev", "		before += w\n", ""},
	{"share not taken", "maglev.go", "NewMaglev", "		t.walks[i].left--\n", ""},
	{"beyond the share", "maglev.go", "NewMaglev", "		for t.walks[i].left == 0 {", "		for t.walks[i].left == 1 {"},
	{"weight zero has a slot", "maglev.go", "NewMaglev", "		if total > 0 {\n", "		if total > 0 || w == 0 {\n"},
	{"heartbeat before the first", "maglev.go", "NewMaglev", "		t.beats[j] = never\n", ""},
	{"number of no backend", "maglev.go", "NewMaglev", "left, free = 0, int32(len(backends))", "left, free = 0, int32(len(backends)-1)"},
	{"divisors from three", "maglev.go", "isPrime", "	for d := 2; d < p; d++ {\n", "	for d := 3; d < p; d++ {\n"},
	{"half of the divisors", "maglev.go", "isPrime", "d < p; d++ {", "d < p/2; d++ {"},
	{"smaller prime", "maglev.go", "largestPrime", "		p--\n	}\n", "		p -= 2\n	}\n"},
	{"step by addition", "maglev.go", "slotAt", "int(s)*int(skip)", "int(s)+int(skip)"},
	{"product of 32 bits", "maglev.go", "slotAt", "int(s)*int(skip)", "int(s*skip)"},
	{"slot beside", "maglev.go", "Maglev.Choose", "	p := h % m\n", "	p := (h + 1) % m\n"},
	{"hash modulo backends", "maglev.go", "Maglev.Choose", "	p := h % m\n", "	p := h % len(t.walks)\n"},
	{"slots in steps of two", "maglev.go", "Maglev.Choose", "		p++\n", "		p += 2\n"},
	{"the dead chosen", "maglev.go", "Maglev.Choose", "b < len(t.beats) && t.beats[b] >= since", "b < len(t.beats)"},
	{"no backend chosen", "maglev.go", "Maglev.Choose", "b < len(t.beats) && t.beats[b] >= since", "t.beats[b] >= since"},
	{"alive later than since", "maglev.go", "Maglev.Choose", "t.beats[b] >= since {\n			return", "t.beats[b] > since {\n			return"},
	{"one slot not looked at", "maglev.go", "Maglev.Choose", "	for s := 0; s < m; s++ {", "	for s := 0; s < m-1; s++ {"},
	{"given up too early", "maglev.go", "Maglev.Choose", "	if t.latest < since {", "	if t.latest <= since {"},
	{"another number of steps", "maglev.go", "Maglev.Choose", "return b, s, true", "return b, s + 1, true"},
	{"latest forgotten", "maglev.go", "Maglev.Beat", "		t.latest = max(t.latest, now)\n", ""},
	{"latest of the lightest", "maglev.go", "Maglev.Beat", "share > 0 {", "share > 1 {"},
	{"latest goes back", "maglev.go", "Maglev.Beat", "max(t.latest, now)", "now"},
	{"alive after since", "maglev.go", "Maglev.Alive", "t.beats[i] >= since", "t.beats[i] > since"},
	{"inverse of zero", "maglev.go", "inverse", "requires prime(p) && 0 < a && a < p\n", "requires prime(p) && 0 <= a && a < p\n"},
	{"inverse modulo anything", "maglev.go", "inverse", "requires prime(p) && 0 < a && a < p\n", "requires 0 < a && a < p\n"},
	{"index of a cell in use", "classchain.go", "ClassChain.Free", "	c.free.Free(i)\n", ""},
	{"fewer indices than cells", "classchain.go", "NewClassChain", "NewPortRange(0, n, secret)", "NewPortRange(0, 1, secret)"},
	{"indices from one", "classchain.go", "NewClassChain", "NewPortRange(0, n, secret)", "NewPortRange(1, n, secret)"},
	{"class not set", "classchain.go", "ClassChain.Refresh", "	c.kind[i] = of\n", ""},
	{"list of another class", "classchain.go", "ClassChain.oldest", "c.cells[c.n+int32(of)].next", "c.cells[c.n].next"},
	{"class that is none", "classchain.go", "ClassChain.Refresh", "// @ requires alloc[i] && last <= now && of < classes\n", "// @ requires alloc[i] && last <= now\n"},
	{"class of an entry forgotten", "classtable.go", "ClassTable.Refresh", "	t.c.Refresh(i, now, of)\n", "	t.c.Refresh(i, now, t.c.Class(i))\n"},
	{"entries of all classes", "classtable.go", "ClassTable.ExpireBefore", "given one.\n//\n// @ requires of < classes\n// @ ensures forall i int {alloc[i]} :: alloc[i] == old(alloc[i] && (class[i] != of || time[i] >= before))",
		"given one.\n//\n// @ requires of < classes\n// @ ensures forall i int {alloc[i]} :: alloc[i] == old(alloc[i] && time[i] >= before)"},
	{"nothing expires", "classtable.go", "ClassTable.ExpireBefore", "	if found {", "	if !found {"},
	{"first of the same key", "dictionary.go", "NewDictionary", "i := len(entries) - 1; i >= 0; i--", "i := len(entries) - 1; i > 0; i--"},
	{"entry not stored", "dictionary.go", "NewDictionary", "Key: entries[i].Key, Value: entries[i].Value}", "Key: entries[i].Key}"},
	{"key under the place before", "dictionary.go", "NewDictionary", "d.m.Put(entries[i].Key, i)", "d.m.Put(entries[i].Key, i-1)"},
	{"key put twice", "dictionary.go", "NewDictionary", "		if !later {\n", "		if !later || i > 0 {\n"},
	{"key left out", "dictionary.go", "NewDictionary", "		if !later {\n", "		if later {\n"},
	{"no place for a key", "dictionary.go", "NewDictionary", "max(len(entries), 1)", "len(entries)"},
	{"the first counts", "dictionary.go", "NewDictionary", "entries[j].Key && dom[key[j]] && j <= idx[key[j]]\n", "entries[j].Key && dom[key[j]] && j >= idx[key[j]]\n"},
	{"a key for a value", "reverse.go", "NewReverseDictionary", "Value: entries[i].Key}", "Value: entries[0].Key}"},
	{"found by keys", "reverse.go", "NewReverseDictionary", "d.m.Put(entries[i].Value, i)", "d.m.Put(entries[0].Value, i)"},
	{"the last value not found", "reverse.go", "NewReverseDictionary", "i := len(entries) - 1; i >= 0; i--", "i := len(entries) - 2; i >= 0; i--"},
	{"the first of the same value", "reverse.go", "NewReverseDictionary", "		if !later {\n", "		if !later || i == 0 {\n"},
	{"keys that are not in the list", "dictionary.go", "Dictionary.Lookup", "return d.m.get(&k)", "i, _ = d.m.get(&k)\n	return i, true"},
	{"value of the first entry", "dictionary.go", "Dictionary.At", "d.entries[i].Value", "d.entries[0].Value"},
	{"value of a rule not stored", "classifier.go", "NewClassifier", ", Value: rules[i].Value,", ","},
	{"ends of a range exchanged", "classifier.go", "NewClassifier", "SrcLow: rules[i].SrcLow, SrcHigh: rules[i].SrcHigh,", "SrcLow: rules[i].SrcHigh, SrcHigh: rules[i].SrcLow,"},
	{"first rule for all", "classifier.go", "NewClassifier", "Protocol: rules[i].Protocol,", "Protocol: rules[0].Protocol,"},
	{"a rule too few", "classifier.go", "NewClassifier", "make([]ClassifierRule, len(rules))", "make([]ClassifierRule, max(len(rules)-1, 0))"},
	{"a rule too many", "classifier.go", "NewClassifier", "make([]ClassifierRule, len(rules))", "make([]ClassifierRule, len(rules)+1)"},
	{"rules without end", "classifier.go", "NewClassifier", "// @ requires len(rules) <= 536870912\n", ""},
	{"value of the first", "classifier.go", "Classifier.Value", "return c.rules[i].Value", "return c.rules[0].Value"},
	{"value beyond the rules", "classifier.go", "Classifier.Value", "// @ requires 0 <= i && i < n\n", "// @ requires 0 <= i && i <= n\n"},
	{"end of a range outside", "classifier.go", "Classifier.Match", "<= dst && dst <= c.rules[r].DstHigh &&", "<= dst && dst < c.rules[r].DstHigh &&"},
	{"port not compared", "classifier.go", "Classifier.Match", "			c.rules[r].SrcPortLow <= srcPort && srcPort <= c.rules[r].SrcPortHigh &&\n", ""},
	{"any protocol", "classifier.go", "Classifier.Match", "c.rules[r].Protocol == 0 || c.rules[r].Protocol == protocol", "c.rules[r].Protocol == 0 || protocol == protocol"},
	{"protocol 0 of the packet", "classifier.go", "Classifier.Match", "c.rules[r].Protocol == 0 || c.rules[r].Protocol == protocol", "protocol == 0 || c.rules[r].Protocol == protocol"},
	{"rules skipped", "classifier.go", "Classifier.Match", "		r++\n	}\n	return r", "		r += 2\n	}\n	return r"},
	{"first rule skipped", "classifier.go", "Classifier.Match", "	// @ invariant 0 <= r && r <= len(c.rules)\n", "	r = 1\n	// @ invariant 0 <= r && r <= len(c.rules)\n"},
	{"rule beyond the last", "classifier.go", "Classifier.Match", "	for r < len(c.rules) {\n", "	for r <= len(c.rules) {\n"},
	{"groups of 255", "lpm.go", "LPM.Lookup", "<<8+ip%256", "<<8+ip%255"},
	{"a group taken for a value", "lpm.go", "LPM.Lookup", "e < firstGroup", "e <= firstGroup"},
	{"block not aligned", "lpm.go", "LPM.addShort", "first := p - p%n", "first := p"},
	{"block one too long", "lpm.go", "LPM.addShort", "	for i := first; i < first+n; i++ {", "	for i := first; i <= first+n; i++ {"},
	{"the /24 lost", "lpm.go", "LPM.group", "		l.long[256*g+k] = uint16(e)", "		l.long[256*g+k] = 0"},
	{"group used twice", "lpm.go", "LPM.group", "	l.used++\n", ""},
	{"group not entered", "lpm.go", "LPM.group", "	l.table[i] = firstGroup + uint32(g)\n", ""},
	{"the whole group", "lpm.go", "LPM.addLong", "n := powerOf2(32 - length)", "n := powerOf2(33 - length)"},
	{"order of the rules as given", "lpm.go", "NewLPM", "			if rules[i].Length != length {", "			if rules[i].Length < length {"},
	{"rules of 32 bits left out", "lpm.go", "NewLPM", "length <= 32; length++", "length < 32; length++"},
	{"too few groups", "lpm.go", "NewLPM", "if rules[i].Length > 24 {", "if rules[i].Length > 25 {"},
	{"first element left out", "vector.go", "NewVector", "		v.elems[i] = x\n", "		if i > 0 {\n			v.elems[i] = x\n		}\n"},
}

// TestBodyFaults plants faults in libvig.
func TestBodyFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("each fault takes seconds")
	}
	for _, f := range bodyFaults {
		t.Run(strings.ReplaceAll(f.name, " ", "_"), func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("../../libvig", f.file))
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(text), f.old); n != 1 {
				t.Fatalf("%q occurs %d times in %s, want once", f.old, n, f.file)
			}
			z3 := first(t)
			z3[0].Limit = 2 * time.Second // what takes longer is refused, too
			report, err := prove.Run(t.Context(), prove.Config{
				Dir: "../../libvig", Solvers: z3, Jobs: 2, Cache: &known, FirstFailure: true,
				Overlay: map[string][]byte{f.file: []byte(strings.Replace(string(text), f.old, f.new, 1))},
				Only:    func(owner string) bool { return owner == f.owner },
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(report.Functions) != 1 || len(report.Problems) > 0 || len(report.Functions[0].Failed) == 0 {
				t.Errorf("%s is proved, or could not be read: %v", f.owner, report.Problems)
			}
		})
	}
}
