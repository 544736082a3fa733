package inspect_test

import (
	"testing"

	"vigor/dataplane/inspect"
	"vigor/libvig"
)

// TestContent: two structures have equal contents if and only if everything in them is equal.
func TestContent(t *testing.T) {
	table := func(n int, fill func(t *libvig.Table[uint8, uint16])) inspect.Structure {
		made := libvig.NewTable[uint8, uint16](n, [5]uint64{1})
		fill(made)
		v, _ := libvig.Watch(made)
		return inspect.Structure{Name: "t", View: v}
	}
	base := func(t *libvig.Table[uint8, uint16]) { t.Insert(1, 10, 5) }
	a := inspect.ContentOf(table(9000, base))
	for name, test := range map[string]struct {
		n    int
		fill func(t *libvig.Table[uint8, uint16])
		want bool
	}{
		"equal":          {9000, base, true},
		"by another way": {9000, func(t *libvig.Table[uint8, uint16]) { t.Insert(1, 3, 4); t.Set(0, 10); t.Refresh(0, 5) }, true},
		"capacity":       {9001, base, false},
		"empty":          {9000, func(*libvig.Table[uint8, uint16]) {}, false},
		"one more":       {9000, func(t *libvig.Table[uint8, uint16]) { base(t); t.Insert(2, 10, 5) }, false},
		"key":            {9000, func(t *libvig.Table[uint8, uint16]) { t.Insert(2, 10, 5) }, false},
		"value":          {9000, func(t *libvig.Table[uint8, uint16]) { t.Insert(1, 11, 5) }, false},
		"time":           {9000, func(t *libvig.Table[uint8, uint16]) { t.Insert(1, 10, 6) }, false},
		"index":          {9000, func(t *libvig.Table[uint8, uint16]) { t.Insert(2, 0, 1); t.Insert(1, 10, 5); t.Erase(0) }, false},
	} {
		s := table(test.n, test.fill)
		if got := a == inspect.ContentOf(s); got != test.want {
			t.Errorf("%s: equal is %t", name, got)
		}
		if got := a.Is(s); got != test.want {
			t.Errorf("%s: Is gives %t", name, got)
		}
	}
}

// TestContentOfMany: also what lies far behind counts.
func TestContentOfMany(t *testing.T) {
	contents := map[inspect.Content]bool{}
	for _, change := range []int{-1, 0, 4095, 4096, 9999} {
		vector := libvig.NewVector(10000, uint32(7))
		if change >= 0 {
			vector.Set(change, 8)
		}
		v, _ := libvig.Watch(vector)
		contents[inspect.ContentOf(inspect.Structure{View: v})] = true
	}
	if len(contents) != 5 {
		t.Errorf("five vectors have %d contents", len(contents))
	}
}

// TestContentOfRange: which numbers a range hands out is part of its content, even when none is in use.
func TestContentOfRange(t *testing.T) {
	of := func(first, n int) inspect.Content {
		v, _ := libvig.Watch(libvig.NewPortRange(first, n, libvig.HashKey{}))
		return inspect.ContentOf(inspect.Structure{View: v})
	}
	if of(1000, 8) != of(1000, 8) || of(1000, 8) == of(1001, 8) || of(1000, 8) == of(1000, 9) {
		t.Error("two free ranges should have equal contents exactly if they hand out the same numbers")
	}
}
