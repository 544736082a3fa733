package diag_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vigor/internal/diag"
	"vigor/internal/source"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// at returns the span that starts at a place.
func at(file string, line, column int) source.Span {
	return source.At(source.Position{File: file, Line: line, Column: column})
}

// golden compares got with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// sample is a list out of order, with one cause found twice and one file with too many findings.
func sample() []diag.Diagnostic {
	list := []diag.Diagnostic{
		diag.New(3003, at("nat/spec.py", 41, 9), "ipv4.src is 10.0.0.7, want 203.0.113.1").
			With("path", "leaves the NF at %s", "nat/nat.go:93:3"),
		diag.New(2001, at("nat/nat.go", 87, 14), "index out of range: port is 65535, table has 1024 entries").
			With("path", "device 1, IPv4, UDP, flow absent").
			With("state", "flows: 2 entries\n0: (10.0.0.7, 5000)\n1: (10.0.0.8, 5000)").
			With("counterexample", "nat.1.json"),
		diag.New(2001, at("nat/nat.go", 87, 14), "index out of range: port is 4096, table has 1024 entries"),
		diag.New(9001, source.Span{}, "no place known"),
	}
	for line := 12; line > 0; line-- {
		list = append(list, diag.New(1501, at("nop/spec.py", line, 1), "'(' is never closed"))
	}
	return list
}

func TestText(t *testing.T) {
	var b strings.Builder
	for _, style := range []diag.Style{{}, {All: true}, {Colour: true}} {
		b.WriteString("-- ")
		json.NewEncoder(&b).Encode(style)
		if err := diag.WriteText(&b, sample(), style); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "text.golden", b.String())
}

func TestTextIgnoresOrder(t *testing.T) {
	list := sample()
	var forward, backward strings.Builder
	diag.WriteText(&forward, list, diag.Style{})
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	diag.WriteText(&backward, list, diag.Style{})
	if diff := cmp.Diff(forward.String(), backward.String()); diff != "" {
		t.Errorf("order matters (-first +second):\n%s", diff)
	}
}

func TestJSON(t *testing.T) {
	text, err := json.MarshalIndent(diag.Causes(sample())[:2], "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "json.golden", string(text)+"\n")
}

func TestCausesKeepsOtherMessages(t *testing.T) {
	here := at("a.py", 1, 1)
	list := []diag.Diagnostic{
		diag.New(3003, here, "ipv4.src is 10.0.0.7, want 10.0.0.9"),
		diag.New(3003, here, "ipv4.dst is 10.0.0.7, want 10.0.0.9"),
		diag.New(3004, here, "ipv4.dst is 10.0.0.7, want 10.0.0.9"),
		diag.New(3003, at("a.py", 2, 1), "ipv4.src is 10.0.0.7, want 10.0.0.9"),
	}
	if got := len(diag.Causes(list)); got != 4 {
		t.Errorf("got %d causes, want 4", got)
	}
}

func TestRelative(t *testing.T) {
	tests := []struct{ file, want string }{
		{"/src/project/nfs/nat/nat.go", "nfs/nat/nat.go"},
		{"/src/projects/nat.go", "/src/projects/nat.go"},
		{"nfs/nat/nat.go", "nfs/nat/nat.go"},
		{"", ""},
	}
	for _, tt := range tests {
		list := diag.Relative([]diag.Diagnostic{diag.New(1, at(tt.file, 1, 1), "")}, "/src/project")
		if got := list[0].Span.Start.File; got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.file, got, tt.want)
		}
	}
}

func TestOutcome(t *testing.T) {
	tests := []struct{ a, b, want diag.Outcome }{
		{diag.Proved, diag.Proved, diag.Proved},
		{diag.Proved, diag.Unknown, diag.Unknown},
		{diag.Unknown, diag.Proved, diag.Unknown},
		{diag.Unknown, diag.Violated, diag.Violated},
		{diag.Violated, diag.Proved, diag.Violated},
	}
	for _, tt := range tests {
		if got := tt.a.And(tt.b); got != tt.want {
			t.Errorf("%v and %v: got %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
	var zero diag.Outcome
	if zero != diag.Unknown {
		t.Errorf("the zero outcome is %v", zero)
	}
	for _, o := range []diag.Outcome{diag.Unknown, diag.Proved, diag.Violated} {
		text, _ := json.Marshal(o)
		var back diag.Outcome
		if err := json.Unmarshal(text, &back); err != nil || back != o {
			t.Errorf("%v becomes %s becomes %v (%v)", o, text, back, err)
		}
	}
	var o diag.Outcome
	if err := json.Unmarshal([]byte(`"perhaps"`), &o); err == nil {
		t.Errorf("%q was read as %v", "perhaps", o)
	}
}
