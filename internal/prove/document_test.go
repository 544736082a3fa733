package prove_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigor/internal/prove"
)

var fenced = regexp.MustCompile("(?ms)^```(go|diff|text)\\b[^\n]*\n(.*?)^```$")

// TestDocument does what docs/proving-libvig.md says: its structure is proved, and with its fault the
// report is the one that it shows.
func TestDocument(t *testing.T) {
	document, err := os.ReadFile("../../docs/proving-libvig.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := map[string]string{}
	for _, m := range fenced.FindAllStringSubmatch(string(document), -1) {
		if blocks[m[1]] != "" {
			t.Fatalf("a second block of %s", m[1])
		}
		blocks[m[1]] = m[2]
	}
	source := blocks["go"]
	if n := strings.Count(source, "\n"); n > 100 || n == 0 {
		t.Errorf("the example has %d lines, want at most 100", n)
	}
	if report := proveExample(t, source); strings.Contains(report, "not proved") || !strings.Contains(report, "\nproved   Counters") {
		t.Errorf("the example:\n%s", report)
	}
	var old, new string
	for line := range strings.Lines(blocks["diff"]) {
		switch line[0] {
		case '-':
			old += line[1:]
		case '+':
			new += line[1:]
		}
	}
	if strings.Count(source, old) != 1 {
		t.Fatalf("%q does not occur once", old)
	}
	if diff := cmp.Diff(blocks["text"], proveExample(t, strings.Replace(source, old, new, 1))); diff != "" {
		t.Errorf("the report that the document shows (-want +got):\n%s", diff)
	}
}

// proveExample proves a package of one file, and returns the report as the document shows it.
func proveExample(t *testing.T, text string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "counters")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "counters.go"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	report, err := prove.Run(t.Context(), prove.Config{Dir: dir, Solvers: first(t), Jobs: 2, Cache: &known, Examples: time.Minute, Run: true})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := report.WriteText(&out, false); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(out.String(), filepath.Dir(dir)+"/", "")
}
