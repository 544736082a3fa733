package lower

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vigor/internal/smt"
	"vigor/internal/spec/resolve"
	"vigor/internal/spec/syntax"
)

// figure3 is the form of the paper's third figure, with the guard that it lacks.
const figure3 = `"""Learning (Vigor, SOSP 2019, figure 3)."""
from state import mac_table
EXP_TIME = 10 * SECOND
if pkt.has(ether):
    mac_table.expireOlder(now - EXP_TIME)
    if pkt.src_mac in mac_table or not mac_table.full:
        mac_table[pkt.src_mac] = (port, now)
`

func specsOf(t *testing.T, file, text string, s *resolve.Schema) []*resolve.Spec {
	t.Helper()
	tree, problems := syntax.Parse(file, []byte(text))
	specs, more := resolve.Resolve(tree, s)
	for _, d := range slices.Concat(problems, more) {
		t.Fatalf("%v: %v %s", d.Span, d.Code, d.Message)
	}
	return specs
}

// TestScript runs the script alone, and as a step of a spec and of another script.
func TestScript(t *testing.T) {
	s := schema()
	step := strings.Replace(figure3, "if pkt", "learned = 3\nif pkt", 1)
	s.Properties = map[string]resolve.Source{
		"learn": {File: "properties/learn.py", Text: []byte(step)},
		"steps": {File: "properties/steps.py", Text: []byte("from state import mac_table\n" +
			"def learn(pkt, device, now):\n    \"\"\"Learns.\"\"\"\n    if not pkt.has(ether) or mac_table.full:\n        return\n" +
			"    mac_table[pkt.ether.src] = device\n    pkt.ether.src = mac(\"02:00:00:00:00:77\")\n")},
	}
	for _, c := range []struct{ name, file, text, table string }{
		{"alone", "learn.py", figure3, "0:2,0,0,0,0,2=3@1000 "},
		{"spliced", "spec.py", "import learn\nif pkt.has(tcp):\n    return DROP\nreturn ...\n", "0:2,0,0,0,0,2=3@1000 "},
		{"step", "p.py", "from properties.steps import learn as go\ndef p(pkt, device, now):\n    \"\"\"P.\"\"\"\n    go(pkt, device, now)\n" +
			"    assert pkt.ether.src != old(pkt).ether.src, \"steps rewrite, too\"\n", "0:2,0,0,0,0,2=3@1000 "},
		{"flow", "spec.py", "from state import flows\nif pkt.has(l4) and not flows.full:\n    flows.add(pkt.flow)\nreturn ...\n", ""},
		{"flags", "spec.py", "if pkt.has(tcp) and SYN in pkt.tcp.flags or next_proto_id == PROTOCOL_ID_TCP:\n    return DROP\nreturn ...\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := smt.NewBuilder()
			w := world(b, frameOf(inside), 3, 1000)
			_, failed := execute(t, specsOf(t, c.file, c.text, s)[0], b, w)
			if got := w.Objects["mac_table"].(*fake).String(); got != c.table || len(failed) > 0 {
				t.Errorf("got %q, failed %q, want %q", got, failed, c.table)
			}
			flows := w.Objects["flows"].(*fake)
			if c.name == "flow" && !slices.Equal(flows.entries[0].key, flowKey(b, inside, 3)) {
				t.Errorf("flows %v, want the packet's flow", flows)
			}
		})
	}
}

// TestReached: the points that a run meets are among those that resolve lists.
func TestReached(t *testing.T) {
	const text = `
def pick(a):
    if a > 3:
        return 1
    return 0
def p(pkt, device, now):
    """P."""
    assume(device < 3)
    if pkt.has(tcp):
        x = 1
    elif pkt.has(udp):
        x = pick(device)
        assert x == 0
    else:
        return DROP
    return ...
`
	b := smt.NewBuilder()
	spec := compile(t, text)
	r, failed := execute(t, spec, b, world(b, frameOf(inside), 0, 1000))
	if len(failed) > 0 {
		t.Fatal(failed)
	}
	var met, missed []int
	for _, p := range spec.Points {
		if slices.Contains(r.Reached, Reached{p.Span, b.True()}) {
			met = append(met, p.Span.Start.Line)
		} else {
			missed = append(missed, p.Span.Start.Line)
		}
	}
	slices.Sort(met)
	slices.Sort(missed)
	if diff := cmp.Diff([][]int{{8, 12, 13, 16}, {4, 10, 15}}, [][]int{met, missed}); diff != "" {
		t.Errorf("points met and missed, by line (-want +got):\n%s", diff)
	}
}
