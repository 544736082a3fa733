package verify

import (
	"errors"
	"strings"
	"testing"

	"vigor/internal/testmodule"
)

// TestSameBytesTwice verifies two NFs twice: but for what was measured, text and JSON are the same bytes.
func TestSameBytesTwice(t *testing.T) {
	const code = `package runts

import "vigor/nf"

type Config struct{}

func (c Config) Validate() error { return nil }

type Filter struct{}

func New(env nf.Env, cfg Config) (*Filter, error) { return &Filter{}, nil }

func (f *Filter) Process(p *nf.Packet) nf.Action {
	if len(p.Bytes()) < 60 {
		return nf.Drop(nf.Malformed)
	}
	return nf.Flood()
}
`
	spec := func(least string) string {
		return "def spec(pkt, device, now):\n    \"\"\"Runt filter.\"\"\"\n    if pkt.length < " + least +
			":\n        return DROP\n    return BROADCAST, pkt\n"
	}
	dir := t.TempDir()
	if err := testmodule.Write(dir, map[string]string{"right/nf.go": code, "right/spec.py": spec("60"),
		"wrong/nf.go": code, "wrong/spec.py": spec("61"), "none/none.go": "package none"}); err != nil {
		t.Fatal(err)
	}
	once := func() string {
		packages, err := Packages(t.Context(), dir, "./right", "./...")
		if err != nil || len(packages) != 2 {
			t.Fatalf("got %v, %v, want two packages", packages, err)
		}
		s, err := RunAll(t.Context(), Config{Dir: dir}, packages)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range s.Reports {
			if len(r.Measured.Stages) == 0 {
				t.Errorf("%s: nothing was measured", r.Package)
			}
			r.Measured = Measured{}
		}
		var b strings.Builder
		if err := errors.Join(s.WriteText(&b, true, false), s.WriteJSON(&b)); err != nil {
			t.Error(err)
		}
		return b.String()
	}
	first := once()
	if !strings.Contains(first, "VIG3") || !strings.Contains(first, "./right: proved") {
		t.Errorf("one is proved and one is not, got\n%s", first)
	}
	if again := once(); again != first {
		t.Errorf("two runs differ:\n%s\n%s", first, again)
	}
}

// TestTable: counts are added up, memory is not; the outcome is the worst.
func TestTable(t *testing.T) {
	r := sample()
	r.Specs[0].Lines = 30
	s := &Summary{Outcome: Violated, Reports: []*Report{r, {Package: "./p", Outcome: Proved,
		Measured: Measured{Memory: 70 << 20, Stages: []Timing{{"load", 160_000_000}}}}}}
	var b strings.Builder
	if err := s.WriteTable(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "table.golden", b.String())
}
