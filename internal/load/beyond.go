package load

import (
	"go/ast"
	"go/token"
	"path/filepath"
	"regexp"

	"golang.org/x/tools/go/packages"

	"vigor/internal/diag"
	"vigor/internal/source"
)

// directive is the start of a comment that the Go compiler or linker obeys.
var directive = regexp.MustCompile(`^//(go:[a-z_]+|export\b)`)

// harmless are the directives that leave the meaning of a program as its text says it.
var harmless = map[string]bool{
	"go:build": true, "go:generate": true, "go:noinline": true, "go:nosplit": true, "go:fix": true,
}

// beyondText refuses what gives a package a meaning that its Go text does not show: files in other
// languages, which can set variables, and directives such as linkname and embed, which do so as well.
func (l *loader) beyondText(p *packages.Package, files []*ast.File) {
	for _, list := range [][]string{p.OtherFiles, p.EmbedFiles} {
		for _, file := range list {
			at := source.At(source.Position{File: l.listing.fileName(p, file), Line: 1, Column: 1})
			l.problems = append(l.problems, diag.New(diag.BeyondText, at,
				"%s would be linked into the network function, and is no Go", filepath.Base(file)).
				With("hint", "write it in Go, or move the file out of the package's folder"))
		}
	}
	for _, file := range files {
		for _, group := range file.Comments {
			for _, comment := range group.List {
				l.directive(comment.Pos(), comment.Text)
			}
		}
	}
}

// directive refuses a comment that changes what the text means.
func (l *loader) directive(at token.Pos, text string) {
	if m := directive.FindStringSubmatch(text); m != nil && !harmless[m[1]] {
		l.reportf(diag.BeyondText, at, "write what it does in Go",
			"the directive %s can give the program another meaning than its text", m[1])
	}
}
