package prove

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"vigor/internal/contract"
	"vigor/internal/contract/check"
	"vigor/internal/diag"
	"vigor/internal/prove/finite"
	"vigor/internal/smt"
	"vigor/internal/symbex/summary"
)

// The text of a contract has three readers: this package, which proves it of a body; summary, which tells network
// functions what a call does; and check, which evaluates it in tests. Here each formula of libvig, and some that are
// chosen to be misread, become operations of a type without a body. In states before and after that have nothing in
// common the three must agree on each formula.

// sample is a formula with its parameters.
type sample struct{ params, text string }

// agreeSize is how many indices have a value of their own, from 0 on, and how many keys there are.
const agreeSize = 4

// moment is a state: the observers, of "Now" those after the call. Integers are of a number's range; keys are numbers, too.
type moment struct {
	typ    *contract.Type
	values map[string]map[int]*big.Int // a scalar at 0
	after  bool
}

func (m *moment) Indices() (low, high int) { return -2, agreeSize + 1 }
func (m *moment) Keys(string) []any        { return []any{uint8(0), uint8(1), uint8(2), uint8(3)} }
func (m *moment) Observer(name string, index ...any) any {
	g := m.typ.Ghost(name)
	if m.after && m.typ.Ghost(name+"Now") != nil {
		name += "Now"
	}
	at := 0
	switch {
	case g.Index != nil && g.Index.Kind == contract.Param:
		at = int(index[0].(uint8))
	case g.Index != nil:
		at = index[0].(int)
	}
	return concrete(g.Value, m.of(name, at))
}

func (m *moment) of(name string, at int) *big.Int {
	if v := m.values[name][at]; v != nil {
		return v
	}
	return new(big.Int)
}

// concrete is a value of a sort, as check takes it.
func concrete(s contract.Sort, v *big.Int) any {
	switch {
	case s.Kind == contract.Bool:
		return v.Sign() != 0
	case s.Kind == contract.Param:
		return uint8(v.Uint64())
	case s.Signed || s.Bits < 64:
		return v.Int64()
	}
	return v.Uint64()
}

// some is a value of a sort, mostly a small one.
func some(r *rand.Rand, s contract.Sort) *big.Int {
	low, high := s.Range()
	switch {
	case s.Kind == contract.Bool:
		return big.NewInt(r.Int64N(2))
	case s.Kind == contract.Param:
		return big.NewInt(r.Int64N(agreeSize))
	case r.IntN(9) == 0 && low != nil:
		return new(big.Int).Set([]*big.Int{low, high}[r.IntN(2)])
	case s.Signed && s.Bits != 0:
		return big.NewInt(r.Int64N(agreeSize+3) - 2)
	}
	return big.NewInt(r.Int64N(agreeSize + 2))
}

func randomMoment(r *rand.Rand, typ *contract.Type) *moment {
	m := &moment{typ: typ, values: map[string]map[int]*big.Int{}}
	for _, g := range typ.Ghosts {
		m.values[g.Name] = map[int]*big.Int{}
		for i := range agreeSize {
			m.values[g.Name][i] = some(r, g.Value)
		}
	}
	for name := range m.values { // half of the observers are the same before and after
		if now := m.values[name+"Now"]; now != nil && (name == "cap" || name == "n" || r.IntN(2) == 0) {
			m.values[name+"Now"] = m.values[name]
		}
	}
	return m
}

// checked is the truth of an operation's formula as check sees it; ok is false if it has none.
func (m *moment) checked(op *contract.Operation, args []*big.Int) (truth, ok bool, err error) {
	var given []any
	for i, p := range op.Params {
		given = append(given, concrete(p.Sort(), args[i]))
	}
	holds := map[bool]error{}
	for _, result := range []bool{false, true} {
		m.after = false
		call, err := check.New(m.typ, m).Before(op.Name, given...)
		if err != nil {
			return false, false, err
		}
		m.after = true
		holds[result] = call.After(result)
	}
	m.after = false
	if (holds[true] == nil) == (holds[false] == nil) {
		return false, false, holds[true]
	}
	return holds[true] == nil, true, nil
}

// formulaOf is what an operation's result is defined as, and the limit of a count in it, if there is one.
func formulaOf(op *contract.Operation) (formula, limit contract.Expr) {
	for _, d := range op.Defs {
		if d.Target.Result != nil {
			formula = d.Value
		}
	}
	contract.Walk(formula, func(e contract.Expr) {
		if c, ok := e.(*contract.Count); ok {
			limit = c.N
		}
	})
	return formula, limit
}

