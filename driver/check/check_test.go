package check

import (
	"fmt"
	"testing"
)

// TestSearch: all sequences of four choices out of three, with at most two that are not 0, once each.
func TestSearch(t *testing.T) {
	seen := make(map[string]bool)
	s := search{deviations: 2}
	for more := true; more; more = s.next() {
		var made [4]int
		used := 0
		for i := range made {
			if made[i] = s.choose(3); made[i] != 0 {
				used++
			}
		}
		if key := fmt.Sprint(made); used > 2 || seen[key] {
			t.Errorf("%v is tried again, or deviates too often", made)
		} else {
			seen[key] = true
		}
	}
	if want := 1 + 4*2 + 6*4; len(seen) != want {
		t.Errorf("%d sequences, want %d", len(seen), want)
	}
}

// TestProtect: what goes wrong in a run is an error.
func TestProtect(t *testing.T) {
	r := &run{}
	for name, f := range map[string]func(){
		"a problem": func() { fail("this") },
		"a panic":   func() { var none []int; _ = none[r.total] },
	} {
		if r.protect(f) == nil {
			t.Errorf("%s is no error", name)
		}
	}
	if err := r.protect(func() {}); err != nil {
		t.Errorf("got %v, want none", err)
	}
}
