package replay

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vigor/internal/contract"
	"vigor/internal/contract/check"
)

// breaches are statements that call an operation whose contract requires what it says, in the state
// of breaker.
var breaches = []struct{ statement, want string }{
	{"libvig.NewTable[uint32, uint16](0, n.key)", "NewTable requires 0 < n"},
	{"libvig.NewTable[uint32, uint16](libvig.MaxCapacity+1, n.key)", "NewTable requires n <= 536870912"},
	{"libvig.NewMap[uint32](-1, n.key)", "NewMap requires 0 < n"},
	{"libvig.NewMap[uint32](libvig.MaxCapacity+1, n.key)", "NewMap requires n <= 536870912"},
	{"libvig.NewChain(0, libvig.HashKey{})", "NewChain requires 0 < n"},
	{"libvig.NewChain(libvig.MaxCapacity+1, libvig.HashKey{})", "NewChain requires n <= 536870912"},
	{"libvig.NewVector(0, true)", "NewVector requires 0 < size"},
	{"libvig.NewVector(libvig.MaxCapacity+1, true)", "NewVector requires size <= 536870912"},
	{"n.table.Key(0)", "Table.Key requires alloc[i]"},
	{"n.table.Key(-1)", "Table.Key requires alloc[i]"},
	{"n.table.Time(3)", "Table.Time requires alloc[i]"},
	{"n.chain.Time(0)", "Chain.Time requires alloc[i]"},
	{"n.table.At(3)", "Table.At requires alloc[i]"},
	{"n.table.Set(1<<40, 5)", "Table.Set requires alloc[i]"},
	{"n.table.Erase(0)", "Table.Erase requires alloc[i]"},
	{"n.table.Erase(1); n.table.Erase(1)", "Table.Erase requires alloc[i]"},
	{"n.table.ExpireBefore(41); n.table.At(1)", "Table.At requires alloc[i]"},
	{"n.table.Refresh(0, now)", "Table.Refresh requires alloc[i]"},
	{"n.table.Refresh(1, 39)", "Table.Refresh requires last <= now"},
	{"n.table.Refresh(1, 40); n.table.Refresh(1, 39)", "Table.Refresh requires last <= now"},
	{"n.table.Insert(10, 5, now)", "Table.Insert requires !dom[k]"},
	{"n.table.Insert(11, 5, now); n.table.Insert(11, 6, now)", "Table.Insert requires !dom[k]"},
	{"n.table.Insert(11, 5, 39)", "Table.Insert requires last <= now"},
	{"n.table.Insert(11, 5, -1)", "Table.Insert requires last <= now"},
	{"n.table.Refresh(1, now); n.table.Erase(1); n.table.Insert(11, 5, now-1)", "Table.Insert requires last <= now"},
	{"n.idle.Insert(11, 5, 54)", "Table.Insert requires last <= now"},
	{"n.ids.Key(0)", "Map.Key requires used[i]"},
	{"n.ids.Key(4)", "Map.Key requires used[i]"},
	{"n.ids.Put(10, 2)", "Map.Put requires !dom[k]"},
	{"n.ids.Put(11, -1)", "Map.Put requires 0 <= i"},
	{"n.ids.Put(11, 4)", "Map.Put requires i < cap"},
	{"n.ids.Put(11, 1)", "Map.Put requires !used[i]"},
	{"n.ids.Erase(11)", "Map.Erase requires dom[k]"},
	{"n.chain.Allocate(39)", "Chain.Allocate requires last <= now"},
	{"n.chain.Refresh(0, now)", "Chain.Refresh requires alloc[i]"},
	{"n.chain.Refresh(1, 39)", "Chain.Refresh requires last <= now"},
	{"n.chain.Free(2)", "Chain.Free requires alloc[i]"},
	{"n.vector.Get(-1)", "Vector.Get requires 0 <= i"},
	{"n.vector.Get(4)", "Vector.Get requires i < n"},
	{"n.vector.Set(-1, 5)", "Vector.Set requires 0 <= i"},
	{"n.vector.Set(4, 5)", "Vector.Set requires i < n"},
	{"libvig.NewRing(0, true)", "NewRing requires 0 < n"},
	{"libvig.NewRing(libvig.MaxCapacity+1, true)", "NewRing requires n <= 536870912"},
	{"libvig.NewRing(2, true).Front()", "Ring.Front requires 0 < size"},
	{"libvig.NewRing(2, true).Pop()", "Ring.Pop requires 0 < size"},
	{"r := libvig.NewRing(2, true); r.Push(true); r.Pop(); r.Pop()", "Ring.Pop requires 0 < size"},
	{"libvig.NewClassifier(make([]libvig.ClassifierRule, 1)).Value(1)", "Classifier.Value requires i < n"},
	{"libvig.NewClassifier(nil).Value(-1)", "Classifier.Value requires 0 <= i"},
	{"libvig.NewClassifier(unsafe.Slice(new(libvig.ClassifierRule), libvig.MaxCapacity+1))", "NewClassifier requires len(rules) <= 536870912"},
	{"libvig.NewClassChain(0, 2, libvig.HashKey{})", "NewClassChain requires 0 < n"},
	{"libvig.NewClassChain(libvig.MaxCapacity+1, 2, libvig.HashKey{})", "NewClassChain requires n <= 536870912"},
	{"libvig.NewClassChain(1, 0, libvig.HashKey{})", "NewClassChain requires 0 < number"},
	{"libvig.NewClassChain(1, 257, libvig.HashKey{})", "NewClassChain requires number <= 256"},
	{"libvig.NewClassChain(1, 2, libvig.HashKey{}).Class(0)", "ClassChain.Class requires alloc[i]"},
	{"libvig.NewClassChain(1, 2, libvig.HashKey{}).Time(0)", "ClassChain.Time requires alloc[i]"},
	{"libvig.NewClassChain(1, 2, libvig.HashKey{}).Free(0)", "ClassChain.Free requires alloc[i]"},
	{"libvig.NewClassChain(1, 2, libvig.HashKey{}).Allocate(-1, 0)", "ClassChain.Allocate requires last <= now"},
	{"libvig.NewClassChain(1, 2, libvig.HashKey{}).Allocate(5, 2)", "ClassChain.Allocate requires of < classes"},
	{"c := libvig.NewClassChain(1, 2, libvig.HashKey{}); c.Allocate(5, 0); c.Refresh(0, 4, 1)", "ClassChain.Refresh requires last <= now"},
	{"c := libvig.NewClassChain(1, 2, libvig.HashKey{}); c.Allocate(5, 0); c.Refresh(0, 5, 2)", "ClassChain.Refresh requires of < classes"},
	{"libvig.NewClassChain(1, 2, libvig.HashKey{}).ExpireBefore(2, 5)", "ClassChain.ExpireBefore requires of < classes"},
	{"libvig.NewClassTable[uint32, bool](0, 2, n.key)", "NewClassTable requires 0 < n"},
	{"libvig.NewRandomClassTable[uint32, bool](0, 2, n.key)", "NewRandomClassTable requires 0 < n"},
	{"libvig.NewClassTable[uint32, bool](libvig.MaxCapacity+1, 2, n.key)", "NewClassTable requires n <= 536870912"},
	{"libvig.NewRandomClassTable[uint32, bool](libvig.MaxCapacity+1, 2, n.key)", "NewRandomClassTable requires n <= 536870912"},
	{"libvig.NewClassTable[uint32, bool](1, 0, n.key)", "NewClassTable requires 0 < number"},
	{"libvig.NewRandomClassTable[uint32, bool](1, 0, n.key)", "NewRandomClassTable requires 0 < number"},
	{"libvig.NewClassTable[uint32, bool](1, 257, n.key)", "NewClassTable requires number <= 256"},
	{"libvig.NewRandomClassTable[uint32, bool](1, 257, n.key)", "NewRandomClassTable requires number <= 256"},
	{"n.timed.Key(0)", "ClassTable.Key requires alloc[i]"},
	{"n.timed.At(3)", "ClassTable.At requires alloc[i]"},
	{"n.timed.Time(3)", "ClassTable.Time requires alloc[i]"},
	{"n.timed.Class(-1)", "ClassTable.Class requires alloc[i]"},
	{"n.timed.Set(1<<40, 5)", "ClassTable.Set requires alloc[i]"},
	{"n.timed.Refresh(0, now, 1)", "ClassTable.Refresh requires alloc[i]"},
	{"n.timed.Refresh(1, now, 2)", "ClassTable.Refresh requires of < classes"},
	{"n.timed.Insert(10, 5, now, 1)", "ClassTable.Insert requires !dom[k]"},
	{"n.timed.Insert(11, 5, 39, 1)", "ClassTable.Insert requires last <= now"},
	{"n.timed.Erase(2)", "ClassTable.Erase requires alloc[i]"},
	{"n.timed.ExpireBefore(1, 41); n.timed.At(1)", "ClassTable.At requires alloc[i]"},
	{"libvig.NewClassTable[uint32, bool](1, 2, n.key).Insert(1, true, 5, 2)", "ClassTable.Insert requires of < classes"},
	{"libvig.NewClassTable[uint32, bool](1, 2, n.key).ExpireBefore(2, 5)", "ClassTable.ExpireBefore requires of < classes"},
	{"t := libvig.NewClassTable[uint32, bool](1, 2, n.key); t.Insert(1, true, 5, 0); t.Refresh(0, 4, 1)", "ClassTable.Refresh requires last <= now"},
	{"libvig.NewClassChain(1, 2, libvig.HashKey{}).Refresh(0, 0, 0)", "ClassChain.Refresh requires alloc[i]"},
	{"libvig.NewDictionary(make([]libvig.Entry[uint32, bool], 1), n.key).At(1)", "Dictionary.At requires i < n"},
	{"libvig.NewDictionary[uint32, bool](nil, n.key).Key(0)", "Dictionary.Key requires i < n"},
	{"libvig.NewDictionary[uint32, bool](nil, n.key).Key(-1)", "Dictionary.Key requires 0 <= i"},
	{"libvig.NewDictionary[uint32, bool](nil, n.key).At(-1)", "Dictionary.At requires 0 <= i"},
	{"libvig.NewDictionary(unsafe.Slice(new(libvig.Entry[uint32, bool]), libvig.MaxCapacity+1), n.key)", "NewDictionary requires len(entries) <= 536870912"},
	{"libvig.NewReverseDictionary(unsafe.Slice(new(libvig.Entry[bool, uint32]), libvig.MaxCapacity+1), n.key)", "NewReverseDictionary requires len(entries) <= 536870912"},
	{"libvig.NewMaglev[bool](1, make([]libvig.Entry[uint32, uint16], 1), n.key)", "NewMaglev requires 2 <= size"},
	{"libvig.NewMaglev[bool](libvig.MaxSlots+1, make([]libvig.Entry[uint32, uint16], 1), n.key)", "NewMaglev requires size <= 16777216"},
	{"libvig.NewMaglev[bool, uint32](13, nil, n.key)", "NewMaglev requires 0 < len(backends)"},
	{"libvig.NewMaglev[bool](13, make([]libvig.Entry[uint32, uint16], libvig.MaxBackends+1), n.key)", "NewMaglev requires len(backends) <= 65536"},
	{"libvig.NewMaglev[bool](13, make([]libvig.Entry[uint32, uint16], 1), n.key).Beat(1, 0)", "Maglev.Beat requires i < n"},
	{"libvig.NewMaglev[bool](13, make([]libvig.Entry[uint32, uint16], 1), n.key).Beat(-1, 0)", "Maglev.Beat requires 0 <= i"},
	{"libvig.NewMaglev[bool](13, make([]libvig.Entry[uint32, uint16], 1), n.key).Alive(1, 0)", "Maglev.Alive requires i < n"},
	{"libvig.NewMaglev[bool](13, make([]libvig.Entry[uint32, uint16], 1), n.key).Time(1)", "Maglev.Time requires i < n"},
	{"libvig.NewMaglev[bool](13, make([]libvig.Entry[uint32, uint16], 1), n.key).Time(-1)", "Maglev.Time requires 0 <= i"},
	{"libvig.NewMaglev[bool](13, make([]libvig.Entry[uint32, uint16], 1), n.key).Alive(-1, 0)", "Maglev.Alive requires 0 <= i"},
	{"libvig.NewPortRange(1, 0, libvig.HashKey{})", "NewPortRange requires 0 < n"},
	{"libvig.NewPortRange(1, libvig.MaxCapacity+1, libvig.HashKey{})", "NewPortRange requires n <= 536870912"},
	{"libvig.NewPortRange(-1, 4, libvig.HashKey{})", "NewPortRange requires 0 <= from"},
	{"libvig.NewPortRange(libvig.MaxCapacity+1, 4, libvig.HashKey{})", "NewPortRange requires from <= 536870912"},
	{"libvig.NewPortRange(3, 4, libvig.HashKey{}).Free(3)", "PortRange.Free requires alloc[n]"},
	{"r := libvig.NewPortRange(3, 4, libvig.HashKey{}); r.Allocate(); r.Free(0)", "PortRange.Free requires alloc[n]"},
}

