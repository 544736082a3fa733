package nat_test

import (
	"path/filepath"
	"testing"

	"vigor/verify"
)

// TestProved proves the spec, and every property, for every packet, state and valid configuration.
// The spec leaves nothing open.
func TestProved(t *testing.T) {
	report, err := verify.Run(t.Context(), verify.Config{Package: "."})
	if err != nil {
		t.Fatal(err)
	}
	if report.Outcome != verify.Proved {
		t.Errorf("not proved:\n%v", report)
	}
	proved, witnesses := map[string]int{}, 0
	for _, s := range report.Specs {
		name := filepath.Base(s.File)
		proved[name] = s.Paths
		witnesses += s.Witnesses
		if name == "spec.py" && len(s.Holes) > 0 {
			t.Errorf("the spec leaves open: %v", s.Holes)
		}
	}
	files, err := filepath.Glob("properties/*.py")
	if err != nil || len(files) < 28 {
		t.Errorf("there are %d properties, %v", len(files), err)
	}
	for _, file := range append(files, "spec.py") {
		if proved[filepath.Base(file)] == 0 {
			t.Errorf("%s was proved on no path", file)
		}
	}
	if witnesses == 0 {
		t.Error("no path was run through the compiled NAT")
	}
}
