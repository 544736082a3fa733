package verify

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigor/internal/diag"
	"vigor/internal/source"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := "testdata/" + name
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// sample is a report with a proved spec, a violated property and an undecided one.
func sample() *Report {
	at := source.At(source.Position{File: "nfs/nat/properties/x.py", Line: 9, Column: 5})
	r := &Report{
		Package: "./nfs/nat",
		Specs: []SpecReport{
			{File: "nfs/nat/spec.py", Name: "spec", Title: "NAPT (RFC 3022)", Outcome: Proved,
				Paths: 7, Obligations: 1, Witnesses: 7, Holes: []Hole{{"nfs/nat/spec.py:19:5", "ether.src"}}},
			{File: "nfs/nat/properties/x.py", Name: "x", Title: "Nothing leaves", Outcome: Violated,
				Paths: 1, Obligations: 20, Diagnostics: []Diagnostic{
					diag.New(3001, at, "assertion fails: nothing leaves").With("packet", "60 bytes")}},
			{File: "nfs/nat/properties/y.py", Name: "y", Title: "Hard", Outcome: Unknown},
		},
		Assumed: []string{"Table.Insert", "Table.Lookup"},
		Measured: Measured{
			Stages:  []Timing{{"load", 40 * time.Millisecond}, {"symbex", 12 * time.Second}},
			Specs:   []Timing{{"nfs/nat/spec.py", 1500 * time.Millisecond}},
			Queries: 140, CacheHits: 12, Memory: 50 << 20,
		},
	}
	r.Conclude()
	return r
}

func TestText(t *testing.T) {
	var b strings.Builder
	r := sample()
	r.WriteText(&b, false, false)
	b.WriteString("-- all\n")
	r.WriteText(&b, true, false)
	b.WriteString("-- measured\n")
	r.Measured.WriteText(&b, false)
	b.WriteString("-- all that was measured\n")
	r.Measured.WriteText(&b, true)
	golden(t, "report.golden", b.String())
}

// TestTextHoldsNothingMeasured changes every measured number: the text stays the same.
func TestTextHoldsNothingMeasured(t *testing.T) {
	a, b := sample(), sample()
	b.Measured = Measured{Stages: []Timing{{"load", time.Hour}}, Queries: 1, Memory: 1 << 40}
	if diff := cmp.Diff(a.String(), b.String()); diff != "" {
		t.Errorf("the text depends on what was measured:\n%s", diff)
	}
}

func TestJSON(t *testing.T) {
	var b strings.Builder
	if err := sample().WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.json", b.String())
	var back Report
	if err := json.Unmarshal([]byte(b.String()), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sample(), &back); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

func TestConclude(t *testing.T) {
	problem := []Diagnostic{{Code: 9001}}
	malformed := []Diagnostic{{Code: 1501}}
	tests := []struct {
		name     string
		outcomes []Outcome
		whole    []Diagnostic // concerning the NF
		want     Outcome
		text     string // the last line
	}{
		{"all proved", []Outcome{Proved, Proved}, nil, Proved, "p: proved\n"},
		{"one violated", []Outcome{Proved, Violated, Unknown}, nil, Violated, "p: violated\n"},
		{"one unknown", []Outcome{Proved, Unknown}, nil, Unknown, "p: unknown\n"},
		{"no spec", nil, nil, Unknown, "p: unknown\n"},
		{"proved, yet something is wrong", []Outcome{Proved}, problem, Unknown, "p: unknown\n"},
		{"malformed", []Outcome{Unknown}, malformed, Unknown, "p: not verified: see above\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &Report{Package: "p", Diagnostics: tt.whole}
			for _, o := range tt.outcomes {
				r.Specs = append(r.Specs, SpecReport{Outcome: o})
			}
			r.Conclude()
			if r.Outcome != tt.want {
				t.Errorf("got %v, want %v", r.Outcome, tt.want)
			}
			if got := r.String(); !strings.HasSuffix(got, tt.text) {
				t.Errorf("text ends in %q, want %q", got, tt.text)
			}
		})
	}
}
