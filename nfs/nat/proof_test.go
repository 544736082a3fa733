package nat_test

import (
	"path/filepath"
	"testing"

	"vigor/verify"
)

// TestProved proves the spec, and every property, for every packet, state and valid configuration.
func TestProved(t *testing.T) {
	report, err := verify.Run(t.Context(), verify.Config{Package: "."})
	if err != nil {
		t.Fatal(err)
	}
	if report.Outcome != verify.Proved {
		t.Errorf("%v", report)
	}
	files, err := filepath.Glob("properties/*.py")
	if err != nil || len(report.Specs) != len(files)+1 {
		t.Errorf("%d specs were proved, there are %d properties beside spec.py (%v)", len(report.Specs), len(files), err)
	}
	for _, s := range report.Specs {
		if s.Paths == 0 || s.Witnesses < s.Paths {
			t.Errorf("%s: %d paths, %d witnesses; want a witness for each path", s.Name, s.Paths, s.Witnesses)
		}
		if s.Name == "spec" && len(s.Holes) > 0 {
			t.Errorf("the spec leaves %v open", s.Holes)
		}
	}
}
