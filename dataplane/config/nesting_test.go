package config_test

import (
	"strings"
	"testing"

	"vigor/dataplane/config"
)

// TestNesting: what would have the parser take gigabytes is refused before; what is wide is not deep.
func TestNesting(t *testing.T) {
	type lists struct{ List []uint16 }
	for _, text := range []string{
		"list: " + strings.Repeat("[", 1<<16), "list: " + strings.Repeat("{a: ", 1<<14), "list: " + strings.Repeat("]", 99) + strings.Repeat("[{a: ", 20),
		strings.Repeat("- ", 1<<15), "list: [" + strings.Repeat("- ", 1<<15), "list:\n  " + strings.Repeat("- ? ", 1<<14),
	} {
		var c lists
		_, err := config.Read("deep.yaml", []byte(text), &c)
		if err == nil || !strings.HasPrefix(err.Error(), "deep.yaml:") || !strings.Contains(err.Error(), ": more than 32 levels are nested here") {
			t.Errorf("%.20q…: %v", text, err)
		}
	}
	for _, text := range []string{
		"list: [" + strings.Repeat("1, ", 2000) + "1]", "list:\n" + strings.Repeat("  - 1\n", 2001),
	} {
		var c lists
		if _, err := config.Read("wide.yaml", []byte(text), &c); err != nil || len(c.List) != 2001 {
			t.Errorf("%.20q…: %d elements, %v", text, len(c.List), err)
		}
	}
}
