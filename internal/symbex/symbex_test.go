package symbex_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vigor/internal/contract"
	"vigor/internal/diag"
	"vigor/internal/load"
	"vigor/internal/smt"
	"vigor/internal/solver"
	"vigor/internal/solver/embedded"
	"vigor/internal/symbex"
)

// prelude is the NF around a Process under test.
const prelude = `// Package sample is an NF under test.
package sample

import (
	"errors"
	"math/bits"

	"vigor/nf"
)

var _ = bits.Len8

// Config is empty.
type Config struct{ Limit uint16 }

// Validate accepts a limit below 100.
func (c Config) Validate() error {
	if c.Limit >= 100 {
		return errors.New("too large")
	}
	return nil
}

// NF is under test.
type NF struct {
	cfg   Config
	count uint64
}

// New returns the NF.
func New(env nf.Env, cfg Config) (*NF, error) { return &NF{cfg: cfg}, nil }
`

// execution is what executing an NF gave.
type execution struct {
	*symbex.Result
	problem *diag.Diagnostic
	failed  []string // codes of the obligations that do not hold, with their lines, sorted
	solver  solver.Solver
	text    string
}

// execute runs an NF whose text is the prelude and body.
func execute(t *testing.T, body string) *execution {
	t.Helper()
	text := prelude + body
	overlay := map[string][]byte{"nfs/sample/sample.go": []byte(text)}
	nf, problems, err := load.Load(t.Context(), load.Config{Dir: "../..", Pattern: "./nfs/sample", Overlay: overlay})
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	return run(t, nf, text)
}

func run(t *testing.T, nf *load.NF, text string) *execution {
	t.Helper()
	contracts := map[string]*contract.Package{}
	for _, path := range []string{load.LibraryPath, load.PacketPath} {
		if pkg := nf.Packages[path]; pkg != nil {
			parsed, wrong := contract.Parse(nf.Fset, pkg.Files, pkg.Info, pkg.Types)
			if len(wrong) > 0 {
				t.Fatal(wrong)
			}
			contracts[path] = parsed
		}
	}
	b := smt.NewBuilder()
	x := &execution{solver: embedded.New(b), text: text}
	program, problem := symbex.NewProgram(t.Context(), nf, contracts, b)
	if problem != nil {
		x.problem = problem
		return x
	}
	x.Result, x.problem = symbex.Execute(t.Context(), program, &symbex.Explorer{Builder: b, Solver: x.solver, MaxPaths: 200})
	x.discharge(b)
	return x
}

// discharge decides the obligations.
func (x *execution) discharge(b *smt.Builder) {
	if x.Result == nil {
		return
	}
	for _, r := range x.All {
		for _, o := range r.Path.Obligations {
			if x.solver.Check(context.Background(), append(o.Condition, b.Not(o.Goal))...) != solver.Unsat {
				x.failed = append(x.failed, fmt.Sprintf("%v@%d", o.Claim.Code, o.Claim.Span.Start.Line))
			}
		}
	}
	slices.Sort(x.failed)
	x.failed = slices.Compact(x.failed)
}

var want = regexp.MustCompile(`// want ((?:VIG\d+ ?)+)`)

// wanted lists the codes that comments in the text ask for, with their lines.
func wanted(text string) []string {
	var list []string
	for n, line := range strings.Split(text, "\n") {
		if m := want.FindStringSubmatch(line); m != nil {
			for code := range strings.FieldsSeq(m[1]) {
				list = append(list, fmt.Sprintf("%s@%d", code, n+1))
			}
		}
	}
	slices.Sort(list)
	return list
}

// process is a Process of one body.
func process(body string) string {
	return "\n// Process is under test.\nfunc (n *NF) Process(p *nf.Packet) nf.Action {\n\tb := p.Bytes()\n\t_ = b\n" +
		body + "\n\treturn nf.Drop(nf.Malformed)\n}\n"
}

