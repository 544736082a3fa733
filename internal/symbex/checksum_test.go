package symbex_test

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/tools/go/ssa"

	"vigor/internal/contract"
	"vigor/internal/load"
	"vigor/internal/smt"
	"vigor/internal/solver"
	"vigor/internal/solver/embedded"
	"vigor/internal/symbex"
	"vigor/internal/symbex/summary"
)

// checksumUser is an NF that has package packet loaded.
const checksumUser = `package sample

import (
	"vigor/nf"
	"vigor/packet"
)

type Config struct{}

func (c Config) Validate() error { return nil }

type NF struct{}

func New(env nf.Env, cfg Config) (*NF, error) { return &NF{}, nil }

func (n *NF) Process(p *nf.Packet) nf.Action {
	if packet.UpdateChecksum(1, 2, 3) == 4 {
		return nf.Drop(nf.Malformed)
	}
	return nf.Flood()
}
`

// checksumFunction loads a function of package packet, in a given text of its file.
func checksumFunction(t *testing.T, b *smt.Builder, function, file string) (*symbex.Program, *ssa.Function, *contract.Operation) {
	t.Helper()
	nf, problems, err := load.Load(t.Context(), load.Config{Dir: "../..", Pattern: "./nfs/sample",
		Overlay: map[string][]byte{"nfs/sample/sample.go": []byte(checksumUser), "packet/checksum.go": []byte(file)}})
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	pkg := nf.Packages[load.PacketPath]
	contracts, wrong := contract.Parse(nf.Fset, pkg.Files, pkg.Info, pkg.Types)
	if len(wrong) > 0 || contracts.Funcs[function] == nil {
		t.Fatalf("packet.%s has no contract: %v", function, wrong)
	}
	program, problem := symbex.NewProgram(t.Context(), nf, map[string]*contract.Package{load.PacketPath: contracts}, b)
	if problem != nil {
		t.Fatal(problem)
	}
	return program, pkg.SSA.Func(function), contracts.Funcs[function]
}

// updateMatchesContract decides whether the body of a function of package packet, in a given text of
// its file, returns what its contract says on every path and for all words: unsat if it does, else sat
// and words that show it.
func updateMatchesContract(t *testing.T, function, file string) (answer solver.Answer, words []uint64) {
	t.Helper()
	b := smt.NewBuilder()
	s := embedded.New(b)
	program, fn, op := checksumFunction(t, b, function, file)
	if len(op.Requires) > 0 || len(op.Defs) != 1 {
		t.Fatalf("the contract of packet.%s is not one definition for all words", function)
	}
	// Every word is the complement of one: with those of sum and old as the variables, both sides
	// add the same words, and the solver has little to do.
	var in []summary.Value
	var args []symbex.Value
	for _, param := range op.Params {
		word := b.Var(param.Name, 16)
		if !strings.HasPrefix(param.Name, "new") {
			word = b.BVNot(word)
		}
		in, args = append(in, summary.Value{word}), append(args, symbex.Scalar{Term: word})
	}
	answer = solver.Unsat
	e := &symbex.Explorer{Builder: b, Solver: s, MaxPaths: 10}
	_, problem := e.Explore(t.Context(), nil, func(p *symbex.Path) {
		got := program.Body(p, fn, args).(symbex.Scalar).Term
		want := summary.CallFunction(p, op, in, summary.CallOptions{})[0][0]
		if len(p.Obligations) > 0 {
			t.Error("the body can fail")
		}
		if a := s.Check(t.Context(), append(p.Condition(), b.Not(b.Eq(got, want)))...); a != solver.Unsat {
			answer = a
			for i := 0; i < len(in) && a == solver.Sat; i++ {
				words = append(words, s.Model().Eval(in[i][0]).Uint64())
			}
		}
	})
	if problem != nil {
		t.Fatal(problem)
	}
	return answer, words
}

