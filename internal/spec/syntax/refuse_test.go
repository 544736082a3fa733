package syntax

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var want = regexp.MustCompile(`# want (VIG\d+) "([^"]*)"`)

// TestRefused checks that each line marked `# want CODE "regexp"` is refused so, and no other line.
func TestRefused(t *testing.T) {
	files, err := filepath.Glob("testdata/refuse/*.py")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files (%v)", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			checkWanted(t, file, string(text))
		})
	}
}

func checkWanted(t *testing.T, file, text string) {
	_, problems := Parse(file, []byte(text))
	got := map[int][]string{}
	for _, d := range problems {
		got[d.Span.Start.Line] = append(got[d.Span.Start.Line], d.Code.String()+" "+d.Message)
	}
	for i, line := range strings.Split(text, "\n") {
		found := got[i+1]
		m := want.FindStringSubmatch(line)
		switch {
		case m == nil && len(found) > 0:
			t.Errorf("%s:%d: got %q, want no error", file, i+1, found)
		case m != nil && len(found) == 0:
			t.Errorf("%s:%d: got %q, want %s", file, i+1, found, m[1])
		case m != nil && !regexp.MustCompile("^"+m[1]+" .*"+m[2]).MatchString(found[0]):
			t.Errorf("%s:%d: got %q, want %s %q", file, i+1, found[0], m[1], m[2])
		}
	}
}

// FuzzParse looks for texts that make the parser panic, hang or misplace a node.
func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/*/*.py")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		tree, _ := Parse("f.py", text)
		for _, s := range tree.Body {
			if span := s.Span(); span.End.Compare(span.Start) < 0 || !span.Start.IsValid() {
				t.Errorf("%T has span %v to %v", s, span.Start, span.End)
			}
		}
	})
}

// TestDeepNesting: nesting is bounded by a diagnostic, not by the stack.
func TestDeepNesting(t *testing.T) {
	for _, s := range []string{
		"x = " + strings.Repeat("(", 5000), "x = " + strings.Repeat("-", 5000) + "1",
		"x = " + strings.Repeat("not ", 5000) + "y", "x = " + strings.Repeat("f(", 5000),
		"x = " + strings.Repeat("1 if a else ", 5000) + "1", "x = 2" + strings.Repeat("**2", 5000),
		"x = a" + strings.Repeat("[b", 5000),
	} {
		if _, problems := Parse("f.py", []byte(s)); len(problems) == 0 {
			t.Errorf("%.20s… was accepted", s)
		}
	}
}
