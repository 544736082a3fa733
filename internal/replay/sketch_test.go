package replay

import (
	"slices"
	"strings"
	"testing"
	"time"

	"vigor/internal/symbex"
)

// roomy has a structure of each kind, all of a large constant capacity, which CAPACITY stands for.
// Its returns are told apart by their reasons.
const roomy = `package fixture

import (
	"vigor/libvig"
	"vigor/nf"
)

type Config struct{ Age int64 }

func (c Config) Validate() error { return nil }

type Key KEYTYPE

func (k Key) Valid(env nf.Env) bool { return VALID }

type NF struct {
	table *libvig.Table[Key, uint16]
	other *libvig.Table[uint64, bool]
	chain *libvig.Chain
	ids   *libvig.Map[uint32]
	sizes *libvig.Vector[uint16]
	count uint32
	seen  [2]uint16
	age   int64
}

func New(env nf.Env, c Config) (*NF, error) {
	return &NF{table: libvig.NewTable[Key, uint16](CAPACITY, env.HashKey), age: c.Age,
		other: libvig.NewTable[uint64, bool](CAPACITY, env.HashKey), chain: libvig.NewChain(CAPACITY, libvig.HashKey{}),
		ids: libvig.NewMap[uint32](CAPACITY, env.HashKey), sizes: libvig.NewVector[uint16](CAPACITY, 7)}, nil
}

func (n *NF) Process(p *nf.Packet) nf.Action {
	b := p.Bytes()
	if len(b) < 4 {
		return nf.Drop(nf.Malformed)
	}
	BODY
	return nf.Flood()
}
`

// large makes a program of roomy.
func large(capacity, key, valid, body string) string {
	return strings.NewReplacer("CAPACITY", capacity, "KEYTYPE", key, "VALID", valid, "BODY", body).Replace(roomy)
}

const (
	insert = `if _, ok := n.table.Lookup(Key(b[0])); ok {
		return nf.Drop(nf.NoMapping)
	}
	if _, ok := n.table.Insert(Key(b[0]), 1, p.Time()); !ok {
		return nf.Drop(nf.TableFull)
	}`
	expire = "n.table.ExpireBefore(p.Time() - 10)\n"
)