// allowed are statements that keep to the contracts in the same state.
var allowed = []string{
	"n.table.Refresh(1, 40)",
	"n.table.Insert(11, 5, 40)",
	"n.idle.Insert(11, 5, 55)",
	"n.table.Erase(1); n.table.Insert(10, 5, 40)",
	"n.table.ExpireBefore(41); n.table.Insert(10, 5, now); n.table.Set(0, 6); n.table.At(0); n.table.Key(0)",
	"for k := range uint32(9) { n.table.Insert(k, 0, now) }",
	"for k := range uint32(9) { n.table.Insert(k, 0, 40) }; n.table.Insert(10+uint32(n.table.Len()), 0, now); n.table.Refresh(1, 40)",
	"n.table.Lookup(99); n.table.Allocated(-7); n.table.Allocated(1<<40)",
	"n.ids.Put(11, 0); n.ids.Key(0); n.ids.Erase(10); n.ids.Put(10, 1); n.ids.Get(3)",
	"n.chain.Allocate(40); n.chain.Refresh(1, 41); n.chain.Free(1); n.chain.ExpireBefore(99); n.chain.Allocate(41)",
	"n.timed.Refresh(1, 40, 0); n.timed.ExpireBefore(1, 99); n.timed.At(1); n.timed.ExpireBefore(0, 41); n.timed.Insert(10, 5, 40, 1)",
	"n.timed.ExpireBefore(0, 99); n.timed.Class(1); n.timed.Time(1); n.timed.Key(1); n.timed.Set(1, 7); n.timed.Erase(1)",
	"n.vector.Set(0, 5); n.vector.Set(3, 5); n.vector.Get(0); n.vector.Get(3)",
	"libvig.NewTable[uint32, uint16](1, n.key)",
	"r := libvig.NewPortRange(3, 4, libvig.HashKey{}); r.Allocate(); r.Free(3)",
	"r := libvig.NewRing(2, true); r.Push(true); r.Front(); r.Pop()",
}

