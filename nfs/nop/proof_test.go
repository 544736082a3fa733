package nop_test

import (
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
	for _, s := range report.Specs {
		if s.Witnesses < s.Paths || s.Paths == 0 || len(s.Holes) > 0 {
			t.Errorf("%s: %d paths, %d witnesses, %d holes; want a witness for each path, and no holes",
				s.Name, s.Paths, s.Witnesses, len(s.Holes))
		}
	}
}
