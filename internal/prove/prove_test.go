package prove_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

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

// first is z3 alone, with the time that a busy machine needs.
func first(t *testing.T) []prove.Solver {
	t.Helper()
	z3 := solvers(t)[:1]
	z3[0].Limit = 10 * time.Second
	return z3
}

// trusted are the functions of libvig that are not proved; docs/trust.md says what speaks for each. The list only
// gets shorter.
var trusted = []string{"newDraws", "nextDraw", "drawNumber", "newHasher", "hasherOf", "hashKey", "sizeOf"}

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
