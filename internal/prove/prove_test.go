package prove_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"vigor/internal/prove"
)

// solvers are those to prove with.
func solvers(t *testing.T) []prove.Solver {
	t.Helper()
	if _, err := exec.LookPath("z3"); err != nil && os.Getenv("CI") == "" {
		t.Skip("z3 is not installed")
	}
	list, err := prove.FindSolvers()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestLibvig proves all of libvig: as much as the lock says, of the same source.
func TestLibvig(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	report, err := prove.Run(t.Context(), prove.Config{Dir: "../../libvig", Solvers: solvers(t), Jobs: 2})
	if err != nil {
		t.Fatal(err)
	}
	if !report.Proved() {
		var text strings.Builder
		if err := report.WriteText(&text, true); err != nil {
			t.Fatal(err)
		}
		t.Error(text.String())
	}
	text, err := os.ReadFile("../../libvig/proofs.lock")
	if err != nil {
		t.Fatal(err)
	}
	lock, err := prove.ParseLock(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, difference := range lock.Differences(report.Lock()) {
		t.Error("libvig/proofs.lock: " + difference)
	}
}
