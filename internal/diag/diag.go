// Package diag holds what the toolchain tells its user: diagnostics, their codes, and their text and
// JSON forms.
//
// Stages create a [Diagnostic] for what is wrong with the user's NF or spec, never a Go error, and a
// [Claim] for what an obligation says when it fails. Every [Code] is a constant in codes.go whose
// comment has a cause, a cure and an example; [Explain] prints it.
//
// Start at [Diagnostic].
package diag

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"vigor/internal/smt"
	"vigor/internal/source"
)

// Code numbers one kind of diagnostic: 1xxx outside the subset or malformed spec, 2xxx safety of the
// code, 3xxx spec, 4xxx contract, 5xxx no answer within limits, 9xxx a bug of the toolchain.
type Code int

// String gives the form VIG1234.
func (c Code) String() string { return fmt.Sprintf("VIG%04d", int(c)) }

// MarshalText writes the form VIG1234; JSON shows it as a string.
func (c Code) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads the form VIG1234.
func (c *Code) UnmarshalText(text []byte) error {
	digits, ok := strings.CutPrefix(string(text), "VIG")
	n, err := strconv.ParseUint(digits, 10, 16)
	if !ok || err != nil || len(digits) != 4 {
		return fmt.Errorf("%q is no code: a code is VIG and four digits", text)
	}
	*c = Code(n)
	return nil
}

// Diagnostic is one finding, in the user's terms.
type Diagnostic struct {
	Code    Code        `json:"code"`
	Span    source.Span `json:"span"`
	Message string      `json:"message"`
	Notes   []Note      `json:"notes,omitempty"`
}

// Note is one indented line below a diagnostic: path, packet, state, from, replay, hint.
type Note struct {
	Label string `json:"label"`
	Text  string `json:"text"`
}

// With returns d with one more note.
func (d Diagnostic) With(label, format string, args ...any) Diagnostic {
	d.Notes = append(slices.Clip(d.Notes), Note{label, fmt.Sprintf(format, args...)})
	return d
}

// New returns a diagnostic without notes.
func New(code Code, span source.Span, format string, args ...any) Diagnostic {
	return Diagnostic{Code: code, Span: span, Message: fmt.Sprintf(format, args...)}
}

// Sort orders diagnostics by position, then code, then message, and removes exact repetitions.
func Sort(list []Diagnostic) []Diagnostic {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Diagnostic) int {
		return cmp.Or(a.Span.Start.Compare(b.Span.Start), cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(list, func(a, b Diagnostic) bool {
		return a.Code == b.Code && a.Span == b.Span && a.Message == b.Message
	})
}

// Valuer gives a term's value under a counterexample.
type Valuer func(*smt.Term) *big.Int

// Claim is what one obligation says: its code, its place, and its message under a counterexample.
type Claim struct {
	Code Code
	Span source.Span
	// Say writes the message; it may evaluate any term of the run. It must not be nil.
	Say func(Valuer) string
	// Hint, if not empty, is the cure that fits this place.
	Hint string
}

// Text returns a Say that ignores the counterexample.
func Text(format string, args ...any) func(Valuer) string {
	text := fmt.Sprintf(format, args...)
	return func(Valuer) string { return text }
}
