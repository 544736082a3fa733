package verify

import (
	"testing"

	"vigor/internal/diag"
	"vigor/internal/obligation"
	"vigor/internal/spec/resolve"
)

// TestUnreached: a line that nothing reaches is the spec's fault only if every path came to its end;
// otherwise the claim is neither violated by it nor proved.
func TestUnreached(t *testing.T) {
	undecided := []obligation.Finding{{Outcome: diag.Unknown}}
	point := []resolve.Point{{What: "return"}}
	tests := []struct {
		name         string
		safety, spec []obligation.Finding
		unreached    []resolve.Point
		want         Outcome
	}{
		{"all reached", nil, nil, nil, Proved},
		{"unreached", nil, nil, point, Violated},
		{"unreached behind an undecided claim", nil, undecided, point, Unknown},
		{"unreached behind undecided safety", undecided, nil, point, Unknown},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := &claim{spec: &resolve.Spec{}, paths: make([]obligation.Path, 1), unreached: test.unreached,
				findings: test.spec}
			checker := &checker{run: &run{claims: []*claim{{findings: test.safety}, c}}}
			checker.coverage(c)
			if got := outcome(c); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
