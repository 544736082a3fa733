package summary

import (
	"fmt"
	"maps"
	"slices"

	"vigor/internal/contract"
	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/source"
)

// CallOptions says where a call stands and what is known of its results.
type CallOptions struct {
	At source.Span
	// Supplied gives chosen results by name: the contract's constraints on them are proved. A chosen
	// result that is not supplied is fresh.
	Supplied map[string]Value
	// Lists gives the parameters that are slices, by name.
	Lists map[string]List
	// Sums gives the parameters that are slices of bytes: the end-around-carry sum of their words, 16 bits.
	Sums map[string]*smt.Term
	// Claim, if set, rewords an obligation; what is the contract's formula, or what else is claimed.
	Claim func(what string, def diag.Claim) diag.Claim
}

// List is a slice that is handed on whole, and that never changes.
type List struct {
	Len *smt.Term // 64 bits, not negative
	// At gives the leaves of the element at a 64-bit index; beyond the end they are any. Nil where the contract is a
	// plain function's, which speaks of no element.
	At func(p Path, index *smt.Term) Value
}

// call is a call in progress.
type call struct {
	*env
	op      *contract.Operation
	options CallOptions
	done    map[string]bool  // results and observers that have their new value
	results map[string]Value // leaves of the Go types
	later   []func()         // obligations that need the whole new state
	applied map[*contract.Quantified]bool
}

// Call applies an operation of the contract: it proves the precondition and returns the state and the
// results after the call. The operation must exist.
func (s *State) Call(p Path, operation string, args []Value, o CallOptions) (*State, []Value) {
	op := s.object.Type.Operations[operation]
	if op == nil {
		panic("summary: " + s.object.Type.Name + "." + operation + " has no contract")
	}
	next := &State{s.object, s.session, slices.Clone(s.nodes)}
	c := newCall(&env{p: p, object: s.object, session: s.session, old: s, now: next}, op, args, o)
	return next, c.run()
}

// Construct applies a constructor and returns the state it makes. An observer that the constructor does
// not define is arbitrary.
func Construct(p Path, o *Object, constructor *contract.Operation, args []Value, options CallOptions) *State {
	s := &State{o, newSession(0), make([]*node, len(o.Type.Ghosts))}
	c := newCall(&env{p: p, object: o, session: s.session, now: s}, constructor, args, options)
	// Symbols of this path's own: their names begin with a fresh one.
	prefix := smt.Within(p.Choose(joined(o.Name, "new"), 1, nil).Name(), o.shape())
	for i, g := range o.Type.Ghosts {
		if !constructor.Modified(g) {
			s.nodes[i] = s.root(p, g, prefix)
			c.later = append(c.later, func() { c.proveValidEverywhere(g) })
		}
	}
	c.run()
	return s
}

// CallFunction applies the contract of a plain function.
func CallFunction(p Path, op *contract.Operation, args []Value, o CallOptions) []Value {
	return newCall(&env{p: p, session: newSession(0)}, op, args, o).run()
}

func newCall(e *env, op *contract.Operation, args []Value, o CallOptions) *call {
	c := &call{env: e, op: op, options: o, done: map[string]bool{}, results: map[string]Value{},
		applied: map[*contract.Quantified]bool{}}
	e.vars, e.lists, e.sums = map[string]value{}, o.Lists, map[string]*smt.Term{}
	maps.Copy(e.sums, o.Sums)
	for i, v := range op.Params {
		e.vars[v.Name] = argument(e.p.Builder(), v.Sort(), args[i])
	}
	e.at = c.claimAt
	return c
}

// argument reads a parameter; one that is no integer, bool or type parameter is only passed on.
func argument(b *smt.Builder, s contract.Sort, leaves Value) value {
	if s.Kind == contract.Plain {
		return value{kind: s.Kind, v: leaves, sort: s}
	}
	return fromLeaves(b, s, leaves)
}

// run proves the precondition and gives every result and changed observer its value.
func (c *call) run() []Value {
	for _, q := range c.op.Requires {
		c.p.Prove(c.formula(q), c.claim(diag.Precondition, q.Text(), variables(q.Body)))
	}
	for _, t := range c.op.Order {
		c.resolve(t)
		c.done[t.Name()] = true
	}
	c.settle()
	for _, f := range c.later {
		f()
	}
	out := make([]Value, len(c.op.Results))
	for i, r := range c.op.Results {
		out[i] = c.results[r.Name]
	}
	return out
}

