// Package bitblast decides terms by turning them into clauses for a SAT solver.
//
// [New] makes a [solver.Solver] over any [sat.Solver]. One Engine serves a whole run: every term is
// translated once, and assumptions become assumption literals, so nothing said under assumptions
// outlives the call. Uninterpreted functions are handled lazily: each application is a fresh word, and
// when a model gives one function two values at equal arguments, that instance of congruence is
// added and the search repeated (Ackermann's instances on demand). Products of two unknown factors are
// handled likewise; see products.go. Dividers are circuits, functions of their inputs; every two
// divisions by one constant are tied by congruence.
//
// Terms are translated in an order that depends on the terms alone, so runs repeat exactly.
//
// Start at [Engine.Check], then translate.go; words.go has the arithmetic circuits.
package bitblast

import (
	"context"
	"math/big"
	"slices"

	"vigor/internal/smt"
	"vigor/internal/solver"
	"vigor/internal/solver/sat"
)

// Engine is the bit-blasting [solver.Solver].
type Engine struct {
	*gates
	words     []word          // by the term's ID
	applied   map[string]word // by function and literals of the arguments
	divisions map[[2]*smt.Term]*division
	products  map[*smt.Term]*product
	multiples map[string][]*product // by their constant
	byConst   map[string][]*division
	asserted  []*smt.Term
	visited   []uint32 // by the term's ID: the question that met it last
	questions uint32
	core      []*smt.Term
	model     *smt.Model
	tied      map[[2]*smt.Term]bool
	users     []users // by the term's ID
	instances int
	suggested *smt.Model // for the next question, nil if there is none
	values    []bool     // by variable: in the model that was suggested last
}

var _ solver.Solver = (*Engine)(nil)

// New returns an engine on s, which must be fresh.
func New(s sat.Solver) *Engine {
	return &Engine{
		gates:     newGates(s),
		applied:   map[string]word{},
		divisions: map[[2]*smt.Term]*division{},
		products:  map[*smt.Term]*product{},
		multiples: map[string][]*product{},
		byConst:   map[string][]*division{},
		tied:      map[[2]*smt.Term]bool{},
	}
}

// Assert adds a permanent fact.
func (e *Engine) Assert(t *smt.Term) {
	e.asserted = append(e.asserted, t)
	for _, l := range e.literals(t) {
		e.sat.AddClause(l)
	}
}

// Check decides the assertions together with assume.
func (e *Engine) Check(ctx context.Context, assume ...*smt.Term) solver.Answer {
	e.model, e.core = nil, nil
	if ctx.Err() != nil {
		return solver.Unknown
	}
	literals := e.translateAll(assume)
	q := e.parts(assume)
	e.begin(q)
	for {
		switch e.search(ctx, literals, q.roots, q.products) {
		case sat.Unsat:
			e.core = e.blamed(assume)
			return solver.Unsat
		case sat.Unknown:
			return solver.Unknown
		}
		conflicts, model := e.read(q)
		if len(conflicts) == 0 {
			e.model = model
			return solver.Sat
		}
		for _, c := range conflicts {
			e.tie(c[0], c[1])
		}
	}
}

func (e *Engine) translateAll(assume []*smt.Term) []sat.Lit {
	var literals []sat.Lit
	for _, t := range assume {
		literals = append(literals, e.literals(t)...)
	}
	return literals
}

// Model gives the model of the last Check, if it answered Sat.
func (e *Engine) Model() *smt.Model { return e.model }

// Core gives assumptions of the last Check, if it answered Unsat, that contradict the assertions without the others.
func (e *Engine) Core() []*smt.Term { return e.core }

// blamed lists the assumptions among whose literals is one that the SAT solver needed.
func (e *Engine) blamed(assume []*smt.Term) []*smt.Term {
	needed := map[sat.Lit]bool{}
	for _, l := range e.sat.Core() {
		needed[l] = true
	}
	var core []*smt.Term
	for _, t := range assume {
		if slices.ContainsFunc(e.literals(t), func(l sat.Lit) bool { return needed[l] }) {
			core = append(core, t)
		}
	}
	return core
}

// Size counts the gates that have been made so far.
func (e *Engine) Size() int { return len(e.table) }

