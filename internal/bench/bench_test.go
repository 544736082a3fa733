package bench

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vigor/dataplane/bench"
)

func TestQuantile(t *testing.T) {
	values := []float64{5, 1, 4, 2, 3, 10, 9, 8, 7, 6}
	for share, want := range map[float64]float64{0: 1, 0.1: 1, 0.11: 2, 0.5: 5, 0.95: 10, 1: 10} {
		if got := quantile(values, share); got != want {
			t.Errorf("quantile %v is %v, want %v", share, got, want)
		}
	}
	if got := summary(values); got != (Summary{1, 1, 5, 10}) {
		t.Errorf("summary %+v", got)
	}
	if summary(nil) != (Summary{}) || ratio(nil) != (Ratio{}) {
		t.Error("nothing has a summary")
	}
}

// sample is a report of two functions in two scenarios, one of them impossible.
func sample() *Report {
	round := func(harness, function float64) *bench.Round {
		return &bench.Round{Harness: []float64{harness, harness + 1}, Function: []float64{function, function + 1}, Process: 1}
	}
	wire := &Row{NF: "nop", Scenario: Base, rounds: []*bench.Round{round(10, 11), round(20, 30)}}
	nat := &Row{NF: "nat", Scenario: Base, rounds: []*bench.Round{round(10, 44), round(20, 60)}}
	none := &Row{NF: "nat", Scenario: Base, Impossible: "at most 64512 entries: there are no more"}
	none.Scenario.Entries = 1 << 20
	for _, row := range []*Row{wire, nat} {
		row.Latency = &bench.Latency{Undisturbed: bench.Percentiles{Bursts: 9, P50: 1500, P99: 2500, P999: 3500, P9999: 4500, Max: 5500},
			All: bench.Percentiles{Bursts: 10, P999: 99000, Max: 88000}, Switches: 2}
		row.summarise(wire)
	}
	r := &Report{Rounds: 2, Machine: Machine{CPU: "Abacus", Processors: 1, Memory: []MemoryTime{{32 << 10, 1.25}, {4 << 20, 80}}}}
	r.add([]*Row{wire, nat, none}, true)
	return r
}

// TestRatiosAreOfRounds: numbers of different rounds are never divided by each other.
func TestRatiosAreOfRounds(t *testing.T) {
	nat := sample().Rows[1]
	if nat.ToNop != (Ratio{2, 2, 4}) || nat.ToHarness != (Ratio{3, 3, 4.4}) {
		t.Errorf("to nop %+v, to harness %+v", nat.ToNop, nat.ToHarness)
	}
	if nat.Raw != (Summary{44, 44, 45, 4}) || nat.Net != (Summary{33, 33, 33, 4}) {
		t.Errorf("raw %+v, net %+v", nat.Raw, nat.Net)
	}
}