// proved is the value of a part of an operation's formula as this package translates it.
func (m *moment) proved(w *world, script *finite.Script, op *contract.Operation, args []*big.Int, part contract.Expr) (finite.Value, error) {
	before := &state{vars: map[string]variable{}, leaves: map[string]term{}}
	after := &state{vars: map[string]variable{}, leaves: map[string]term{}}
	for _, g := range m.typ.Ghosts {
		before.leaves["o."+g.Name] = term{g.Name + "!old", ghostSort(g)}
		after.leaves["o."+g.Name] = term{g.Name + "!now", ghostSort(g)}
	}
	names := map[string]term{}
	for _, p := range op.Params {
		names[p.Name] = term{p.Name + "!arg", contractSort(p.Sort())}
	}
	e := env{r: &run{w: w, f: &function{}, args: map[string]term{}}, st: after, old: before, prefix: "o.", names: names}
	bound := finite.Bound{Capacity: agreeSize + 2, Each: agreeSize}
	value := func(s contract.Sort, v *big.Int) finite.Value {
		switch s.Kind {
		case contract.Bool:
			return v.Sign() != 0
		case contract.Param:
			return bound.Elements(s.Name)[v.Int64()]
		}
		return v
	}
	var model *finite.Model
	model = script.Values(bound, func(name string, of []finite.Value) (finite.Value, bool) {
		base, when, _ := strings.Cut(name, "!")
		for i, p := range op.Params {
			if when == "arg" && p.Name == base {
				return value(p.Sort(), args[i]), true
			}
		}
		g := m.typ.Ghost(base)
		if g == nil || of != nil {
			return nil, false
		}
		if when == "now" && m.typ.Ghost(base+"Now") != nil {
			base += "Now"
		}
		if g.Index == nil {
			return value(g.Value, m.of(base, 0)), true
		}
		array := model.Const(contractSort(*g.Index), value(g.Value, new(big.Int)))
		for i := range agreeSize {
			array = array.Set(value(*g.Index, big.NewInt(int64(i))), value(g.Value, m.of(base, i)))
		}
		return array, true
	})
	parsed, err := finite.ParseTerm(e.expr(part).text)
	if err != nil {
		return nil, err
	}
	return model.Of(parsed)
}

// concretePath is the one path of a state with values.
type concretePath struct {
	b      *smt.Builder
	model  *smt.Model
	m      *moment
	limit  int64 // up to which is counted
	fresh  int
	wrong  []string
	search *smt.Term
}

func (p *concretePath) Builder() *smt.Builder   { return p.b }
func (p *concretePath) Branch(c *smt.Term) bool { return p.model.Holds(c) }
func (p *concretePath) Axiom(c *smt.Term)       { p.Fact(c) }
func (p *concretePath) Prove(c *smt.Term, claim diag.Claim) {
	if !p.model.Holds(c) {
		p.wrong = append(p.wrong, claim.Say(p.model.Eval))
	}
}

// Fact must hold; a witness may be any number that makes it hold.

func (p *concretePath) Fact(c *smt.Term) {
	for n := int64(0); n <= agreeSize && p.search != nil && !p.model.Holds(c); n++ {
		p.model.SetVar(p.search, big.NewInt(n))
	}
	if !p.model.Holds(c) {
		p.wrong = append(p.wrong, "assumed is "+c.String())
	}
}

func (p *concretePath) Choose(name string, width int, constraint func(*smt.Term) *smt.Term) *smt.Term {
	p.fresh++
	v := p.b.Var(fmt.Sprintf("%s!%d", name, p.fresh), width)
	parts := strings.Split(name, ".")
	p.search = nil
	switch last := parts[len(parts)-1]; {
	case last == "witness":
		p.search = v
	case last == "count":
		p.model.SetVar(v, p.m.counted(parts[len(parts)-2]+"Now", p.limit))
	}
	if constraint != nil {
		p.Fact(constraint(v))
	}
	return v
}

func (m *moment) counted(name string, limit int64) *big.Int {
	n := int64(0)
	for i := range min(limit, agreeSize) {
		n += m.of(name, int(i)).Int64()
	}
	return big.NewInt(n)
}

