package policer_test

import (
	"path/filepath"
	"testing"

	"vigor/verify"
)

// TestProved proves the spec, and every property, for every packet, state and valid configuration. The
// spec leaves nothing open.
func TestProved(t *testing.T) {
	report, err := verify.Run(t.Context(), verify.Config{Package: "."})
	if err != nil {
		t.Fatal(err)
	}
	if report.Outcome != verify.Proved {
		t.Errorf("not proved:\n%v", report)
	}
	paths := map[string]int{}
	for _, s := range report.Specs {
		paths[filepath.Base(s.File)] = s.Paths
		if filepath.Base(s.File) == "spec.py" && len(s.Holes) > 0 {
			t.Errorf("the spec leaves open: %v", s.Holes)
		}
	}
	files, err := filepath.Glob("properties/*.py")
	if err != nil || len(files) < 12 {
		t.Errorf("there are %d properties, %v", len(files), err)
	}
	for _, file := range append(files, "spec.py") {
		if paths[filepath.Base(file)] == 0 {
			t.Errorf("%s was proved on no path", file)
		}
	}
}