// formula evaluates q, at an arbitrary value of its variable.
func (c *call) formula(q *contract.Quantified) *smt.Term {
	if q.Var == nil {
		return c.eval(q.Body).b
	}
	s := q.Var.Sort()
	any := fromLeaves(c.p.Builder(), s, c.arbitrary(s))
	return c.with(q.Var.Name, any).eval(q.Body).b
}

// arbitrary returns fresh leaves of a sort.
func (e *env) arbitrary(s contract.Sort) Value {
	var out Value
	for _, l := range e.object.layout(s) {
		name := "index"
		if s.Kind == contract.Param {
			name = s.Name
		}
		out = append(out, e.p.Choose(joined(e.object.Name, "any", name, l.Name), l.Width, nil))
	}
	return out
}

// holds decides guards on this path.
func (c *call) holds(guards []contract.Expr) bool {
	for _, g := range guards {
		if !c.p.Branch(c.eval(g).b) {
			return false
		}
	}
	return true
}

// resolve gives a result or an observer its value after the call.
func (c *call) resolve(t contract.Target) {
	for _, d := range c.op.Defs {
		if d.Target.Name() != t.Name() || !c.holds(d.Guards) {
			continue
		}
		if t.Ghost != nil {
			c.now.replace(t.Ghost, c.define(d))
			return
		}
		v := c.eval(d.Value)
		if v.kind == contract.Bool && c.op.IsGuard(t.Name()) {
			// The constant, for a branch that was forced leaves no literal on the path.
			v = boolean(c.p.Builder().Bool(c.p.Branch(v.b)))
		}
		c.setResult(t.Result, v, c.toLeaves(v, t.Result.Sort(), nil))
		return
	}
	if t.Result != nil || slices.Contains(c.op.Modifies, t.Ghost) {
		c.choose(t)
	}
}

func (c *call) setResult(r *contract.Variable, v value, leaves Value) {
	c.vars[r.Name], c.results[r.Name] = v, leaves
}

// define makes the new node of an observer.
func (c *call) define(d *contract.Def) *node {
	g := d.Target.Ghost
	if g.Index == nil {
		item := c.toLeaves(c.eval(d.Value), g.Value, nil)
		c.proveValid(g, item, nil)
		return c.now.scalarOf(c.p.Builder(), g, item)
	}
	if d.Var != nil {
		n := c.now.pointwiseNode(c.env, d)
		if g.Value.Kind == contract.Int && n.kind == pointwise {
			c.later = append(c.later, func() { c.proveFitsEverywhere(d) })
		}
		c.later = append(c.later, func() { c.proveValidEverywhere(g) })
		return n
	}
	n := c.old.node(g)
	for _, u := range d.Updates {
		index := c.toLeaves(c.eval(u.Index), *g.Index, nil)
		item := c.toLeaves(c.eval(u.Value), g.Value, nil)
		c.proveValid(g, item, nil)
		n = c.now.storeAt(n, index, item)
	}
	return n
}

// proveValid has proved that a value may be stored, under a condition (nil: always).
func (c *call) proveValid(g *contract.Ghost, item Value, under *smt.Term) {
	valid := c.object.valid(g)
	if valid == nil {
		return
	}
	ok := valid(c.p, item)
	if under != nil {
		ok = c.p.Builder().Implies(under, ok)
	}
	what := fmt.Sprintf("Valid of what it stores as %s", g.Name)
	c.p.Prove(ok, c.claim(diag.InvalidValue, what, nil))
}

// proveValidEverywhere has proved that an observer's values are valid at every index.
func (c *call) proveValidEverywhere(g *contract.Ghost) {
	if c.object.valid(g) == nil {
		return
	}
	if g.Index == nil {
		c.proveValid(g, c.now.node(g).item, nil)
		return
	}
	at := c.arbitrary(*g.Index)
	under := c.domain(c.now, g, at)
	if !under.IsFalse() {
		c.proveValid(g, c.read(c.now.node(g), at), under)
	}
}

// proveFitsEverywhere has proved that a pointwise definition stays within the observer's range.
func (c *call) proveFitsEverywhere(d *contract.Def) {
	g := d.Target.Ghost
	at := c.arbitrary(*g.Index)
	v := c.with(d.Var.Name, fromLeaves(c.p.Builder(), *g.Index, at)).eval(d.Value)
	c.toLeaves(v, g.Value, c.domain(c.now, g, at))
}

// variables lists the variables of an expression, once each.
func variables(x contract.Expr) []string {
	var out []string
	contract.Walk(x, func(x contract.Expr) {
		if v, ok := x.(*contract.Variable); ok && !slices.Contains(out, v.Name) {
			out = append(out, v.Name)
		}
	})
	return out
}
