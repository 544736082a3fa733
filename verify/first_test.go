package verify_test

import (
	"testing"

	"vigor/verify"
)

// TestFirst: a run that ends at the first violation shows that one alone, and neither takes what is left for
// proved nor finds fault where there is none.
func TestFirst(t *testing.T) {
	dir := newModule(t)
	for _, test := range []struct {
		file        string
		outcome     verify.Outcome
		diagnostics int
		witnesses   bool
	}{
		{"testdata/refused/dictionary_of_sources.txtar", verify.Violated, 1, false},
		{"testdata/refused/dictionary_value_unguarded.txtar", verify.Violated, 1, false},
		{"testdata/refused/list_in_process.txtar", verify.Unknown, 1, false},
		{"testdata/proved/drop.txtar", verify.Proved, 0, true},
	} {
		p := readProgram(t, test.file)
		p.write(t, dir)
		report, err := verify.Run(t.Context(), verify.Config{Dir: dir, Package: "./" + p.name, First: true})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(diagnosticsOf(report)); report.Outcome != test.outcome || n != test.diagnostics {
			t.Errorf("%s: got %v with %d diagnostics, want %v with %d:\n%v", p.name, report.Outcome, n,
				test.outcome, test.diagnostics, report)
		}
		for _, s := range report.Specs {
			if len(s.Diagnostics) > 0 && s.Outcome != verify.Violated {
				t.Errorf("%s: %s is %v", p.name, s.File, s.Outcome)
			}
			if s.Outcome == verify.Proved && !test.witnesses {
				t.Errorf("%s: %s is proved, though the run ended before", p.name, s.File)
			}
		}
		if got := len(report.Specs) > 0 && report.Specs[0].Witnesses > 0; got != test.witnesses {
			t.Errorf("%s: witnesses were run: %v, want %v", p.name, got, test.witnesses)
		}
	}
}
