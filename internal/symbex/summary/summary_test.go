package summary_test

import (
	"context"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"math/big"
	"slices"
	"strings"
	"testing"

	"vigor/internal/contract"
	"vigor/internal/contract/check"
	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/solver"
	"vigor/internal/solver/embedded"
	"vigor/internal/symbex/summary"
)

// prover decides implications with the embedded solver.
type prover struct {
	b *smt.Builder
	s solver.Solver
}

func newProver() *prover {
	b := smt.NewBuilder()
	return &prover{b, embedded.New(b)}
}

func (p *prover) Valid(c *smt.Term, facts ...*smt.Term) bool {
	return p.s.Check(context.Background(), append(slices.Clone(facts), p.b.Not(c))...) == solver.Unsat
}

// path is one run of a test: it explores depth first, and decides every obligation at once.
type path struct {
	*prover
	prefix, decisions []bool
	open              []int
	facts             []*smt.Term
	fresh             map[string]int
	failed            []string // obligations that do not hold
}

func (p *path) Builder() *smt.Builder { return p.b }

func (p *path) Branch(c *smt.Term) bool {
	if c.IsTrue() || c.IsFalse() {
		return c.IsTrue()
	}
	side, n := true, len(p.decisions)
	switch {
	case n < len(p.prefix):
		side = p.prefix[n]
	case p.Valid(p.b.Not(c), p.facts...):
		side = false
	case !p.Valid(c, p.facts...):
		p.open = append(p.open, n)
	}
	p.decisions = append(p.decisions, side)
	if !side {
		c = p.b.Not(c)
	}
	p.Fact(c)
	return side
}

func (p *path) Prove(c *smt.Term, claim diag.Claim) {
	if !p.Valid(c, p.facts...) {
		text := claim.Say(func(t *smt.Term) *big.Int { return p.s.Model().Eval(t) })
		p.failed = append(p.failed, fmt.Sprintf("%v %s", claim.Code, text))
	}
	p.Fact(c)
}

func (p *path) Choose(name string, width int, constraint func(*smt.Term) *smt.Term) *smt.Term {
	p.fresh[name]++
	v := p.b.Var(fmt.Sprintf("%s#%d", name, p.fresh[name]), width)
	if constraint != nil {
		p.Fact(constraint(v))
	}
	return v
}

func (p *path) Axiom(c *smt.Term) { p.Fact(c) }
func (p *path) Fact(c *smt.Term)  { p.facts = append(p.facts, c) }

// possible reports whether the path can be taken.
func (p *path) possible() bool { return !p.Valid(p.b.False(), p.facts...) }

// explore runs f on every path and returns what failed, without repetition, and the number of paths.
func explore(t *testing.T, f func(p *path)) (failed []string, paths int) {
	t.Helper()
	s := newProver()
	for open := [][]bool{nil}; len(open) > 0; {
		p := &path{prover: s, prefix: open[len(open)-1], fresh: map[string]int{}}
		open = open[:len(open)-1]
		f(p)
		for _, n := range p.open {
			open = append(open, append(slices.Clone(p.decisions[:n]), false))
		}
		for _, text := range p.failed {
			if !slices.Contains(failed, text) {
				failed = append(failed, text)
			}
		}
		if paths++; paths > 100 {
			t.Fatal("too many paths")
		}
	}
	return failed, paths
}

var libvig = func() *contract.Package {
	pkg, err := check.Load("../../../libvig")
	if err != nil {
		panic(err)
	}
	return pkg
}()

var keyLayout = summary.Layout{{Name: "Address", Width: 32}, {Name: "Port", Width: 16}}

func object(t *contract.Type) *summary.Object {
	return &summary.Object{Name: "flows", Type: t,
		Params: map[string]summary.Layout{"K": keyLayout, "V": {{Width: 16}}, "T": {{Width: 16}}}}
}

func word(p *path, v uint64) summary.Value { return summary.Value{p.b.Word(v, 64)} }
func symbol(p *path, name string, w int) summary.Value {
	return summary.Value{p.b.Var(name, w)}
}

func keyOf(p *path, name string) summary.Value {
	return summary.Value{p.b.Var(name+".Address", 32), p.b.Var(name+".Port", 16)}
}

// table is an arbitrary table of capacity n: what New made of it, then havoc.
func table(p *path, o *summary.Object, n uint64) *summary.State {
	s := summary.Construct(p, o, o.Type.Constructors["NewTable"], []summary.Value{word(p, n), nil}, summary.CallOptions{})
	s = s.Havoc(p)
	p.Axiom(p.b.IntLessEq(scalar(s, "last"), p.b.IntUnsigned(now(p)[0])))
	return s
}

func scalar(s *summary.State, name string) smt.Int {
	i, ok := s.Scalar(name)
	if !ok {
		panic("no scalar " + name)
	}
	return i
}

// now is the time of the packet, not negative.
func now(p *path) summary.Value { return summary.Value{p.b.ZeroExtend(p.b.Var("now", 63), 64)} }

func call(p *path, s *summary.State, op string, args ...summary.Value) (*summary.State, []summary.Value) {
	return s.Call(p, op, args, summary.CallOptions{})
}

// claim is an obligation of the test itself.
func (p *path) claim(c *smt.Term, text string) { p.Prove(c, diag.Claim{Say: diag.Text("%s", text)}) }

// same claims that two states are equal.
func (p *path) same(got, want *summary.State) {
	for _, d := range summary.Compare(p, got, want) {
		p.claim(d.Holds, d.Observer+" differs")
	}
}

// parse reads the contracts of a Go text.
func parse(t *testing.T, text string) *contract.Package {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "t.go", text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}}
	pkg, err := (&types.Config{Importer: importer.Default()}).Check("t", fset, []*ast.File{f}, info)
	if err != nil {
		t.Fatal(err)
	}
	out, problems := contract.Parse(fset, []*ast.File{f}, info, pkg)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return out
}

// expect compares what failed with substrings, in order.
func expect(t *testing.T, failed []string, want ...string) {
	t.Helper()
	if len(failed) != len(want) {
		t.Fatalf("failed obligations are %q, want %q", failed, want)
	}
	for i := range want {
		if !strings.Contains(failed[i], want[i]) {
			t.Errorf("failed obligation %q, want %q", failed[i], want[i])
		}
	}
}
