package libvig_test

import (
	"bytes"
	"encoding/json"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestAnnotationsCostNothing builds the tests and benchmarks of this package twice, with contracts and proofs and
// without any comment: the two programs are the same, byte for byte. So what is measured is measured of the code alone.
func TestAnnotationsCostNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("builds three programs")
	}
	here, err := build.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	plain, changed := map[string][]byte{}, map[string][]byte{}
	annotations := 0
	for _, name := range here.GoFiles {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		annotations += bytes.Count(text, []byte("// @"))
		plain[name] = withoutComments(t, name, text)
		if n := bytes.Count(plain[name], []byte("// @")); n > 0 {
			t.Errorf("%s: %d contract lines are left", name, n)
		}
	}
	if annotations == 0 {
		t.Fatal("there are no annotations")
	}
	with, without := testProgram(t, nil), testProgram(t, plain)
	if !bytes.Equal(with, without) {
		t.Errorf("programs with and without %d annotations differ", annotations)
	}
	const old, other = "return v.elems[i]", "return v.elems[0]"
	text := plain["vector.go"]
	if !bytes.Contains(text, []byte(old)) {
		t.Fatalf("vector.go does not say %q", old)
	}
	changed["vector.go"] = bytes.Replace(text, []byte(old), []byte(other), 1)
	if bytes.Equal(with, testProgram(t, changed)) {
		t.Error("another program is the same: nothing was compared")
	}
}

// withoutComments blanks all comments of a file but directives of the compiler, so that code stays where it is.
func withoutComments(t *testing.T, name string, text []byte) []byte {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Clone(text)
	for _, group := range f.Comments {
		for _, c := range group.List {
			if strings.HasPrefix(c.Text, "//go:") {
				continue
			}
			for i := fset.Position(c.Pos()).Offset; i < fset.Position(c.End()).Offset; i++ {
				if text[i] != '\n' {
					text[i] = ' '
				}
			}
		}
	}
	return text
}

// testProgram builds this package's tests with other texts in place of its files.
func testProgram(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	dir := t.TempDir()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for name, text := range files {
		overlay.Replace[filepath.Join(here, name)] = filepath.Join(dir, name)
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), list, 0o600); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "program")
	// A build ID would be of the sources.
	cmd := exec.CommandContext(t.Context(), "go", "test", "-c", "-ldflags=-buildid= -w",
		"-overlay", filepath.Join(dir, "overlay.json"), "-o", program, ".")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building the tests: %v\n%s", err, out)
	}
	text, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
