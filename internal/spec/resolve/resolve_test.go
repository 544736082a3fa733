package resolve

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vigor/internal/spec/syntax"
)

func integer(width int) *Type { return &Type{Kind: Int, Width: width} }

// testSchema is what the NFs of the tests export.
func testSchema() *Schema {
	flow := &RecordOf{Name: "Flow", Fields: []Field{
		{Name: "src", Type: &Type{Kind: IP4}}, {Name: "src_port", Type: integer(16)}, {Name: "dst", Type: &Type{Kind: IP4}},
		{Name: "dst_port", Type: integer(16)}, {Name: "protocol", Type: integer(8)}, {Name: "device", Type: integer(16)}}}
	bucket := &RecordOf{Name: "Bucket", Fields: []Field{
		{Name: "level", Type: &Type{Kind: Int, Width: 64, Signed: true}},
		{Name: "time", Type: &Type{Kind: Int, Width: 64, Signed: true}}}}
	entry := &RecordOf{Name: "Entry", Fields: []Field{
		{Name: "filtered", Type: &Type{Kind: Bool}}, {Name: "device", Type: integer(16)}}}
	pair := &RecordOf{Name: "Pair", Fields: flow.Fields[:5]}
	record := func(r *RecordOf) *Type { return &Type{Kind: Record, Record: r} }
	long := &Type{Kind: Int, Width: 64, Signed: true}
	return &Schema{
		Objects: []*Object{
			{Name: "flows", Kind: Table, Key: record(flow)},
			{Name: "owners", Kind: Table, Key: record(pair), Value: integer(16)},
			{Name: "buckets", Kind: Table, Key: &Type{Kind: IP4}, Value: record(bucket)},
			{Name: "mac_table", Aliases: []string{"macTable"}, Kind: Table, Key: &Type{Kind: MAC}, Value: integer(16)},
			{Name: "sessions", Kind: ClassTable, Key: &Type{Kind: MAC}, Value: integer(16)},
			{Name: "visits", Kind: ClassTable, Key: &Type{Kind: MAC}},
			{Name: "static_table", Kind: Map, Key: &Type{Kind: MAC}, Value: record(entry)},
			{Name: "names", Kind: Vector, Value: integer(16)},
			{Name: "counter", Kind: Cell, Value: integer(32)},
		},
		Records: []*RecordOf{bucket, entry, flow, pair},
		Config: []Field{{Name: "external_ip", Type: &Type{Kind: IP4}}, {Name: "flow_timeout", Type: long},
			{Name: "start_port", Type: integer(16)}, {Name: "wan", Type: integer(16)}, {Name: "lan", Type: integer(16)},
			{Name: "burst", Type: long}, {Name: "rate", Type: long}, {Name: "idle_timeout", Type: long},
			{Name: "ageing_time", Type: long}},
		Properties: map[string]Source{
			"learn": {File: "properties/learn.py", Text: []byte("from state import mac_table\n" +
				"def learn(pkt, device, now):\n    \"\"\"Learns.\"\"\"\n    if pkt.has(ether):\n" +
				"        unspecified(mac_table)\n")},
			"loop": {File: "properties/loop.py", Text: []byte("from properties.loop import loop\n" +
				"def loop(pkt, device, now):\n    \"\"\"Loops.\"\"\"\n    loop(pkt, device, now)\n")},
			"script": {File: "properties/script.py", Text: []byte("\"\"\"A script.\"\"\"\n" +
				"from state import macTable\nif pkt.has(ether):\n    unspecified(macTable)\n")},
		},
	}
}

func resolveFile(t *testing.T, file string) ([]*Spec, []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	tree, problems := syntax.Parse(file, text)
	if len(problems) > 0 {
		t.Fatalf("%v: %s", problems[0].Span, problems[0].Message)
	}
	specs, problems := Resolve(tree, testSchema())
	var list []string
	for _, d := range problems {
		list = append(list, itoa(d.Span.Start.Line)+": "+d.Code.String()+" "+d.Message)
	}
	return specs, list
}

func TestAccepted(t *testing.T) {
	files, err := filepath.Glob("testdata/accept/*.py")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files (%v)", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			specs, problems := resolveFile(t, file)
			if len(specs) == 0 || len(problems) > 0 {
				t.Errorf("got %d specs and %q", len(specs), problems)
			}
		})
	}
}

var want = regexp.MustCompile(`# want (VIG\d+) "([^"]*)"`)

// TestRefused checks that each line marked `# want CODE "regexp"` is refused so, and no other line.
func TestRefused(t *testing.T) {
	files, err := filepath.Glob("testdata/refuse/*.py")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files (%v)", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			_, problems := resolveFile(t, file)
			text, _ := os.ReadFile(file)
			marked := false
			for i, line := range strings.Split(string(text), "\n") {
				here := itoa(i+1) + ": "
				m := want.FindStringSubmatch(line)
				found := slices.IndexFunc(problems, func(p string) bool {
					return strings.HasPrefix(p, here) && m != nil && regexp.MustCompile(m[1]+" .*"+m[2]).MatchString(p)
				})
				marked = marked || m != nil
				if m != nil && found < 0 {
					t.Errorf("line %d: want %s %q, got %q", i+1, m[1], m[2], problems)
				} else if m != nil {
					problems = slices.Delete(problems, found, found+1)
				}
			}
			if !marked || len(problems) > 0 {
				t.Errorf("unwanted: %q", problems)
			}
		})
	}
}

func TestSpec(t *testing.T) {
	specs, _ := resolveFile(t, "testdata/accept/nat.py")
	s := specs[0]
	if want := "NAPT of TCP and UDP flows (RFC 3022, 2.2 and 4; RFC 4787 REQ-3 and REQ-6)."; s.Title != want || !s.Full {
		t.Errorf("got %q, full %v, want %q, true", s.Title, s.Full, want)
	}
	if len(s.Objects) != 1 || s.Objects[0].Name != "flows" {
		t.Errorf("got objects %v, want flows", s.Objects)
	}
	var lines []int
	for _, p := range s.Points {
		if p.What == "return" {
			lines = append(lines, p.Span.Start.Line)
		}
	}
	if diff := cmp.Diff([]int{8, 14, 18, 22, 25, 29}, lines); diff != "" {
		t.Errorf("returns to reach (-want +got):\n%s", diff)
	}
}

func TestSnakeCase(t *testing.T) {
	for name, want := range map[string]string{"WAN": "wan", "ExternalIP": "external_ip", "SrcPort": "src_port",
		"FlowTimeout": "flow_timeout", "MAC": "mac", "IPAddr": "ip_addr", "N2": "n2"} {
		if got := SnakeCase(name); got != want {
			t.Errorf("SnakeCase(%s) = %s, want %s", name, got, want)
		}
	}
}
