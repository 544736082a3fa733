package vigor_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// maxLines is the length from which a file must be split.
const maxLines = 800

// vagueNames are package names that say nothing.
var vagueNames = []string{"util", "utils", "common", "types", "helpers", "pkg", "misc", "base", "lib"}

func TestStyle(t *testing.T) {
	for _, problem := range styleProblems(os.DirFS(".")) {
		t.Error(problem)
	}
}

// styleProblems applies the rules that a machine can check, in order of the files' names.
func styleProblems(tree fs.FS) []string {
	var problems []string
	files := sources(tree)
	commented := make(map[string]bool)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		text := files[name]
		if n := bytes.Count(text, []byte("\n")); n > maxLines {
			problems = append(problems, fmt.Sprintf("%s:%d: %d lines, split it by %d", name, maxLines, n, maxLines))
		}
		if path.Ext(name) != ".go" {
			continue
		}
		fset := token.NewFileSet()
		file, err := parse(fset, name, text)
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		commented[path.Dir(name)] = commented[path.Dir(name)] || file.Doc != nil
		problems = append(problems, fileProblems(fset, name, text, file)...)
	}
	for _, dir := range slices.Sorted(maps.Keys(commented)) {
		if !commented[dir] {
			problems = append(problems, dir+": the package has no comment")
		}
	}
	return problems
}

// fileProblems checks one Go file.
func fileProblems(fset *token.FileSet, name string, text []byte, file *ast.File) []string {
	var problems []string
	add := func(pos token.Pos, form string, args ...any) {
		problems = append(problems, fmt.Sprintf("%v: %s", fset.Position(pos), fmt.Sprintf(form, args...)))
	}
	if formatted, err := format.Source(text); err == nil && !bytes.Equal(formatted, text) {
		add(file.Package, "not formatted: run gofmt -w %s", name)
	}
	if slices.Contains(vagueNames, file.Name.Name) {
		add(file.Name.Pos(), "package name %s says nothing", file.Name.Name)
	}
	for _, spec := range file.Imports {
		if spec.Path.Value == `"unsafe"` && !strings.HasSuffix(name, "_unsafe.go") {
			add(spec.Pos(), "unsafe outside a file named *_unsafe.go")
		}
	}
	if strings.HasSuffix(name, "_test.go") {
		return problems
	}
	for _, decl := range file.Decls {
		for _, id := range undocumented(decl) {
			add(id.Pos(), "exported %s has no comment", id.Name)
		}
	}
	return problems
}

// undocumented returns the exported names that a declaration introduces without a comment. A comment
// on a group of constants or variables covers the group, as do comments at the ends of its lines.
func undocumented(decl ast.Decl) []*ast.Ident {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil && d.Name.IsExported() && receiverExported(d) {
			return []*ast.Ident{d.Name}
		}
	case *ast.GenDecl:
		var names []*ast.Ident
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() && s.Doc == nil && (d.Doc == nil || d.Lparen.IsValid()) {
					names = append(names, s.Name)
				}
			case *ast.ValueSpec:
				for _, id := range s.Names {
					if id.IsExported() && s.Doc == nil && s.Comment == nil && d.Doc == nil {
						names = append(names, id)
					}
				}
			}
		}
		return names
	}
	return nil
}

// receiverExported reports whether a function is no method, or one of an exported type.
func receiverExported(d *ast.FuncDecl) bool {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return true
	}
	typ := d.Recv.List[0].Type
	for {
		switch t := typ.(type) {
		case *ast.StarExpr:
			typ = t.X
		case *ast.IndexExpr:
			typ = t.X
		case *ast.IndexListExpr:
			typ = t.X
		case *ast.Ident:
			return t.IsExported()
		default:
			return true
		}
	}
}

func TestStyleProblemsAreNamed(t *testing.T) {
	const head = "// Package x is a fixture.\npackage x\n"
	tests := []struct {
		name, file, text string
		want             string // part of the problem; empty if all is well
	}{
		{"well", "x/x.go", head + "\n// F does nothing.\nfunc F() {}\n", ""},
		{"method of a private type", "x/x.go", head + "\ntype t int\n\nfunc (t) F() {}\n", ""},
		{"group with a comment", "x/x.go", head + "\n// Both.\nconst (\n\tA = 1\n\tB = 2\n)\n", ""},
		{"unsafe in its place", "x/x_unsafe.go", head + "\nimport _ \"unsafe\"\n", ""},
		{"testdata", "x/testdata/x.go", "package util\n", ""},
		{"no package comment", "x/x.go", "package x\n", "x: the package has no comment"},
		{"function", "x/x.go", head + "\nfunc F() {}\n", "x/x.go:4:6: exported F has no comment"},
		{"method", "x/x.go", head + "\n// T is a type.\ntype T[P any] struct{}\n\nfunc (t *T[P]) F() {}\n", "exported F has no comment"},
		{"type", "x/x.go", head + "\ntype T int\n", "exported T has no comment"},
		{"type in a group", "x/x.go", head + "\n// Types.\ntype (\n\tT int\n)\n", "exported T has no comment"},
		{"constant", "x/x.go", head + "\nconst C = 1\n", "exported C has no comment"},
		{"unsafe", "x/x.go", head + "\nimport _ \"unsafe\"\n", "x/x.go:4:8: unsafe outside"},
		{"unsafe in a test", "x/x_test.go", head + "\nimport _ \"unsafe\"\n", "unsafe outside"},
		{"vague name", "x/x.go", "// Package util is vague.\npackage util\n", "x/x.go:2:9: package name util"},
		{"format", "x/x.go", head + "\nvar  x = 1\n", "not formatted: run gofmt -w x/x.go"},
		{"length", "x/x.go", head + strings.Repeat("\n", 800), "x/x.go:800: 802 lines"},
		{"length of a spec", "x/spec.py", strings.Repeat("pass\n", 801), "x/spec.py:800: 801 lines"},
		{"syntax", "x/x.go", "package", "x/x.go:1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := styleProblems(fstest.MapFS{tt.file: {Data: []byte(tt.text)}})
			switch {
			case tt.want == "" && len(got) > 0:
				t.Errorf("got %q, want no problem", got)
			case tt.want != "" && !slices.ContainsFunc(got, func(p string) bool { return strings.Contains(p, tt.want) }):
				t.Errorf("got %q, want one with %q", got, tt.want)
			}
		})
	}
}
