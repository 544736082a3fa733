package verify_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vigor/internal/diag"
	"vigor/internal/testmodule"
	"vigor/verify"
)

// withoutExample lists the codes that no small NF or spec brings about, with the reason. Tests of the
// packages that report them do.
var withoutExample = map[diag.Code]string{
	diag.PackageNotFound:  "it is about a command line",
	diag.NotSixtyFour:     "it is about the platform",
	diag.NoBody:           "it takes an assembly file",
	diag.Unsupported:      "the subset check refuses what is known not to work",
	diag.BadContract:      "it is about the text of libvig",
	diag.ContractRange:    "the preconditions of libvig's operations come first",
	diag.ImpossibleChoice: "the comparison of states finds a wrong index first",
	diag.WeakContract:     "it is about the text of libvig",
	diag.NoAnswer:         "what is too hard for the solver changes with the solver",
	diag.TooManyPaths:     "its program would be long",
	diag.Interrupted:      "it is about the time given",
	diag.NoWitness:        "it takes a structure too large to try",
	diag.ToolchainBug:     "a fault of the toolchain cannot be asked for",
	diag.Contradiction:    "a fault of the toolchain cannot be asked for",
	diag.ReplayDisagrees:  "a fault of the toolchain cannot be asked for",
}

// TestExamples verifies the example of every code and expects that code: what `vigor explain` shows
// is refused as it says.
func TestExamples(t *testing.T) {
	fixture, err := os.ReadFile("testdata/example/nf.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range diag.Explanations() {
		t.Run(fmt.Sprintf("%v_%s", e.Code, e.Name), func(t *testing.T) {
			t.Parallel()
			reason, exempt := withoutExample[e.Code]
			if exempt != (e.Example == "") {
				t.Fatalf("example %q, reason to have none %q", e.Example, reason)
			}
			if exempt {
				return
			}
			code, spec := exampleFiles(t, string(fixture), e)
			dir := t.TempDir()
			files := map[string]string{"example/nf.go": code, "example/spec.py": spec}
			if strings.Contains(spec, "out.") { // only a property can say what the NF did
				files = map[string]string{"example/nf.go": code, "example/properties/example.py": spec}
			}
			if err := testmodule.Write(dir, files); err != nil {
				t.Fatal(err)
			}
			report, err := verify.Run(t.Context(), verify.Config{Dir: dir, Package: "./example"})
			if err != nil {
				t.Fatal(err)
			}
			if report.Outcome == verify.Proved || !reports(report, e.Code) {
				t.Errorf("%v is not reported, but:\n%v\nfor:\n%s\n%s", e.Code, report, code, spec)
			}
		})
	}
}

// reports tells whether a code is among the findings.
func reports(r *verify.Report, code diag.Code) bool {
	is := func(d verify.Diagnostic) bool { return d.Code == code }
	return slices.ContainsFunc(r.Diagnostics, is) || slices.ContainsFunc(r.Specs, func(s verify.SpecReport) bool {
		return slices.ContainsFunc(s.Diagnostics, is)
	})
}

const (
	specHead = "def spec(pkt, device, now):\n    \"\"\"Example.\"\"\"\n"
	anySpec  = specHead + "    return ...\n"
)

// exampleFiles gives the NF and the spec around an example, as internal/diag/codes.go says.
func exampleFiles(t *testing.T, fixture string, e diag.Explanation) (code, spec string) {
	t.Helper()
	goPart, specPart, both := strings.Cut(e.Example, "-- spec.py --\n")
	switch {
	case both:
		return around(t, fixture, goPart), specFile(specPart)
	case isSpec(e.Code):
		return fixture, specFile(e.Example)
	}
	return around(t, fixture, e.Example), anySpec
}

// specFile is the file around an example in Python.
func specFile(example string) string {
	if strings.Contains(example, "def ") {
		return example
	}
	return specHead + indent(example)
}

// around is the NF around an example in Go.
func around(t *testing.T, fixture, example string) string {
	t.Helper()
	switch {
	case strings.HasPrefix(example, "package "):
		return example
	case topLevel.MatchString(example):
		return replaceDeclarations(t, fixture, example)
	}
	const last = "\treturn nf.Forward(0)\n}\n"
	body, ok := strings.CutSuffix(fixture, last)
	if !ok {
		t.Fatal("the fixture does not end in Process")
	}
	return replaceDeclarations(t, body+example+last, "")
}

var topLevel = regexp.MustCompile(`(?m)^(import|type|func) `)

func isSpec(c diag.Code) bool { return c/100 == 15 || c/1000 == 3 }

// indent moves the body of a spec function in, and ends it with an outcome unless it has one.
func indent(body string) string {
	var b strings.Builder
	last := ""
	for line := range strings.Lines(body) {
		b.WriteString("    " + line)
		last = line
	}
	if !strings.HasPrefix(last, "return") && !strings.HasPrefix(last, "pass") {
		b.WriteString("    return ...\n")
	}
	return b.String()
}

// replaceDeclarations returns one file with the declarations of example and those of fixture that
// example does not declare, importing what they use.
func replaceDeclarations(t *testing.T, fixture, example string) string {
	t.Helper()
	example = "package example\n" + example
	var out bytes.Buffer
	taken := make(map[string]bool)
	imports := make(map[string]bool)
	for _, text := range []string{example, fixture} {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, "", text, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil { // meant to be wrong: leave it as it is
			return text
		}
		for _, spec := range file.Imports {
			imports[spec.Path.Value] = text == example
		}
		for _, decl := range file.Decls {
			name := declared(decl)
			if name == "import" || taken[name] {
				continue
			}
			if text == example {
				taken[name] = true
			}
			out.WriteString("\n")
			format.Node(&out, fset, decl)
			out.WriteString("\n")
		}
	}
	for _, known := range []string{`"errors"`, `"fmt"`, `"vigor/libvig"`, `"vigor/nf"`, `"vigor/packet"`} {
		if !imports[known] {
			path, _ := strconv.Unquote(known)
			imports[known] = regexp.MustCompile(`\b` + filepath.Base(path) + `\.`).Match(out.Bytes())
		}
	}
	head := "package example\n"
	for _, path := range slices.Sorted(func(yield func(string) bool) {
		for path, used := range imports {
			if used && !yield(path) {
				return
			}
		}
	}) {
		head += "\nimport " + path
	}
	return head + "\n" + out.String()
}

// declared names what a declaration declares: a type, variable or constant, or receiver and method.
func declared(decl ast.Decl) string {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			return d.Name.Name
		}
		typ := d.Recv.List[0].Type
		if star, ok := typ.(*ast.StarExpr); ok {
			typ = star.X
		}
		return typ.(*ast.Ident).Name + "." + d.Name.Name
	case *ast.GenDecl:
		if d.Tok == token.IMPORT {
			return "import"
		}
		switch s := d.Specs[0].(type) {
		case *ast.TypeSpec:
			return s.Name.Name
		case *ast.ValueSpec:
			return s.Names[0].Name
		}
	}
	return ""
}
