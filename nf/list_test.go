package nf_test

import (
	"errors"
	"testing"

	"vigor/nf"
)

// step is a number that must be at most the limit, which is 7 without a context.
type step int

var errStep = errors.New("too far")

func (s step) Validate() error { return s.ValidateIn(7) }

func (s step) ValidateIn(limit int) error {
	if int(s) > limit {
		return errStep
	}
	return nil
}

// TestValidateAll compares the three functions with a loop: nil if and only if no element has an error,
// else the first one with its index.
func TestValidateAll(t *testing.T) {
	for _, list := range [][]step{nil, {}, {7}, {8}, {1, 2, 3}, {9, 1, 2}, {1, 9, 8}, {1, 2, 9}, make([]step, nf.MaxList)} {
		want := -1
		for i, s := range list {
			if s > 7 && want < 0 {
				want = i
			}
		}
		for name, err := range map[string]error{
			"ValidateAll":   nf.ValidateAll(list),
			"ValidateAllIn": nf.ValidateAllIn(list, 7),
			"ValidateEach":  nf.ValidateEach(list, step.Validate),
		} {
			got := -1
			if found, ok := errors.AsType[*nf.ElementError](err); ok {
				got = found.Index
			}
			if got != want || (err == nil) != (want < 0) || err != nil && !errors.Is(err, errStep) {
				t.Errorf("%s: got %v, want the error of element %d", name, err, want)
			}
		}
	}
	if nf.ValidateAllIn([]step{8}, 8) != nil {
		t.Error("the context is not heeded")
	}
	if got := nf.ValidateAll([]step{0, 8}).Error(); got != "element 1: too far" {
		t.Errorf("got %q", got)
	}
}
