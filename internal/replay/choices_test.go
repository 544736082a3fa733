package replay

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// entries reads "index key time" triples, separated by commas; "-" is no key.
func entries(text string) []Entry {
	var list []Entry
	for part := range strings.SplitSeq(text, ",") {
		var e Entry
		var key string
		if n, _ := fmt.Sscan(part, &e.Index, &key, &e.Time); n == 3 {
			if key != "-" {
				e.Key = valueOf("Port", key)
			}
			list = append(list, e)
		}
	}
	return list
}

func TestChoices(t *testing.T) {
	tests := []struct {
		name, before, want, got string
		moved                   map[int]int
		ok                      bool
	}{
		{"nothing there", "", "", "", nil, true},
		{"nothing changed", "1 7 40", "1 7 40", "1 7 40", nil, true},
		{"same choice", "1 7 40", "1 7 40, 0 8 60", "1 7 40, 0 8 60", nil, true},
		{"other choice", "1 7 40", "1 7 40, 0 8 60", "1 7 40, 3 8 60", map[int]int{0: 3}, true},
		{"choice of an index that expired", "1 7 40", "0 8 60", "1 8 60", map[int]int{0: 1}, true},
		{"expired key comes back", "1 7 40", "1 7 60", "2 7 60", map[int]int{1: 2}, true},
		{"two keys exchanged", "", "0 7 60, 1 8 60", "0 8 60, 1 7 60", map[int]int{0: 1, 1: 0}, true},
		{"chain", "1 - 40", "1 - 40, 0 - 60", "1 - 40, 2 - 60", map[int]int{0: 2}, true},
		{"chain, index that expired", "1 - 40", "0 - 60", "1 - 60", map[int]int{0: 1}, true},
		{"chain, two of them", "", "0 - 60, 1 - 60", "1 - 60, 2 - 60", map[int]int{0: 2}, true},
		{"chain, order by time", "", "0 - 50, 1 - 60", "2 - 60, 3 - 50", map[int]int{0: 3, 1: 2}, true},
		{"key that follows from the choice", "", "0 1024 60", "3 1027 60", map[int]int{0: 3}, true},
		{"map", "1 7 0", "1 7 0, 0 8 0", "1 7 0, 2 8 0", map[int]int{0: 2}, true},

		{"entry more", "1 7 40", "1 7 40", "1 7 40, 0 8 60", nil, false},
		{"entry fewer", "1 7 40", "1 7 40, 0 8 60", "1 7 40", nil, false},
		{"other time of a new entry", "", "0 8 60", "1 8 59", nil, false},
		{"old entry lost", "1 7 40, 2 8 40", "1 7 40", "2 8 40", nil, false},
		{"old entry moved", "1 7 40", "1 7 40", "2 7 40", nil, false},
		{"other entry refreshed", "1 7 40, 2 8 40", "1 7 60, 2 8 40", "1 7 40, 2 8 60", nil, false},
		{"other index refreshed in a chain", "1 - 40, 2 - 40", "1 - 60, 2 - 40", "1 - 40, 2 - 60", nil, false},
		{"not refreshed", "1 7 40", "1 7 60", "1 7 40", nil, false},
		{"keys exchanged that were there", "1 7 40, 2 8 40", "1 7 40, 2 8 40", "1 8 40, 2 7 40", nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			result := func(list string) *Result {
				return &Result{Status: Ran, Objects: map[string]*Object{"flows": {Cap: 4, Entries: entries(list)}}}
			}
			c := &Case{Objects: map[string]*Object{"flows": {Entries: entries(tt.before)}}}
			chosen, ok := Choices(c, result(tt.want), result(tt.got))
			if diff := cmp.Diff(tt.moved, chosen["flows"]); ok != tt.ok || ok && diff != "" {
				t.Errorf("got %v, want %v; moved (-want +got):\n%s", ok, tt.ok, diff)
			}
		})
	}
}

func TestChoicesOfWholeResults(t *testing.T) {
	table := func(index int) *Object {
		return &Object{Cap: 4, Entries: []Entry{{index, valueOf("Port", 8, "MAC[0]", 0), valueOf("", index), 60, 0}}}
	}
	result := func(index int) *Result {
		return &Result{Status: Ran, Data: Hex{byte(index)}, Objects: map[string]*Object{
			"flows": table(index), "other": table(1),
			"vector": {Cap: 4, Entries: []Entry{{Index: index, Value: valueOf("", 3)}}}}}
	}
	want := result(0)
	delete(want.Objects["flows"].Entries[0].Key, "MAC[0]") // a zero that a case leaves out
	if chosen, ok := Choices(&Case{}, want, result(2)); !ok || !cmp.Equal(chosen, map[string]map[int]int{"flows": {0: 2}}) {
		t.Errorf("got %v, %v; want flows 0 to 2 and nothing else", chosen, ok)
	}
	refused := map[string]func(want, got *Result){
		"status":            func(want, got *Result) { got.Status = Panicked },
		"wanted status":     func(want, got *Result) { want.Status = Panicked },
		"missing structure": func(want, got *Result) { delete(got.Objects, "other") },
		"capacity":          func(want, got *Result) { got.Objects["other"].Cap = 5 },
	}
	for name, change := range refused {
		want, got := result(0), result(2)
		change(want, got)
		if _, ok := Choices(&Case{}, want, got); ok {
			t.Errorf("%s: nothing differs", name)
		}
	}
}

// TestChoicesOfTheNF inserts after an expiry: the index that has been free for longest comes first, and the wanted
// result becomes the real one when the choice is stated.
func TestChoicesOfTheNF(t *testing.T) {
	text, _ := breaker([]string{"n.table.ExpireBefore(41); n.table.Insert(11, 5, now)"})
	r := open(t, text)
	c := broken(t, 0)
	entry := Entry{1, valueOf("", 11), valueOf("", 5), 60, 0}
	c.Expected = &Result{Status: Ran, Objects: map[string]*Object{"table": {Entries: []Entry{entry}}}}
	got := runOne(t, r, c)
	if len(Differences(c.Expected, &got)) == 0 {
		t.Fatal("the index freed first is not taken first")
	}
	chosen, ok := Choices(&c, c.Expected, &got)
	if !ok || chosen["table"][1] != 0 {
		t.Fatalf("got %v, %v; want table 1 to 0", chosen, ok)
	}
	entry.Index = chosen["table"][1]
	c.Expected.Objects["table"].Entries = []Entry{entry}
	if lines := Differences(c.Expected, &got); len(lines) > 0 {
		t.Errorf("with the choice stated, results differ: %q", lines)
	}
}