// breaker makes a network function that executes one of the statements, each on a line of its own:
// the first byte of the frame is its number. It returns the line of the first.
func breaker(statements []string) (text string, line int) {
	text = `package fixture

import (
	"unsafe"

	"vigor/libvig"
	"vigor/nf"
)

var _ unsafe.Pointer

type Config struct{}

type NF struct {
	key    libvig.HashKey
	table  *libvig.Table[uint32, uint16]
	idle   *libvig.Table[uint32, uint16]
	ids    *libvig.Map[uint32]
	chain  *libvig.Chain
	vector *libvig.Vector[uint16]
	timed  *libvig.ClassTable[uint32, uint16]
}

func New(env nf.Env, cfg Config) (*NF, error) {
	return &NF{
		table: libvig.NewTable[uint32, uint16](4, env.HashKey),
		idle: libvig.NewTable[uint32, uint16](4, env.HashKey),
		ids: libvig.NewMap[uint32](4, env.HashKey),
		chain: libvig.NewChain(4, libvig.HashKey{}),
		vector: libvig.NewVector[uint16](4, 0),
		timed: libvig.NewClassTable[uint32, uint16](4, 2, env.HashKey),
	}, nil
}

func (n *NF) Process(p *nf.Packet) nf.Action {
	now := p.Time()
	_ = now
	switch p.Bytes()[0] {
`
	line = 1 + strings.Count(text, "\n")
	for i, s := range statements {
		text += fmt.Sprintf("\tcase %d: %s\n", i, s)
	}
	return text + "\t}\n\treturn nf.Flood()\n}\n", line
}

