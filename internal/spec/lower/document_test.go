package lower

import (
	"os"
	"strings"
	"testing"

	"vigor/internal/smt"
)

// TestDocument runs every example of the language's documentation.
func TestDocument(t *testing.T) {
	text, err := os.ReadFile("../../../docs/spec-language.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(text), "```python\n")[1:]
	if len(blocks) < 5 {
		t.Fatalf("%d examples", len(blocks))
	}
	for _, block := range blocks {
		example, _, _ := strings.Cut(block, "```")
		b := smt.NewBuilder()
		if _, failed := execute(t, compile(t, example), b, world(b, frameOf(inside), 0, 1000)); len(failed) > 0 {
			t.Errorf("%s\nfailed %q", example, failed)
		}
	}
}
