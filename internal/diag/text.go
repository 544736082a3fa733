package diag

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"vigor/internal/source"
)

// perFile is how many diagnostics of one file are shown; the rest are counted.
const perFile = 10

// labelWidth is the column, after the indent, at which the text of a note begins.
const labelWidth = 10

// Style says how a text is shown.
type Style struct {
	Colour bool // use the terminal's colours
	All    bool // show every diagnostic, not ten per file
}

// WriteText writes the diagnostics for people: sorted by position, each cause once, at most ten per
// file. The first line of each is `file:line:col: CODE message`, its notes are indented below it.
func WriteText(w io.Writer, list []Diagnostic, style Style) error {
	var b bytes.Buffer
	for group := range byFile(Causes(list)) {
		shown := group
		if !style.All && len(shown) > perFile {
			shown = shown[:perFile]
		}
		for _, d := range shown {
			writeOne(&b, d, style)
		}
		if n := len(group) - len(shown); n > 0 {
			fmt.Fprintf(&b, "%s: and %d more\n", fileName(group[0]), n)
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// String gives d as text without colour, for tests and logs.
func (d Diagnostic) String() string {
	var b bytes.Buffer
	writeOne(&b, d, Style{})
	return strings.TrimSuffix(b.String(), "\n")
}

// Causes returns the diagnostics sorted by position, one per cause: those that differ only in the
// numbers of their message are the same finding, made on several paths. The one that says most is
// kept.
func Causes(list []Diagnostic) []Diagnostic {
	type cause struct {
		code    Code
		start   source.Position
		message string
	}
	var kept []Diagnostic
	index := make(map[cause]int)
	for _, d := range Sort(list) {
		c := cause{d.Code, d.Span.Start, number.ReplaceAllString(d.Message, "#")}
		i, again := index[c]
		switch {
		case !again:
			index[c] = len(kept)
			kept = append(kept, d)
		case len(d.Notes) > len(kept[i].Notes):
			kept[i] = d
		}
	}
	return kept
}

var number = regexp.MustCompile(`\b(0x[0-9a-fA-F]+|[0-9]+)\b`)

// byFile yields runs of diagnostics of the same file; list is sorted.
func byFile(list []Diagnostic) func(yield func([]Diagnostic) bool) {
	return func(yield func([]Diagnostic) bool) {
		for len(list) > 0 {
			n := 1
			for n < len(list) && list[n].Span.Start.File == list[0].Span.Start.File {
				n++
			}
			if !yield(list[:n]) {
				return
			}
			list = list[n:]
		}
	}
}

func writeOne(b *bytes.Buffer, d Diagnostic, style Style) {
	place := ""
	if d.Span.Start.IsValid() {
		place = paint(style, "1", d.Span.String()+":") + " "
	}
	fmt.Fprintf(b, "%s%s %s\n", place, paint(style, "1;31", d.Code.String()), d.Message)
	for _, note := range d.Notes {
		writeNote(b, note, style)
	}
}

// writeNote writes a label and its text; further lines of the text are aligned below the first.
func writeNote(b *bytes.Buffer, note Note, style Style) {
	const indent = "    "
	pad := strings.Repeat(" ", max(1, labelWidth-utf8.RuneCountInString(note.Label)))
	hang := strings.Repeat(" ", labelWidth)
	for i, line := range strings.Split(strings.TrimRight(note.Text, "\n"), "\n") {
		if i == 0 {
			b.WriteString(indent + paint(style, "36", note.Label) + pad + line + "\n")
			continue
		}
		b.WriteString(strings.TrimRight(indent+hang+line, " ") + "\n")
	}
}

// paint wraps text in a terminal's colour.
func paint(style Style, colour, text string) string {
	if !style.Colour || text == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

func fileName(d Diagnostic) string {
	if d.Span.Start.File == "" {
		return "-"
	}
	return d.Span.Start.File
}

// Relative returns the diagnostics with the files below dir named relative to it, with slashes, so
// that a report does not depend on where the project lies.
func Relative(list []Diagnostic, dir string) []Diagnostic {
	list = slices.Clone(list)
	for i := range list {
		span := &list[i].Span
		span.Start.File = relativeTo(dir, span.Start.File)
		span.End.File = relativeTo(dir, span.End.File)
	}
	return list
}

func relativeTo(dir, file string) string {
	if !filepath.IsAbs(file) {
		return filepath.ToSlash(file)
	}
	rel, err := filepath.Rel(dir, file)
	if err != nil || strings.HasPrefix(rel, "..") {
		return filepath.ToSlash(file)
	}
	return filepath.ToSlash(rel)
}
