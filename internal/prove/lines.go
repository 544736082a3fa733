package prove

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
)

// Lines counts lines of a type: its declaration and the functions of it that are proved. Empty lines and
// other comments do not count.
type Lines struct {
	Code       int `json:"code"`
	Annotation int `json:"annotation"` // contracts and proofs; a line that is continued counts once
}

// ratio is how many lines of annotation a line of code has, to one digit; lemmas have no code.
func (l Lines) ratio() string {
	if l.Code == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f", float64(l.Annotation)/float64(l.Code))
}

// countLines counts the lines of each type of the package.
func (w *world) countLines(files []*ast.File, texts map[string][]byte) map[string]Lines {
	counts := map[string]Lines{}
	for _, f := range files {
		file := w.fset.File(f.FileStart)
		name := file.Name()[strings.LastIndexByte(file.Name(), '/')+1:]
		lines := strings.Split(string(texts[name]), "\n")
		of := make([]string, len(lines)) // the type of each line, with "!" for one that does not count
		for _, d := range f.Decls {
			from, to := file.Line(d.Pos()), file.Line(d.End())
			if doc := docOf(d); doc != nil {
				from = file.Line(doc.Pos())
			}
			for n := from; n <= to; n++ {
				of[n-1] = w.lineOwner(d)
			}
		}
		for i, text := range lines {
			if of[i] != "!" {
				counts[of[i]] = counts[of[i]].add(text, of[i] != "")
			}
		}
	}
	return counts
}

// add counts one line. Code outside of types and proved functions does not count.
func (l Lines) add(text string, code bool) Lines {
	text = strings.TrimSpace(text)
	switch {
	case strings.HasPrefix(text, "// @"):
		if !strings.HasPrefix(text, "// @  ") {
			l.Annotation++
		}
	case code && text != "" && !strings.HasPrefix(text, "//"):
		l.Code++
	}
	return l
}

func docOf(d ast.Decl) *ast.CommentGroup {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Doc
	case *ast.GenDecl:
		return d.Doc
	}
	return nil
}

// lineOwner is the type whose lines a declaration has; "!" for one about which nothing is proved.
func (w *world) lineOwner(d ast.Decl) string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		for _, f := range w.order {
			if f.decl == d && !f.trusted && (f.op != nil || len(f.lines) > 0) {
				return f.typeName()
			}
		}
	case *ast.GenDecl:
		if d.Tok != token.TYPE {
			return "!"
		}
		for _, spec := range d.Specs {
			if t := w.types[spec.(*ast.TypeSpec).Name.Name]; t != nil && (t.contract != nil || len(t.invs) > 0) {
				return t.name
			}
		}
	}
	return "!"
}
