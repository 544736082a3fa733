package prove_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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

// trusted are the functions of libvig that are not proved; docs/trust.md says what speaks for each. The list only
// gets shorter.
var trusted = []string{"newHasher", "hasherOf", "hashKey", "sizeOf"}

// TestTrustedAreListed: docs/trust.md names every function that is trusted.
func TestTrustedAreListed(t *testing.T) {
	document, err := os.ReadFile("../../docs/trust.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range trusted {
		if !strings.Contains(string(document), "`"+name+"`") {
			t.Errorf("docs/trust.md does not speak of %s", name)
		}
	}
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
	if diff := cmp.Diff(trusted, report.Trusted); diff != "" {
		t.Errorf("functions that are trusted (-want +got):\n%s", diff)
	}
	for _, difference := range lock.Differences(report.Lock()) {
		t.Error("libvig/proofs.lock: " + difference)
	}
}
