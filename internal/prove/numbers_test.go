package prove_test

import (
	"strings"
	"testing"
)

// totals reads a slice of numbers that is a parameter.
const totals = `// Package totals adds up.
package totals

// Total is a total of numbers.
//
// @ ghost n uint63
type Total struct {
	count int
	kept  []uint8
	// @ represent n = count
	// @ inv 0 <= count && len(kept) == 3
}

// New looks for the largest number.
//
// @ constructor
// @ requires len(list) <= 1000
// @ ensures n == len(list)
func New(list []uint8) *Total {
	t := &Total{count: len(list), kept: make([]uint8, 3)}
	top := uint8(0)
	// @ invariant 0 <= i && i <= len(list)
	// @ invariant forall j int {list[j]} :: 0 <= j && j < i ==> list[j] <= top
	// @ decreases len(list) - i
	for i := 0; i < len(list); i++ {
		if list[i] > top {
			top = list[i]
		}
	}
	// @ assert forall j int {list[j]} :: 0 <= j && j < len(list) ==> list[j] <= top
	return t
}
`

// TestSlicesOfNumbers: a parameter that is a slice is read inside its bounds, and nothing else is done with it.
func TestSlicesOfNumbers(t *testing.T) {
	if wrong := proveText(t, totals); wrong != "" {
		t.Fatalf("without a fault:\n%s", wrong)
	}
	loop := "	top := uint8(0)\n"
	for _, f := range []fault{
		{"another length", "ensures n == len(list)", "ensures n == len(list) + 1", "ensures n as defined"},
		{"length bounded by nothing", "inv 0 <= count", "inv 0 <= count && count <= 999", "(count <= 999)"},
		{"beyond the end", "i < len(list); i++", "i <= len(list); i++", "index i is inside list"},
		{"below the start", loop, loop + "	top = list[len(list)-1]\n", "is inside list"},
		{"some left out", "for i := 0; i <", "for i := 1; i <", "invariant"},
		{"smallest", "if list[i] > top {", "if list[i] < top {", "invariant is kept"},
		{"range of an element", loop, "	top := uint8(0)\n	if len(list) > 0 {\n		top = list[0] + 1\n	}\n", "does not overflow uint8"},
		{"written", loop, loop + "	list[0] = 3\n", "outside of what can be proved"},
		{"counted up", loop, loop + "	list[0]++\n", "outside of what can be proved"},
		{"assigned", loop, loop + "	list = list\n", "is handed on"},
		{"nil", loop, loop + "	list = nil\n", "outside of what can be proved"},
		{"kept in a variable", loop, loop + "	x := list\n	_ = x\n", "is handed on"},
		{"kept in a field", "kept: make([]uint8, 3)", "kept: list", "may be shared"},
		{"cut", loop, loop + "	_ = list[1:]\n", "outside of what can be proved"},
		{"appended to", loop, loop + "	_ = append(list, 1)\n", "outside of what can be proved"},
		{"copied to", loop, loop + "	copy(list, list)\n", "outside of what can be proved"},
		{"capacity", loop, loop + "	_ = cap(list)\n", "outside of what can be proved"},
		{"compared", loop, loop + "	if list == nil {\n		top = 1\n	}\n", "the slice list is handed on"},
		{"handed on", loop, loop + "	other(list)\n", "other has no contract"},
		{"address of an element", loop, loop + "	x := &list[0]\n	*x = 7\n", "outside of what can be proved"},
		{"compared in the contract", "requires len(list) <= 1000", "requires list == list", "slices cannot be compared"},
		{"element in the contract, which is no condition", "requires len(list) <= 1000", "requires list[0]", "list[0] is uint8, not bool"},
		{"element in the contract of what may be empty", "len(list) <= 1000\n// @ ensures n == len(list)\nfunc New(list []uint8) *Total {\n",
			"len(list) <= 1000 && list[0] <= 7\n// @ ensures n == len(list)\nfunc New(list []uint8) *Total {\n	_ = list[0]\n", "index 0 is inside list"},
		{"element in the contract, beyond the end", "len(list) <= 1000\n// @ ensures n == len(list)\nfunc New(list []uint8) *Total {\n",
			"list[2] <= 7\n// @ ensures n == len(list)\nfunc New(list []uint8) *Total {\n	// @ assert len(list) > 2\n", "assert"},
		{"length of a number", "requires len(list) <= 1000", "requires len(n) <= 1000", "len takes a parameter that is a slice"},
		{"slice of slices", "New(list []uint8)", "New(list []uint8, more [][]uint8)", "outside of what can be proved"},
		{"slice of strings", "New(list []uint8)", "New(list []uint8, more []string)", "outside of what can be proved"},
	} {
		t.Run(strings.ReplaceAll(f.name, " ", "_"), func(t *testing.T) {
			if n := strings.Count(totals, f.old); n != 1 {
				t.Fatalf("%q occurs %d times, want once", f.old, n)
			}
			text := strings.Replace(totals, f.old, f.new, 1) + "\nfunc other(list []uint8) { _ = list }\n"
			wrong := proveUntil(t, text, f.want)
			if wrong == "" || !strings.Contains(wrong, f.want) {
				t.Errorf("want %q, got:\n%s", f.want, wrong)
			}
		})
	}
}

// outer hands its list to a constructor whose contract speaks of an element of it.
const outer = `
// Outer has a total.
//
// @ ghost n uint63
type Outer struct {
	t *Total
	// @ represent n = t.n
}

// NewOuter makes one.
//
// @ constructor
// @ requires 0 < len(list) && len(list) <= 1000 && list[0] <= 7
// @ ensures n == len(list)
func NewOuter(list []uint8) *Outer { return &Outer{t: New(list)} }
`

// TestElementInARequirement: list[0] in a contract is any number where list is empty, so that who calls cannot
// prove a thing of it, unless for every number.
func TestElementInARequirement(t *testing.T) {
	text := strings.Replace(totals, "len(list) <= 1000", "len(list) <= 1000 && list[0] <= 7", 1) + outer
	if wrong := proveText(t, text); wrong != "" {
		t.Fatalf("with the same promise:\n%s", wrong)
	}
	for _, c := range []struct{ promise, want string }{
		{"len(list) <= 1000", "list[0] <= 7"},
		{"len(list) == 0", "list[0] <= 7"},
		{"0 < len(list) && len(list) <= 1000", "list[0] <= 7"},
		{"0 < len(list) && len(list) <= 1000 && list[1] <= 7", "list[0] <= 7"},
		{"len(list) <= 1000 && (0 < len(list) ==> list[0] <= 7)", "list[0] <= 7"},
		{"len(list) <= 1000 && list[0] <= 8", "list[0] <= 7"},
	} {
		changed := strings.Replace(text, "0 < len(list) && len(list) <= 1000 && list[0] <= 7", c.promise, 1)
		if wrong := proveUntil(t, changed, c.want); !strings.Contains(wrong, "NewOuter") || !strings.Contains(wrong, c.want) {
			t.Errorf("%s: want %q, got:\n%s", c.promise, c.want, wrong)
		}
	}
}
