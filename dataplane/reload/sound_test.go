package reload_test

import (
	"testing"

	"vigor/internal/contract/check"
)

// TestOnlyCapacitiesDependOnNew: what a reload takes from the old function are structures whose state a
// proof takes to be arbitrary, but for what no operation changes. That must be the capacity, and the first
// number of a PortRange, which a plan compares; an LPM or Maglev, which no
// operation changes, is not taken over.
func TestOnlyCapacitiesDependOnNew(t *testing.T) {
	p, err := check.Load("../../libvig")
	if err != nil {
		t.Fatal(err)
	}
	capacities := 0
	for _, typ := range p.Types {
		for _, g := range typ.Ghosts {
			if typ.Changed(g) {
				continue
			}
			other := map[string]string{"Vector": "n", "PortRange": "first", "LPM": "route", "Maglev": "backend"}[typ.Name]
			if g.Name == "cap" {
				capacities++
			} else if g.Name != other && !(typ.Name == "Maglev" && g.Name == "n") {
				t.Errorf("no operation of %s changes %s: a reload must compare it", typ.Name, g.Name)
			}
		}
	}
	if p.Types["Table"] == nil || capacities+3 != len(p.Types) { // a vector's is its length, an LPM and a Maglev have none
		t.Errorf("%d capacities in %d types", capacities, len(p.Types))
	}
}