// bodies are programs with large structures, and the reasons with which they drop packets for which
// there is a case, and those for which there is none.
var bodies = []struct {
	name, capacity, key, valid, body string
	reasons, never                   []string
}{
	{"insert into 1024", "1024", "uint32", "true", insert, []string{"no_mapping", "table_full"}, nil},
	{"insert into 65536", "65536", "uint32", "true", insert, []string{"no_mapping", "table_full"}, nil},
	{"expired, then full", "1024", "uint32", "true", expire + insert, []string{"no_mapping", "table_full"}, nil},
	{"capacity of the configuration", "1000+int(c.Age&0xfffffff)", "uint32", "true", insert,
		[]string{"no_mapping", "table_full"}, nil},
	{"more places than keys", "1024", "uint8", "true", insert, []string{"no_mapping"}, []string{"table_full"}},
	{"more places than valid keys", "1024", "uint32", "k < 1000", "if b[0] > 200 { return nf.Drop(nf.Fragment) }\n" + insert,
		[]string{"no_mapping", "fragment"}, []string{"table_full"}},
	{"valid keys suffice", "1024", "uint32", "k != 3 && k < 5000", "if b[0] < 4 { return nf.Drop(nf.Fragment) }\n" + insert,
		[]string{"no_mapping", "table_full", "fragment"}, nil},
	{"two tables", "1024", "uint32", "true", `i, ok := n.table.Lookup(Key(b[0]))
	if !ok {
		return nf.Drop(nf.NoMapping)
	}
	j, ok := n.other.Lookup(uint64(n.table.At(i)))
	if !ok {
		return nf.Drop(nf.WrongPeer)
	}
	if n.other.Full() && !n.table.Full() {
		return nf.Drop(nf.TableFull)
	}
	if n.other.Key(j) != uint64(n.table.At(i)) {
		return nf.Drop(nf.Fragment)
	}`, []string{"no_mapping", "wrong_peer", "table_full"}, []string{"fragment"}},
	{"half full", "1024", "uint32", "true", `if n.table.Len() == 512 {
		return nf.Drop(nf.TableFull)
	}
	if n.table.Len() > 1024 {
		return nf.Drop(nf.Fragment)
	}`, []string{"table_full"}, []string{"fragment"}},
	{"full and not", "1024", "uint32", "true", `if n.table.Full() && !n.table.Allocated(700) {
		return nf.Drop(nf.Fragment)
	}
	if n.table.Len() == 1 && n.table.Allocated(3) && n.table.Allocated(1000) {
		return nf.Drop(nf.Fragment)
	}
	if n.table.Len() == 1022 && !n.table.Allocated(3) && !n.table.Allocated(1000) {
		return nf.Drop(nf.TableFull)
	}`, []string{"table_full"}, []string{"fragment"}},
	{"more after than before", "1024", "uint32", "true", `before := n.table.Len()
	n.table.ExpireBefore(p.Time() - 10)
	if n.table.Len() > before {
		return nf.Drop(nf.Fragment)
	}
	if n.table.Len() == 300 && before == 700 {
		return nf.Drop(nf.TableFull)
	}`, []string{"table_full"}, []string{"fragment"}},
	{"chain", "2048", "uint32", "true", `n.chain.ExpireBefore(p.Time() - 5)
	i, ok := n.chain.Allocate(p.Time())
	if !ok {
		return nf.Drop(nf.TableFull)
	}
	if n.chain.Full() {
		return nf.Drop(nf.WrongPeer)
	}
	if i >= 2048 || !n.chain.Allocated(i) {
		return nf.Drop(nf.Fragment)
	}`, []string{"table_full", "wrong_peer"}, []string{"fragment"}},
	{"map", "4096", "uint32", "true", `i, ok := n.ids.Get(uint32(b[0]))
	if !ok {
		if n.ids.Full() {
			return nf.Drop(nf.TableFull)
		}
		return nf.Drop(nf.NoMapping)
	}
	j, ok := n.ids.Get(uint32(b[1]))
	if ok && i == j && b[0] != b[1] {
		return nf.Drop(nf.Fragment)
	}
	if ok && i > 4000 && j > i {
		n.ids.Erase(uint32(b[0]))
		return nf.Drop(nf.WrongPeer)
	}`, []string{"table_full", "no_mapping", "wrong_peer"}, []string{"fragment"}},
	{"vector", "4096", "uint32", "true", `i := int(b[0])<<4 | 3
	if n.sizes.Get(i) == 9 && n.sizes.Get(4000) == 8 {
		n.sizes.Set(i, 10)
		return nf.Drop(nf.WrongPeer)
	}
	if n.sizes.Get(i) > n.sizes.Get(i|3) {
		return nf.Drop(nf.Fragment)
	}
	n.sizes.Set(int(b[1]), 5)`, []string{"wrong_peer"}, []string{"fragment"}},
	{"cells", "1024", "uint32", "true", `n.count++
	n.seen[1] += 2
	if n.count == 7 && n.seen[1] == 9 && n.seen[0] == 0 {
		return nf.Drop(nf.TableFull)
	}
	if n.count == 7 && n.count%2 == 0 {
		return nf.Drop(nf.Fragment)
	}`, []string{"table_full"}, []string{"fragment"}},
}

func TestLargeStructures(t *testing.T) {
	for _, test := range bodies {
		t.Run(test.name, func(t *testing.T) {
			text := large(test.capacity, test.key, test.valid, test.body)
			a, runner := agree(t, subject{pattern: "./nfs/fixture", text: text}), openSlow(t, text)
			f := &Finder{Package: "vigor/nfs/fixture"}
			var reached []string
			for _, run := range a.all {
				if !run.Complete {
					continue
				}
				c, _ := f.Find(t.Context(), run, run.Path.Condition())
				if c == nil {
					continue
				}
				if no, _ := f.Find(t.Context(), run, append(run.Path.Condition(), a.builder.False())); no != nil {
					t.Error("there is a case for a contradiction")
				}
				played(t, runner, run, c)
				reached = append(reached, string(c.Expected.Action.Reason))
			}
			for _, r := range append([]string{"malformed", ""}, test.reasons...) {
				if !slices.Contains(reached, r) {
					t.Errorf("no case for %q", r)
				}
			}
			for _, r := range test.never {
				if slices.Contains(reached, r) {
					t.Errorf("there is a case for %q", r)
				}
			}
		})
	}
}

// openSlow opens a runner for cases with many entries.
func openSlow(t *testing.T, text string) *Runner {
	t.Helper()
	source := sourceOf(text)
	source.Timeout = time.Minute
	r, err := Open(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// played runs a case, which must end as expected, but for choices of indices.
func played(t *testing.T, runner *Runner, run *symbex.Run, c *Case) {
	t.Helper()
	got := runOne(t, runner, *c)
	want := c.Expected
	if len(Differences(want, &got)) > 0 {
		if settled := Settle(t.Context(), run, run.Path.Condition(), c, &got); settled != nil {
			want = settled.Expected
		}
	}
	if lines := Differences(want, &got); len(lines) > 0 {
		t.Errorf("%d differences: %q", len(lines), lines[0])
	}
}