// summed is the truth of it as summary says; what is wrong is an assumption that fails.
func (m *moment) summed(op *contract.Operation, args []*big.Int, limit int64) (bool, []string) {
	p := &concretePath{b: smt.NewBuilder(), model: smt.NewModel(), m: m, limit: limit}
	o := &summary.Object{Name: "o", Type: m.typ, Params: map[string]summary.Layout{}}
	for _, name := range m.typ.TypeParams {
		o.Params[name] = summary.Layout{{Width: 8}}
	}
	var first []*big.Int
	for _, v := range m.typ.Constructors["New"].Params {
		first = append(first, m.of(strings.TrimSuffix(v.Name, "First"), 0))
	}
	s := summary.Construct(p, o, m.typ.Constructors["New"], p.given(m.typ.Constructors["New"], first), summary.CallOptions{})
	for _, root := range s.Roots() {
		name := root.Ghost.Name
		for i := range agreeSize {
			for _, f := range root.Funcs {
				p.model.SetApp(f, []*big.Int{big.NewInt(int64(i))}, m.of(name, i))
			}
		}
		for width := 1; limit >= 0 && root.Ghost.Value.Kind == contract.Bool && width <= 64; width++ {
			f := p.b.Func(smt.Symbol(smt.CountOf, "o", name, strconv.Itoa(width)), []int{64}, width)
			p.model.SetApp(f, []*big.Int{big.NewInt(limit)}, m.counted(name, limit))
		}
	}
	_, out := s.Call(p, op.Name, p.given(op, args), summary.CallOptions{})
	return p.model.Holds(out[0][0]), p.wrong
}

// given are the arguments of a call: symbols with values.
func (p *concretePath) given(op *contract.Operation, args []*big.Int) []summary.Value {
	var list []summary.Value
	for i, v := range op.Params {
		width := 8
		switch s := v.Sort(); {
		case s.Kind == contract.Bool:
			width = 0
		case s.Kind == contract.Int && s.Bits == 0:
			width = 64
		case s.Kind == contract.Int:
			width = s.Bits
		}
		x := p.b.Var(op.Name+"."+v.Name, width)
		p.model.SetVar(x, args[i])
		list = append(list, summary.Value{x})
	}
	return list
}

// agree compares the three on random states, and returns how many comparisons were made.
func agree(t *testing.T, w *world, script *finite.Script, typ *contract.Type, list []sample, rounds int) int {
	t.Helper()
	r := rand.New(rand.NewPCG(7, 8))
	compared := 0
	for i, s := range list {
		op := typ.Operations[fmt.Sprintf("F%d", i)]
		formula, of := formulaOf(op)
		seen := map[bool]int{}
		for tries := 0; tries < 50*rounds && seen[true]+seen[false] < rounds; tries++ {
			m := randomMoment(r, typ)
			var args []*big.Int
			for _, p := range op.Params {
				args = append(args, some(r, p.Sort()))
			}
			want, ok, _ := m.checked(op, args)
			if !ok {
				continue
			}
			limit := big.NewInt(-1)
			if of != nil {
				v, err := m.proved(w, script, op, args, of)
				if err != nil {
					t.Fatalf("%s: %v", s.text, err)
				}
				limit = v.(*big.Int)
			}
			proved, err := m.proved(w, script, op, args, formula)
			if err != nil {
				t.Fatalf("%s: %v", s.text, err)
			}
			summed, wrong := m.summed(op, args, limit.Int64())
			if proved != want || summed != want || len(wrong) > 0 {
				t.Fatalf("%s with %v in %v: check says %t, the prover %t, summary %t, %q", s.text, args, m.values, want, proved, summed, wrong)
			}
			seen[want]++
			compared++
		}
		if seen[true]+seen[false] == 0 {
			t.Errorf("%s was never compared", s.text)
		}
	}
	return compared
}

// TestTranslationsAgree compares the three readers of contracts.
func TestTranslationsAgree(t *testing.T) {
	w, err := load(Config{Dir: "../../libvig"})
	if err != nil {
		t.Fatal(err)
	}
	prelude, problem := w.preludeText(true)
	if problem != nil {
		t.Fatal(problem)
	}
	script, err := finite.Parse(prelude)
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := check.Load("../../libvig")
	if err != nil {
		t.Fatal(err)
	}
	compared, all, left := 0, 0, 0
	for _, name := range sorted(pkg.Types) {
		of := pkg.Types[name]
		list, skipped := formulas(of)
		all, left = all+len(list), left+skipped
		compared += agree(t, w, script, agreeing(t, of.Ghosts, of.TypeParams, list), list, 6)
	}
	var list []sample
	for _, text := range nasty {
		list = append(list, sample{"i, j int, k K", text})
	}
	with := parsed(t, "package t\n\n// T has all.\n//\n"+nastyGhosts+"type T[K comparable] struct{}\n").Types["T"]
	compared += agree(t, w, script, agreeing(t, with.Ghosts, []string{"K"}, list), list, 30)
	t.Logf("%d formulas of libvig, %d that speak of slices or structures left out, %d of the test; %d comparisons", all, left, len(list), compared)
	if all < 150 || compared < 2000 {
		t.Errorf("only %d formulas and %d comparisons", all, compared)
	}
}
