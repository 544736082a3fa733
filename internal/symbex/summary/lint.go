package summary

import (
	"fmt"
	"go/types"
	"slices"
	"strconv"

	"vigor/internal/contract"
	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/source"
)

// Prover decides implications.
type Prover interface {
	// Valid reports whether c follows from facts. It must not say so when it does not know.
	Valid(c *smt.Term, facts ...*smt.Term) bool
}

// paramWidth is the width that stands for a type parameter in Lint. Contracts only compare such values,
// so a formula that fails for some type fails with as many values as it has terms, far less than 2^16.
const paramWidth = 16

// lintGenerations is the second bound on instances that Lint tries.
const lintGenerations = 4

// Lint checks what summaries assume of a contract. For every constructor and operation and each of its
// outcomes: some call meets the requires lines, the constraints on chosen results have a solution, and
// the state after the call satisfies every exposes line and has valid values wherever its observers
// mean something, if the state before did (and new values are valid). What Lint cannot show is
// reported.
func Lint(b *smt.Builder, t *contract.Type, prover Prover) []diag.Diagnostic {
	var out []diag.Diagnostic
	ops := make([]*contract.Operation, 0, len(t.Operations)+len(t.Constructors))
	for _, name := range t.ConstructorNames() {
		ops = append(ops, t.Constructors[name])
	}
	for _, name := range t.OperationNames() {
		ops = append(ops, t.Operations[name])
	}
	for _, op := range ops {
		l := &linter{b: b, prover: prover, op: op, generations: defaultGenerations}
		if found := l.run(); len(found) > 0 {
			l.generations = lintGenerations
			out = append(out, l.run()...)
		}
	}
	return out
}

// linter checks one operation.
type linter struct {
	b           *smt.Builder
	prover      Prover
	op          *contract.Operation
	generations int
	found       []diag.Diagnostic
}

// run goes through the outcomes of the operation, depth first.
func (l *linter) run() []diag.Diagnostic {
	l.found = nil
	for open := [][]bool{nil}; len(open) > 0 && len(l.found) == 0; {
		p := &trial{linter: l, prefix: open[len(open)-1], fresh: map[string]int{}}
		open = open[:len(open)-1]
		l.outcome(p)
		for _, n := range p.open {
			open = append(open, append(slices.Clone(p.decisions[:n]), false))
		}
	}
	return l.found
}

func (l *linter) report(format string, args ...any) {
	l.found = append(l.found, diag.New(diag.WeakContract, source.At(source.FromToken(l.op.Pos)), format, args...))
}

// outcome runs the operation once on an arbitrary state and checks the state after it.
func (l *linter) outcome(p *trial) {
	o := l.object()
	var args []Value
	for i, v := range l.op.Params {
		args = append(args, l.argument(p, o, fmt.Sprintf("argument%d", i), v.Sort()))
	}
	var after *State
	if l.op.Constructor {
		after = Construct(p, o, l.op, args, CallOptions{Lists: l.lists(o)})
	} else {
		before := &State{o, newSession(0), make([]*node, len(o.Type.Ghosts))}
		before.session.initial = before
		for i, g := range o.Type.Ghosts {
			before.nodes[i] = before.root(p, g, o.Name)
		}
		before.assumeGlobal(p)
		after, _ = before.Call(p, l.op.Name, args, CallOptions{})
	}
	if l.prover.Valid(l.b.False(), p.facts...) {
		if len(l.found) == 0 {
			l.report("no call of %s can satisfy its requires lines, or an outcome contradicts itself", l.op.Name)
		}
		return
	}
	l.preserved(p, after)
}

// preserved checks exposes lines and the domain of valid values after the call.
func (l *linter) preserved(p *trial, after *State) {
	e := after.env(p, 0)
	for _, q := range after.object.Type.Exposes {
		at := e
		if q.Var != nil {
			at = e.with(q.Var.Name, fromLeaves(l.b, q.Var.Sort(), e.arbitrary(q.Var.Sort())))
		}
		if goal := at.eval(q.Body).b; !l.prover.Valid(goal, p.facts...) {
			l.report("%s does not keep what %s exposes: %s", l.op.Name, after.object.Type.Name, q)
		}
	}
	for i, g := range after.object.Type.Ghosts {
		valid := after.object.valid(g)
		if valid == nil || g.Index == nil || l.op.Constructor && !l.op.Modified(g) { // Construct proves the last
			continue
		}
		at := e.arbitrary(*g.Index)
		goal := l.b.Implies(e.domain(after, g, at), valid(p, e.read(after.nodes[i], at)))
		if !l.prover.Valid(goal, p.facts...) {
			l.report("after %s, %s may have a value that nobody stored, where its domain is new", l.op.Name, g.Name)
		}
	}
}