// Instances counts the instances of congruence added so far.
func (e *Engine) Instances() int { return e.instances }

// parts are what the assertions and assumptions of a question depend on.
type parts struct {
	leaves, applications []*smt.Term
	multiplications      []*smt.Term
	products             []*product // of the multiplications
	roots                []sat.Lit  // what a model must give values, the literals of the assumptions aside
}

// parts looks through the terms of a question, in an order that depends on the terms alone.
func (e *Engine) parts(assume []*smt.Term) parts {
	var q parts
	e.questions++
	stack := append(e.asserted[:len(e.asserted):len(e.asserted)], assume...)
	for _, t := range stack { // what is below a term has a lower ID
		if n := t.ID() + 1 - len(e.visited); n > 0 {
			e.visited = append(e.visited, make([]uint32, n)...)
		}
	}
	for len(stack) > 0 {
		t := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if e.visited[t.ID()] == e.questions {
			continue
		}
		e.visited[t.ID()] = e.questions
		stack = append(stack, t.Args()...)
		switch t.Op() {
		case smt.OpVar:
			q.leaves = append(q.leaves, t)
		case smt.OpApply:
			q.applications = append(q.applications, t)
			q.roots = append(q.roots, e.words[t.ID()]...)
			for _, a := range t.Args() {
				q.roots = append(q.roots, e.words[a.ID()]...)
			}
		case smt.OpBVMul:
			if p := e.products[t]; p != nil {
				q.multiplications, q.products = append(q.multiplications, t), append(q.products, p)
				q.roots = append(q.roots, slices.Concat(p.word, p.factors[0], p.factors[1])...)
			}
		}
	}
	for _, t := range e.asserted {
		q.roots = append(q.roots, e.literals(t)...)
	}
	return q
}

// read takes the values of leaves and applications from the SAT solver. Conflicts are pairs of
// applications of one function with equal arguments and different values; without any, the model is
// one of the terms.
func (e *Engine) read(q parts) (conflicts [][2]*smt.Term, m *smt.Model) {
	m = smt.NewModel()
	for _, t := range q.leaves {
		m.SetVar(t, e.value(t))
	}
	first := map[string]*smt.Term{}
	for _, t := range q.applications {
		args := make([]*big.Int, len(t.Args()))
		key := t.Func().Name
		for i, a := range t.Args() {
			args[i] = e.value(a)
			key += " " + args[i].Text(62)
		}
		value := e.value(t)
		if before := first[key]; before == nil {
			first[key] = t
			m.SetApp(t.Func(), args, value)
		} else if e.value(before).Cmp(value) != 0 {
			conflicts = append(conflicts, [2]*smt.Term{before, t})
		}
	}
	return conflicts, m
}

// value reads a translated term from the SAT solver's model.
func (e *Engine) value(t *smt.Term) *big.Int { return e.valueOf(e.words[t.ID()]) }

func (e *Engine) valueOf(w word) *big.Int {
	v := new(big.Int)
	for i, l := range w {
		if e.sat.Value(l) {
			v.SetBit(v, i, 1)
		}
	}
	return v
}

// tie adds congruence for two applications of one function.
func (e *Engine) tie(s, t *smt.Term) {
	if e.tied[[2]*smt.Term{s, t}] {
		panic("bitblast: an instance of congruence was violated after it was added")
	}
	e.tied[[2]*smt.Term{s, t}] = true
	e.instances++
	same := make([]sat.Lit, len(s.Args()))
	for i, a := range s.Args() {
		same[i] = e.equal(e.words[a.ID()], e.words[t.Args()[i].ID()])
	}
	equal := e.all(same)
	e.implyEqual(equal, e.words[s.ID()], e.words[t.ID()])
	e.relateWords(e.words[s.ID()], e.words[t.ID()], equal)
	e.twins(s, t, equal)
}

// implyEqual adds: if c, then a and b are the same word.
func (e *Engine) implyEqual(c sat.Lit, a, b word) {
	for i := range a {
		e.sat.AddClause(-c, -a[i], b[i])
		e.sat.AddClause(-c, a[i], -b[i])
	}
}
