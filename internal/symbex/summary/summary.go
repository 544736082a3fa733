// Package summary says what a call of a contracted operation does to symbolic state. It is derived
// from the contract alone; no data structure is known here.
//
// Input is a contract (package contract), a [Path] to work on, and arguments as terms; output is a new
// [State] and the results. [Construct] applies a constructor, [State.Havoc] forgets everything but
// what no operation can change, [State.Call] applies an operation, [CallFunction] the contract of a
// plain function, [Compare] gives the formulas that say that two states are equal, and [Lint] checks
// that a contract's operations keep what its exposes lines promise.
//
// A state maps each observer to a node: a root (an uninterpreted function of the flattened index), one
// store on another node, a definition at every index, or a constant. Nodes are immutable and shared;
// an observer that an operation does not define keeps its node, and equal definitions give one node, so
// that equal states are mostly the same pointers. Reading rewrites down to roots.
//
// The roots of the state that Havoc returns are arbitrary but for the exposes lines and the validity of
// stored values. Both are assumed lazily, for the indices at which a root is read, in generations: a
// read made by an instance has one generation more than the read that called for the instance, and
// there are no instances from [Object.Generations] on. Few generations leave valid obligations
// unproved; they never prove invalid ones.
//
// Soundness of what is assumed: instances of exposes lines and of validity speak of the arbitrary state
// alone, for which they are the induction hypothesis: [Lint] shows that every operation preserves the
// exposes lines and the validity of what is already stored, [State.Call] has validity of new values
// proved. A chosen result is limited by the contract's constraints; on the spec's side the choice is
// supplied and the constraints are proved. The facts about count are in count.go.
//
// The predicates of [Object.Valid] may not depend on state that changes: nothing proves them again when
// another object does.
//
// An observer declared on D may have any value off D; the contract's static rules keep definitions
// from reading it there, callers of [State.Read] must do the same.
//
// A State belongs to the path that made it: facts about it live in that path.
//
// Start at [State.Call] in call.go, then node.go and eval.go.
package summary

import (
	"strings"

	"vigor/internal/contract"
	"vigor/internal/diag"
	"vigor/internal/smt"
)

// Path is what a summary needs of the path it runs on. Its values must be comparable: what was assumed
// is remembered by path.
type Path interface {
	Builder() *smt.Builder
	// Branch decides c on this path.
	Branch(c *smt.Term) bool
	// Prove records the obligation c under the path's condition and goes on with c assumed.
	Prove(c *smt.Term, claim diag.Claim)
	// Choose returns a fresh value and assumes the constraint on it; nil is no constraint.
	Choose(name string, width int, constraint func(v *smt.Term) *smt.Term) *smt.Term
	// Axiom adds a fact about the initial state.
	Axiom(c *smt.Term)
	// Fact adds what follows from the choices made so far.
	Fact(c *smt.Term)
}

// Object is one data structure of a network function.
type Object struct {
	Name string // unique among the objects of a run; names the symbols of its state
	Type *contract.Type
	// Params gives the leaves of each type parameter.
	Params map[string]Layout
	// Valid gives, for some type parameters, what holds of every value that is stored.
	Valid map[string]func(p Path, v Value) *smt.Term
	// Generations bounds the chain of instances; 0 means 2.
	Generations int
}

const defaultGenerations = 2

func (o *Object) generations() int {
	if o.Generations > 0 {
		return o.Generations
	}
	return defaultGenerations
}

// State is the abstract state of an object at one moment.
type State struct {
	object  *Object
	session *session
	nodes   []*node // parallel to object.Type.Ghosts
}

// session is what the states derived from one Construct or Havoc share.
type session struct {
	initial *State // the arbitrary state; nil after Construct
	nodes   map[string]*node
	last    int // number of the latest node
	seen    map[instanceKey]int
	counts  []counted
	reads   []readAt
	rules   []rule
	roots   []rootRead
}

func newSession(last int) *session {
	return &session{nodes: map[string]*node{}, seen: map[instanceKey]int{}, last: last}
}

// Object returns what the state is the state of.
func (s *State) Object() *Object { return s.object }

// Named returns the state under another name of its object, for the symbols that later calls make.
func (s *State) Named(name string) *State {
	o := *s.object
	o.Name = name
	return &State{&o, s.session, s.nodes}
}

// WithGenerations returns the state with another bound on the chain of instances.
func (s *State) WithGenerations(n int) *State {
	o := *s.object
	o.Generations = n
	return &State{&o, s.session, s.nodes}
}