// broken is the case for a statement of breaker.
func broken(t *testing.T, statement int) Case {
	return parse(t, fmt.Sprintf(`{"env": {"devices": 2}, "packet": {"time": 60, "data": "%02x"}, "objects": {
		"table": {"entries": [{"index": 1, "key": 10, "value": 3, "time": 40}]},
		"idle": {"last": 55},
		"timed": {"entries": [{"index": 1, "key": 10, "value": 3, "time": 40, "class": 1}]},
		"ids": {"entries": [{"index": 1, "key": 10}]},
		"chain": {"entries": [{"index": 1, "time": 40}]}}}`, statement))
}

func TestBrokenPreconditionsPanic(t *testing.T) {
	var statements []string
	for _, b := range breaches {
		statements = append(statements, b.statement)
	}
	text, line := breaker(statements)
	r := open(t, text)
	for i, b := range breaches {
		t.Run(b.statement, func(t *testing.T) {
			got := runOne(t, r, broken(t, i))
			if got.Status != Panicked || got.Message != "contract: "+b.want {
				t.Fatalf("got %s: %s, want a panic: contract: %s", got.Status, got.Message, b.want)
			}
			if want := declared(t, b.want); !strings.HasSuffix(got.Stack[0], want) {
				t.Errorf("the innermost call is %s, want %s", got.Stack[0], want)
			}
			want := fmt.Sprintf("vigor/nfs/fixture.(*NF).Process nfs/fixture/nf.go:%d", line+i)
			if len(got.Stack) != 2 || got.Stack[1] != want {
				t.Errorf("the stack is %q, want %s second", got.Stack, want)
			}
		})
	}
}

