package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"vigor/internal/load"
)

// Summary is the result of verifying several NFs.
type Summary struct {
	Outcome Outcome   `json:"outcome"` // proved if all are
	Reports []*Report `json:"reports"` // in the order of the packages
}

// Packages gives the packages that patterns name: those with a spec or a property, where a pattern has "..." as those
// of the go command may; else the pattern itself. It fails where a pattern names none.
func Packages(ctx context.Context, dir string, patterns ...string) ([]string, error) {
	var list []string
	for _, pattern := range patterns {
		if !strings.Contains(pattern, "...") {
			list = append(list, pattern)
			continue
		}
		found, err := load.NFs(ctx, dir, pattern)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("%s names no network function: no package that matches has a spec.py or properties/*.py", pattern)
		}
		list = append(list, found...)
	}
	var once []string
	for _, p := range list {
		if !slices.Contains(once, p) {
			once = append(once, p)
		}
	}
	return once, nil
}

// RunAll verifies one package after another, each as [Run] does with cfg.
func RunAll(ctx context.Context, cfg Config, packages []string) (*Summary, error) {
	s := &Summary{}
	for i, p := range packages {
		cfg.Package = p
		report, err := Run(ctx, cfg)
		if err != nil {
			return nil, fmt.Errorf("verifying %s: %w", p, err)
		}
		s.Reports = append(s.Reports, report)
		if i == 0 {
			s.Outcome = report.Outcome
		}
		s.Outcome = s.Outcome.And(report.Outcome)
	}
	return s, nil
}

// WriteText writes a line for each NF that is proved, the whole report of any other or, if all is set, of each. It
// holds nothing that differs between two runs.
func (s *Summary) WriteText(w io.Writer, all, colour bool) error {
	for _, r := range s.Reports {
		if r.Outcome == Proved && !all {
			if _, err := fmt.Fprintf(w, "%s: %s\n", r.Package, r.verdict()); err != nil {
				return err
			}
			continue
		}
		if err := r.WriteText(w, all, colour); err != nil {
			return err
		}
	}
	return nil
}

// WriteTable writes what was proved of each NF and what it took: the lines of spec.py that are neither empty nor
// comments, the number of properties, and the paths and obligations of all claims; the time, and the largest heap.
func (s *Summary) WriteTable(w io.Writer) error {
	names, width := []string{"NF"}, len("all")
	var text bytes.Buffer
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(table, "outcome\tspec lines\tproperties\tpaths\tobligations\tseconds\tMB\t\n")
	var whole row
	for _, r := range s.Reports {
		one := r.row()
		one.write(table, r.Outcome)
		whole.add(one)
		names, width = append(names, r.Package), max(width, len(r.Package))
	}
	whole.write(table, s.Outcome)
	table.Flush()
	names = append(names, "all")
	for i, line := range slices.Collect(strings.Lines(text.String())) {
		if _, err := fmt.Fprintf(w, "%-*s%s", width, names[i], line); err != nil {
			return err
		}
	}
	return nil
}

// WriteJSON writes the summary as one JSON object. Only members "measured" differ between runs.
func (s *Summary) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(s)
}

// row is a line of the table.
type row struct {
	lines, properties, paths, obligations int
	wall                                  time.Duration
	memory                                uint64
}

func (r *Report) row() row {
	one := row{memory: r.Measured.Memory}
	for _, s := range r.Specs {
		one.paths += s.Paths
		one.obligations += s.Obligations
		switch s.Name {
		case "safety":
		case "spec":
			one.lines += s.Lines
		default:
			one.properties++
		}
	}
	for _, t := range r.Measured.Stages {
		one.wall += t.Wall
	}
	return one
}

func (r *row) add(s row) {
	r.lines += s.lines
	r.properties += s.properties
	r.paths += s.paths
	r.obligations += s.obligations
	r.wall += s.wall
	r.memory = max(r.memory, s.memory)
}

func (r *row) write(w io.Writer, o Outcome) {
	fmt.Fprintf(w, "%v\t%d\t%d\t%d\t%d\t%.1f\t%d\t\n", o, r.lines, r.properties, r.paths, r.obligations,
		r.wall.Seconds(), r.memory>>20)
}
