package reload_test

import (
	"slices"
	"testing"

	"vigor/internal/contract/check"
)

// TestOnlyCapacitiesDependOnNew: what a reload takes from the old function are structures whose state a
// proof takes to be arbitrary, but for what no operation changes. That must be the capacity, the first
// number of a PortRange, and the number of classes, which a plan compares; structures that are made of lists in the configuration are not
// taken over.
func TestOnlyCapacitiesDependOnNew(t *testing.T) {
	p, err := check.Load("../../libvig")
	if err != nil {
		t.Fatal(err)
	}
	capacities := 0
	made := []string{"Classifier", "Dictionary", "LPM", "Maglev"}
	for _, typ := range p.Types {
		if slices.Contains(made, typ.Name) {
			continue
		}
		for _, g := range typ.Ghosts {
			if typ.Changed(g) {
				continue
			}
			other := map[string]string{"Vector": "n", "PortRange": "first", "ClassTable": "classes", "ClassChain": "classes"}[typ.Name]
			if g.Name == "cap" {
				capacities++
			} else if g.Name != other {
				t.Errorf("no operation of %s changes %s: a reload must compare it", typ.Name, g.Name)
			}
		}
	}
	if p.Types["Table"] == nil || capacities+1+len(made) != len(p.Types) { // a vector's is its length
		t.Errorf("%d capacities in %d types", capacities, len(p.Types))
	}
}