// declared returns the file and line that declare the operation a message begins with.
func declared(t *testing.T, message string) string {
	operation, _, _ := strings.Cut(message, " ")
	receiver, method, ok := strings.Cut(operation, ".")
	for name, text := range libraryFiles(t) {
		for i, line := range strings.Split(string(text), "\n") {
			isMethod := ok && strings.HasPrefix(line, "func (") &&
				strings.Contains(line, "*"+receiver) && strings.Contains(line, ") "+method+"(")
			if isMethod || !ok && strings.HasPrefix(line, "func "+operation) {
				return fmt.Sprintf(" libvig/%s:%d", filepath.Base(name), i+1)
			}
		}
	}
	t.Fatalf("nothing declares %s", operation)
	return ""
}

// TestEveryPreconditionIsBroken compares the conjuncts of all contracts with those in breaches.
func TestEveryPreconditionIsBroken(t *testing.T) {
	p, err := check.Load("../../libvig")
	if err != nil {
		t.Fatal(err)
	}
	checks := 0
	for _, text := range instrumented(t, libraryFiles(t)) {
		for part := range strings.SplitSeq(string(text), `panic("contract: `) {
			message, _, ok := strings.Cut(part, `") };`)
			if !ok {
				continue
			}
			checks++
			if !slices.ContainsFunc(breaches, func(b struct{ statement, want string }) bool { return b.want == message }) {
				t.Errorf("no statement breaks %q", message)
			}
		}
	}
	want := 0
	for _, typ := range p.Types {
		for _, op := range typ.Operations {
			want += conjunctsOf(op)
		}
		for _, op := range typ.Constructors {
			want += conjunctsOf(op)
		}
	}
	if checks != want || want == 0 {
		t.Errorf("%d conjuncts are checked, want %d", checks, want)
	}
}

func TestKeptPreconditionsDoNotPanic(t *testing.T) {
	text, _ := breaker(allowed)
	r := open(t, text)
	for i, statement := range allowed {
		if got := runOne(t, r, broken(t, i)); got.Status != Ran {
			t.Errorf("%s: %s: %s", statement, got.Status, got.Message)
		}
	}
}