// TestUpdateChecksumMeetsItsContract proves the contract of packet.UpdateChecksum, on which every
// proof about an NF relies, against its body for all 2^48 arguments, and refuses wrong bodies.
func TestUpdateChecksumMeetsItsContract(t *testing.T) {
	text, err := os.ReadFile("../../packet/checksum.go")
	if err != nil {
		t.Fatal(err)
	}
	if answer, words := updateMatchesContract(t, "UpdateChecksum", string(text)); answer != solver.Unsat {
		t.Errorf("that the body differs from its contract is %v, with the words %#x", answer, words)
	}
	const (
		add    = "wide := uint32(^sum) + uint32(^old) + uint32(new)\n"
		fold   = "\twide = wide&0xFFFF + wide>>16\n"
		result = "return ^uint16(wide)"
	)
	mutants := []struct{ name, old, new string }{
		{"no carry", fold + fold, ""},
		{"one carry", fold + fold, fold},
		{"carry thrown away", fold + fold, "\twide = wide & 0xFFFF\n"},
		{"carry of the wrong half", fold + fold, fold + "\twide = wide&0xFFFF + wide>>15\n"},
		{"minus for plus", add, "wide := uint32(^sum) + uint32(^old) - uint32(new)\n"},
		{"complement of the result missing", result, "return uint16(wide)"},
		{"complement of the old word missing", add, "wide := uint32(^sum) + uint32(old) + uint32(new)\n"},
		{"complement of the sum missing", add, "wide := uint32(sum) + uint32(^old) + uint32(new)\n"},
		{"equation 2 of RFC 1624, from RFC 1141", add + fold + fold + "\t" + result,
			"wide := uint32(sum) + uint32(old) + uint32(^new)\n" + fold + fold + "\treturn uint16(wide)"},
		{"old and new exchanged", add, "wide := uint32(^sum) + uint32(^new) + uint32(old)\n"},
		{"new word twice", add, "wide := uint32(^sum) + uint32(^new) + uint32(new)\n"},
		{"narrow sum", add, "wide := uint32(^sum + ^old + new)\n"},
		{"special case of zero", result, "if wide == 0xFFFF {\n\t\treturn 0xFFFF\n\t}\n\t" + result},
	}
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			mutant := strings.Replace(string(text), m.old, m.new, 1)
			if mutant == string(text) {
				t.Fatalf("packet/checksum.go has no %q", m.old)
			}
			if answer, _ := updateMatchesContract(t, "UpdateChecksum", mutant); answer != solver.Sat {
				t.Errorf("the answer is %v, want %v", answer, solver.Sat)
			}
		})
	}
}

// TestUpdateOfSeveralMeetsItsContract does the same for packet.UpdateChecksumOfTwo and all 2^80 arguments, and for
// UpdateChecksumOfThree and all 2^112.
func TestUpdateOfSeveralMeetsItsContract(t *testing.T) {
	text, err := os.ReadFile("../../packet/checksum.go")
	if err != nil {
		t.Fatal(err)
	}
	for function, last := range map[string]string{"UpdateChecksumOfTwo": "2", "UpdateChecksumOfThree": "3"} {
		if answer, words := updateMatchesContract(t, function, string(text)); answer != solver.Unsat {
			t.Errorf("that the body of %s differs from its contract is %v, with the words %#x", function, answer, words)
		}
		const (
			add    = "uint32(^oldN) + uint32(newN)\n"
			fold   = "\twide = wide&0xFFFF + wide>>16\n"
			result = "return ^uint16(wide)"
		)
		for _, m := range []struct{ name, old, new string }{
			{"last word missing", add, "0*uint32(^oldN) + 0*uint32(newN)\n"},
			{"last words exchanged", add, "uint32(^newN) + uint32(oldN)\n"},
			{"first word twice", add, "uint32(^old1) + uint32(newN) + 0*uint32(oldN)\n"},
			{"one carry", fold + fold, fold},
			{"two bits of carry thrown away", fold + fold, "\twide = wide&0xFFFF + wide>>16&1\n" + fold},
			{"complement of the result missing", result, "return uint16(wide)"},
		} {
			t.Run(function+"/"+m.name, func(t *testing.T) {
				start := strings.Index(string(text), "func "+function)
				from, to := strings.ReplaceAll(m.old, "N", last), strings.ReplaceAll(m.new, "N", last)
				mutant := string(text)[:start] + strings.Replace(string(text)[start:], from, to, 1)
				if mutant == string(text) {
					t.Fatalf("%s has no %q", function, from)
				}
				if answer, _ := updateMatchesContract(t, function, mutant); answer != solver.Sat {
					t.Errorf("the answer is %v, want %v", answer, solver.Sat)
				}
			})
		}
	}
}
