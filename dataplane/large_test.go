package dataplane_test

import (
	"testing"

	"vigor/dataplane"
	"vigor/libvig"
)

// holder is like a network function: structures, a nested struct, a configuration.
type holder struct {
	table  *libvig.Table[[4]uint32, struct{}]
	nested struct{ vector *libvig.Vector[uint64] }
	config struct{ numbers [8]int }
	none   *libvig.Chain
}

func TestIsLarge(t *testing.T) {
	if 4*dataplane.MaxBurst > libvig.MaxHints {
		t.Errorf("a burst of %d packets has more hints than the %d that are kept", dataplane.MaxBurst, libvig.MaxHints)
	}
	for _, test := range []struct {
		entries, elements int
		want              bool
	}{{1, 1, false}, {4096, 1, false}, {10000, 1, true}, {1, 60000, false}, {1, 1 << 16, true}, {5000, 40000, true}} {
		h := &holder{table: libvig.NewTable[[4]uint32, struct{}](test.entries, libvig.HashKey{})}
		h.nested.vector = libvig.NewVector[uint64](test.elements, 0)
		if got := dataplane.IsLarge(h); got != test.want {
			t.Errorf("a table of %d and a vector of %d: got %t", test.entries, test.elements, got)
		}
	}
}
