package prove_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vigor/internal/prove"
)

// TestLibvig proves all of libvig: as much as the lock says, of the same source. It is the first test, so that those
// which change libvig need not ask again what has not changed.
func TestLibvig(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	report, err := prove.Run(t.Context(), prove.Config{Dir: "../../libvig", Solvers: solvers(t), Jobs: 2, Cache: &known})
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
