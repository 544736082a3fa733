package prove_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vigor/internal/prove"
)

// planted is an edit of a file, and what is reported of a function: each string is a part of it.
type planted struct {
	name, file, old, new string
	owner                string
	want                 []string
	run                  bool // the calls are compiled, too
}

const stackFile = "testdata/stack.go"

// plantedFaults are those that an example shows, with the calls that lead to it.
var plantedFaults = []planted{
	{"one place unused", stackFile, "s.top == len(s.elems)", "s.top >= len(s.elems)-1", "Stack.Push", []string{`ensures ok as defined
    path      s.top >= len(s.elems) - 1
    state     elems = [0], pushes = 0, top = 0
    call      x = 0
    then      ok = false
    reached   New(1); Push(0): a fault of the code, or of the contract
`}, false},
	{"counts two", stackFile, "	s.top++\n", "	s.top += 2\n", "Stack.Push", []string{`inv (top <= len(elems))
    path      !(s.top == len(s.elems))
    state     elems = [0], pushes = 0, top = 0
    call      x = 0
    then      pushes = 1, top = 2, ok = true
    reached   New(1); Push(0): a fault of the code, or of the contract
`}, false},
	{"element behind", stackFile, "s.elems[s.top] = x", "s.elems[s.top+1] = x", "Stack.Push", []string{`index s.top + 1 is inside s.elems
    path      !(s.top == len(s.elems))
    state     elems = [0], pushes = 0, top = 0
    call      x = 0
    then      ok = false
    reached   New(1); Push(0): a fault of the code, or of the contract
`}, false},
	{"negative dividend", stackFile, "s.elems[s.top] = x", "s.elems[s.top] = x / 2 * 2", "Stack.Push", []string{"the dividend is not negative", `
    call      x = -1
    then      ok = false
    reached   New(1); Push(-1): a fault of the code, or of the contract
`}, false},
	{"ghost forgotten", stackFile, "	// @ s.pushes = s.pushes + 1\n", "", "Stack.Push", []string{`inv (top <= pushes)
    path      !(s.top == len(s.elems))
    state     elems = [0], pushes = 0, top = 0
    call      x = 0
    then      top = 1, ok = true
    reached   New(1); Push(0): a fault of the code, or of the contract
`}, false},
	{"a bit too many", stackFile, "return w & 65535", "return w & 131071", "low", []string{`ensures (r <= 65535)
    call      w = 65536
    then      r = 65536
`}, false},
	{"lemma of bits without a bound", stackFile, "// @  requires x < 65536\n", "// @  requires x < 65537\n", "half", []string{`ensures ((x & 65535) == x)
    call      x = 65536
`}, false},
	{"measure that rises", stackFile, "x, n int) int decreases n\n", "x, n int) int decreases 0 - n\n", "below", []string{
		"the function ends: its measure stays above zero", "    call      a = {0: 0}, n = "}, false},
	{"element beside", libvigDir + "/vector.go", "return v.elems[i]", "return v.elems[0]", "Vector.Get", []string{`ensures r as defined
    state     elem = {0: T.0, 1: T.`, `]
    call      i = 1
    then      r = T.0
    reached   NewVector(2, T.0); Set(0, T.1); Get(1): a fault of the code, or of the contract; the compiled code does the same
`}, true}, // which element differs from the first is the solver's choice
	{"first element left out", libvigDir + "/vector.go", "		v.elems[i] = x\n", "		if i > 0 {\n			v.elems[i] = x\n		}\n", "NewVector", []string{`
    path      another round, !(i > 0)
    call      size = 1, x = T.0
    then      elem = {0: T.0}, elems = [T.1], i = 1
    reached   NewVector(1, T.1): a fault of the code, or of the contract
`}, false},
	{"full one early", libvigDir + "/table.go", "// @ ensures r == (count(alloc, cap) == cap)", "// @ ensures r == (count(alloc, cap) >= cap - 1)", "Table.Full", []string{
		"ensures r as defined", "    reached   NewTable(1, S_HashKey.0); Full(): a fault of the code, or of the contract\n"}, false},
	{"value of the first", libvigDir + "/classifier.go", "return c.rules[i].Value", "return c.rules[0].Value", "Classifier.Value", []string{
		"reached   NewClassifier([{"}, false},
	{"oldest compared with <=", libvigDir + "/chain.go", "time < before", "time <= before", "Chain.oldest", []string{
		"reached   NewChain(1, S_HashKey.0); Allocate(0); ExpireBefore(0): a fault of the code, or of the contract\n"}, false},
}

// report proves a function with an edit, and returns the report.
func (f planted) report(t *testing.T, c prove.Config) *prove.Report {
	t.Helper()
	source, err := os.ReadFile(f.file)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(source, []byte(f.old)); n != 1 {
		t.Fatalf("%q occurs %d times, want once", f.old, n)
	}
	c.Dir, c.Jobs, c.Examples, c.Run = filepath.Dir(f.file), 2, time.Minute, f.run
	if c.Solvers == nil {
		c.Solvers, c.Cache = first(t), &known
	}
	c.Only = func(name string) bool { return name == f.owner }
	c.Overlay = map[string][]byte{filepath.Base(f.file): bytes.Replace(source, []byte(f.old), []byte(f.new), 1)}
	report, err := prove.Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if report.Proved() || len(report.Problems) > 0 {
		t.Errorf("all is proved, or not everything could be read: %v", report.Problems)
	}
	return report
}

