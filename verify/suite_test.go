package verify_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"vigor/internal/diag"
	"vigor/verify"
)

// parts complete a program that does not declare the text they are keyed by.
var parts = []struct{ declares, text string }{
	{"type Config", "type Config struct{}\n\nfunc (c Config) Validate() error { return nil }\n"},
	{"type NF ", "type NF struct{}\n"},
	{"func New(", "func New(env nf.Env, cfg Config) (*NF, error) { return &NF{}, nil }\n"},
}

// newModule makes a module of its own that uses this one, as a user's does, and returns its root.
func newModule(t testing.TB) string {
	t.Helper()
	vigor, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "go.mod"), "module example.org/nfs\n\ngo 1.26.0\n\n"+
		"require vigor v0.0.0\n\nreplace vigor => "+vigor+"\n")
	return dir
}

func writeFile(t testing.TB, name, text string) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(name), 0o755)
	if err = errors.Join(err, os.WriteFile(name, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

// program is one archive of testdata: an NF, its specs, and what is said about them.
type program struct {
	name    string
	outcome string // proved, violated, unknown or refused
	wants   []want
	archive *txtar.Archive
}

// want is one expected diagnostic, from a comment `// want CODE "regexp"` in Go or `# want …` in
// Python.
type want struct {
	file string
	line int
	code string
	text *regexp.Regexp
}

func (w want) String() string { return fmt.Sprintf("%s:%d: %s %q", w.file, w.line, w.code, w.text) }

var (
	outcomeLine = regexp.MustCompile(`(?m)^outcome: (\w+)$`)
	wantComment = regexp.MustCompile(`(?://|#) want (.*)$`)
	wantItem    = regexp.MustCompile(`^(VIG\d+) "((?:[^"\\]|\\.)*)" *`)
)

// readProgram reads one archive; without a line "outcome: …" it is to be proved.
func readProgram(t *testing.T, file string) program {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := program{
		name: strings.TrimSuffix(filepath.Base(file), ".txtar"), outcome: "proved", archive: archive,
	}
	if m := outcomeLine.FindSubmatch(archive.Comment); m != nil {
		p.outcome = string(m[1])
	}
	for _, f := range archive.Files {
		for n, line := range strings.Split(string(f.Data), "\n") {
			m := wantComment.FindStringSubmatch(line)
			for m != nil && m[1] != "" {
				item := wantItem.FindStringSubmatch(m[1])
				if item == nil {
					t.Fatalf("%s, %s:%d: cannot read %q", file, f.Name, n+1, m[1])
				}
				m[1] = m[1][len(item[0]):]
				p.wants = append(p.wants, want{p.name + "/" + f.Name, n + 1, item[1], regexp.MustCompile(item[2])})
			}
		}
	}
	return p
}

// write puts the program's package under dir.
func (p program) write(t *testing.T, dir string) {
	t.Helper()
	var code string
	for _, f := range p.archive.Files {
		writeFile(t, filepath.Join(dir, p.name, f.Name), string(f.Data))
		if f.Name == "nf.go" {
			code = string(f.Data)
		}
	}
	rest := "package example\n\nimport \"vigor/nf\"\n\nvar _ nf.Action\n\n"
	for _, part := range parts {
		if !strings.Contains(code, part.declares) {
			rest += part.text + "\n"
		}
	}
	writeFile(t, filepath.Join(dir, p.name, "rest.go"), rest)
}

// outcomeOf is the outcome of a report in the words of the archives.
func outcomeOf(r *verify.Report) string {
	if r.Refused() {
		return "refused"
	}
	return r.Outcome.String()
}

// diagnosticsOf returns those of the NF and of every spec.
func diagnosticsOf(r *verify.Report) []verify.Diagnostic {
	list := append([]verify.Diagnostic(nil), r.Diagnostics...)
	for _, s := range r.Specs {
		list = append(list, s.Diagnostics...)
	}
	return list
}

// TestPrograms verifies NFs that share no name with those of this module: nothing in the toolchain
// knows an NF. Those of testdata/refused must not be proved, and must be refused for the right reason.
func TestPrograms(t *testing.T) {
	dir, seen := newModule(t), map[string]string{}
	for _, kind := range []string{"proved", "refused"} {
		files, err := filepath.Glob("testdata/" + kind + "/*.txtar")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", kind, len(files), err)
		}
		for _, file := range files {
			p := readProgram(t, file)
			if other := seen[p.name]; other != "" {
				t.Fatalf("%s and %s have one name: each would be verified in the folder of the other", other, file)
			}
			seen[p.name] = file
			t.Run(kind+"/"+p.name, func(t *testing.T) {
				if (kind == "proved") != (p.outcome == "proved") {
					t.Fatalf("outcome %s in testdata/%s", p.outcome, kind)
				}
				t.Parallel()
				p.write(t, dir)
				p.verify(t, dir)
			})
		}
	}
}

// verify runs the toolchain and compares what it says with what is wanted.
func (p program) verify(t *testing.T, dir string) {
	t.Helper()
	report, err := verify.Run(t.Context(), verify.Config{Dir: dir, Package: "./" + p.name})
	if err != nil {
		t.Fatal(err)
	}
	if got := outcomeOf(report); got != p.outcome {
		t.Errorf("got %s, want %s", got, p.outcome)
	}
	found := diagnosticsOf(report)
	for _, w := range p.wants {
		if !meets(found, w) {
			t.Errorf("got no diagnostic for %v", w)
		}
	}
	for _, d := range found {
		if !anyMeets(p.wants, d) {
			t.Errorf("got unexpected %v: %v %s", d.Span, d.Code, d.Message)
		}
	}
}

// meets reports whether one of the diagnostics is the one wanted.
func meets(list []verify.Diagnostic, w want) bool {
	for _, d := range list {
		if w.is(d) {
			return true
		}
	}
	return false
}

func anyMeets(wants []want, d verify.Diagnostic) bool {
	for _, w := range wants {
		if w.is(d) {
			return true
		}
	}
	return false
}

func (w want) is(d verify.Diagnostic) bool {
	return d.Span.Start.File == w.file && d.Span.Start.Line == w.line && d.Code.String() == w.code &&
		w.text.MatchString(d.Message)
}

// TestSameReportTwice: what is not measured is the same, byte for byte.
func TestSameReportTwice(t *testing.T) {
	dir := newModule(t)
	for _, file := range []string{"proved/learning_switch", "refused/insert_present", "refused/fresh_names"} {
		p := readProgram(t, "testdata/"+file+".txtar")
		p.write(t, dir)
		var texts [2]string
		for i := range texts {
			report, err := verify.Run(t.Context(), verify.Config{Dir: dir, Package: "./" + p.name})
			if err != nil {
				t.Fatal(err)
			}
			report.Measured = verify.Measured{}
			var b bytes.Buffer
			if err := errors.Join(report.WriteJSON(&b), report.WriteText(&b, true, false)); err != nil {
				t.Fatal(err)
			}
			texts[i] = b.String()
		}
		if diff := cmp.Diff(texts[0], texts[1]); diff != "" {
			t.Errorf("%s: two runs differ (- first, + second):\n%s", p.name, diff)
		}
	}
}

// TestCancelled: a run that is stopped proves nothing, in whatever stage it is, and says that it was stopped, not what
// is wrong with a network function or a library that was not looked at.
func TestCancelled(t *testing.T) {
	dir := newModule(t)
	for _, file := range []string{"proved/learning_switch", "refused/insert_present"} {
		p := readProgram(t, "testdata/"+file+".txtar")
		p.write(t, dir)
		for _, stage := range []string{"load", "contracts", "specs", "execute", "compare", "prove", "lint", "replay"} {
			ctx, cancel := context.WithCancel(t.Context())
			report, err := verify.Run(ctx, verify.Config{Dir: dir, Package: "./" + p.name, Progress: func(s verify.Step) {
				if s.Stage == stage {
					cancel()
				}
			}})
			cancel()
			if err != nil || report.Outcome != verify.Unknown {
				t.Fatalf("%s, stopped in %s: got %v, %v; want unknown", file, stage, report, err)
			}
			if found := diagnosticsOf(report); len(found) != 1 || found[0].Code != diag.Interrupted {
				t.Errorf("%s, stopped in %s: got %v, want VIG5003 alone", file, stage, found)
			}
		}
	}
}
