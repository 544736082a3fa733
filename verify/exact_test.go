package verify_test

import (
	"path/filepath"
	"strings"
	"testing"

	"vigor/verify"
)

// TestCountsOfTheSpecAreExact verifies an NF that never asks whether its table is full against a spec
// that does: the state that is shown must be full.
func TestCountsOfTheSpecAreExact(t *testing.T) {
	for capacity, want := range map[string]string{"3": "[2]", "1024": "and 1019 more"} {
		dir := newModule(t)
		writeFile(t, filepath.Join(dir, "nf", "nf.go"), strings.Replace(`package example

import (
	"vigor/libvig"
	"vigor/nf"
)

type Config struct{}

func (c Config) Validate() error { return nil }

type NF struct {
	seen *libvig.Table[uint32, bool] `+"`spec:\"seen\"`"+`
}

func New(env nf.Env, cfg Config) (*NF, error) {
	return &NF{libvig.NewTable[uint32, bool](CAPACITY, env.HashKey)}, nil
}

func (n *NF) Process(p *nf.Packet) nf.Action { return nf.Flood() }
`, "CAPACITY", capacity, 1))
		writeFile(t, filepath.Join(dir, "nf", "spec.py"), `from state import seen

def spec(pkt, device, now):
    """Example."""
    if seen.full:
        return DROP
    return BROADCAST, pkt
`)
		report, err := verify.Run(t.Context(), verify.Config{Dir: dir, Package: "./nf"})
		if err != nil {
			t.Fatal(err)
		}
		if text := report.String(); outcomeOf(report) != "violated" || !strings.Contains(text, want) {
			t.Errorf("capacity %s: want a full table, with %q:\n%s", capacity, want, text)
		}
	}
}
