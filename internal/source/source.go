// Package source says where a text is: positions, spans and excerpts, in one form for Go and for
// Python.
//
// Every diagnostic, obligation and syntax node of the toolchain carries a [Span]. Lines and columns
// count from 1; a column counts bytes, as the Go compiler's do. The zero Span is "nowhere".
package source

import (
	"cmp"
	"fmt"
	"go/token"
	"strings"
)

// Position is one place in a file.
type Position struct {
	File   string `json:"file"`
	Line   int    `json:"line"`   // from 1
	Column int    `json:"column"` // from 1, in bytes
}

// String gives the form file:line:column.
func (p Position) String() string {
	if p.File == "" {
		return "-"
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// IsValid reports whether p names a place.
func (p Position) IsValid() bool { return p.File != "" && p.Line > 0 }

// Compare orders positions by file, line and column.
func (p Position) Compare(q Position) int {
	return cmp.Or(strings.Compare(p.File, q.File), cmp.Compare(p.Line, q.Line),
		cmp.Compare(p.Column, q.Column))
}

// Span is the text from Start up to, not including, End. End may be zero: then only the start is known.
type Span struct {
	Start Position `json:"start"`
	End   Position `json:"end"`
}

// String gives the start's file:line:column.
func (s Span) String() string { return s.Start.String() }

// At returns the empty span at p.
func At(p Position) Span { return Span{Start: p} }

// FromToken converts a position of package go/token.
func FromToken(p token.Position) Position {
	return Position{File: p.Filename, Line: p.Line, Column: p.Column}
}

// Line returns line n (from 1) of text without its line end, or "" if there is none.
func Line(text []byte, n int) string {
	rest := string(text)
	for ; n > 1; n-- {
		_, after, ok := strings.Cut(rest, "\n")
		if !ok {
			return ""
		}
		rest = after
	}
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSuffix(line, "\r")
}
