package replay

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDifferences(t *testing.T) {
	result := func() *Result {
		return &Result{
			Status: Ran, Action: &Action{Kind: "forwarded", Device: 1}, Data: Hex{1, 2, 3},
			Objects: map[string]*Object{"flows": {Cap: 4, Entries: []Entry{
				{1, valueOf("Port", 7, "MAC[0]", 2), valueOf("", 5), 40, 0},
				{2, valueOf("Port", 8, "MAC[0]", 2), valueOf("", 5), 40, 0}}}},
			Cells: map[string]Value{"total": valueOf("", 3)},
		}
	}
	if lines := Differences(result(), result()); len(lines) > 0 {
		t.Errorf("equal results differ: %q", lines)
	}
	if lines := Differences(&Result{Status: Ran}, result()); len(lines) > 0 {
		t.Errorf("a result without expectations differs: %q", lines)
	}
	tests := []struct {
		name   string
		change func(r *Result)
		want   string
	}{
		{"status", func(r *Result) { r.Status, r.Message = Panicked, "why" }, "the case ends as panicked, want ran: why"},
		{"action", func(r *Result) { r.Action = &Action{Kind: "dropped", Reason: "malformed"} },
			"the action is dropped (malformed), want forwarded to device 1"},
		{"byte", func(r *Result) { r.Data[1] = 9 }, "byte 1 is 0x09, want 0x02"},
		{"length", func(r *Result) { r.Data = r.Data[1:] }, "the frame has 2 bytes, want 3"},
		{"structure", func(r *Result) { delete(r.Objects, "flows") }, "there is no structure flows"},
		{"capacity", func(r *Result) { r.Objects["flows"].Cap = 5 }, "flows has capacity 5, want 4"},
		{"key", func(r *Result) { r.Objects["flows"].Entries[0].Key["Port"] = "6" }, "flows[1].key.Port is 6, want 7"},
		{"part", func(r *Result) { delete(r.Objects["flows"].Entries[0].Key, "Port") }, "there is no flows[1].key.Port"},
		{"value", func(r *Result) { r.Objects["flows"].Entries[1].Value[""] = "6" }, "flows[2].value is 6, want 5"},
		{"time", func(r *Result) { r.Objects["flows"].Entries[1].Time++ }, "flows[2].time is 41, want 40"},
		{"class", func(r *Result) { r.Objects["flows"].Entries[1].Class = 255 }, "flows[2].class is 255, want 0"},
		{"missing entry", func(r *Result) { r.Objects["flows"].Entries = r.Objects["flows"].Entries[:1] },
			"flows[2] is free, want an entry"},
		{"other index", func(r *Result) { r.Objects["flows"].Entries[1].Index = 0 },
			"flows[2] is free, want an entry\nflows[0] has an entry, want none"},
		{"cell", func(r *Result) { r.Cells["total"][""] = "4" }, "total is 4, want 3"},
		{"missing cell", func(r *Result) { delete(r.Cells, "total") }, "there is no total"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := result()
			tt.change(got)
			if lines := strings.Join(Differences(result(), got), "\n"); lines != tt.want {
				t.Errorf("got %q, want %q", lines, tt.want)
			}
		})
	}
}

func TestCaseFile(t *testing.T) {
	c := parse(t, strings.Replace(loaded, "FRAME", "05", 1))
	c.Expected = &Result{Status: Ran, Action: &Action{Kind: "flooded"}, Data: Hex{}}
	text, err := Encode(c)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Encode(got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), string(again)); diff != "" {
		t.Errorf("the case does not read back (-first +second):\n%s", diff)
	}
	refused := map[string]string{
		"{":                                     "line 1: reading the case: unexpected EOF",
		"{\n\n\"packets\": 1}":                  `line 3: reading the case: json: unknown field "packets"`,
		"{\"packet\": {\n\"data\": \"0g\"}}":    "invalid byte",
		"{\n\"config\": {\"Size\": \"a lot\"}}": "invalid number",
		"{} {}":                                 "more than one case",
		"{\"packet\": {\"device\": 65536}}":     "65536",
		"{\"objects\": {\"flows\": {\"cap\": []}}}": "objects.cap: array is not a value of int",
		"[]":                       "the case: array is not a value of replay.Case",
		"{}":                       "env.devices is 0: want 1 to 64",
		`{"env": {"devices": 65}}`: "env.devices is 65: want 1 to 64",
		`{"env": {"devices": 2}, "packet": {"device": 2}}`:                  "packet.device is 2: the devices are 0 to 1",
		`{"env": {"devices": 2}, "packet": {"time": -1}}`:                   "packet.time is -1",
		`{"env": {"devices": 2}, "objects": {"a": {}, "flows": null}}`:      "the structure flows is null",
		`{"env": {"devices": 2}, "expected": {"objects": {"flows": null}}}`: "the structure flows is null",
	}
	for text, want := range refused {
		if _, err := Decode([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want %q", text, err, want)
		}
	}
}
