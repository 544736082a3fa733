package verify_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vigor/internal/testmodule"
	"vigor/verify"
)

// The tests of this file show the known gaps that docs/trust.md lists: what a proof does not see.

// sessions keeps a table of ports; it is the NF of these tests.
const sessions = `package sessions

import (
	"errors"

	"vigor/libvig"
	"vigor/nf"
	"vigor/packet"
)

type Config struct{ Timeout nf.Time }

func (c Config) Validate() error {
	if c.Timeout < 1 {
		return errors.New("the timeout is not positive")
	}
	return nil
}

type Sessions struct {
	cfg   Config
	known *libvig.Table[packet.IPv4, struct{}] ` + "`spec:\"known\"`" + `
	count int
}

func New(env nf.Env, cfg Config) (*Sessions, error) {
	return &Sessions{cfg: cfg, known: libvig.NewTable[packet.IPv4, struct{}](8, env.HashKey)}, nil
}

func (s *Sessions) Process(p *nf.Packet) nf.Action {
	s.known.ExpireBefore(p.Time() - s.cfg.Timeout)
	eth, ok := packet.ParseEthernet(p.Bytes())
	if !ok || eth.Type() != packet.TypeIPv4 {
		return nf.Drop(nf.UnsupportedEtherType)
	}
	ip, ok := packet.ParseIPv4(eth.Payload())
	if !ok {
		return nf.Drop(nf.Malformed)
	}
	BODY
	return nf.Flood()
}
`

const sessionsSpec = `from config import timeout
from state import known


def spec(pkt, device, now):
    """Sessions."""
    known.expire_before(now - timeout)
    if not pkt.has(ipv4):
        return DROP
    BODY
    return BROADCAST, pkt
`

// runSessions verifies the NF with a body and a spec's body.
func runSessions(t *testing.T, body, spec string, overlay map[string][]byte) *verify.Report {
	t.Helper()
	dir := t.TempDir()
	if err := testmodule.Write(dir, map[string]string{
		"sessions/sessions.go": strings.Replace(sessions, "BODY", body, 1),
		"sessions/spec.py":     strings.Replace(sessionsSpec, "BODY", spec, 1),
	}); err != nil {
		t.Fatal(err)
	}
	report, err := verify.Run(t.Context(), verify.Config{Dir: dir, Package: "./sessions", Overlay: overlay})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

const (
	learn = `if i, found := s.known.Lookup(ip.Source()); found {
		s.known.Refresh(i, p.Time())
	} else {
		s.known.Insert(ip.Source(), struct{}{}, p.Time())
	}`
	learnSpec = `if pkt.ipv4.src in known or not known.full:
        known.add(pkt.ipv4.src)`
)

// TestUnprovedLibrary: with another libvig than the one that is proved, the outcome rests on its
// contracts, and says so. A fault in a body is not seen by the NF's proof, since the contract stands for
// it, but such a libvig has no proof.
func TestUnprovedLibrary(t *testing.T) {
	file, err := filepath.Abs("../libvig/table.go")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const sound = "	t.c.Refresh(i, now)\n"
	if strings.Count(string(text), sound) != 1 {
		t.Fatal("the body of Refresh has changed: adapt the fault")
	}
	faulty := strings.Replace(string(text), sound, "	if now != 123456789123456789 {\n	"+sound+"	}\n", 1)
	for _, other := range []string{faulty, string(text) + "\n// Another last line.\n"} {
		report := runSessions(t, learn, learnSpec, map[string][]byte{file: []byte(other)})
		if report.Outcome != verify.Proved || !slices.Contains(report.Assumed, "Table.Refresh") {
			t.Errorf("got %v, assumed %v; want proved, with Table.Refresh assumed", report.Outcome, report.Assumed)
		}
	}
	for _, name := range []string{"../libvig/prefetch_amd64.s", "../libvig/prefetch_arm64.s", "../libvig/other_plan9.go"} {
		if file, err = filepath.Abs(name); err != nil {
			t.Fatal(err)
		}
		text := []byte("package libvig\n")
		if old, err := os.ReadFile(file); err == nil {
			text = append(old, "\n// Another last line.\n"...)
		}
		report := runSessions(t, learn, learnSpec, map[string][]byte{file: text})
		if report.Outcome != verify.Proved || !slices.Contains(report.Assumed, "Table.Refresh") {
			t.Errorf("%s: got %v, assumed %v; want proved, with Table.Refresh assumed", name, report.Outcome, report.Assumed)
		}
	}
	if report := runSessions(t, learn, learnSpec, nil); report.Outcome != verify.Proved || len(report.Assumed) > 0 {
		t.Errorf("libvig as it is: got %v, assumed %v; want proved, and nothing assumed", report.Outcome, report.Assumed)
	}
}

// TestOtherMeaning: what is taken as what it means is that of this module, or the outcome says what was taken.
func TestOtherMeaning(t *testing.T) {
	for _, f := range []struct{ program, file, old, new, want string }{
		{"list_of_peers", "../packet/checksum.go", "uint32(^old1)", "uint32(^old1+0)", "packet.UpdateChecksumOfTwo"},
		{"list_of_peers", "../packet/checksum.go", "(RFC 1071)", "", "packet.UpdateChecksumOfTwo"},
		{"header_checked", "../packet/checksum.go", "len(b) == 1", "len(b) > 0", "packet.Checksum"},
		{"list_of_peers", "../nf/list.go", "err := list[i].Validate()", "err := error(nil)", "nf.ValidateAll"},
	} {
		file, err := filepath.Abs(f.file)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(text), f.old) {
			t.Fatalf("no %q in %s: %v", f.old, f.file, err)
		}
		dir := newModule(t)
		p := readProgram(t, "testdata/proved/"+f.program+".txtar")
		p.write(t, dir)
		for _, overlay := range []map[string][]byte{nil, {file: []byte(strings.Replace(string(text), f.old, f.new, 1))}} {
			report, err := verify.Run(t.Context(), verify.Config{Dir: dir, Package: "./" + p.name, Overlay: overlay})
			if err != nil {
				t.Fatal(err)
			}
			if assumed := slices.Contains(report.Assumed, f.want); assumed != (overlay != nil) {
				t.Errorf("%s, changed: %v: assumed %v of %v", f.file, overlay != nil, report.Assumed, f.want)
			}
		}
	}
}