func TestTable(t *testing.T) {
	var out bytes.Buffer
	r := sample()
	r.Peers = []Peer{
		{Name: "abacus", NF: "nat", Scenario: nominal(Base), Raw: Summary{Min: 80, P10: 85, Median: 90}},
		{Name: "quill", NF: "NAT", Scenario: nominal(Base), Raw: Summary{Min: 80, P10: 85, Median: 90}},
	}
	if err := r.Table(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Abacus, 1 processors", "32 KB 1.2 ns  4 MB 80.0 ns", " 44.0  44.0    45.0     33.0  33.0    33.0  22.2   2.00",
		" 1.5  2.5    3.5     4.5  5.5      0", "not measured: nat, random, 0 turnovers, 64 B, 1048576 entries, burst 32: at most 64512 entries: there are no more",
		"abacus 80.0 min, 85.0 p10, 90.0 median; ours is 0.50 of that median, from other rounds",
		"1 of the peers' 2 figures are of nothing that was measured; the first: quill, NAT, random, 0 turnovers, 64 B, 65536 entries, burst 32",
		"1 of 10 bursts met an involuntary switch; with them p99.9 is 99.0 us, max 88.0 us",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestAllocates(t *testing.T) {
	r := sample()
	if err := r.Allocates(); err != nil {
		t.Errorf("without allocations: %v", err)
	}
	r.Rows[1].Allocations, r.Rows[1].AllocatedBy = 3, "shelf.(*Shelf).Process, shelf.go:7"
	want := "allocated 3 times while nat processed packets, mostly by shelf.(*Shelf).Process, shelf.go:7"
	if err := r.Allocates(); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

// nominal is a scenario as peers' figures have it.
func nominal(s bench.Scenario) bench.Scenario {
	s.Ring = 0
	return s
}

// TestCSVIsReadBack: what one run writes, the next can be compared with.
func TestCSVIsReadBack(t *testing.T) {
	var text bytes.Buffer
	if err := sample().CSV(&text); err != nil {
		t.Fatal(err)
	}
	peers, err := readPeers(t, text.String())
	if err != nil || len(peers) != 2 {
		t.Fatalf("got %v, %v", peers, err)
	}
	if want := (Peer{"vigor, earlier", "nat", nominal(Base), Summary{Min: 44, P10: 44, Median: 45}}); peers[1] != want {
		t.Errorf("got %+v, want %+v", peers[1], want)
	}
}

func readPeers(t *testing.T, text string) ([]Peer, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "peers.csv")
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return ReadPeers(name)
}

func TestPeersAreRefused(t *testing.T) {
	const header = "name,nf,io,traffic,turnovers,frame,entries,burst,min,p10,median\n"
	for _, test := range []struct{ text, want string }{
		{"", "peers.csv:1:1: the file is empty: its first line must be name,nf,io,traffic"},
		{"name,nf\n", "peers.csv:1:1: column io is missing"},
		{"name,nf,speed\n", `peers.csv:1:9: unknown column "speed": there must be`},
		{"name,name\n", "peers.csv:1:6: column name comes twice"},
		{header + "a,nat,memory,random,0,64,65536,32,1,2\n", "peers.csv:2:1: not comma-separated values: wrong number of fields"},
		{header + "a,nat,memory,random,0,64,65536,32,1,2,3\na,\"nat,random\n", "peers.csv:3:"},
		{header + ",nat,memory,random,0,64,65536,32,1,2,3\n", "peers.csv:2:1: name is empty"},
		{header + "a,nat,wire,random,0,64,65536,32,1,2,3\n", `peers.csv:2:7: there is no back end "wire"`},
		{header + "a,nat,memory,fast,0,64,65536,32,1,2,3\n", `peers.csv:2:14: there is no traffic "fast"`},
		{header + "a,nat,memory,random,0,64,64k,32,1,2,3\n", `peers.csv:2:26: entries: "64k": expected a number`},
		{header + "a,nat,memory,random,0,64,65536,32,1,2,quick\n", `peers.csv:2:39: median: "quick": expected nanoseconds per packet`},
		{header + "a,nat,memory,random,0,64,65536,32,1,NaN,3\n", `peers.csv:2:37: p10: "NaN": expected nanoseconds`},
		{header + "a,nat,memory,random,0,64,65536,32,-1,2,3\n", `min: "-1": expected nanoseconds`},
	} {
		if _, err := readPeers(t, test.text); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, want %q", test.text, err, test.want)
		}
	}
	if _, err := ReadPeers("absent.csv"); err == nil || !strings.Contains(err.Error(), "absent.csv") {
		t.Errorf("got %v", err)
	}
}

// TestPlot: the chart has every row and series, and two runs draw the same.
func TestPlot(t *testing.T) {
	var first, second bytes.Buffer
	for _, out := range []*bytes.Buffer{&first, &second} {
		r := sample()
		r.Peers = []Peer{
			{Name: "abacus", NF: "nat", Scenario: nominal(Base), Raw: Summary{P10: 85, Median: 90}},
			{Name: "quill", NF: "NAT", Scenario: nominal(Base), Raw: Summary{P10: 70, Median: 75}},
		}
		if err := r.Plot(out); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"<svg", "nat, random", "nop, random", ">abacus<", "Liberation Serif,Times New Roman", ">85 abacus<", ">44 vigor<", ">11 vigor<", "Abacus"} {
		if !strings.Contains(first.String(), want) {
			t.Errorf("no %q in the chart", want)
		}
	}
	if strings.Contains(first.String(), "quill") {
		t.Error("who has no bar is in the legend")
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) || strings.Contains(first.String(), "1048576") {
		t.Error("two charts differ, or show what was not measured")
	}
	if err := (&Report{}).Plot(&first); err == nil {
		t.Error("a chart of nothing")
	}
}

func TestScenarioLists(t *testing.T) {
	survey := Standard.Survey(Base)
	if survey[0] != Base || len(survey) < 15 {
		t.Errorf("%d scenarios, first %+v", len(survey), survey[0])
	}
	for i, s := range survey {
		if slices.Contains(survey[:i], s) {
			t.Errorf("%s comes twice", title(s))
		}
	}
	small := Axes{Traffic: []bench.Traffic{bench.Miss, bench.Random}, Bursts: []int{1, 8, 32}}
	if list := small.Product(Base); len(list) != 6 || list[5].Burst != 32 || list[0].Traffic != bench.Miss {
		t.Errorf("product %+v", list)
	}
}

func TestMachine(t *testing.T) {
	m := describeMachine()
	m.finish()
	if m.Processors < 1 || m.Go == "" || math.IsNaN(m.Steal) {
		t.Errorf("%+v", m)
	}
}
