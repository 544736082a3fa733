package prove_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vigor/internal/prove"
)

// reports proves testdata/stack.go with an edit, and returns the report as text and as JSON without
// what was measured.
func reports(t *testing.T, old, new string, jobs int) (text string, object map[string]any) {
	t.Helper()
	source, err := os.ReadFile("testdata/stack.go")
	if err != nil {
		t.Fatal(err)
	}
	report, err := prove.Run(t.Context(), prove.Config{Dir: "testdata", Solvers: first(t), Jobs: jobs,
		Only:    func(name string) bool { return name == "Stack.Push" || name == "Stack.Size" || name == "Two" },
		Overlay: map[string][]byte{"stack.go": bytes.Replace(source, []byte(old), []byte(new), 1)}})
	if err != nil {
		t.Fatal(err)
	}
	var out, inJSON bytes.Buffer
	if err := report.WriteText(&out, false); err != nil {
		t.Fatal(err)
	}
	if err := report.WriteJSON(&inJSON); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(inJSON.Bytes(), &object); err != nil {
		t.Fatal(err)
	}
	if object["measured"] == nil {
		t.Error("the report has no measured part")
	}
	delete(object, "measured")
	return out.String(), object
}

// TestSameReportTwice: what is not measured does not depend on how many solvers run.
func TestSameReportTwice(t *testing.T) {
	const old, new = "	s.top++\n", "	s.top += 2\n"
	text, object := reports(t, old, new, 1)
	again, objectAgain := reports(t, old, new, 4)
	if diff := cmp.Diff(text, again); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(object, objectAgain); diff != "" {
		t.Error(diff)
	}
	for _, part := range []string{"Stack.Push: not proved: inv (top <= len(elems))", "    path      !(s.top == len(s.elems))",
		"unknown  Stack", "proved   Two", "exported without a contract: Loose\n", "trusted, not proved (1): tick\n"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing:\n%s", part, text)
		}
	}
}

// TestLines counts code and annotations: a line that is continued is one, and what is not proved counts
// for nothing.
func TestLines(t *testing.T) {
	_, object := reports(t, "", "", 2)
	want := map[string]any{"code": 33.0, "annotation": 26.0}
	for _, x := range object["types"].([]any) {
		if g := x.(map[string]any); g["type"] == "Stack" {
			if diff := cmp.Diff(want, g["lines"]); diff != "" {
				t.Error(diff)
			}
		}
	}
}

// TestRatio: there are at most two lines of annotation for each line of code of libvig.
func TestRatio(t *testing.T) {
	report, err := prove.Run(t.Context(), prove.Config{Dir: "../../libvig", Solvers: first(t),
		Only: func(string) bool { return false }})
	if err != nil {
		t.Fatal(err)
	}
	var all prove.Lines
	for _, l := range report.Lines {
		all.Code += l.Code
		all.Annotation += l.Annotation
	}
	t.Logf("%d lines of annotation, %d of code", all.Annotation, all.Code)
	if all.Code == 0 || all.Annotation > 2*all.Code {
		t.Errorf("%d lines of annotation for %d lines of code", all.Annotation, all.Code)
	}
}
