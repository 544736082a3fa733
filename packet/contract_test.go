package packet_test

import (
	"os"
	"strings"
	"testing"

	"vigor/internal/contract"
	"vigor/internal/load"
	"vigor/internal/smt"
	"vigor/internal/solver"
	"vigor/internal/solver/embedded"
	"vigor/internal/symbex"
)

// sample is a network function that fails on a packet for which the body of UpdateChecksum, under
// another name, and its contract, by which calls to it are replaced, differ.
const sample = `// Package sample compares a function with its contract.
package sample

import (
	"vigor/nf"
	"vigor/packet"
)

// Config is empty.
type Config struct{}

// Validate accepts it.
func (Config) Validate() error { return nil }

// NF is under test.
type NF struct{}

// New returns it.
func New(env nf.Env, cfg Config) (*NF, error) { return &NF{}, nil }

// Process compares.
func (*NF) Process(p *nf.Packet) nf.Action {
	b := p.Bytes()
	if len(b) < 6 {
		return nf.Drop(nf.Malformed)
	}
	x, y, z := uint16(b[0])<<8|uint16(b[1]), uint16(b[2])<<8|uint16(b[3]), uint16(b[4])<<8|uint16(b[5])
	sum, old, new := ^x, ^y, z // all values occur, and the sums of body and contract have one order
	if body(sum, old, new) != packet.UpdateChecksum(sum, old, new) {
		panic("the body and the contract differ")
	}
	return nf.Forward(0)
}

`

// TestUpdateChecksumMeetsItsContract proves the contract for all 2^48 arguments, and refuses bodies
// with a mistake.
func TestUpdateChecksumMeetsItsContract(t *testing.T) {
	text, err := os.ReadFile("checksum.go")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "func UpdateChecksum")
	body, _, end := strings.Cut(rest, "\n}\n")
	if !ok || !end {
		t.Fatal("checksum.go has no UpdateChecksum")
	}
	body = "func body" + body + "\n}\n"
	if found := differences(t, body); found != 0 {
		t.Errorf("%d paths on which the body and its contract differ", found)
	}
	const fold = "	wide = wide&0xFFFF + wide>>16\n"
	for name, edits := range map[string][]string{
		"equation of RFC 1141": {"(^sum)", "(sum)", "(^old)", "(old)", "(new)", "(^new)", "return ^", "return "},
		"one fold":             {fold + fold, fold},
		"no fold":              {fold, ""},
		"old not inverted":     {"(^old)", "(old)"},
		"new inverted":         {"(new)", "(^new)"},
		"sum not inverted":     {"(^sum)", "(sum)"},
		"result not inverted":  {"return ^", "return "},
		"carry lost":           {fold + fold, "	wide = wide&0xFFFF + wide>>17\n" + fold},
	} {
		t.Run(name, func(t *testing.T) {
			mutant := strings.NewReplacer(edits...).Replace(body)
			if mutant == body {
				t.Fatalf("%q is not in the body", edits[0])
			}
			if differences(t, mutant) == 0 {
				t.Error("a wrong body meets the contract")
			}
		})
	}
}

// differences is the number of paths on which the sample with a given body may panic.
func differences(t *testing.T, body string) int {
	t.Helper()
	overlay := map[string][]byte{"nfs/sample/sample.go": []byte(sample + body)}
	nf, problems, err := load.Load(t.Context(), load.Config{Dir: "..", Pattern: "./nfs/sample", Overlay: overlay})
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	own := nf.Packages[load.PacketPath]
	parsed, wrong := contract.Parse(nf.Fset, own.Files, own.Info, own.Types)
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	b := smt.NewBuilder()
	program, problem := symbex.NewProgram(t.Context(), nf, map[string]*contract.Package{load.PacketPath: parsed}, b)
	if problem != nil {
		t.Fatal(problem)
	}
	decide := embedded.New(b)
	result, problem := symbex.Execute(t.Context(), program, &symbex.Explorer{Builder: b, Solver: decide, MaxPaths: 20})
	if problem != nil {
		t.Fatal(problem)
	}
	found := 0
	for _, r := range result.All {
		for _, o := range r.Path.Obligations {
			switch decide.Check(t.Context(), append(o.Condition, b.Not(o.Goal))...) {
			case solver.Sat:
				found++
			case solver.Unknown:
				t.Fatal("no answer")
			}
		}
	}
	return found
}
