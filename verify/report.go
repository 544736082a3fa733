package verify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"vigor/internal/diag"
)

// Outcome is what a verification ends with.
type Outcome = diag.Outcome

// The three outcomes. Unknown is the zero value and never a success.
const (
	Unknown  = diag.Unknown
	Proved   = diag.Proved
	Violated = diag.Violated
)

// Diagnostic is one finding: its code, place, message and notes.
type Diagnostic = diag.Diagnostic

// Report is the result of a run. But for Measured it is a function of the sources alone: two runs
// give the same bytes.
type Report struct {
	Package string       `json:"package"`
	Outcome Outcome      `json:"outcome"`
	Specs   []SpecReport `json:"specs"`
	// Diagnostics concern the NF or the toolchain, not one spec.
	Diagnostics []Diagnostic `json:"diagnostics,omitempty"`
	// Assumed lists the libvig operations, as Type.Operation, whose contracts the proof takes as
	// given, in alphabetical order.
	Assumed  []string `json:"assumed,omitempty"`
	Measured Measured `json:"measured"`
}

// SpecReport is the result for one spec or property.
type SpecReport struct {
	File        string       `json:"file"`
	Name        string       `json:"name"`  // the function's name
	Title       string       `json:"title"` // the first line of its docstring
	Lines       int          `json:"lines"` // of its file that are neither empty nor comments; 0 for safety
	Outcome     Outcome      `json:"outcome"`
	Paths       int          `json:"paths"`
	Obligations int          `json:"obligations"`
	Witnesses   int          `json:"witnesses"` // paths run through the compiled NF, with agreement
	Holes       []Hole       `json:"holes,omitempty"`
	Diagnostics []Diagnostic `json:"diagnostics,omitempty"`
}

// Hole is a place where the spec leaves something open.
type Hole struct {
	Place string `json:"place"` // file:line:col
	What  string `json:"what"`  // for example: ether.src may be anything
}

// Measured holds what may differ from run to run.
type Measured struct {
	Stages    []Timing `json:"stages"`
	Specs     []Timing `json:"specs"`
	Queries   int      `json:"queries"`
	CacheHits int      `json:"cache_hits"`   // queries answered from what was known, without a search
	Memory    uint64   `json:"memory_bytes"` // the largest heap seen
}

// Timing is the time that one stage or spec took.
type Timing struct {
	Name string        `json:"name"`
	Wall time.Duration `json:"wall_ns"`
}

// Conclude sets the report's outcome from those of its specs: violated if one is, proved if all are
// and nothing is wrong with the NF itself.
func (r *Report) Conclude() {
	r.Outcome = Unknown
	for i, s := range r.Specs {
		if i == 0 {
			r.Outcome = s.Outcome
		}
		r.Outcome = r.Outcome.And(s.Outcome)
	}
	if r.Outcome == Proved && len(r.Diagnostics) > 0 {
		r.Outcome = Unknown
	}
}

// Refused reports whether the NF or a spec could not be read: it is malformed, or outside the subset
// of Go or Python that can be verified.
func (r *Report) Refused() bool {
	for _, d := range r.all() {
		if d.Code < 2000 {
			return true
		}
	}
	return false
}

// all returns the diagnostics of the NF and of every spec.
func (r *Report) all() []Diagnostic {
	list := append([]Diagnostic(nil), r.Diagnostics...)
	for _, s := range r.Specs {
		list = append(list, s.Diagnostics...)
	}
	return list
}

// WriteText writes the report for people: a line per spec, what is wrong, the holes of the specs if
// all is set, and the outcome last. It holds nothing that differs between two runs.
func (r *Report) WriteText(w io.Writer, all, colour bool) error {
	var b bytes.Buffer
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, s := range r.Specs {
		witnesses := ""
		if s.Witnesses > 0 {
			witnesses = count(s.Witnesses, "witness") + " run"
		}
		fmt.Fprintf(table, "%v\t%s\t%s\t%s\t%s\t%s\n", s.Outcome, s.File, count(s.Paths, "path"),
			count(s.Obligations, "obligation"), witnesses, s.Title)
	}
	table.Flush()
	if err := diag.WriteText(&b, r.all(), diag.Style{Colour: colour, All: all}); err != nil {
		return err
	}
	r.writeHoles(&b, all)
	fmt.Fprintf(&b, "%s: %s\n", r.Package, r.verdict())
	_, err := w.Write(b.Bytes())
	return err
}

// writeHoles says what the full spec leaves open. A property claims one thing and leaves all else open.
func (r *Report) writeHoles(b *bytes.Buffer, all bool) {
	for _, s := range r.Specs {
		if s.Name != "spec" || len(s.Holes) == 0 {
			continue
		}
		if !all {
			fmt.Fprintf(b, "left open by %s: %s (list them with -v)\n", s.File, count(len(s.Holes), "place"))
			continue
		}
		for _, h := range s.Holes {
			fmt.Fprintf(b, "%s: left open: %s\n", h.Place, h.What)
		}
	}
}

// verdict gives the outcome with what it rests on.
func (r *Report) verdict() string {
	switch {
	case r.Outcome == Proved && len(r.Assumed) > 0:
		return "proved, libvig contracts assumed (" + strings.Join(r.Assumed, ", ") + ")"
	case r.Outcome == Unknown && r.Refused():
		return "not verified: see above"
	}
	return r.Outcome.String()
}

// String gives the report as text, for tests.
func (r *Report) String() string {
	var b strings.Builder
	r.WriteText(&b, false, false)
	return b.String()
}

// WriteJSON writes the report as one JSON object. Only its member "measured" differs between runs.
func (r *Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}

// WriteText writes what was measured for people: the time of each spec and, if all is set, that of
// each stage, the queries and the memory.
func (m *Measured) WriteText(w io.Writer, all bool) error {
	var b bytes.Buffer
	table := tabwriter.NewWriter(&b, 0, 0, 0, ' ', tabwriter.AlignRight)
	timings := m.Specs
	if all {
		timings = slices.Concat(m.Specs, m.Stages)
	}
	for _, t := range timings {
		fmt.Fprintf(table, "%.3f s\t  %s\n", t.Wall.Seconds(), t.Name)
	}
	table.Flush()
	if all {
		fmt.Fprintf(&b, "%d solver queries, %d of them answered without a search, %d MB of heap\n",
			m.Queries, m.CacheHits, m.Memory>>20)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// count gives "1 path", "2 paths", "2 witnesses".
func count(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "s"):
		what += "e"
	}
	return fmt.Sprintf("%d %ss", n, what)
}
