package symbex

import (
	"context"
	"maps"
	"strconv"

	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/solver"
)

// Solver answers questions about a path; [solver.Solver] provides it.
type Solver interface {
	Model() *smt.Model
	Check(ctx context.Context, assume ...*smt.Term) solver.Answer
}

// Obligation is one formula to prove: Goal must follow from Condition.
type Obligation struct {
	Condition []*smt.Term
	Goal      *smt.Term
	Claim     diag.Claim
}

// Path is one feasible run: the decisions that lead along it, what they imply, and what it owes.
//
// Branch, Prove, Choose and Axiom are all that the executor, the summaries and the specs use of it.
type Path struct {
	// Obligations are those met first on this path; a path that shares a prefix with an earlier one
	// does not repeat the prefix's.
	Obligations []Obligation
	// Settled is the number of further obligations that follow from the condition by rewriting.
	Settled int

	builder   *smt.Builder
	solver    Solver
	ctx       context.Context
	effort    solver.Effort // for one question
	prefix    []bool        // decisions to follow, from the path that forked this one off
	decisions []bool
	forks     []int // positions in decisions whose other side is feasible too
	condition []*smt.Term
	known     map[*smt.Term]*smt.Term // what the condition says, literal by literal
	learned   []lesson                // the changes of known that this path made, in order
	terms     []*smt.Term             // those in known, in order
	simple    map[*smt.Term]*smt.Term // what Simplify made of terms since the last of them
	stale     map[*smt.Term]*smt.Term // what it made of terms before, which is still true
	forms     *forms                  // of terms; nil until they are asked for
	fresh     map[string]int
}

// stop ends a path early: its condition has no model, for a failed obligation was assumed, or a
// question stayed open.
type stop struct{}

// Builder returns the term table of the run.
func (p *Path) Builder() *smt.Builder { return p.builder }

// Condition returns the conjuncts that hold on this path. It must not be changed.
func (p *Path) Condition() []*smt.Term { return p.condition[:len(p.condition):len(p.condition)] }

// Branch decides c. If both sides are feasible it takes the true one, and the explorer will run the
// other later.
func (p *Path) Branch(c *smt.Term) bool {
	c = p.Simplify(c)
	if c.IsTrue() || c.IsFalse() {
		return c.IsTrue()
	}
	if n := len(p.decisions); n < len(p.prefix) {
		p.decide(c, p.prefix[n])
		if n+1 == len(p.prefix) {
			p.recall()
		}
		return p.prefix[n]
	}
	not := p.builder.Not(c)
	switch {
	case !p.feasible(c):
		p.decide(c, false)
		return false
	case p.feasible(not):
		p.forks = append(p.forks, len(p.decisions))
	}
	p.decide(c, true)
	return true
}

// recall asks for the model that this path, or the one that it forked off, was left with: it decides one side of the
// next branch.
func (p *Path) recall() { p.feasible() }

func (p *Path) decide(c *smt.Term, value bool) {
	p.decisions = append(p.decisions, value)
	if !value {
		c = p.builder.Not(c)
	}
	p.assume(c)
}

// feasible reports whether all of c may hold on this path. An open question counts as feasible: exploring a
// side that no run takes can only add obligations.
func (p *Path) feasible(c ...*smt.Term) bool {
	ctx, cancel := solver.WithEffort(p.ctx, p.effort)
	defer cancel()
	return p.solver.Check(ctx, append(p.Condition(), c...)...) != solver.Unsat
}

// Possible reports whether c is known to hold for some packet, state and configuration that take this path.
func (p *Path) Possible(c *smt.Term) bool {
	if c = p.Simplify(c); c.IsTrue() || c.IsFalse() {
		return c.IsTrue()
	}
	ctx, cancel := solver.WithEffort(p.ctx, p.effort)
	defer cancel()
	return p.solver.Check(ctx, append(p.Condition(), c)...) == solver.Sat
}

// Prove records the obligation that c holds here, and goes on with c assumed: if c fails, so does
// the whole run, and assuming it keeps one cause from being reported many times.
func (p *Path) Prove(c *smt.Term, claim diag.Claim) {
	c = p.Simplify(c)
	first := len(p.decisions) >= len(p.prefix)
	if c.IsTrue() {
		if first {
			p.Settled++
		}
		return
	}
	if first {
		p.Obligations = append(p.Obligations, Obligation{p.Condition(), c, claim})
	}
	if c.IsFalse() {
		panic(stop{})
	}
	if !hasSum(c) { // a sum in the condition would make every later question hard, and decides none
		p.assume(c)
	}
}

// hasSum reports whether a checksum's sum occurs in t.
func hasSum(t *smt.Term) bool {
	found := false
	smt.Visit(func(u *smt.Term) { found = found || u.Op() == smt.OpOCAdd }, t)
	return found
}

// Choose returns a fresh value, of which only the constraint is known. A nil constraint allows any
// value of the width.
func (p *Path) Choose(name string, width int, constraint func(*smt.Term) *smt.Term) *smt.Term {
	v := p.builder.Var(p.Fresh(name, width), width)
	if constraint != nil {
		p.assume(p.Simplify(constraint(v)))
	}
	return v
}

// Fresh returns a symbol that this path has not used yet. Another path may use the same for another value:
// what is known of it lives in the path condition only.
func (p *Path) Fresh(name string, width int) string {
	p.fresh[name]++
	return smt.Symbol(smt.Choice, name, strconv.Itoa(p.fresh[name]), strconv.Itoa(width))
}

// Axiom adds a fact that holds whatever the path decides. It is kept with the path, so that a fact
// about the state that one run of New builds never reaches another's.
func (p *Path) Axiom(c *smt.Term) { p.assume(c) }

// Fact adds what is known to follow from the choices made so far.
func (p *Path) Fact(c *smt.Term) { p.assume(p.roughly(c)) }

// assume adds c to the condition without asking whether it is feasible.
func (p *Path) assume(c *smt.Term) {
	if c.IsTrue() {
		return
	}
	p.condition = append(p.condition, c)
	p.learn(c, true)
}

// At returns a path on which condition holds, and nothing else is known yet: where an obligation was met.
func (p *Path) At(condition []*smt.Term) *Path {
	at := &Path{builder: p.builder, solver: p.solver, ctx: p.ctx, effort: p.effort, known: map[*smt.Term]*smt.Term{},
		fresh: maps.Clone(p.fresh)}
	for _, c := range condition {
		at.assume(c)
	}
	return at
}

// ModelEffort is what the search for one model may take.
const ModelEffort solver.Effort = 6_000_000

// Model returns values under which the path is taken and prefer holds; nil if the solver finds none.
func (p *Path) Model(ctx context.Context, effort solver.Effort, prefer ...*smt.Term) *smt.Model {
	ctx, cancel := solver.WithEffort(ctx, effort)
	defer cancel()
	if p.solver.Check(ctx, append(p.Condition(), prefer...)...) != solver.Sat {
		return nil
	}
	return p.solver.Model()
}
