// Package syntax reads the spec language, a subset of Python 3, into a tree with positions.
//
// In: the text of one spec or property file. Out: a [File] and the diagnostics found on the way,
// several per file: after an error the parser goes on at the next statement. Package resolve takes
// the tree.
//
// Every file accepted here is accepted by CPython with the same tree. The reverse is not intended:
// what has no meaning in a spec (loops of open length, exceptions, classes, …) is refused by name,
// with what to write in its place (VIG1502). Comments are kept beside the tree.
//
// Start at [Parse]; scan.go makes tokens, statement.go and expression.go follow the grammar.
package syntax

import (
	"vigor/internal/diag"
	"vigor/internal/source"
)

// maxText bounds the length of a file in bytes.
const maxText = 1 << 20

// Parse reads one file. The tree holds every statement without an error; a caller that goes on
// after errors sees the rest of the file.
func Parse(file string, text []byte) (*File, []diag.Diagnostic) {
	start := source.Position{File: file, Line: 1, Column: 1}
	if len(text) > maxText {
		d := diag.New(diag.SpecSyntax, source.At(start), "the file has %d bytes, at most %d are read",
			len(text), maxText)
		return &File{Name: file, Text: text}, []diag.Diagnostic{d}
	}
	s := scan(file, text)
	p := &parser{tokens: s.tokens, problems: s.problems}
	f := &File{Name: file, Text: text, Comments: s.comments}
	for !p.at(endOfFile) {
		f.Body = append(f.Body, p.statements()...)
	}
	f.Place = Place{source.Span{Start: start, End: p.peek().span.End}}
	return f, diag.Sort(p.problems)
}
