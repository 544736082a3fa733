package prove

import (
	"cmp"
	"encoding/json"
	"fmt"
	"go/token"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// WriteText prints problems, failures, a table of types or functions, and what the proof does not speak
// of. It is the same in two runs with the same outcome.
func (r *Report) WriteText(out io.Writer, verbose bool) error { return r.write(out, verbose, false) }

// WriteTimed is WriteText with the seconds that solvers took for each type or function, in the last column.
func (r *Report) WriteTimed(out io.Writer, verbose bool) error { return r.write(out, verbose, true) }

func (r *Report) write(out io.Writer, verbose, timed bool) error {
	r.writeFindings(out)
	last := func(head string, seconds float64) string {
		switch {
		case !timed:
			return "\n"
		case head != "":
			return "\t" + head + "\n"
		}
		return fmt.Sprintf("\t%.1f\n", seconds)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if verbose {
		fmt.Fprint(w, "outcome\tfunction\tobligations"+last("seconds", 0))
		for _, f := range r.Functions {
			fmt.Fprintf(w, "%s\t%s\t%d"+last("", f.Seconds), f.outcome(), f.Owner, f.Obligations)
		}
	} else {
		fmt.Fprint(w, "outcome\ttype\toperations\tfunctions\tobligations\tlines of code\tof proof\tper line"+last("seconds", 0))
		for _, g := range r.types() {
			fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%d\t%d\t%d\t%s"+last("", g.seconds), g.Outcome, g.name(), g.Operations, g.functions(),
				g.Obligations, g.Lines.Code, g.Lines.Annotation, g.Lines.ratio())
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(r.Trusted) > 0 {
		fmt.Fprintf(out, "trusted, not proved (%d): %s\n", len(r.Trusted), strings.Join(r.Trusted, ", "))
	}
	if len(r.Unproved) > 0 {
		fmt.Fprintf(out, "exported without a contract: %s\n", strings.Join(r.Unproved, ", "))
	}
	return nil
}

// writeFindings prints what is wrong.
func (r *Report) writeFindings(out io.Writer) {
	for _, p := range r.Problems {
		fmt.Fprintf(out, "%v\n", p)
		if p.Cure != "" {
			fmt.Fprintf(out, "    cure      %s\n", p.Cure)
		}
	}
	for _, f := range r.Functions {
		for _, x := range f.Failed {
			fmt.Fprintf(out, "%v: %s: %s: %s\n", x.Pos, f.Owner, cmp.Or(x.alone(), "not proved"), x.What)
			if len(x.Path) > 0 {
				fmt.Fprintf(out, "    path      %s\n", strings.Join(x.Path, ", "))
			}
			if x.probe {
				fmt.Fprintf(out, "    reason    %s\n", x.Answer)
			}
			x.writeExample(out)
		}
	}
}

// WriteMeasured prints the time of each type, or with all of each function, and what solvers said of
// what is not proved: all that differs between runs.
func (r *Report) WriteMeasured(out io.Writer, all bool) error {
	for _, f := range r.Functions {
		for _, x := range f.Failed {
			if !x.probe {
				fmt.Fprintf(out, "%v: %s: %s\n", x.Pos, f.Owner, x.Answer)
			}
		}
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	if all {
		for _, f := range r.Functions {
			fmt.Fprintf(w, "%.1f s\t%d retries\t  %s\n", f.Seconds, f.Retries, f.Owner)
		}
	} else {
		for _, g := range r.types() {
			fmt.Fprintf(w, "%.1f s\t%d retries\t  %s\n", g.seconds, g.retries, g.name())
		}
	}
	fmt.Fprintf(w, "%.1f s\t\t  of processors, for solvers\n", r.Processor)
	fmt.Fprintf(w, "%.1f s\t\t  in all\n", r.Seconds)
	return w.Flush()
}

// outcome is proved, or unknown: what is not proved may hold all the same.
func (f *Function) outcome() string {
	if len(f.Failed) > 0 {
		return "unknown"
	}
	return "proved"
}

// typeReport sums up the functions of a type; lemmas and plain functions are of type "".
type typeReport struct {
	Type        string `json:"type"`
	Outcome     string `json:"outcome"`
	Operations  int    `json:"operations"` // exported functions with a contract
	Functions   int    `json:"functions"`
	Proved      int    `json:"proved"` // of the functions
	Obligations int    `json:"obligations"`
	Lines       Lines  `json:"lines"`

	seconds float64
	retries int
}

func (g *typeReport) name() string {
	if g.Type == "" {
		return "(lemmas)"
	}
	return g.Type
}

func (g *typeReport) functions() string {
	if g.Proved < g.Functions {
		return fmt.Sprintf("%d of %d", g.Proved, g.Functions)
	}
	return fmt.Sprint(g.Functions)
}

// types are in the order of their first function.
func (r *Report) types() []typeReport {
	var list []typeReport
	at := map[string]int{}
	for n, f := range slices.Concat(r.Functions, r.refused) {
		i, ok := at[f.Type]
		if !ok {
			i = len(list)
			at[f.Type] = i
			list = append(list, typeReport{Type: f.Type, Lines: r.Lines[f.Type]})
		}
		g := &list[i]
		g.Functions++
		g.Obligations += f.Obligations
		g.seconds += f.Seconds
		g.retries += f.Retries
		if f.exported {
			g.Operations++
		}
		if len(f.Failed) == 0 && n < len(r.Functions) {
			g.Proved++
		}
	}
	for i := range list {
		list[i].Outcome = "proved"
		if list[i].Proved < list[i].Functions {
			list[i].Outcome = "unknown"
		}
	}
	return list
}

// The members of a report in JSON.
type (
	reportJSON struct {
		Outcome   string         `json:"outcome"`
		Problems  []problemJSON  `json:"problems"`
		Types     []typeReport   `json:"types"`
		Functions []functionJSON `json:"functions"`
		Trusted   []string       `json:"trusted"`
		Unproved  []string       `json:"without_contract"`
		Measured  measuredJSON   `json:"measured"`
	}
	problemJSON struct {
		Position position `json:"position"`
		Message  string   `json:"message"`
		Cure     string   `json:"cure,omitempty"`
	}
	functionJSON struct {
		Function    string        `json:"function"`
		Type        string        `json:"type"`
		Outcome     string        `json:"outcome"`
		Obligations int           `json:"obligations"`
		Failures    []failureJSON `json:"failures,omitempty"`
	}
	failureJSON struct {
		Position position `json:"position"`
		Claim    string   `json:"claim"`
		Path     []string `json:"path"`
		Example  *Example `json:"example,omitempty"`
		None     string   `json:"no_example,omitempty"`
		Reached  string   `json:"reached,omitempty"`
		Calls    []string `json:"calls,omitempty"`
	}
	measuredJSON struct {
		Seconds   float64        `json:"seconds"`
		Processor float64        `json:"processor_seconds"`
		Types     []typeCost     `json:"types"`
		Functions []functionCost `json:"functions"`
	}
	typeCost struct {
		Type    string  `json:"type"`
		Seconds float64 `json:"seconds"`
		Retries int     `json:"retries"`
	}
	functionCost struct {
		Function string   `json:"function"`
		Seconds  float64  `json:"seconds"`
		Retries  int      `json:"retries"`
		Answers  []string `json:"answers,omitempty"` // of the solvers, to what is not proved
	}
	// position is file:line:column.
	position string
)

func positionOf(p token.Position) position { return position(p.String()) }

// WriteJSON writes the report as one JSON object. Only its member "measured" differs between runs.
func (r *Report) WriteJSON(out io.Writer) error {
	j := reportJSON{Outcome: "unknown", Types: r.types(), Problems: []problemJSON{}, Functions: []functionJSON{},
		Trusted: slices.Concat([]string{}, r.Trusted), Unproved: slices.Concat([]string{}, r.Unproved)}
	if r.Proved() {
		j.Outcome = "proved"
	}
	for _, p := range r.Problems {
		j.Problems = append(j.Problems, problemJSON{positionOf(p.Pos), p.Message, p.Cure})
	}
	j.Measured.Seconds, j.Measured.Processor = r.Seconds, r.Processor
	for _, g := range j.Types {
		j.Measured.Types = append(j.Measured.Types, typeCost{g.Type, g.seconds, g.retries})
	}
	for _, f := range r.Functions {
		x := functionJSON{Function: f.Owner, Type: f.Type, Outcome: f.outcome(), Obligations: f.Obligations}
		cost := functionCost{Function: f.Owner, Seconds: f.Seconds, Retries: f.Retries}
		for _, o := range f.Failed {
			x.Failures = append(x.Failures, failureJSON{positionOf(o.Pos), o.What, slices.Concat([]string{}, o.Path), o.Example, o.None, o.Reached, shownCalls(o.calls)})
			cost.Answers = append(cost.Answers, o.Answer)
		}
		j.Functions = append(j.Functions, x)
		j.Measured.Functions = append(j.Measured.Functions, cost)
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(j)
}
