package vigor_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"vigor/internal/diag"
)

// lineLimits keep the documents that everyone reads short.
var lineLimits = map[string]int{"README.md": 150, "CONTRIBUTING.md": 120}

var (
	fenced   = regexp.MustCompile("(?ms)^```.*?^```$")
	mdLink   = regexp.MustCompile(`\]\(([^)#\s]+)[^)]*\)`)
	testName = regexp.MustCompile(`\b(Test|Fuzz|Benchmark|Example)[A-Z]\w*`)
	codeName = regexp.MustCompile(`\bVIG\d{4}\b`)
)

// documents returns README.md, CONTRIBUTING.md and docs/*.md by name.
func documents(t *testing.T) map[string][]byte {
	t.Helper()
	files := make(map[string][]byte)
	for _, pattern := range []string{"*.md", "docs/*.md"} {
		names, err := fs.Glob(os.DirFS("."), pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files[name] = text
		}
	}
	return files
}

func TestDocumentsAreShort(t *testing.T) {
	files := documents(t)
	for name, limit := range lineLimits {
		text, ok := files[name]
		if n := bytes.Count(text, []byte("\n")); !ok || n > limit {
			t.Errorf("%s: %d lines (exists: %v), want at most %d", name, n, ok, limit)
		}
	}
}

// TestDocumentsNameWhatExists checks links to files, names of tests and codes of diagnostics.
func TestDocumentsNameWhatExists(t *testing.T) {
	tests := make(map[string]bool)
	for name, text := range sources(os.DirFS(".")) {
		if strings.HasSuffix(name, "_test.go") {
			for _, found := range regexp.MustCompile(`(?m)^func (\w+)\(`).FindAllSubmatch(text, -1) {
				tests[string(found[1])] = true
			}
		}
	}
	for name, text := range documents(t) {
		text = fenced.ReplaceAll(text, nil)
		for _, link := range mdLink.FindAllSubmatch(text, -1) {
			target := string(link[1])
			if strings.Contains(target, "://") {
				continue
			}
			if _, err := os.Stat(path.Join(path.Dir(name), target)); err != nil {
				t.Errorf("%s links to %s, which does not exist", name, target)
			}
		}
		for _, test := range testName.FindAll(text, -1) {
			if !tests[string(test)] {
				t.Errorf("%s names %s, which does not exist", name, test)
			}
		}
		for _, word := range codeName.FindAll(text, -1) {
			var code diag.Code
			if err := code.UnmarshalText(word); err != nil {
				t.Errorf("%s: %v", name, err)
			} else if _, ok := diag.Explain(code); !ok {
				t.Errorf("%s names %s, which does not exist", name, word)
			}
		}
	}
}

// TestRationaleNamesEveryDependency asks for a word about each module that go.mod requires directly.
func TestRationaleNamesEveryDependency(t *testing.T) {
	rationale, err := os.ReadFile("docs/rationale.md")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	direct := regexp.MustCompile(`(?m)^\t(\S+?)(?:/v[0-9]+)? v\S+$`)
	for _, m := range direct.FindAllSubmatch(mod, -1) {
		if !bytes.Contains(rationale, m[1]) {
			t.Errorf("docs/rationale.md says nothing about %s", m[1])
		}
	}
}

// TestReadmeListsEveryNF compares the table of network functions with the folders, and the number of
// properties with the files.
func TestReadmeListsEveryNF(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	folders, err := os.ReadDir("nfs")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		properties, err := fs.Glob(os.DirFS("nfs"), folder.Name()+"/properties/*.py")
		if err != nil {
			t.Fatal(err)
		}
		row := regexp.MustCompile(fmt.Sprintf("(?m)^\\| `nfs/%s` \\|[^|]*\\| %d \\|", folder.Name(), len(properties)))
		if !row.Match(readme) {
			t.Errorf("README.md has no row for nfs/%s with %d properties", folder.Name(), len(properties))
		}
	}
}

// TestArchitectureListsEveryPackage compares the table of packages with the tree, layers included.
func TestArchitectureListsEveryPackage(t *testing.T) {
	text, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| (\\d) \\| (`[^|]*`) \\|").FindAllStringSubmatch(string(text), -1)
	for name := range sources(os.DirFS(".")) {
		pkg := path.Dir(name)
		rule, ok := layerOf(pkg)
		if path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") || pkg == "." || !ok {
			continue
		}
		listed := false
		for _, row := range rows {
			for _, pattern := range strings.Split(row[2], ", ") {
				match, _ := path.Match(strings.Trim(pattern, "`"), pkg)
				listed = listed || match && row[1] == fmt.Sprint(rule.layer)
			}
		}
		if !listed {
			t.Errorf("docs/architecture.md does not list %s with layer %d", pkg, rule.layer)
		}
	}
}