func textOf(t *testing.T, r *prove.Report) string {
	t.Helper()
	var out strings.Builder
	if err := r.WriteText(&out, false); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestExamples plants faults, and compares the examples that are shown of them, and the calls.
func TestExamples(t *testing.T) {
	for _, f := range plantedFaults {
		t.Run(strings.ReplaceAll(f.name, " ", "_"), func(t *testing.T) {
			text := textOf(t, f.report(t, prove.Config{}))
			for _, want := range f.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q is missing:\n%s", want, text)
				}
			}
		})
	}
}

// TestNoExample: of what is true, and not proved for want of a lemma or an assertion, no example is shown.
func TestNoExample(t *testing.T) {
	for _, f := range []planted{
		{name: "definition not unfolded", file: stackFile, old: "		// @ unfold below(s.elems, x, i+1)\n", owner: "Stack.AtMost"},
		{name: "base case not unfolded", file: stackFile, old: "	// @ unfold below(s.elems, x, 0)\n", owner: "Stack.AtMost"},
		{name: "lemma not used", file: stackFile, old: "if n > 0 { belowBounds(a, x, n-1); } }", new: "}", owner: "belowBounds"},
	} {
		t.Run(strings.ReplaceAll(f.name, " ", "_"), func(t *testing.T) {
			text := textOf(t, f.report(t, prove.Config{}))
			if strings.Contains(text, "    state ") || strings.Contains(text, "    call ") || strings.Contains(text, "a fault of the code") {
				t.Errorf("an example is shown of what is true:\n%s", text)
			}
			if !strings.Contains(text, "    example   none ") {
				t.Errorf("it is not said that there is no example:\n%s", text)
			}
		})
	}
}

// TestWeakInvariants: an invariant that allows too much has an example which no calls reach. Running the body from
// there tells that of the type from that of a loop.
func TestWeakInvariants(t *testing.T) {
	for _, f := range []planted{
		{name: "of the type", file: stackFile, old: "func (s *Stack) Size() (r int) { return s.top }", owner: "Stack.Size",
			new: "func (s *Stack) Size() (r int) {\n	// @ assert forall i int {s.elems[i]} :: s.pushes <= i && i < len(s.elems) ==> s.elems[i] == 0\n	return s.top\n}",
			want: []string{"    state     elems = [1], pushes = 0, top = 0\n    then      r = 0\n" +
				"    reached   by none of the sequences of up to 5 calls that were run: run from this state the claim fails, too, so the invariant of the type may be too weak\n"}},
		{name: "of a loop", file: stackFile, old: "	// @ invariant 0 <= s.top && s.top", new: "	// @ invariant s.top", owner: "Stack.Clear",
			want: []string{"ensures size as defined\n", ": run from this state the claim holds, so the invariant of a loop, or a contract, may be too weak\n"}},
	} {
		t.Run(strings.ReplaceAll(f.name, " ", "_"), func(t *testing.T) {
			text := textOf(t, f.report(t, prove.Config{}))
			for _, want := range f.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q is missing:\n%s", want, text)
				}
			}
		})
	}
}

// TestLyingSolver: a solver that forgets what is asked, and so proposes what is no example, is not believed.
func TestLyingSolver(t *testing.T) {
	list := solvers(t)
	dir := t.TempDir()
	liar := filepath.Join(dir, "liar")
	script := "#!/bin/sh\nsed -u '/^(assert (not /d' | " + list[0].Path + " \"$@\"\n"
	if err := os.WriteFile(liar, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	list[0].Path = liar
	f := planted{file: stackFile, old: "func (s *Stack) Size()", new: "func (s *Stack)  Size()", owner: "Stack.Size"}
	report := f.report(t, prove.Config{Solvers: list[:1]})
	text := textOf(t, report)
	for _, x := range report.Functions[0].Failed {
		if x.Example != nil {
			t.Errorf("an example is shown of %s: %v", x.What, *x.Example)
		}
	}
	if !strings.Contains(text, "what a solver proposed does not hold when it is evaluated") {
		t.Errorf("it is not said that a model was refused:\n%s", text)
	}
}

// TestTrustedValue: calls that only go wrong with another value of a trusted function are not called a fault.
func TestTrustedValue(t *testing.T) {
	f := planted{file: stackFile, old: "func (s *Stack) Size() (r int) { return s.top }", owner: "Stack.Size", run: true,
		new: "func (s *Stack) Size() (r int) { return s.top + two() - 2 }\n\n// two is taken on trust.\n//\n// @ trusted\nfunc two() (n int) { return 2 }"}
	text := textOf(t, f.report(t, prove.Config{}))
	if want := "reached   not known: the compiled code does not do what was expected of New(1); Size()\n"; !strings.Contains(text, want) {
		t.Errorf("%q is missing:\n%s", want, text)
	}
}

// TestExamplesInJSON: the report in JSON has the same examples.
func TestExamplesInJSON(t *testing.T) {
	var out bytes.Buffer
	if err := plantedFaults[1].report(t, prove.Config{}).WriteJSON(&out); err != nil {
		t.Fatal(err)
	}
	var object struct {
		Functions []struct {
			Failures []struct {
				Claim   string
				Example prove.Example
				Reached string
				Calls   []string
			}
		}
	}
	if err := json.Unmarshal(out.Bytes(), &object); err != nil {
		t.Fatal(err)
	}
	x := object.Functions[0].Failures[0]
	if x.Example.Capacity != 1 || len(x.Example.Before) != 3 || x.Example.Before[0] != (prove.Binding{Name: "elems", Value: "[0]"}) || !slices.Equal(x.Calls, []string{"New(1)", "Push(0)"}) {
		t.Errorf("got %+v", x)
	}
}
