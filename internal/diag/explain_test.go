package diag

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEveryCodeIsExplained refuses a code without cause or cure, a number used twice, and a constant
// of type Code that Explain cannot find.
func TestEveryCodeIsExplained(t *testing.T) {
	seen := make(map[Code]string)
	for _, e := range Explanations() {
		for _, part := range []struct{ name, text string }{
			{"summary", e.Summary}, {"Cause:", e.Cause}, {"Cure:", e.Cure},
		} {
			if part.text == "" {
				t.Errorf("%v (%s) has no %s", e.Code, e.Name, part.name)
			}
		}
		if !strings.HasPrefix(e.Summary, e.Name+" ") {
			t.Errorf("%v: the comment must begin with %s: %q", e.Code, e.Name, e.Summary)
		}
		if other, ok := seen[e.Code]; ok {
			t.Errorf("%v names both %s and %s", e.Code, other, e.Name)
		}
		seen[e.Code] = e.Name
	}
	entries, err := codeFiles.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		text, _ := codeFiles.ReadFile(entry.Name())
		file, err := parser.ParseFile(token.NewFileSet(), entry.Name(), text, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok {
				if _, ok := literalCode(v); !ok {
					t.Errorf("%s: %s is not of the form Name Code = 1234", entry.Name(), v.Names[0].Name)
				}
			}
			_, isFunc := n.(*ast.FuncDecl)
			return !isFunc
		})
	}
}

func TestParseComment(t *testing.T) {
	const text = `package diag

const (
	// First says
	// this.
	//
	// Cause: one
	// and two.
	// Cure: another.
	//
	// Example:
	//
	//	if x {
	//		y()
	//	}
	First Code = 1234
	Other int  = 5
)

// Second says that.
// Cause: c.
// Cure: d.
const Second Code = 1235
`
	want := []Explanation{
		{1234, "First", "First says this.", "one and two.", "another.", "if x {\n\ty()\n}\n"},
		{1235, "Second", "Second says that.", "c.", "d.", ""},
	}
	if diff := cmp.Diff(want, parseCodes("x.go", []byte(text))); diff != "" {
		t.Errorf("parseCodes (-want +got):\n%s", diff)
	}
}

func TestExplain(t *testing.T) {
	e, ok := Explain(ToolchainBug)
	if !ok || e.Name != "ToolchainBug" {
		t.Fatalf("Explain(%v) = %+v, %v", ToolchainBug, e, ok)
	}
	e.Example = "if x {\n\n}\n"
	const want = "\nExample:\n\n    if x {\n\n    }\n"
	if got := e.String(); !strings.HasSuffix(got, want) || !strings.HasPrefix(got, "VIG9001 ToolchainBug says") {
		t.Errorf("String() = %q, want it to end in %q", got, want)
	}
	if _, ok := Explain(1); ok {
		t.Error("VIG0001 is explained")
	}
}