// libraryFiles reads libvig.
func libraryFiles(t *testing.T) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("../../libvig/*.go")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if files[name], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func accessors(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("_harness/libvig_observe.go")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func instrumented(t *testing.T, files map[string][]byte) map[string][]byte {
	t.Helper()
	out, err := instrument(files, accessors(t))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestInsertionsKeepLines removes what was inserted, line by line, and finds the source again.
func TestInsertionsKeepLines(t *testing.T) {
	files := libraryFiles(t)
	for name, text := range instrumented(t, files) {
		was, is := strings.Split(string(files[name]), "\n"), strings.Split(string(text), "\n")
		if len(was) != len(is) {
			t.Fatalf("%s has %d lines, want %d", name, len(is), len(was))
		}
		for i := range was {
			if !strings.HasPrefix(is[i], was[i]) || is[i] != was[i] && !strings.HasSuffix(was[i], "{") {
				t.Errorf("%s:%d is %q, was %q", name, i+1, is[i], was[i])
			}
		}
	}
}

// TestInstrumentRefuses gives contracts whose preconditions cannot be checked.
func TestInstrumentRefuses(t *testing.T) {
	tests := []struct{ name, file, old, new, want string }{
		{"observer without accessor", "table.go", "// @ requires alloc[i]\n// @ ensures r == val[i]",
			"// @ requires alloc[i] && key[i] == key[i]\n// @ ensures r == val[i]",
			"key[i] of At cannot be computed: package replay needs a method (*Table).observeKey in its _harness/libvig_observe.go"},
		{"quantifier", "map.go", "// @ requires used[i]", "// @ requires used[i] && true\n// @ requires forall j int {used[j]} :: used[j] ==> j != i",
			"which speaks of all values of j"},
		{"arithmetic", "chain.go", "// @ requires last <= now\n", "// @ requires last + 1 <= now\n", "integers are exact in contracts"},
		{"count", "vector.go", "// @ requires 0 <= i && i < n\n// @ ensures r == elem[i]",
			"// @ requires 0 <= i && i < n && -i < n\n// @ ensures r == elem[i]", "-i of Get cannot be computed"},
		{"number beyond int64", "chain.go", "// @ requires last <= now\n", "// @ requires last <= 99999999999999999999\n", "it exceeds an int64"},
		{"start that is not 0", "chain.go", "last == 0", "last == 1", "starts at 0, not 1"},
		{"scalar that is changed and not defined", "chain.go", "// @ ensures alloc == old(alloc)[i := false]",
			"// @ modifies alloc, last\n// @ ensures alloc == old(alloc)[i := false]", "Free changes last without defining it"},
		{"scalar defined by an observer", "chain.go", "time == old(time)[i := now] && last == now\nfunc", "time == old(time)[i := now] && last == old(last)\nfunc",
			"may not use observers"},
		{"syntax error", "chain.go", "func NewChain", "fun NewChain", "chain.go"},
		{"contract error", "chain.go", "// @ requires last <= now", "// @ requires lost <= now", "lost"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := libraryFiles(t)
			name := filepath.Join("../../libvig", tt.file)
			text := strings.Replace(string(files[name]), tt.old, tt.new, 1)
			if text == string(files[name]) {
				t.Fatalf("%s has no %q", name, tt.old)
			}
			files[name] = []byte(text)
			_, err := instrument(files, accessors(t))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want %q", err, tt.want)
			}
		})
	}
}

// TestMissingAccessorFailsTheBuild takes away each accessor in turn.
func TestMissingAccessorFailsTheBuild(t *testing.T) {
	text := string(accessors(t))
	found := 0
	for line := range strings.SplitSeq(text, "\n") {
		if !strings.HasPrefix(line, "func (") {
			continue
		}
		found++
		_, err := instrument(libraryFiles(t), []byte(strings.Replace(text, line, strings.Replace(line, ") observe", ") other", 1), 1)))
		if err == nil {
			t.Errorf("libvig is instrumented without %s", line)
		}
	}
	if found == 0 {
		t.Error("there are no accessors")
	}
}

// conjunctsOf counts what an operation requires.
func conjunctsOf(op *contract.Operation) int {
	n := 0
	for _, q := range op.Requires {
		n += len(conjuncts(q.Body))
	}
	return n
}
