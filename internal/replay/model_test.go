package replay

import (
	"slices"
	"strings"
	"testing"

	"vigor/internal/smt"
	"vigor/internal/solver"
	"vigor/internal/solver/embedded"
	"vigor/internal/symbex"
	"vigor/internal/symbex/summary"
)

// TestBrokenObligationsAreConfirmed executes programs that break what libvig or Go demands, and
// runs the compiled ones on the case that the solver's model gives.
func TestBrokenObligationsAreConfirmed(t *testing.T) {
	for _, test := range []struct {
		name  string
		edits []string
		want  string
	}{
		{"time runs back", []string{"p.Time()-p.Time()%2", "p.Time()-1"}, "contract: Table.Insert requires last <= now"},
		{"key is there", []string{"case ok &&", "case ok && x&1 == 0 &&", "case ok:", "case ok && x&1 == 0:"},
			"contract: Table.Insert requires !dom[k]"},
		{"index is free", []string{"n.table.Erase(i)", "n.table.Erase(i); n.table.At(i)"}, "contract: Table.At requires alloc[i]"},
		{"other index", []string{"n.table.Set(i, e)", "n.table.Set(i+1, e)"}, "contract: Table.Set requires alloc[i]"},
		{"refresh in the past", []string{"n.table.Refresh(i, p.Time())", "n.table.Refresh(i, p.Time()-2)"},
			"contract: Table.Refresh requires last <= now"},
		{"index out of range", nil, "index out of range"},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := strings.NewReplacer(test.edits...).Replace(sketch)
			a := agree(t, subject{pattern: "./nfs/fixture", text: text})
			got := a.confirm(t, text)
			if !slices.ContainsFunc(got, func(m string) bool { return strings.Contains(m, test.want) }) {
				t.Errorf("confirmed are %q, want %q", got, test.want)
			}
		})
	}
}

// confirm finds a case for each obligation that does not hold, and runs it. It returns the messages
// of the panics; a case that ends well is an error.
func (a *agreement) confirm(t *testing.T, text string) (messages []string) {
	t.Helper()
	runner := open(t, text)
	s := embedded.New(a.builder)
	for _, r := range a.all {
		for _, o := range r.Path.Obligations {
			fails := append(append([]*smt.Term{}, o.Condition...), a.builder.Not(o.Goal))
			if s.Check(t.Context(), fails...) != solver.Sat {
				continue
			}
			f := Finder{Package: "vigor/nfs/fixture"}
			c, _ := f.Find(t.Context(), &symbex.Run{Path: r.Path, Inputs: r.Inputs, Objects: r.Objects}, fails)
			if c == nil {
				t.Errorf("%v: no case", o.Claim.Code)
				continue
			}
			got := runOne(t, runner, *c)
			if got.Status != Panicked {
				text, _ := Encode(*c)
				t.Errorf("%v: %s: %s\n%s", o.Claim.Code, got.Status, got.Message, text)
			}
			messages = append(messages, got.Message)
		}
	}
	return messages
}

// replacer frees an index and takes one, on the way to each of its actions.
const replacer = `package fixture

import (
	"vigor/libvig"
	"vigor/nf"
)

type Config struct{}

func (c Config) Validate() error { return nil }

type NF struct {
	table *libvig.Table[uint32, uint16]
	chain *libvig.Chain
	total uint64
}

func New(env nf.Env, c Config) (*NF, error) {
	return &NF{table: libvig.NewTable[uint32, uint16](3, env.HashKey), chain: libvig.NewChain(3, libvig.HashKey{})}, nil
}

func (n *NF) Process(p *nf.Packet) nf.Action {
	b := p.Bytes()
	if len(b) < 2 {
		return nf.Drop(nf.Malformed)
	}
	i, ok := n.table.Lookup(uint32(b[0]))
	if !ok {
		return nf.Drop(nf.NoMapping)
	}
	n.table.Erase(i)
	i, _ = n.table.Insert(uint32(b[0])+1000, 7, p.Time())
	n.chain.ExpireBefore(p.Time())
	j, ok := n.chain.Allocate(p.Time())
	if !ok {
		return nf.Drop(nf.TableFull)
	}
	b[1] = byte(i)
	n.total += uint64(j)
	return nf.Flood()
}
`

// TestSettle finds cases in which the model chose other indices than the compiled NF, which hands
// out the index that was free for longest, and settles them.
func TestSettle(t *testing.T) {
	a := agree(t, subject{pattern: "./nfs/fixture", text: replacer})
	runner, wrong := open(t, replacer), open(t, strings.Replace(replacer, "+1000, 7", "+1000, 8", 1))
	f := Finder{Package: "vigor/nfs/fixture"}
	settled := 0
	for _, run := range a.all {
		if !run.Complete {
			continue
		}
		// The new entry gets an index that was free at arrival, not the one just freed.
		taken := a.builder.Select(run.Sent, a.builder.Word(1, 16))
		path := run.Path.At(run.Path.Condition())
		free := a.builder.Not(run.On(path).Objects[1].Before.Read(path, "alloc", summary.Value{taken})[0])
		condition := run.Path.Condition()
		c, _ := f.Find(t.Context(), run, append(path.Condition(), free))
		if c == nil {
			continue
		}
		got := runOne(t, runner, *c)
		if len(Differences(c.Expected, &got)) == 0 {
			continue
		}
		again := Settle(t.Context(), run, condition, c, &got)
		if again == nil {
			t.Fatalf("not settled: %q", Differences(c.Expected, &got))
		}
		settled++
		if lines := Differences(again.Expected, &got); len(lines) > 0 {
			t.Errorf("settled, and still different: %q", lines)
		}
		if again := Settle(t.Context(), run, condition, again, &got); again != nil {
			t.Error("what agrees is settled again")
		}
		other := runOne(t, wrong, *c)
		if again := Settle(t.Context(), run, condition, c, &other); again != nil && len(Differences(again.Expected, &other)) == 0 {
			t.Error("another value is explained by a choice")
		}
		got.Objects["table"].Entries[0].Key[""] = "1"
		if Settle(t.Context(), run, condition, c, &got) != nil {
			t.Error("another key is explained by a choice")
		}
	}
	if settled == 0 {
		t.Error("there was nothing to settle")
	}
}