// object is an instance of the type whose parameters are words, and whose valid values are any set.
func (l *linter) object() *Object {
	t := l.op.Type
	o := &Object{Name: t.Name, Type: t, Params: map[string]Layout{}, Generations: l.generations,
		Valid: map[string]func(Path, Value) *smt.Term{}}
	for _, name := range t.TypeParams {
		o.Params[name] = Layout{{Width: paramWidth}}
		set := l.b.Func(smt.Symbol(smt.ValidOf, name), []int{paramWidth}, 0)
		o.Valid[name] = func(_ Path, v Value) *smt.Term { return l.b.Apply(set, v...) }
	}
	return o
}

// argument is any argument of a sort. One that contracts cannot speak of has no leaves.
func (l *linter) argument(p *trial, o *Object, name string, s contract.Sort) Value {
	if s.Kind == contract.Plain {
		if _, err := LayoutOf(s.Go); err != nil {
			return nil
		}
	}
	var out Value
	for _, leaf := range o.layout(s) {
		out = append(out, p.Choose(joined(name, leaf.Name), leaf.Width, nil))
	}
	return out
}

// lists are any slices for the parameters that are slices.
func (l *linter) lists(o *Object) map[string]List {
	lists := map[string]List{}
	for i, v := range l.op.Params {
		if v.Sort().Kind != contract.Plain {
			continue
		}
		slice, ok := v.Sort().Go.Underlying().(*types.Slice)
		if !ok {
			continue
		}
		symbol := smt.Symbol(smt.ListOf, strconv.Itoa(i))
		lists[v.Name] = List{l.b.ZeroExtend(l.b.Var(smt.Within(symbol, "len"), indexWidth-1), indexWidth), func(p Path, index *smt.Term) Value {
			var out Value
			for k, leaf := range o.elementLayout(slice.Elem()) {
				out = append(out, p.Builder().Apply(p.Builder().Func(smt.Within(symbol, "element", strconv.Itoa(k)), []int{indexWidth}, leaf.Width), index))
			}
			return out
		}}
	}
	return lists
}

// trial is a Path that assumes what a caller would have to prove.
type trial struct {
	*linter
	prefix    []bool
	decisions []bool
	open      []int // decisions whose other side is possible, too
	facts     []*smt.Term
	fresh     map[string]int
}

// Builder returns the linter's builder.
func (p *trial) Builder() *smt.Builder { return p.b }

// Branch takes the possible side of c, or first the true one.
func (p *trial) Branch(c *smt.Term) bool {
	if c.IsTrue() || c.IsFalse() {
		return c.IsTrue()
	}
	side := true
	switch n := len(p.decisions); {
	case n < len(p.prefix):
		side = p.prefix[n]
	case p.prover.Valid(p.b.Not(c), p.facts...):
		side = false
	case !p.prover.Valid(c, p.facts...):
		p.open = append(p.open, n)
	}
	p.decisions = append(p.decisions, side)
	if !side {
		c = p.b.Not(c)
	}
	p.Fact(c)
	return side
}

// Prove assumes c: it is the caller's to prove.
func (p *trial) Prove(c *smt.Term, _ diag.Claim) { p.Fact(c) }

// Choose reports a constraint without a solution.
func (p *trial) Choose(name string, width int, constraint func(*smt.Term) *smt.Term) *smt.Term {
	p.fresh[name]++
	v := p.b.Var(smt.Symbol(smt.Choice, name, strconv.Itoa(p.fresh[name]), strconv.Itoa(width)), width)
	if constraint == nil {
		return v
	}
	possible := !p.prover.Valid(p.b.False(), p.facts...)
	p.Fact(constraint(v))
	if possible && p.prover.Valid(p.b.False(), p.facts...) {
		p.report("%s has no value that its constraints allow", name)
	}
	return v
}

// Axiom assumes a fact about the state before the call.
func (p *trial) Axiom(c *smt.Term) { p.Fact(c) }

// Fact assumes c.
func (p *trial) Fact(c *smt.Term) {
	if !c.IsTrue() {
		p.facts = append(p.facts, c)
	}
}
