package summary_test

import (
	"testing"

	"vigor/internal/symbex/summary"
)

func TestAlike(t *testing.T) {
	for name, typ := range libvig.Types {
		ordered := name == "Classifier" || name == "Maglev" // rules and slots have an order: the first that fits counts
		if summary.Alike(typ) == ordered {
			t.Errorf("%s: indices are alike: %v, want %v", name, ordered, !ordered)
		}
	}
	const line = "alloc[i] == old(alloc[i] && time[i] >= before)"
	for _, test := range []struct {
		name, with string
		want       bool
	}{
		{"by value", "alloc[i] == old(alloc[i] && val[i] == val[i])", true},
		{"by index", "alloc[i] == old(alloc[i] && i < 5)", false},
		{"by key", "alloc[i] == old(alloc[i] && dom[key[i]])", false},
		{"by another index", "alloc[i] == old(alloc[i] && alloc[i + 1])", false},
		{"by index and time", "alloc[i] == old(alloc[i] && time[i] >= before + i)", false},
	} {
		if got := summary.Alike(planted(t, line, test.with)); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}