// TestGapOpenFields: what a spec leaves open is not looked at, a wrong checksum for one. The report
// lists the place.
func TestGapOpenFields(t *testing.T) {
	const spoil = "ip.SetChecksum(ip.Checksum() + 1)"
	report := runSessions(t, learn+"\n"+spoil, learnSpec+"\n    pkt.ipv4.checksum = ...", nil)
	if report.Outcome != verify.Proved || holes(report) == 0 {
		t.Errorf("got %v with %d holes, want proved with some:\n%v", report.Outcome, holes(report), report)
	}
	report = runSessions(t, learn+"\n"+spoil, learnSpec, nil)
	if report.Outcome != verify.Violated {
		t.Errorf("a spoilt checksum: got %v, want violated", report.Outcome)
	}
}

func holes(r *verify.Report) int {
	n := 0
	for _, s := range r.Specs {
		n += len(s.Holes)
	}
	return n
}

// TestGapUnreachableState: a proof knows of the state what Valid and the structures' invariants say,
// not which states Process can reach. An NF that relies on more is refused although nothing is wrong.
func TestGapUnreachableState(t *testing.T) {
	const body = `if s.count > 3 {
		panic("never happens: count goes from 0 to 3 and back to 0")
	}
	if s.count++; s.count > 3 {
		s.count = 0
	}` + "\n" + learn
	report := runSessions(t, body, learnSpec, nil)
	if report.Outcome != verify.Violated {
		t.Errorf("got %v; if reachability is known now, docs/trust.md is to be changed:\n%v", report.Outcome, report)
	}
}

// TestGapScenarios: properties over several packets are read but not proved; they are never silently
// left out.
func TestGapScenarios(t *testing.T) {
	dir := t.TempDir()
	if err := testmodule.Write(dir, map[string]string{
		"sessions/sessions.go": strings.Replace(sessions, "BODY", learn, 1),
		"sessions/properties/same.py": `@scenario
def same_outcome(nf, p: Packet, d: Device, t1: Time, t2: Time):
    """The same packet fares alike twice."""
    a = nf.process(p, d, t1)
    b = nf.process(p, d, t2)
    assert a.sent == b.sent, "another outcome"
`,
	}); err != nil {
		t.Fatal(err)
	}
	report, err := verify.Run(t.Context(), verify.Config{Dir: dir, Package: "./sessions"})
	if err != nil {
		t.Fatal(err)
	}
	if report.Outcome != verify.Unknown {
		t.Errorf("got %v, want unknown:\n%v", report.Outcome, report)
	}
}