// TestSafety runs fragments of code: each line that can fail, and no other, must be found.
func TestSafety(t *testing.T) {
	tests := []struct{ name, body string }{
		{"index of an empty frame", "if b[0] == 1 { return nf.Flood() } // want VIG2001"},
		{"index after a check", "if len(b) > 3 && b[3] == 1 { return nf.Flood() }"},
		{"index one past", "if len(b) >= 3 && b[3] == 1 { return nf.Flood() } // want VIG2001"},
		{"slice of an empty frame", "if len(b[14:]) == 0 { return nf.Flood() } // want VIG2002"},
		{"slice after a check", "if len(b) >= 14 && len(b[14:]) == 0 { return nf.Flood() }"},
		{"slice with swapped bounds", "if len(b) >= 20 && len(b[len(b):14]) == 0 { return nf.Flood() } // want VIG2002"},
		{"array view of a short frame", "a := (*[6]byte)(b)\nif a[5] == 1 { return nf.Flood() }\n// "},
		{"length from the frame", "if len(b) > 20 && b[14] < 6 && b[14+b[14]] == 1 { return nf.Flood() }"},
		{"length from the frame unchecked", "if len(b) > 20 && b[int(b[14])] == 1 { return nf.Flood() } // want VIG2001"},
		{"division", "if 7 / len(b) > 1 { return nf.Flood() } // want VIG2004"},
		{"division after a check", "if len(b) > 0 && 7 / len(b) > 1 { return nf.Flood() }"},
		{"remainder of a byte", "if len(b) > 0 && 7 % b[0] > 1 { return nf.Flood() } // want VIG2004"},
		{"negative shift", "if 1 << (len(b) - 3) > 1 { return nf.Flood() } // want VIG2005"},
		{"shift by a byte", "if len(b) > 0 && 1 << b[0] > 1 { return nf.Flood() }"},
		{"bits.Div64", "if q, _ := bits.Div64(uint64(len(b)), 7, 9); q > 1 { return nf.Flood() } // want VIG2004"},
		{"bits.Div64 after a check", "if len(b) < 9 {\nif q, _ := bits.Div64(uint64(len(b)), 7, 9); q > 1 { return nf.Flood() }\n}"},
		{"bits.Mul64", "if hi, _ := bits.Mul64(uint64(p.Time()), 2); hi > 0 { panic(\"hi\") }"},
		{"bits.Mul64 by more", "if hi, _ := bits.Mul64(uint64(p.Time()), 3); hi > 0 { panic(\"hi\") } // want VIG2006"},
		{"bits.Add64", "if _, c := bits.Add64(uint64(p.Time()), uint64(len(b)), 2); c > 0 { return nf.Flood() } // want VIG2009"},
		{"panic", "if len(b) == 77 { panic(\"77\") } // want VIG2006"},
		{"panic that nothing reaches", "if len(b) > 65535 { panic(\"long\") }"},
		{"panic above the limit", "if n.cfg.Limit > 99 { panic(\"limit\") }"},
		{"panic at the limit", "if n.cfg.Limit == 99 { panic(\"limit\") } // want VIG2006"},
		{"no such device", "if len(b) == 9 { return nf.Forward(p.Device() + 1) } // want VIG2007"},
		{"the device itself", "if len(b) == 9 { return nf.Forward(p.Device()) }"},
		{"a set with no such device", "if len(b) == 9 { return nf.ForwardAll(3) } // want VIG2007"},
		{"loop over the frame", "for i := range b { if i > 20 { break }\nif b[i] == 9 { return nf.Flood() } }"},
		{"loop one too far", "for i := 0; i <= len(b) && i < 4; i++ {\nif b[i] == 9 { return nf.Flood() } // want VIG2001\n}"},
		{"array index from the frame", "var a [4]byte\nif len(b) > 0 && a[b[0]&3] == 1 { return nf.Flood() }"},
		{"array index too large", "var a [4]byte\nif len(b) > 0 && a[b[0]&4] == 1 { return nf.Flood() } // want VIG2001"},
		{"time is never negative", "if p.Time() < 0 { panic(\"time\") }"},
		{"time may be zero", "if p.Time() == 0 { panic(\"time\") } // want VIG2006"},
		{"counter wraps", "n.count++\nif n.count == 0 { panic(\"count\") } // want VIG2006"},
		{"device is below the count", "if p.Device() > 63 { panic(\"device\") }"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			body := strings.ReplaceAll(test.body, "a := (*[6]byte)(b)\n", "a := (*[6]byte)(b) // want VIG2002\n")
			x := execute(t, process(body))
			if x.problem != nil {
				t.Fatalf("%v: %s", x.problem.Span, x.problem.Message)
			}
			if got, want := x.failed, wanted(x.text); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

// TestPaths counts runs: what folds does not fork, and what cannot happen is no run.
func TestPaths(t *testing.T) {
	tests := []struct {
		name, body string
		runs       int
	}{
		{"nothing", "", 1},
		{"one branch", "if len(b) > 9 { return nf.Flood() }", 2},
		{"branch that is decided", "if len(b) > 70000 { return nf.Flood() }", 1},
		{"diamond folds", "x := 1\nif len(b) > 9 { x = 2 }\nif len(b) > 11 { x = x + 3 }\nif x == 5 { return nf.Flood() }", 2},
		{"conjunction folds", "if len(b) > 9 && b[3] == 1 && b[4] == 2 { return nf.Flood() }", 2},
		{"effects fork", "if len(b) > 9 { n.count++ }\nif len(b) > 11 { n.count += 2 }", 3},
		{"loop with a branch", "for i := range 3 { if len(b) > i { n.count++ } }", 4},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			x := execute(t, process(test.body))
			if x.problem != nil {
				t.Fatalf("%v: %s", x.problem.Span, x.problem.Message)
			}
			if len(x.Runs) != test.runs {
				t.Errorf("%d runs, want %d", len(x.Runs), test.runs)
			}
		})
	}
}

// TestRefused has constructs that the executor cannot run: it says so, at their line.
func TestRefused(t *testing.T) {
	tests := []struct{ name, body string }{
		{"loop without a bound", "x := len(b)\nfor x >= 0 { x = x &^ 1 } // want VIG1204"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			x := execute(t, process(test.body))
			if x.problem == nil {
				t.Fatal("not refused")
			}
			got := []string{fmt.Sprintf("%v@%d", x.problem.Code, x.problem.Span.Start.Line)}
			if want := wanted(x.text); !slices.Equal(got, want) {
				t.Errorf("got %v (%s), want %v", got, x.problem.Message, want)
			}
		})
	}
}
