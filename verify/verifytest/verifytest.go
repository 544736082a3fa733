// Package verifytest judges specs: it plants bugs in a network function, one at a time, and asks the
// verifier about each. A spec that lets a planted bug through says too little, and so does a verifier.
//
// Call [NF.Refused] with bugs, [NF.Proved] with rewrites that change nothing, and [All], from the tests of a network
// function.
package verifytest

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vigor/verify"
)

// fewMutants is how many mutants of one list are verified where not all are asked for.
const fewMutants = 12

var allMutants = flag.Bool("mutants.all", false, "verify every mutant, not a few of each list")

// Mutant is a network function with one edit.
type Mutant struct {
	Name     string
	File     string // from the module's root, with slashes
	Old, New string // Old occurs exactly once in the file
	// Codes are those of which the report must have one, with a counterexample that the compiled
	// function confirms. There are none for an edit that changes nothing.
	Codes []string
}

// Bug is an edit that must be refused with one of the codes.
func Bug(name, file, old, new string, codes []string) Mutant {
	return Mutant{Name: name, File: file, Old: old, New: new, Codes: codes}
}

// Rewrite is an edit that changes nothing.
func Rewrite(name, file, old, new string) Mutant {
	return Mutant{Name: name, File: file, Old: old, New: new}
}

// NF names what is edited.
type NF struct {
	Root    string // folder of the module, relative to the test's
	Package string // as the go command takes it in Root, such as ./nfs/nat
	Spec    string // file of the full spec, from Root
}

// edit returns the text of the mutant's file.
func (f NF) edit(t *testing.T, m Mutant) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(f.Root, filepath.FromSlash(m.File)))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), m.Old); n != 1 {
		t.Fatalf("%s: %q occurs %d times in %s, want once", m.Name, m.Old, n, m.File)
	}
	return strings.Replace(string(text), m.Old, m.New, 1)
}

// some returns mutants from all over the list, or all of them where the test's -mutants.all is set. The
// edits of all are checked.
func (f NF) some(t *testing.T, mutants []Mutant) []Mutant {
	t.Helper()
	if testing.Short() {
		t.Skip("each mutant is verified and compiled")
	}
	for _, m := range mutants {
		f.edit(t, m)
	}
	if *allMutants || len(mutants) <= fewMutants {
		return mutants
	}
	var list []Mutant
	for i := range fewMutants {
		list = append(list, mutants[i*len(mutants)/fewMutants])
	}
	return list
}

// run verifies a mutant against the full spec, up to the first violation or wholly; the edit exists in an overlay
// only.
func (f NF) run(t *testing.T, m Mutant, first bool) *verify.Report {
	t.Helper()
	edited := f.edit(t, m)
	report, err := verify.Run(t.Context(), verify.Config{
		Dir: f.Root, Package: f.Package, Spec: f.Spec, First: first,
		Overlay: map[string][]byte{m.File: []byte(edited)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// Refused checks that each mutant is violated, with a confirmed counterexample.
func (f NF) Refused(t *testing.T, mutants []Mutant) {
	t.Helper()
	for _, m := range f.some(t, mutants) {
		t.Run(strings.ReplaceAll(m.Name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			report := f.run(t, m, true)
			if !m.shownBy(report) { // the first violation may be another than the edit is known by
				report = f.run(t, m, false)
			}
			if report.Outcome != verify.Violated {
				t.Errorf("got %v, want violated", report.Outcome)
			}
			if !m.shownBy(report) {
				t.Errorf("no confirmed counterexample with one of %v", m.Codes)
			}
			for _, d := range findings(report) {
				t.Logf("%v: %v %s %v", d.Span, d.Code, d.Message, d.Notes)
			}
		})
	}
}

// shownBy reports whether a report has a confirmed counterexample with one of the mutant's codes.
func (m Mutant) shownBy(report *verify.Report) bool {
	return slices.ContainsFunc(findings(report), func(d verify.Diagnostic) bool {
		return slices.Contains(m.Codes, d.Code.String()) && confirmed(d)
	})
}

// Proved checks that each rewrite is proved.
func (f NF) Proved(t *testing.T, equivalents []Mutant) {
	t.Helper()
	for _, m := range f.some(t, equivalents) {
		t.Run(strings.ReplaceAll(m.Name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			if report := f.run(t, m, false); report.Outcome != verify.Proved {
				t.Errorf("got %v, want proved; %v", report.Outcome, findings(report))
			}
		})
	}
}

// findings are the diagnostics of a report, those about the network function first.
func findings(r *verify.Report) []verify.Diagnostic {
	list := slices.Clone(r.Diagnostics)
	for _, s := range r.Specs {
		list = append(list, s.Diagnostics...)
	}
	return list
}

// confirmed reports whether the compiled function behaved as the diagnostic says.
func confirmed(d verify.Diagnostic) bool {
	for _, note := range d.Notes {
		if note.Label == "confirmed" {
			return true
		}
	}
	return false
}
