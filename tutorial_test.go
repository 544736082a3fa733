package vigor_test

import (
	"flag"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vigor/internal/testmodule"
	"vigor/verify"
)

var update = flag.Bool("update", false, "rewrite the report in docs/writing-an-nf.md")

// block is a fenced block of a document: ```go nfs/guard/guard.go has language go and that name.
type block struct{ language, name, text string }

var fence = regexp.MustCompile("(?ms)^```([a-z]*)(?: +(\\S+))?\n(.*?)^```$")

func blocks(t *testing.T, document string) []block {
	t.Helper()
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	var list []block
	for _, m := range fence.FindAllStringSubmatch(string(text), -1) {
		list = append(list, block{m[1], m[2], m[3]})
	}
	return list
}

// TestTutorial does what docs/writing-an-nf.md says: it writes the files, proves them, makes the
// change and compares the report.
func TestTutorial(t *testing.T) {
	const pkg = "./nfs/guard"
	dir := t.TempDir()
	files := make(map[string]string)
	var change, answer string
	for _, b := range blocks(t, "docs/writing-an-nf.md") {
		switch {
		case b.language == "diff":
			change = b.text
		case b.language == "text":
			answer = b.text
		case b.name != "":
			files[b.name] = b.text
		}
	}
	if err := testmodule.Write(dir, files); err != nil {
		t.Fatal(err)
	}
	vet := exec.Command("go", "vet", pkg)
	vet.Dir = dir
	if out, err := vet.CombinedOutput(); err != nil {
		t.Fatalf("go vet: %v\n%s", err, out)
	}
	report := prove(t, dir, pkg)
	if report.Outcome != verify.Proved {
		t.Fatalf("the tutorial's NF:\n%v", report)
	}

	const name = "nfs/guard/guard.go"
	if err := testmodule.WriteFile(dir, name, apply(t, files[name], change)); err != nil {
		t.Fatal(err)
	}
	report = prove(t, dir, pkg)
	if report.Outcome != verify.Violated {
		t.Fatalf("the tutorial's bug:\n%v", report)
	}
	if *update {
		rewrite(t, "docs/writing-an-nf.md", answer, report.String())
		answer = report.String()
	}
	if diff := cmp.Diff(masked(answer), masked(report.String())); diff != "" {
		t.Errorf("the report that the tutorial shows (-want +got):\n%s", diff)
	}
}

// masked hides the packet, the state and the numbers of a counterexample: any that show the fault will
// do.
func masked(report string) string {
	return number.ReplaceAllString(example.ReplaceAllString(report, "    $1"), "#")
}

var (
	example = regexp.MustCompile(`(?m)^    (path|packet|config|state) .*$`)
	number  = regexp.MustCompile(`[0-9]+`)
)

// rewrite replaces the text block that holds old.
func rewrite(t *testing.T, document, old, text string) {
	t.Helper()
	content, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(content), "```text\n"+old+"```", "```text\n"+text+"```", 1)
	if err := os.WriteFile(document, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestReadme proves the NF that README.md shows.
func TestReadme(t *testing.T) {
	files := make(map[string]string)
	for _, b := range blocks(t, "README.md") {
		switch b.language {
		case "go":
			files["runts/runts.go"] = b.text
		case "python":
			files["runts/spec.py"] = b.text
		}
	}
	dir := t.TempDir()
	if err := testmodule.Write(dir, files); err != nil {
		t.Fatal(err)
	}
	if report := prove(t, dir, "./runts"); report.Outcome != verify.Proved {
		t.Errorf("the NF of README.md:\n%v", report)
	}
}

func prove(t *testing.T, dir, pkg string) *verify.Report {
	t.Helper()
	report, err := verify.Run(t.Context(), verify.Config{Dir: dir, Package: pkg})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// apply replaces the lines of text that diff marks with - by those that it marks with +.
func apply(t *testing.T, text, diff string) string {
	t.Helper()
	var old, changed strings.Builder
	for line := range strings.Lines(diff) {
		switch line[0] {
		case '-':
			old.WriteString(line[1:])
		case '+':
			changed.WriteString(line[1:])
		}
	}
	if strings.Count(text, old.String()) != 1 || old.Len() == 0 {
		t.Fatalf("%q does not occur once", old.String())
	}
	return strings.Replace(text, old.String(), changed.String(), 1)
}
