package reload_test

import (
	"testing"

	"vigor/internal/contract/check"
)

// TestOnlyCapacitiesDependOnNew: what a reload takes from the old function are structures whose state a
// proof takes to be arbitrary, but for what no operation changes. That must be the capacity alone, which
// a plan compares.
func TestOnlyCapacitiesDependOnNew(t *testing.T) {
	p, err := check.Load("../../libvig")
	if err != nil {
		t.Fatal(err)
	}
	fixed := 0
	for _, typ := range p.Types {
		for _, g := range typ.Ghosts {
			if typ.Changed(g) {
				continue
			}
			fixed++
			if capacity := map[string]string{"Vector": "n"}[typ.Name]; g.Name != "cap" && g.Name != capacity {
				t.Errorf("no operation of %s changes %s: a reload must compare it", typ.Name, g.Name)
			}
		}
	}
	if p.Types["Table"] == nil || fixed != len(p.Types) {
		t.Errorf("%d capacities in %d types", fixed, len(p.Types))
	}
}
