package diag

import (
	"embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// codeFiles are the files that declare the codes: their comments are what Explain returns.
//
//go:embed codes*.go
var codeFiles embed.FS

// Explanation is the documentation of one code, taken from its comment.
type Explanation struct {
	Code    Code
	Name    string // the constant's name
	Summary string // one sentence
	Cause   string
	Cure    string
	Example string // a refused program or spec; empty where none can be short
}

// Explain returns the documentation of a code, and whether there is such a code.
func Explain(code Code) (Explanation, bool) {
	for _, e := range explanations() {
		if e.Code == code {
			return e, true
		}
	}
	return Explanation{}, false
}

// Explanations returns the documentation of every code, in order of the codes.
func Explanations() []Explanation { return slices.Clone(explanations()) }

// String gives the text that `vigor explain` prints.
func (e Explanation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v %s\n\n", e.Code, e.Summary)
	fmt.Fprintf(&b, "Cause: %s\n\nCure: %s\n", e.Cause, e.Cure)
	if e.Example != "" {
		b.WriteString("\nExample:\n\n")
		for line := range strings.Lines(e.Example) {
			b.WriteString(strings.TrimRight("    "+line, " \n") + "\n")
		}
	}
	return b.String()
}

var explanations = sync.OnceValue(func() []Explanation {
	var list []Explanation
	entries, err := codeFiles.ReadDir(".")
	if err != nil {
		panic(err)
	}
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		text, err := codeFiles.ReadFile(entry.Name())
		if err != nil {
			panic(err)
		}
		list = append(list, parseCodes(entry.Name(), text)...)
	}
	slices.SortFunc(list, func(a, b Explanation) int { return int(a.Code) - int(b.Code) })
	return list
})

// parseCodes returns what one file says of the constants of type Code that it declares.
func parseCodes(name string, text []byte) []Explanation {
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments)
	if err != nil {
		panic(fmt.Sprintf("the embedded %s does not parse: %v", name, err))
	}
	var list []Explanation
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.CONST {
			continue
		}
		for _, spec := range gen.Specs {
			value := spec.(*ast.ValueSpec)
			code, ok := literalCode(value)
			if !ok {
				continue
			}
			doc := value.Doc
			if doc == nil && !gen.Lparen.IsValid() {
				doc = gen.Doc
			}
			e := parseComment(doc.Text())
			e.Code, e.Name = code, value.Names[0].Name
			list = append(list, e)
		}
	}
	return list
}

// literalCode returns the number of a declaration of the form `Name Code = 1234`.
func literalCode(v *ast.ValueSpec) (Code, bool) {
	typ, ok := v.Type.(*ast.Ident)
	if !ok || typ.Name != "Code" || len(v.Values) != 1 {
		return 0, false
	}
	lit, ok := v.Values[0].(*ast.BasicLit)
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(lit.Value)
	return Code(n), err == nil
}

// parseComment splits a code's comment into its parts.
func parseComment(text string) Explanation {
	var e Explanation
	part := &e.Summary
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		for _, section := range []struct {
			label string
			text  *string
		}{{"Cause:", &e.Cause}, {"Cure:", &e.Cure}, {"Example:", &e.Example}} {
			if rest, ok := strings.CutPrefix(line, section.label); ok {
				part, line = section.text, strings.TrimSpace(rest)
			}
		}
		*part += line + "\n"
	}
	e.Summary, e.Cause, e.Cure = oneLine(e.Summary), oneLine(e.Cause), oneLine(e.Cure)
	e.Example = dedent(e.Example)
	return e
}

// oneLine joins wrapped lines.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// dedent removes the tab that marks an example in a comment, and the blank lines around it.
func dedent(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		b.WriteString(strings.TrimPrefix(line, "\t"))
	}
	text := strings.Trim(b.String(), "\n")
	if text == "" {
		return ""
	}
	return text + "\n"
}
