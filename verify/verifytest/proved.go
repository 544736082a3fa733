package verifytest

import (
	"path/filepath"
	"testing"

	"vigor/verify"
)

// All proves the network function in the test's own folder: its spec, which must leave nothing open, and its
// properties, of which there must be as many, for every packet, state and valid configuration. Each is
// proved on some path, and paths were run through the compiled function.
func All(t *testing.T, properties int) {
	t.Helper()
	report, err := verify.Run(t.Context(), verify.Config{Package: "."})
	if err != nil {
		t.Fatal(err)
	}
	if report.Outcome != verify.Proved {
		t.Errorf("not proved:\n%v", report)
	}
	paths, witnesses := map[string]int{}, 0
	for _, s := range report.Specs {
		name := filepath.Base(s.File)
		paths[name] = s.Paths
		witnesses += s.Witnesses
		if name == "spec.py" && len(s.Holes) > 0 {
			t.Errorf("the spec leaves open: %v", s.Holes)
		}
	}
	files, err := filepath.Glob("properties/*.py")
	if err != nil || len(files) != properties {
		t.Errorf("there are %d properties, %v, want %d", len(files), err, properties)
	}
	for _, file := range append(files, "spec.py") {
		if paths[filepath.Base(file)] == 0 {
			t.Errorf("%s was proved on no path", file)
		}
	}
	if witnesses == 0 {
		t.Error("no path was run through the compiled function")
	}
}
