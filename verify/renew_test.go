package verify_test

import (
	"strings"
	"testing"

	"vigor/internal/testmodule"
	"vigor/verify"
)

// TestRenewIsRefused: the method with which the run loop fills packets is not for network functions,
// whose frames it would replace or cut.
func TestRenewIsRefused(t *testing.T) {
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
	p.Renew(p.Bytes()[:50], p.Device(), p.Time())
	return nf.Flood()
}
`
	const spec = `def spec(pkt, device, now):
    """Runt filter."""
    if pkt.length < 60:
        return DROP
    return BROADCAST, pkt
`
	dir := t.TempDir()
	if err := testmodule.Write(dir, map[string]string{"runts/runts.go": code, "runts/spec.py": spec}); err != nil {
		t.Fatal(err)
	}
	report, err := verify.Run(t.Context(), verify.Config{Dir: dir, Package: "./runts"})
	if err != nil {
		t.Fatal(err)
	}
	list := diagnosticsOf(report)
	if !report.Refused() || len(list) == 0 || list[0].Code.String() != "VIG1219" || !strings.Contains(list[0].Message, "store to the nf.Packet") {
		t.Errorf("refused: %v, %v; want VIG1219 about a store to the nf.Packet", report.Refused(), list)
	}
}
