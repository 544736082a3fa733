package firewall_test

import (
	"os"
	"path/filepath"
	"testing"

	"vigor/verify"
)

// TestProperties proves every property for every packet, state and valid configuration. The full spec, which takes
// longer, is left to make verify: one of the properties stands in its place, so that all are proved in one run.
func TestProperties(t *testing.T) {
	if testing.Short() {
		t.Skip("a proof of most of a minute")
	}
	shortest, err := os.ReadFile("properties/fragments_dropped.py")
	if err != nil {
		t.Fatal(err)
	}
	report, err := verify.Run(t.Context(), verify.Config{Package: ".", Overlay: map[string][]byte{"spec.py": shortest}})
	if err != nil {
		t.Fatal(err)
	}
	if report.Outcome != verify.Proved {
		t.Errorf("not proved:\n%v", report)
	}
	paths := map[string]int{}
	for _, s := range report.Specs {
		paths[filepath.Base(s.File)] = s.Paths
	}
	files, err := filepath.Glob("properties/*.py")
	if err != nil || len(files) < 17 {
		t.Errorf("there are %d properties, %v", len(files), err)
	}
	for _, file := range files {
		if paths[filepath.Base(file)] == 0 {
			t.Errorf("%s was proved on no path", file)
		}
	}
}