// Havoc returns an arbitrary state of the same object: any value of the observers that some operation
// can change, subject to the exposes lines and the validity of stored values, and the present value
// of the others.
func (s *State) Havoc(p Path) *State {
	h := &State{s.object, newSession(s.session.last), make([]*node, len(s.nodes))}
	h.session.initial = h
	for i, g := range s.object.Type.Ghosts {
		h.nodes[i] = s.nodes[i]
		if s.object.Type.Changed(g) {
			h.nodes[i] = h.root(p, g, smt.Symbol(smt.StateOf, s.object.Name))
		}
	}
	for _, r := range s.session.rules { // what New promised of what does not change
		for _, n := range h.nodes {
			if r.node == n {
				h.session.rules = append(h.session.rules, r)
			}
		}
	}
	h.assumeGlobal(p)
	return h
}

// assumeGlobal assumes the exposes lines without a quantifier.
func (s *State) assumeGlobal(p Path) {
	for _, q := range s.object.Type.Exposes {
		if q.Var == nil {
			p.Axiom(s.env(p, 1).assumption(q.Body))
		}
	}
}

// Read gives an observer's value: one term per leaf. An index of sort int is one term, read as signed
// if it has 64 bits and as unsigned if it has fewer; a scalar's index is nil. The observer must exist.
func (s *State) Read(p Path, observer string, at Value) Value {
	g := s.ghost(observer)
	if g.Index != nil && g.Index.Kind == contract.Int && at[0].Width() < indexWidth {
		at = Value{p.Builder().ZeroExtend(at[0], indexWidth)}
	}
	return s.env(p, 0).read(s.node(g), at)
}

// Count gives the number of i in 0..n-1 at which a bool observer over int holds.
func (s *State) Count(p Path, observer string, n smt.Int) smt.Int {
	return s.env(p, 0).count(s.node(s.ghost(observer)), n)
}

// Scalar gives a scalar observer as an integer; ok is false if there is no scalar integer of that name.
func (s *State) Scalar(name string) (value smt.Int, ok bool) {
	g := s.object.Type.Ghost(name)
	if g == nil || g.Index != nil || g.Value.Kind != contract.Int {
		return smt.Int{}, false
	}
	return s.node(g).integer, true
}

// Same reports whether both states have the same node for every observer: then they are equal.
func (s *State) Same(t *State) bool {
	for i := range s.nodes {
		if s.nodes[i] != t.nodes[i] {
			return false
		}
	}
	return true
}

// Root is one observer of a state as a counterexample can show it.
type Root struct {
	Ghost *contract.Ghost
	Index Layout // nil for a scalar
	Value Layout
	// Funcs has a function of the index leaves for every value leaf, if the observer is a root; nil if
	// it is not, or a scalar.
	Funcs []*smt.Func
	// Scalar has the scalar's leaves.
	Scalar Value
}

// Roots describes every observer, in the order of the contract.
func (s *State) Roots() []Root {
	var out []Root
	for i, g := range s.object.Type.Ghosts {
		r := Root{Ghost: g, Value: s.object.layout(g.Value)}
		if g.Index != nil {
			r.Index = s.object.layout(*g.Index)
			r.Funcs = s.nodes[i].funcs
		} else {
			r.Scalar = s.nodes[i].item
		}
		out = append(out, r)
	}
	return out
}

// Layout gives the leaves of an observer's index (nil for a scalar) and value. The observer must exist.
func (s *State) Layout(observer string) (index, value Layout) {
	g := s.ghost(observer)
	if g.Index != nil {
		index = s.object.layout(*g.Index)
	}
	return index, s.object.layout(g.Value)
}

func (s *State) ghost(name string) *contract.Ghost {
	if g := s.object.Type.Ghost(name); g != nil {
		return g
	}
	panic("summary: " + s.object.Type.Name + " has no observer " + name)
}

func (s *State) node(g *contract.Ghost) *node {
	for i, h := range s.object.Type.Ghosts {
		if h == g {
			return s.nodes[i]
		}
	}
	panic("summary: no observer " + g.Name)
}

func (s *State) replace(g *contract.Ghost, n *node) {
	for i, h := range s.object.Type.Ghosts {
		if h == g {
			s.nodes[i] = n
		}
	}
}

// joined writes a name of parts with dots, without the empty ones.
func joined(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, ".")
}
