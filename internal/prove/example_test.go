package prove_test

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"vigor/internal/prove"
)

// planted is an edit of testdata/stack.go, and what is reported of a function: each string is a part of it.
type planted struct {
	name, old, new string
	owner          string
	want           []string
}

// plantedFaults are those that an example shows.
var plantedFaults = []planted{
	{"one place unused", "s.top == len(s.elems)", "s.top >= len(s.elems)-1", "Stack.Push",
		[]string{"ensures ok as defined", "state     elems = [0], pushes = 0, top = 0\n    call      x = 0\n    then      ok = false\n"}},
	{"counts two", "	s.top++\n", "	s.top += 2\n", "Stack.Push",
		[]string{"inv (top <= len(elems))", "state     elems = [0], pushes = 0, top = 0\n    call      x = 0\n    then      pushes = 1, top = 2, ok = true\n"}},
	{"element behind", "s.elems[s.top] = x", "s.elems[s.top+1] = x", "Stack.Push",
		[]string{"index s.top + 1 is inside s.elems", "state     elems = [0], pushes = 0, top = 0\n    call      x = 0\n"}},
	{"another value", "s.elems[s.top] = x", "s.elems[s.top] = x / 2 * 2", "Stack.Push",
		[]string{"the dividend is not negative", "call      x = -1\n"}},
	{"ghost forgotten", "	// @ s.pushes = s.pushes + 1\n", "", "Stack.Push",
		[]string{"inv (top <= pushes)", "state     elems = [0], pushes = 0, top = 0\n    call      x = 0\n    then      top = 1, ok = true\n"}},
}

// proveStack proves a function of testdata/stack.go with an edit, and returns the report.
func proveStack(t *testing.T, f planted) string {
	t.Helper()
	source, err := os.ReadFile("testdata/stack.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(source, []byte(f.old)); n != 1 {
		t.Fatalf("%q occurs %d times, want once", f.old, n)
	}
	report, err := prove.Run(t.Context(), prove.Config{Dir: "testdata", Solvers: solvers(t)[:1], Jobs: 2, Cache: &known,
		Only: func(name string) bool { return name == f.owner }, Examples: time.Minute,
		Overlay: map[string][]byte{"stack.go": bytes.Replace(source, []byte(f.old), []byte(f.new), 1)}})
	if err != nil {
		t.Fatal(err)
	}
	if report.Proved() {
		t.Error("the report says that all is proved")
	}
	var out strings.Builder
	if err := report.WriteText(&out, false); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestExamples plants faults, and compares the examples that are shown of them.
func TestExamples(t *testing.T) {
	for _, f := range plantedFaults {
		t.Run(strings.ReplaceAll(f.name, " ", "_"), func(t *testing.T) {
			text := proveStack(t, f)
			for _, want := range f.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q is missing:\n%s", want, text)
				}
			}
		})
	}
}
